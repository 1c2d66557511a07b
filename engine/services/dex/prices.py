"""What tokens are worth, by the pools of a chain's exchanges: in its first stable coin, weighted by how deep each is.

Whoever makes a token can make a pool of it with any price and next to nothing behind it. So pools that are far
shallower than the deepest do not count, and the depth goes with the price. A price here is for showing: nothing is
traded at it. Depth is twice the value of the side that is priced; of V3, as if the liquidity in range were everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Protocol

from engine.defi.chain import ChainSpec
from engine.defi.pools.pool import Pool
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.routes.graph import Market
from engine.defi.token import Token
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.clock import Clock
from engine.services.dex.pools import PoolView
from engine.services.wallet.worth import Worth

SHALLOW = Fraction(1, 50)
"""Of the deepest pool's depth; what is less does not count."""
AT_ONCE = 8
"""Tokens that are looked for together, besides those by which others are reached."""
CONNECTORS = 5
PLACES = Context(prec=30)


class Pools(Protocol):
    """Where pools come from."""

    async def among(self, tokens: Iterable[str], *, block: int | None = None) -> PoolView:
        """Return all pools between some tokens' addresses."""
        ...


@dataclass(frozen=True, slots=True)
class _Priced:
    """A price in units of the stable coin for a unit of a token, smallest units both."""

    price: Fraction
    depth: Fraction
    """In units of the stable coin."""
    markets: tuple[Market, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What one pool says of a token."""

    price: Fraction
    depth: Fraction
    market: Market


class PoolPrices:
    """A `Prices` over the pools of one chain. It belongs to the loop that it is used on."""

    def __init__(self, pools: Pools, spec: ChainSpec, clock: Clock) -> None:
        self._pools, self._spec, self._clock = pools, spec, clock

    @property
    def unit(self) -> Token | None:
        """What prices are told in: the first stable coin; None: there is none, and no prices."""
        return self._spec.token(self._spec.stables[0]) if self._spec.stables else None

    async def worths(self, tokens: Iterable[Token]) -> Mapping[Token, Worth]:
        """Return a price for each token that has one; see `Prices.worths`."""
        wanted = [each for each in dict.fromkeys(tokens) if each.chain_id == self._spec.chain_id]
        unit = self.unit
        if unit is None or not wanted:
            return {}
        connectors = self._connectors(unit)
        others = [each for each in wanted if self._address(each) not in connectors]
        found: dict[Token, Worth] = {}
        for start in range(0, max(1, len(others)), AT_ONCE):
            part = others[start : start + AT_ONCE]
            view = await self._pools.among((*connectors, *map(self._address, part)))
            priced = _priced(list(view.graph.markets.values()), unit.address, connectors)
            asked = [*part, *(each for each in wanted if each not in others and not start)]
            for each in asked:
                if (at := priced.get(self._address(each))) is not None:
                    found[each] = self._worth(each, unit, at, view.block)
        return found

    def _connectors(self, unit: Token) -> tuple[str, ...]:
        """Return the tokens through which others are priced, the stable coin first."""
        return tuple(dict.fromkeys((unit.address, self._spec.wrapped.address, *self._spec.stables)))[:CONNECTORS]

    def _address(self, token: Token) -> str:
        return self._spec.wrapped.address if token.is_native else token.address

    def _worth(self, token: Token, unit: Token, priced: _Priced, block: int) -> Worth:
        scale = Fraction(10) ** (token.decimals - unit.decimals)
        depth = _decimal(priced.depth / 10**unit.decimals) if priced.markets else None
        at = self._clock.wall() // NANOS_PER_SECOND
        return Worth(_decimal(priced.price * scale), depth, self._source(priced, unit, block), at)

    def _source(self, priced: _Priced, unit: Token, block: int) -> str:
        if not priced.markets:
            return f"prices are told in {unit.symbol}"
        first = priced.markets[0]
        dex = self._spec.dex(first.dex)
        name = " ".join(filter(None, (dex.title if dex else first.dex, first.label)))
        more = len(priced.markets) - 1
        others = f" and {more} more pool{'s' if more > 1 else ''}" if more else ""
        return f"{name}{others}, block {block}"


def _priced(markets: Sequence[Market], unit: str, connectors: Sequence[str]) -> dict[str, _Priced]:
    """Price the wrapped coin and the other stable coins first, then whatever has a pool with one of these."""
    found = {unit: _Priced(Fraction(1), Fraction(0))}
    names = {each for market in markets for each in (market.pool.token0, market.pool.token1)}
    for tokens in (names.intersection(connectors), names):
        known = dict(found)
        for token in tokens - set(known):
            told = [each for market in markets if (each := _told(market, token, known)) is not None]
            if told:
                found[token] = _weighed(told)
    return found


def _told(market: Market, token: str, priced: Mapping[str, _Priced]) -> _Told | None:
    """Return what a pool says of a token, if its other side has a price."""
    pool = market.pool
    if token not in (pool.token0, pool.token1):
        return None
    other = pool.other(token)
    held = _held(pool, other)
    if other not in priced or not held:
        return None
    worth = priced[other].price
    return _Told(_mid(pool, token) * worth, 2 * held * worth, market)


def _held(pool: Pool, token: str) -> Fraction:
    """Return how much of a token stands against whoever moves the price."""
    if isinstance(pool, V2Pool):
        return Fraction(pool.reserve0 if token == pool.token0 else pool.reserve1)
    if isinstance(pool, V3Pool) and pool.sqrt_price:
        root = Fraction(pool.sqrt_price, 1 << 96)
        return pool.liquidity / root if token == pool.token0 else pool.liquidity * root
    return Fraction(0)


def _mid(pool: Pool, token: str) -> Fraction:
    return pool.mid_price(token) if isinstance(pool, V2Pool | V3Pool) else Fraction(pool.spot_price(token))


def _weighed(told: Sequence[_Told]) -> _Priced:
    """Return the mean of what pools say, by their depth, without those that are far shallower than the deepest."""
    ordered = sorted(told, key=lambda each: each.depth, reverse=True)
    counted = [each for each in ordered if each.depth >= ordered[0].depth * SHALLOW]
    depth = sum((each.depth for each in counted), Fraction(0))
    price = sum((each.price * each.depth for each in counted), Fraction(0)) / depth
    return _Priced(price, depth, tuple(each.market for each in counted))


def _decimal(value: Fraction) -> Decimal:
    return PLACES.divide(Decimal(value.numerator), Decimal(value.denominator))
