"""The curve of a pool of concentrated liquidity, and the walk of a swap along it: the loop of UniswapV3Pool `swap`.

A node tells only some of the ticks of a large pool: `known_from` and `known_to` say which are known, and a walk that
would leave them is not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from engine.defi.refusal import OverflowRevert, TicksUnknown, WouldRevert
from engine.defi.v3math.full import INT256, UINT128
from engine.defi.v3math.liquidity import add_delta
from engine.defi.v3math.sqrt_price import amount0_between, amount1_between
from engine.defi.v3math.swap_step import PIPS, swap_step
from engine.defi.v3math.tick import MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, sqrt_price_at, tick_at
from engine.defi.v3math.ticks import last_edge_above, last_edge_below, next_above, next_below
from engine.errors import InvalidInput


class Walk(NamedTuple):
    """Where a walk ended and what it moved."""

    remaining: int
    """Input not taken (>= 0) or output not given (<= 0)."""
    counter: int
    """Output given for an input, or input taken (fee included) for an output."""
    sqrt_price: int
    edge: int | None
    """The tick, where the walk ended at a stop; None where only the price tells it."""
    liquidity: int
    crossed: int
    """Initialised ticks crossed; each costs gas."""
    steps: int
    """Stretches walked; empty words count once."""

    @property
    def tick(self) -> int:
        """The tick of the price; just below a stop that was crossed downwards."""
        return tick_at(self.sqrt_price) if self.edge is None else self.edge


class Stretch(NamedTuple):
    """The whole way from one stop to the next."""

    sqrt_price: int
    """Of the stop."""
    taken: int
    """Input for it, without the fee."""
    given: int
    fee: int
    tick: int
    """Of the pool once it is there."""
    liquidity: int
    """From there on."""
    crosses: bool
    """Whether the stop is an initialised tick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Price, liquidity in range, and the ticks at which liquidity comes and goes."""

    fee: int
    """In millionths of the input: 500, 3000, 10000 …"""
    tick_spacing: int
    sqrt_price: int
    """Root of token1's smallest units for one of token0, 96 binary places."""
    tick: int
    liquidity: int
    ticks: tuple[int, ...] = ()
    """Initialised ticks, ascending."""
    nets: tuple[int, ...] = ()
    """For each of them, the liquidity that comes when the price crosses it upwards."""
    known_from: int = MIN_TICK
    known_to: int = MAX_TICK

    _walked: tuple[dict[int, Stretch], dict[int, Stretch]] = field(
        default_factory=lambda: ({}, {}), init=False, repr=False, compare=False
    )
    """Whole stretches up and down from the price, by their place: what one quote has worked out the next one uses."""

    def walk(self, zero_for_one: bool, amount: int, limit: int = 0) -> Walk:
        """Walk as far as the amount and the limit allow.

        Args:
            zero_for_one: token0 comes in and the price falls.
            amount: > 0: input, fee included; < 0: output wanted.
            limit: the root price that is not passed; 0 = none.

        Raises:
            WouldRevert: "AS" (no amount), "SPL" (the limit), or arithmetic that leaves its width.
            TicksUnknown: it would leave the ticks that are known.
        """
        limit = self._begin(zero_for_one, amount, limit)
        price, tick, liquidity, usable = self.sqrt_price, self.tick, self.liquidity, PIPS - self.fee
        remaining, counter, crossed, steps = amount, 0, 0, 0
        edge: int | None = tick
        walked = self._walked[zero_for_one]
        while remaining and price != limit:
            stretch = walked.get(steps)
            if stretch is None:
                stretch = walked[steps] = self._stretch(zero_for_one, price, tick, liquidity)
            stop, taken, given, fee = stretch[:4]
            steps, begun = steps + 1, price
            allowed = stop >= limit if zero_for_one else stop <= limit
            if allowed and (remaining * usable // PIPS >= taken if amount > 0 else -remaining >= given):
                price = stop
            else:
                target = stop if allowed else limit
                price, taken, given, fee = swap_step(price, target, liquidity, remaining, self.fee)
            remaining += given if amount < 0 else -taken - fee
            counter += given if amount > 0 else taken + fee
            if price == stop:
                liquidity, crossed, edge = stretch.liquidity, crossed + stretch.crosses, stretch.tick
                tick = stretch.tick
            elif price != begun:
                edge = None if liquidity else self._quiet_edge(zero_for_one, price)
        return Walk(remaining, counter, price, edge, liquidity, crossed, steps)

    def _begin(self, zero_for_one: bool, amount: int, limit: int) -> int:
        """Return the limit that holds."""
        if amount == 0:
            raise WouldRevert("Nothing would be swapped: the amount must be more than 0.", "AS")
        if abs(amount) > INT256:
            raise OverflowRevert("The amount is too large for the contract's arithmetic.")
        if not limit:
            limit = MIN_SQRT_PRICE + 1 if zero_for_one else MAX_SQRT_PRICE - 1
        least, most = (MIN_SQRT_PRICE, self.sqrt_price) if zero_for_one else (self.sqrt_price, MAX_SQRT_PRICE)
        if not least < limit < most:
            raise WouldRevert("The price limit is on the wrong side of the price, or out of range.", "SPL")
        return limit

    def _stretch(self, zero_for_one: bool, price: int, tick: int, liquidity: int) -> Stretch:
        """Return the stretch from a price to the next stop."""
        stop, index = self._stop(zero_for_one, tick, liquidity)
        root = sqrt_price_at(stop)
        if zero_for_one:
            taken, given = amount0_between(root, price, liquidity, True), amount1_between(root, price, liquidity, False)
        else:
            taken, given = amount1_between(price, root, liquidity, True), amount0_between(price, root, liquidity, False)
        fee = -(-taken * self.fee // (PIPS - self.fee))
        net = self.nets[index] if index >= 0 else 0
        after = add_delta(liquidity, -net if zero_for_one else net)
        return Stretch(root, taken, given, fee, stop - 1 if zero_for_one else stop, after, index >= 0)

    def _stop(self, zero_for_one: bool, tick: int, liquidity: int) -> tuple[int, int]:
        """Return where the walk stops next, and the place of that tick among the initialised ones or -1."""
        if zero_for_one:
            step = next_below if liquidity else last_edge_below
            stop, index = step(self.ticks, tick, self.tick_spacing)
            if max(stop, MIN_TICK) < self.known_from:
                raise TicksUnknown(self.known_from)
            return max(stop, MIN_TICK), index
        step = next_above if liquidity else last_edge_above
        stop, index = step(self.ticks, tick, self.tick_spacing)
        if min(stop, MAX_TICK) > self.known_to:
            raise TicksUnknown(self.known_to)
        return min(stop, MAX_TICK), index

    def _quiet_edge(self, zero_for_one: bool, price: int) -> int | None:
        """Return the tick of a limit without liquidity around it that is the edge of a word that was left out."""
        tick = tick_at(price)
        is_edge = tick % (self.tick_spacing << 8) == 0 and sqrt_price_at(tick) == price
        return tick - 1 if zero_for_one and is_edge else tick

    def check(self) -> None:
        """Check that the parts agree, as they must where a node described them.

        Raises:
            InvalidInput: they do not, or a value is out of range; names it.
        """
        if not (0 <= self.fee < PIPS and self.tick_spacing > 0):
            raise InvalidInput(f"A fee of {self.fee} millionths with a spacing of {self.tick_spacing} is no V3 pool.")
        if not sqrt_price_at(self.tick) <= self.sqrt_price <= sqrt_price_at(min(self.tick + 1, MAX_TICK)):
            raise InvalidInput(f"The price {self.sqrt_price} is not at the tick {self.tick}.")
        if not 0 <= self.liquidity <= UINT128:
            raise InvalidInput(f"The liquidity {self.liquidity} is not a uint128.")
        if len(self.ticks) != len(self.nets) or list(self.ticks) != sorted(set(self.ticks)):
            raise InvalidInput("Initialised ticks must be in ascending order, each with its liquidity.")
        for tick in self.ticks:
            if tick % self.tick_spacing or not self.known_from <= tick <= self.known_to:
                raise InvalidInput(f"The initialised tick {tick} is off the spacing or outside of what is known.")
        if (self.known_from, self.known_to) == (MIN_TICK, MAX_TICK):
            inside = sum(net for tick, net in zip(self.ticks, self.nets, strict=True) if tick <= self.tick)
            if sum(self.nets) or inside != self.liquidity:
                raise InvalidInput(f"The ticks add up to a liquidity of {inside}, not {self.liquidity}.")
