"""How much of an amount each of several routes should take: so that the next unit is worth the same on all of them.

A route's marginal rate falls as m0 / (1 + d·x)² where its pools are of constant product, and nearly so elsewhere. Each
round fits that curve through what the exact pools say at the present shares, and solves for the shares at which all
marginal rates are equal. Routes may share pools: all of them are worked out one after the other, each on the pools
that those before it left, and the marginal rates are those of the pools in the end. Floats only propose shares; what
shares bring is whole numbers computed by the pools, and the best proposal is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from engine.defi.refusal import TicksUnknown, WouldRevert
from engine.defi.routes.graph import Edge
from engine.defi.routes.path import Path, State, carried_out, marginal_rate

ROUNDS = 8
EVEN = 1e-6
"""Marginal rates that differ by less than this part are equal."""
STEPS = (6, 9, 12)
"""What is moved from one route to another in the end: the amount by 2 to the power of these."""

Route = tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """What shares bring, exactly."""

    shares: tuple[int, ...]
    paths: tuple[Path, ...]
    """Of the routes with a share, in order."""
    out: int
    state: State
    rates: tuple[float, ...]
    """What the next unit would bring on each route."""


class BlockedError(Exception):
    """Shares cannot be carried out; `unknown` names the pool that is not read far enough, if that is why."""

    def __init__(self, unknown: str = "") -> None:
        super().__init__(unknown)
        self.unknown = unknown


def brings(routes: Sequence[Route], shares: Sequence[int]) -> Shared:
    """Return what shares bring when the routes are carried out in order.

    Raises:
        BlockedError: a pool refuses, or is not known far enough.
    """
    state: State = {}
    paths: list[Path] = []
    for route, share in zip(routes, shares, strict=True):
        if not share:
            continue
        try:
            paths.append(carried_out(route, share, state))
        except WouldRevert:
            raise BlockedError from None
        except TicksUnknown:
            raise BlockedError(_stuck(route, state)) from None
    rates = tuple(marginal_rate(route, state) for route in routes)
    return Shared(tuple(shares), tuple(paths), sum(each.amount_out for each in paths), state, rates)


def equalised(routes: Sequence[Route], amount: int, begin: Shared) -> Shared:
    """Return the division of `amount` over the routes that brings most, beginning from one that can be carried out."""
    best = now = begin
    for _ in range(ROUNDS):
        used = [rate for rate, share in zip(now.rates, now.shares, strict=True) if share]
        if max(now.rates) <= min(used) * (1.0 + EVEN):
            break
        following = _next(routes, amount, now)
        if following is None or following.shares == now.shares:
            break
        now = following
        if now.out > best.out:
            best = now
    return _polished(routes, amount, best)


def whole(wanted: Sequence[float], amount: int) -> tuple[int, ...]:
    """Return shares in whole units with exactly the sum `amount`, in the proportions of `wanted`."""
    total = sum(wanted)
    shares = [min(int(amount * (each / total)), amount) if each > 0.0 else 0 for each in wanted]
    largest = max(range(len(shares)), key=lambda place: shares[place])
    shares[largest] += amount - sum(shares)
    return tuple(shares)


def _next(routes: Sequence[Route], amount: int, now: Shared) -> Shared | None:
    """Return what the fitted curves propose, nearer to where we are if a pool refuses that."""
    wanted = _solved(_curves(routes, now), amount)
    for part in (1.0, 0.5, 0.25):
        mixed = [part * new + (1.0 - part) * old for new, old in zip(wanted, now.shares, strict=True)]
        try:
            return brings(routes, whole(mixed, amount))
        except BlockedError:
            continue
    return None


def _curves(routes: Sequence[Route], now: Shared) -> list[tuple[float, float]]:
    """Return m0 and d of each route: through its present rate; from the pools' depths where it has no share yet."""
    found = []
    for route, share, rate in zip(routes, now.shares, now.rates, strict=True):
        fresh, steep = _fresh(route)
        if share and 0.0 < rate < fresh:
            steep = (sqrt(fresh / rate) - 1.0) / share
        elif rate > 0.0:
            fresh = rate
        found.append((fresh, max(steep, 1e-300)))
    return found


def _fresh(route: Route) -> tuple[float, float]:
    """Return the rate of an untouched route, and by how much it falls with each unit."""
    rate, steep = 1.0, 0.0
    for edge in route:
        steep += rate / edge.depth.depth
        rate *= edge.rate
    return rate, steep


def _solved(curves: Sequence[tuple[float, float]], amount: int) -> list[float]:
    """Return the shares at which all curves have the same rate, their sum being `amount`."""
    roots = [(sqrt(fresh), steep) for fresh, steep in curves]
    high = max(root for root, _ in roots)
    order = sorted(roots, reverse=True)
    top = bottom = 0.0
    level = high
    for place, (root, steep) in enumerate(order):
        top += root / steep
        bottom += 1.0 / steep
        level = top / (amount + bottom)
        if place + 1 == len(order) or order[place + 1][0] <= level:
            break
    return [max((root / level - 1.0) / steep, 0.0) for root, steep in roots]


def _polished(routes: Sequence[Route], amount: int, best: Shared) -> Shared:
    """Return the division after moving small parts from the route of the lowest rate to that of the highest."""
    for power in STEPS:
        step = amount >> power
        places = range(len(routes))
        to = max(places, key=lambda place: best.rates[place])
        source = min((each for each in places if best.shares[each]), key=lambda place: best.rates[place])
        if source == to or not 0 < step <= best.shares[source] or best.rates[to] <= best.rates[source] * (1 + EVEN):
            continue
        shares = list(best.shares)
        shares[source] -= step
        shares[to] += step
        try:
            tried = brings(routes, shares)
        except BlockedError:
            continue
        if tried.out > best.out:
            best = tried
    return best


def _stuck(route: Route, state: State) -> str:
    """Return the pool of a route whose ticks are not known far enough: the first that was not carried out."""
    return next((each.market.pool.address for each in route if each.market.pool.address not in state), "")
