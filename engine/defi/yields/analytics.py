"""What a pool earns for those in it. Estimates: values are `Decimal` in one currency, rates are float64.

Volume and fees are those of a window of time; a yearly rate supposes that the year goes on like the window.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from engine.defi.yields.rate import yearly
from engine.errors import InvalidInput

NOTHING = Decimal(0)


class PoolFigures(NamedTuple):
    """The figures of a pool over a window."""

    tvl: Decimal
    """Value of both reserves."""
    volume: Decimal
    """Value of what came in within the window."""
    fees: Decimal
    """Of it, what stayed with those who provide liquidity."""
    turnover: float
    """Volume as a multiple of the value locked."""
    fee_apr: float


def pool_figures(
    tvl: Decimal, volume: Decimal, fee: Decimal, seconds: float, protocol: Decimal = NOTHING
) -> PoolFigures:
    """Return a pool's figures.

    Args:
        tvl: value of both reserves.
        volume: value of what came in within the window.
        fee: the part of the input that stays in the pool: 0.003.
        seconds: length of the window.
        protocol: the part of the fees that the DEX takes: 1/6 where Uniswap V2's switch is on.

    Raises:
        InvalidInput: nothing is locked, no time passed, or a part is not between 0 and 1.
    """
    if tvl <= 0 or volume < 0:
        raise InvalidInput("A pool's figures need something locked in it.")
    if not (0 <= fee < 1 and 0 <= protocol <= 1):
        raise InvalidInput("A fee is a part of the whole: at least 0 and below 1.")
    fees = volume * fee * (1 - protocol)
    return PoolFigures(tvl, volume, fees, float(volume / tvl), yearly(float(fees / tvl), seconds))


def locked_value(amounts: tuple[Decimal, Decimal], prices: tuple[Decimal | None, Decimal | None]) -> Decimal:
    """Return the value of two reserves (whole tokens); a pool is worth twice the side whose price alone is known.

    That second rule holds for constant-product pools only, whose sides are worth the same.

    Raises:
        InvalidInput: neither price is known.
    """
    first, second = prices
    if first is not None and second is not None:
        return amounts[0] * first + amounts[1] * second
    if first is not None:
        return 2 * amounts[0] * first
    if second is not None:
        return 2 * amounts[1] * second
    raise InvalidInput("Neither of the pool's tokens has a known price.")


def range_fee_apr(
    fees: Decimal, seconds: float, liquidity: int, in_range: int, value: Decimal, part_of_time: float = 1.0
) -> float:
    """Return the fee APR of a position in a range.

    Args:
        fees: that the pool earned within the window, at the prices of the range.
        seconds: length of the window.
        liquidity: of the position.
        in_range: liquidity of the pool at its price, the position's own included.
        value: of the position.
        part_of_time: how much of the time the price is in the range, 0 to 1.

    Raises:
        InvalidInput: the position is worth nothing, or larger than the pool, or no time passed.
    """
    if value <= 0 or not 0 <= liquidity <= in_range or in_range == 0:
        raise InvalidInput("A position needs a value, and cannot be more than what is in range.")
    if not 0.0 <= part_of_time <= 1.0:
        raise InvalidInput("The time in range is a part of the whole: 0 to 1.")
    share = liquidity / in_range
    return yearly(float(fees / value) * share * part_of_time, seconds)


def capital_efficiency(lower: int, upper: int) -> float:
    """Return how many times the liquidity of the same money over all prices a range of ticks gives.

    For a price in the geometric middle of the range: 1 / (1 - (low/high)^(1/4)), which follows from both positions'
    amounts. Uniswap announced V3 (2021) with the 4000 times of a range of 0.1 %.

    Raises:
        InvalidInput: the range is empty.
    """
    if lower >= upper:
        raise InvalidInput("A range's lower end must be below its upper end.")
    return float(1.0 / (1.0 - 1.0001 ** ((lower - upper) / 4.0)))
