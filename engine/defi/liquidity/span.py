"""A range of prices as V3 knows it: two ticks, from prices as people say them and back.

A price is "so much of `quote` for one `base`", in whole tokens; which of the two the pool calls token0 is no business
of whoever names it. Ticks are rounded to the nearest that the pool's spacing allows.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

from engine.defi.token import Token
from engine.defi.v3math.tick import MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, sqrt_price_at, tick_at
from engine.errors import InvalidInput

Q192 = 1 << 192
DIGITS = 40
"""Of a price that is told; more than a float has, fewer than a person reads."""


class Span(NamedTuple):
    """Two ticks; liquidity between them works while the price's tick is `lower <= tick < upper`."""

    lower: int
    upper: int

    def holds(self, tick: int) -> bool:
        """Return whether liquidity there works at a price's tick."""
        return self.lower <= tick < self.upper

    @property
    def roots(self) -> tuple[int, int]:
        """The root prices of both ends."""
        return sqrt_price_at(self.lower), sqrt_price_at(self.upper)


def is_base_first(base: Token, quote: Token) -> bool:
    """Return whether the pool calls `base` its token0: the one with the lower address."""
    return int(base.address, 16) < int(quote.address, 16)


def root_of_price(price: Decimal, base: Token, quote: Token) -> int:
    """Return the root price with 96 binary places at which one `base` costs `price` of `quote`.

    Raises:
        InvalidInput: no price, or one that no pool can have.
    """
    if not price.is_finite() or price <= 0:
        raise InvalidInput("A price must be a number above 0.")
    units = Fraction(price) * Fraction(10) ** (quote.decimals - base.decimals)
    raw = units if is_base_first(base, quote) else 1 / units
    root = isqrt(raw.numerator * Q192 // raw.denominator)
    if not MIN_SQRT_PRICE <= root < MAX_SQRT_PRICE:
        raise InvalidInput(f"No pool can have a price of {price:.6g} {quote.symbol} for one {base.symbol}.")
    return root


def price_of_root(root: int, base: Token, quote: Token) -> Decimal:
    """Return what one `base` costs in `quote` at a root price, to 40 digits."""
    raw = Fraction(root * root, Q192)
    units = raw if is_base_first(base, quote) else 1 / raw
    found = units * Fraction(10) ** (base.decimals - quote.decimals)
    with localcontext() as context:
        context.prec = DIGITS
        return Decimal(found.numerator) / Decimal(found.denominator)


def price_of_tick(tick: int, base: Token, quote: Token) -> Decimal:
    """Return what one `base` costs in `quote` at a tick."""
    return price_of_root(sqrt_price_at(tick), base, quote)


def nearest_tick(root: int, spacing: int) -> int:
    """Return the usable tick nearest to a root price."""
    tick = tick_at(root)
    lowest, highest = -(-MIN_TICK // spacing) * spacing, MAX_TICK // spacing * spacing
    below = min(max(tick // spacing * spacing, lowest), highest)
    above = min(below + spacing, highest)
    return below if tick - below <= above - tick else above


def whole_span(spacing: int) -> Span:
    """Return the range of all prices that a pool can have."""
    return Span(-(-MIN_TICK // spacing) * spacing, MAX_TICK // spacing * spacing)


def span_of_prices(low: Decimal | None, high: Decimal | None, base: Token, quote: Token, spacing: int) -> Span:
    """Return the range between two prices; None stands for no end on that side.

    Raises:
        InvalidInput: no prices, in the wrong order, or so near each other that no tick is between them.
    """
    if low is not None and high is not None and low >= high:
        raise InvalidInput(f"The lower price, {low:.8g}, must be below the upper one, {high:.8g}.")
    whole = whole_span(spacing)
    ends = [None if each is None else nearest_tick(root_of_price(each, base, quote), spacing) for each in (low, high)]
    first, second = ends if is_base_first(base, quote) else ends[::-1]
    span = Span(whole.lower if first is None else first, whole.upper if second is None else second)
    if span.lower >= span.upper:
        raise InvalidInput(f"These prices are too near each other: the pool's ticks are {spacing / 100:g} % apart.")
    return span


def prices_of_span(span: Span, base: Token, quote: Token) -> tuple[Decimal, Decimal]:
    """Return the lower and the upper price of a range."""
    first, second = (price_of_tick(each, base, quote) for each in span)
    return (first, second) if first <= second else (second, first)
