"""Shares of a constant-product pool: minted, burned, and diluted by the protocol's part, as the pair does it.

A share is worth its part of both reserves. The first to add loses `MINIMUM_LIQUIDITY` shares for good. Where the DEX
takes a part of the fees (`feeTo` is set), the pair mints shares for it before each mint and burn, out of the growth of
sqrt(k) since the last one: one sixth on Uniswap and SushiSwap, 8 of 25 on PancakeSwap.

Source: Uniswap v2 Core (2020), sections 2.4 and 3.4; UniswapV2Pair `mint`, `burn`, `_mintFee`; UniswapV2Router02
`_addLiquidity`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import NamedTuple

from engine.defi.pools.v2 import UINT256, V2Pool
from engine.defi.refusal import OverflowRevert, TooLittleLiquidity, WouldRevert

MINIMUM_LIQUIDITY = 1000


class ProtocolPart(NamedTuple):
    """What the DEX takes of the growth of sqrt(k): `part` of `part + rest`."""

    part: int = 1
    rest: int = 5


UNISWAP_PART = ProtocolPart()
PANCAKE_PART = ProtocolPart(8, 17)


class Minted(NamedTuple):
    """Shares that an addition makes."""

    liquidity: int
    """For who added."""
    protocol: int
    """For the DEX, minted just before."""
    after: V2Shares


class Burned(NamedTuple):
    """What shares turn into."""

    amount0: int
    amount1: int
    protocol: int
    """Shares minted for the DEX just before."""
    after: V2Shares


@dataclass(frozen=True, slots=True)
class V2Shares:
    """A pair together with the shares in it."""

    pool: V2Pool
    total_supply: int
    k_last: int = 0
    """Product of the reserves after the last mint or burn; 0 where the DEX takes no part."""
    protocol: ProtocolPart | None = None
    """What the DEX takes; None = `feeTo` is not set."""

    def pending_protocol(self) -> int:
        """Return the shares that the next mint or burn will make for the DEX first.

        Raises:
            OverflowRevert: a product leaves `uint256`.
        """
        if self.protocol is None or not self.k_last:
            return 0
        root, root_last = isqrt(self.pool.reserve0 * self.pool.reserve1), isqrt(self.k_last)
        if root <= root_last:
            return 0
        top = _product(self.total_supply, root - root_last, self.protocol.part)
        return top // (root * self.protocol.rest + root_last * self.protocol.part)

    def mint(self, amount0: int, amount1: int) -> Minted:
        """Return the shares for two amounts that were sent to the pair, which keeps what does not fit the ratio.

        Raises:
            WouldRevert: they are worth no share, or a number leaves its width.
        """
        protocol = self.pending_protocol()
        supply = self.total_supply + protocol
        if supply == 0:
            liquidity, supply = isqrt(_product(amount0, amount1)) - MINIMUM_LIQUIDITY, MINIMUM_LIQUIDITY
            if liquidity < 0:
                raise TooLittleLiquidity(
                    f"The first to add must bring sqrt(amount0 x amount1) above {MINIMUM_LIQUIDITY}.",
                    "ds-math-sub-underflow",
                )
        else:
            if not (self.pool.reserve0 and self.pool.reserve1):
                raise TooLittleLiquidity("The pool has shares but is empty on one side.")
            liquidity = min(
                _product(amount0, supply) // self.pool.reserve0, _product(amount1, supply) // self.pool.reserve1
            )
        if liquidity <= 0:
            raise TooLittleLiquidity("The amounts are worth no share of the pool.", "INSUFFICIENT_LIQUIDITY_MINTED")
        after = self._with(self.pool.reserve0 + amount0, self.pool.reserve1 + amount1, supply + liquidity)
        return Minted(liquidity, protocol, after)

    def burn(self, liquidity: int) -> Burned:
        """Return both amounts for shares given back, each rounded down.

        Raises:
            WouldRevert: they are worth nothing of one token, or a number leaves its width.
        """
        protocol = self.pending_protocol()
        supply = self.total_supply + protocol
        if not supply:
            raise TooLittleLiquidity("Nobody has shares of this pool.")
        amount0 = _product(liquidity, self.pool.reserve0) // supply
        amount1 = _product(liquidity, self.pool.reserve1) // supply
        if amount0 <= 0 or amount1 <= 0:
            raise TooLittleLiquidity("The shares are worth nothing of a token.", "INSUFFICIENT_LIQUIDITY_BURNED")
        if liquidity > supply:
            raise TooLittleLiquidity(f"Only {supply} shares exist.", "ds-math-sub-underflow")
        after = self._with(self.pool.reserve0 - amount0, self.pool.reserve1 - amount1, supply - liquidity)
        return Burned(amount0, amount1, protocol, after)

    def _with(self, reserve0: int, reserve1: int, supply: int) -> V2Shares:
        pool = self.pool.holding(self.pool.token0, reserve0, reserve1)
        return V2Shares(pool, supply, reserve0 * reserve1 if self.protocol else 0, self.protocol)


def quote(amount_a: int, reserve_a: int, reserve_b: int) -> int:
    """Return what of B is worth `amount_a` at the ratio of the reserves, rounded down: the library's `quote`.

    Raises:
        WouldRevert: nothing is given, or the pool is empty.
    """
    if amount_a <= 0:
        raise WouldRevert("Nothing would be added: the amount must be more than 0.", "INSUFFICIENT_AMOUNT")
    if reserve_a <= 0 or reserve_b <= 0:
        raise TooLittleLiquidity("The pool is empty, so it has no ratio.", "INSUFFICIENT_LIQUIDITY")
    return _product(amount_a, reserve_b) // reserve_a


def optimal_amounts(pool: V2Pool, desired0: int, desired1: int, least0: int = 0, least1: int = 0) -> tuple[int, int]:
    """Return what the router takes of two desired amounts: all of one, and of the other what fits the ratio.

    The router asks for A first; called with token0 as its A, as here, it tries to take all of token0.

    Raises:
        WouldRevert: less than `least0` or `least1` would be taken; its word is the router's for A = token0.
    """
    if pool.reserve0 == 0 and pool.reserve1 == 0:
        return desired0, desired1
    fitting1 = quote(desired0, pool.reserve0, pool.reserve1)
    if fitting1 <= desired1:
        if fitting1 < least1:
            raise _moved(fitting1, least1, "INSUFFICIENT_B_AMOUNT")
        return desired0, fitting1
    fitting0 = quote(desired1, pool.reserve1, pool.reserve0)
    if fitting0 < least0:
        raise _moved(fitting0, least0, "INSUFFICIENT_A_AMOUNT")
    return fitting0, desired1


def zap_part(pool: V2Pool, token_in: str, amount: int) -> int:
    """Return how much of `amount` to swap so that the rest and what it buys fit the ratio that the swap leaves.

    With n of d swapped, r the reserve and x the amount, the part s solves n s^2 + (d + n) r s - d r x = 0; the root
    is rounded down.
    """
    reserve, _ = pool.reserves(token_in)
    n, d = pool.fee_numerator, pool.fee_denominator
    both = (d + n) * reserve
    return (isqrt(both * both + 4 * n * d * reserve * amount) - both) // (2 * n)


def _product(first: int, *others: int) -> int:
    for each in others:
        first *= each
        if first > UINT256:
            raise OverflowRevert("The amount is too large for the contract's arithmetic.", "ds-math-mul-overflow")
    return first


def _moved(fits: int, least: int, word: str) -> WouldRevert:
    return WouldRevert(f"The price moved: {fits} units would be added, fewer than the least allowed, {least}.", word)
