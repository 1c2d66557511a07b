"""A constant-product pool: Uniswap V2 and its forks (SushiSwap, PancakeSwap V2), to the unit.

Integers in tokens' smallest units, rounded as the contracts round: what leaves the pool down, what it wants up. A
DEX's fee is the part of the input that is swapped, 997 of 1000 on Uniswap and SushiSwap, 9975 of 10000 on PancakeSwap.
Reserves are `uint112`; what leaves that width, or `uint256` on the way, is refused as the contract would refuse it.
Prices and impacts are exact fractions in smallest units; tokens' decimals are not applied here.

Source: Adams, Zinsmeister, Robinson, Uniswap v2 Core (2020), 3.2.1 and 3.7; UniswapV2Library, UniswapV2Pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from engine.defi.refusal import OverflowRevert, TooLittleLiquidity, WouldRevert, WrongToken

UINT256 = (1 << 256) - 1
UINT112 = (1 << 112) - 1


def amount_out(amount_in: int, reserve_in: int, reserve_out: int, numerator: int = 997, denominator: int = 1000) -> int:
    """Return what `amount_in` buys, rounded down: the library's `getAmountOut`, which may be 0.

    Raises:
        WouldRevert: nothing goes in, the pool is empty, or a product leaves `uint256`.
    """
    if amount_in <= 0:
        raise WouldRevert("Nothing would be swapped: the amount must be more than 0.", "INSUFFICIENT_INPUT_AMOUNT")
    if reserve_in <= 0 or reserve_out <= 0:
        raise TooLittleLiquidity("The pool is empty.", "INSUFFICIENT_LIQUIDITY")
    taken = amount_in * numerator
    top = taken * reserve_out
    bottom = reserve_in * denominator + taken
    if top > UINT256 or bottom > UINT256:
        raise _overflow("mul" if top > UINT256 else "add")
    return top // bottom


def amount_in(amount_out: int, reserve_in: int, reserve_out: int, numerator: int = 997, denominator: int = 1000) -> int:
    """Return what must go in for `amount_out`, rounded up and one more: the library's `getAmountIn`.

    Raises:
        WouldRevert: nothing is asked for, more than the pool has, or a product leaves `uint256`.
    """
    if amount_out <= 0:
        raise WouldRevert("Nothing would be bought: the amount must be more than 0.", "INSUFFICIENT_OUTPUT_AMOUNT")
    if reserve_in <= 0 or reserve_out <= 0:
        raise TooLittleLiquidity("The pool is empty.", "INSUFFICIENT_LIQUIDITY")
    top = reserve_in * amount_out * denominator
    if top > UINT256:
        raise _overflow("mul")
    if amount_out >= reserve_out:
        word = "ds-math-sub-underflow" if amount_out > reserve_out else ""
        raise TooLittleLiquidity(f"The pool has only {reserve_out} units, and it never gives the last.", word)
    return top // ((reserve_out - amount_out) * numerator) + 1


@dataclass(frozen=True, slots=True)
class V2Pool:
    """A pair: two reserves whose product never falls."""

    address: str
    token0: str
    token1: str
    reserve0: int
    reserve1: int
    fee_numerator: int = 997
    """The part of the input that is swapped; the rest stays with those who provide liquidity."""
    fee_denominator: int = 1000

    def other(self, token: str) -> str:
        """Return the token on the other side."""
        if token == self.token0:
            return self.token1
        if token == self.token1:
            return self.token0
        raise self._wrong(token)

    def reserves(self, token_in: str) -> tuple[int, int]:
        """Return the reserve of `token_in` and that of the other token."""
        if token_in == self.token0:
            return self.reserve0, self.reserve1
        if token_in == self.token1:
            return self.reserve1, self.reserve0
        raise self._wrong(token_in)

    def quote_out(self, token_in: str, amount_in: int) -> int:
        """Return what the pair would send for `amount_in`; see `Pool.quote_out`."""
        reserve_in, reserve_out = self.reserves(token_in)
        out = amount_out(amount_in, reserve_in, reserve_out, self.fee_numerator, self.fee_denominator)
        if out == 0:
            raise TooLittleLiquidity("That little buys nothing at all.", "INSUFFICIENT_OUTPUT_AMOUNT")
        if reserve_in + amount_in > UINT112:
            raise _too_full()
        return out

    def quote_in(self, token_in: str, amount_out: int) -> int:
        """Return what the router would ask for `amount_out`; see `Pool.quote_in`."""
        reserve_in, reserve_out = self.reserves(token_in)
        wanted = amount_in(amount_out, reserve_in, reserve_out, self.fee_numerator, self.fee_denominator)
        if reserve_in + wanted > UINT112:
            raise _too_full()
        return wanted

    def after(self, token_in: str, amount_in: int) -> V2Pool:
        """Return the pair with the swap's reserves; see `Pool.after`."""
        return self.moved(token_in, amount_in, self.quote_out(token_in, amount_in))

    def moved(self, token_in: str, amount_in: int, amount_out: int) -> V2Pool:
        """Return the pair after these amounts came and went, unless the product of its reserves forbids it.

        Raises:
            WouldRevert: "K" among others: the input does not pay for the output and the fee.
        """
        reserve_in, reserve_out = self.reserves(token_in)
        if not 0 < amount_out < reserve_out:
            word = "INSUFFICIENT_LIQUIDITY" if amount_out > 0 else "INSUFFICIENT_OUTPUT_AMOUNT"
            raise TooLittleLiquidity(f"The pool can give from 1 to {reserve_out - 1} units.", word)
        balance_in, balance_out = reserve_in + amount_in, reserve_out - amount_out
        of, fee = self.fee_denominator, self.fee_denominator - self.fee_numerator
        if (balance_in * of - amount_in * fee) * balance_out * of < reserve_in * reserve_out * of * of:
            raise WouldRevert("The input does not pay for that much output.", "K")
        return self.holding(token_in, balance_in, balance_out)

    def holding(self, token_in: str, reserve_in: int, reserve_out: int) -> V2Pool:
        """Return the pair with other reserves.

        Raises:
            OverflowRevert: more than `uint112`.
        """
        if reserve_in > UINT112 or reserve_out > UINT112:
            raise _too_full()
        first, second = (reserve_in, reserve_out) if token_in == self.token0 else (reserve_out, reserve_in)
        return V2Pool(self.address, self.token0, self.token1, first, second, self.fee_numerator, self.fee_denominator)

    def spot_price(self, token_in: str) -> float:
        """Return the price of nearly nothing, fee included; see `Pool.spot_price`."""
        reserve_in, reserve_out = self.reserves(token_in)
        return reserve_out * self.fee_numerator / (reserve_in * self.fee_denominator) if reserve_in else 0.0

    def mid_price(self, token_in: str) -> Fraction:
        """Return units of the other token for one of `token_in` without fee or impact: the ratio of the reserves.

        Raises:
            TooLittleLiquidity: the pool is empty.
        """
        reserve_in, reserve_out = self.reserves(token_in)
        if not reserve_in:
            raise TooLittleLiquidity("The pool is empty, so it has no price.", "INSUFFICIENT_LIQUIDITY")
        return Fraction(reserve_out, reserve_in)

    def execution_price(self, token_in: str, amount_in: int) -> Fraction:
        """Return units received for each unit given, fee and impact included."""
        return Fraction(self.quote_out(token_in, amount_in), amount_in)

    def price_impact(self, token_in: str, amount_in: int) -> Fraction:
        """Return by which part the swap moves its own price, the fee not counted; 0.01 = 1 % worse than mid."""
        part = Fraction(self.fee_numerator, self.fee_denominator)
        return 1 - self.execution_price(token_in, amount_in) / (part * self.mid_price(token_in))

    def shortfall(self, token_in: str, amount_in: int) -> Fraction:
        """Return by which part less arrives than at mid price: the impact and the fee together."""
        return 1 - self.execution_price(token_in, amount_in) / self.mid_price(token_in)

    def _wrong(self, token: str) -> WrongToken:
        return WrongToken(f"The pool {self.address} holds no {token}.")


def _overflow(kind: str) -> OverflowRevert:
    return OverflowRevert("The amount is too large for the contract's arithmetic.", f"ds-math-{kind}-overflow")


def _too_full() -> OverflowRevert:
    return OverflowRevert(f"The pool cannot hold more than {UINT112} units of a token.", "OVERFLOW")
