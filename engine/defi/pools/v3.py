"""A pool of concentrated liquidity: Uniswap V3 and its forks, to the unit.

What a swap gives follows from the price, the liquidity in range and the initialised ticks that the price crosses on
its way; every stretch between two stops rounds as the contract does. Prices and impacts are exact fractions in
smallest units; tokens' decimals are not applied here.

Source: Uniswap v3 Core (2021), section 6; UniswapV3Pool `swap`, QuoterV2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from engine.defi.refusal import TooLittleLiquidity, WrongToken
from engine.defi.v3math.curve import Curve, Walk
from engine.defi.v3math.swap_step import PIPS
from engine.defi.v3math.tick import MAX_TICK, MIN_TICK


class V3Swap(NamedTuple):
    """What a swap moves, and where it leaves the price."""

    amount_in: int
    """What the pool takes, fee included; less than offered if the limit or the end of the liquidity was reached."""
    amount_out: int
    sqrt_price: int
    tick: int
    liquidity: int
    crossed: int
    """Initialised ticks crossed; each costs gas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class V3Pool(Curve):
    """A curve between two tokens."""

    address: str
    token0: str
    token1: str

    @classmethod
    def checked(
        cls,
        address: str,
        tokens: tuple[str, str],
        fee: int,
        tick_spacing: int,
        slot0: tuple[int, int],
        liquidity: int,
        nets: Mapping[int, int],
        known: tuple[int, int] = (MIN_TICK, MAX_TICK),
    ) -> V3Pool:
        """Return the pool that a node described, after checking that the parts agree.

        Args:
            address: of the pool.
            tokens: token0 and token1.
            fee: in millionths of the input.
            tick_spacing: as the pool says.
            slot0: root price and tick.
            liquidity: in range.
            nets: `liquidityNet` of each initialised tick; one whose net is 0 is initialised too.
            known: the lowest and highest tick up to which `nets` is complete.

        Raises:
            InvalidInput: the parts do not agree, or a value is out of range; names it.
        """
        ticks = tuple(sorted(nets))
        pool = cls(
            address=address,
            token0=tokens[0],
            token1=tokens[1],
            fee=fee,
            tick_spacing=tick_spacing,
            sqrt_price=slot0[0],
            tick=slot0[1],
            liquidity=liquidity,
            ticks=ticks,
            nets=tuple(nets[each] for each in ticks),
            known_from=known[0],
            known_to=known[1],
        )
        pool.check()
        return pool

    def other(self, token: str) -> str:
        """Return the token on the other side."""
        return self.token1 if self._is_zero(token) else self.token0

    def exact_in(self, token_in: str, amount: int, limit: int = 0) -> V3Swap:
        """Return the swap of `amount` of `token_in`, or of the part of it that the root price `limit` allows.

        Raises:
            WouldRevert: "AS", "SPL", or arithmetic that leaves its width.
            TicksUnknown: it would leave the ticks that are known.
        """
        walk = self.walk(self._is_zero(token_in), max(amount, 0), limit)
        return _swap(walk, amount - walk.remaining, walk.counter)

    def exact_out(self, token_in: str, amount_out: int, limit: int = 0) -> V3Swap:
        """Return the swap that gives `amount_out` of the other token, or the part of it that there is.

        Raises:
            WouldRevert, TicksUnknown: as `exact_in`.
        """
        walk = self.walk(self._is_zero(token_in), -max(amount_out, 0), limit)
        return _swap(walk, walk.counter, amount_out + walk.remaining)

    def quote_out(self, token_in: str, amount_in: int) -> int:
        """Return what the pool would send for all of `amount_in`; see `Pool.quote_out`."""
        walk = self.walk(self._is_zero(token_in), max(amount_in, 0))
        if walk.remaining:
            raise _not_all("take", amount_in, amount_in - walk.remaining)
        return walk.counter

    def quote_in(self, token_in: str, amount_out: int) -> int:
        """Return what the pool wants for `amount_out` of the other token; see `Pool.quote_in`."""
        walk = self.walk(self._is_zero(token_in), -max(amount_out, 0))
        if walk.remaining:
            raise _not_all("give", amount_out, amount_out + walk.remaining)
        return walk.counter

    def after(self, token_in: str, amount_in: int) -> V3Pool:
        """Return the pool with the swap's price and liquidity; see `Pool.after`."""
        swap = self.exact_in(token_in, amount_in)
        if swap.amount_in != amount_in:
            raise _not_all("take", amount_in, swap.amount_in)
        return self.moved(swap)

    def moved(self, swap: V3Swap) -> V3Pool:
        """Return the pool as a swap of its own leaves it."""
        return replace(self, sqrt_price=swap.sqrt_price, tick=swap.tick, liquidity=swap.liquidity)

    def spot_price(self, token_in: str) -> float:
        """Return the price of nearly nothing, fee included; see `Pool.spot_price`."""
        price = (self.sqrt_price / 2**96) ** 2
        return (price if self._is_zero(token_in) else 1.0 / price) * (PIPS - self.fee) / PIPS

    def mid_price(self, token_in: str) -> Fraction:
        """Return units of the other token for one of `token_in` without fee or impact."""
        price = Fraction(self.sqrt_price**2, 1 << 192)
        return price if self._is_zero(token_in) else 1 / price

    def execution_price(self, token_in: str, amount_in: int) -> Fraction:
        """Return units received for each unit given, fee and impact included."""
        return Fraction(self.quote_out(token_in, amount_in), amount_in)

    def price_impact(self, token_in: str, amount_in: int) -> Fraction:
        """Return by which part the swap moves its own price, the fee not counted; 0.01 = 1 % worse than mid."""
        part = Fraction(PIPS - self.fee, PIPS)
        return 1 - self.execution_price(token_in, amount_in) / (part * self.mid_price(token_in))

    def shortfall(self, token_in: str, amount_in: int) -> Fraction:
        """Return by which part less arrives than at mid price: the impact and the fee together."""
        return 1 - self.execution_price(token_in, amount_in) / self.mid_price(token_in)

    def _is_zero(self, token_in: str) -> bool:
        if token_in == self.token0:
            return True
        if token_in == self.token1:
            return False
        raise WrongToken(f"The pool {self.address} holds no {token_in}.")


def _swap(walk: Walk, amount_in: int, amount_out: int) -> V3Swap:
    return V3Swap(amount_in, amount_out, walk.sqrt_price, walk.tick, walk.liquidity, walk.crossed)


def _not_all(verb: str, wanted: int, possible: int) -> TooLittleLiquidity:
    return TooLittleLiquidity(f"The pool can {verb} only {possible} of {wanted} units: its liquidity ends there.")
