"""Ticks and the square roots of their prices: V3's TickMath.

A tick's root is 2^96 * 1.0001^(tick/2), multiplied together from the roots of powers of two as the contract does it,
rounding included. The way back is defined by that: the greatest tick whose root is not above the price. The contract
finds it by a logarithm in fixed point, here a float's guess is put right against the exact roots.
"""

from __future__ import annotations

from functools import lru_cache
from math import log

from engine.defi.refusal import WouldRevert
from engine.defi.v3math.full import UINT256

MIN_TICK, MAX_TICK = -887_272, 887_272
MIN_SQRT_PRICE = 4_295_128_739
MAX_SQRT_PRICE = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342
"""What a price must stay below."""

_FACTORS = (
    0xFFFCB933BD6FAD37AA2D162D1A594001,
    0xFFF97272373D413259A46990580E213A,
    0xFFF2E50F5F656932EF12357CF3C7FDCC,
    0xFFE5CACA7E10E4E61C3624EAA0941CD0,
    0xFFCB9843D60F6159C9DB58835C926644,
    0xFF973B41FA98C081472E6896DFB254C0,
    0xFF2EA16466C96A3843EC78B326B52861,
    0xFE5DEE046A99A2A811C461F1969C3053,
    0xFCBE86C7900A88AEDCFFC83B479AA3A4,
    0xF987A7253AC413176F2B074CF7815E54,
    0xF3392B0822B70005940C7A398E4B70F3,
    0xE7159475A2C29B7443B29C7FA6E889D9,
    0xD097F3BDFD2022B8845AD8F792AA5825,
    0xA9F746462D870FDF8A65DC1F90E061E5,
    0x70D869A156D2A1B890BB3DF62BAF32F7,
    0x31BE135F97D08FD981231505542FCFA6,
    0x9AA508B5B7A84E1C677DE54F3E99BC9,
    0x5D6AF8DEDB81196699C329225EE604,
    0x2216E584F5FA1EA926041BEDFE98,
    0x48A170391F7DC42444E8FA2,
)
"""1.0001^(-2^i / 2) with 128 binary places, i from 0: the contract's constants."""
_LOG_STEP = log(1.0001) / 2
_LOG_UNIT = 96 * log(2)


@lru_cache(maxsize=1 << 15)
def sqrt_price_at(tick: int) -> int:
    """Return the root of the tick's price, as `getSqrtRatioAtTick`.

    Raises:
        WouldRevert: "T", the tick is out of range.
    """
    rest = abs(tick)
    if rest > MAX_TICK:
        raise WouldRevert(f"Ticks go from {MIN_TICK} to {MAX_TICK}, not to {tick}.", "T")
    ratio = 1 << 128
    for factor in _FACTORS:
        if rest & 1:
            ratio = (ratio * factor) >> 128
        rest >>= 1
    if tick > 0:
        ratio = UINT256 // ratio
    return -(-ratio >> 32)


def tick_at(sqrt_price: int) -> int:
    """Return the greatest tick whose root is not above `sqrt_price`, as `getTickAtSqrtRatio`.

    Raises:
        WouldRevert: "R", the price is out of range.
    """
    if not MIN_SQRT_PRICE <= sqrt_price < MAX_SQRT_PRICE:
        raise WouldRevert("The price is outside of what a pool can have.", "R")
    tick = min(max(int((log(sqrt_price) - _LOG_UNIT) / _LOG_STEP), MIN_TICK), MAX_TICK - 1)
    while sqrt_price_at(tick) > sqrt_price:
        tick -= 1
    while sqrt_price_at(tick + 1) <= sqrt_price:
        tick += 1
    return tick
