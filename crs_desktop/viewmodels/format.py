"""Numbers and times as text for people, and back.

Never an exponent, never a lost digit: prices have the tick's decimals, quantities the lot's, money
the coin's own (rounded towards zero, exact text on request). Thousands are grouped with
`GROUP`; `parse` reads everything that is written here. A sign is always present where the direction matters,
so that colour is never alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from engine.domain.asset import Asset
from engine.domain.number import NANOS_PER_SECOND, fixed, parse_decimal
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput

GROUP = ","
"""Thousands separator of the screen; a file or a clipboard gets none."""
MINUS = "\u2212"
"""The minus sign of typography, as wide as a plus."""
DASH = "\u2013"
"""What stands where there is no value."""
_TINY_ZEROS = 4
"""Zeros after the point from which a narrow cell counts them instead."""


def grouped(text: str) -> str:
    """Return a plain decimal text with thousands separators and a typographic minus."""
    sign = MINUS if text.startswith("-") else ""
    whole, point, places = text.lstrip("-").partition(".")
    return f"{sign}{int(whole):{GROUP}}{point}{places}" if whole.isdigit() else text


def parse(text: str) -> Decimal:
    """Return the number in a text as a person writes or copies it: with separators, signs and spaces.

    Raises:
        InvalidInput: it is no plain decimal number.
    """
    plain = text.strip().replace(GROUP, "").replace("\u00a0", "").replace(" ", "").replace(MINUS, "-").lstrip("+")
    whole, point, places = plain.partition(".")
    if point and (whole or places):  # `.5` and `7.` are numbers to a person
        plain = f"{whole or '0'}.{places or '0'}"
    try:
        return parse_decimal(plain)
    except InvalidInput:
        raise InvalidInput(f"{text.strip()!r} is not a number such as 0.25.") from None


def decimal_text(value: Decimal) -> str:
    """Return a decimal as plain text without an exponent; trailing zeros stay."""
    return f"{value:f}"


def price(pair: TradingPair, ticks: int) -> str:
    """Return a price with the tick's decimals, grouped."""
    return grouped(pair.price_text(ticks))


def quantity(pair: TradingPair, lots: int) -> str:
    """Return a quantity with the lot's decimals, grouped."""
    return grouped(pair.qty_text(lots))


def short_quantity(pair: TradingPair, lots: int, width: int = 9) -> str:
    """Return a quantity in at most `width` characters: exact if it fits, else in K, M, B or T, rounded down."""
    text = quantity(pair, lots)
    if len(text) <= width:
        return text
    value = pair.qty(lots)
    for suffix, zeros in (("T", 12), ("B", 9), ("M", 6), ("K", 3)):
        if value >= 10**zeros:
            whole = grouped(str(int(value.scaleb(3 - zeros))).rjust(4, "0"))
            plain = whole.replace(GROUP, "")
            places = max(0, min(3, width - len(plain[:-3]) - 2))
            return f"{plain[:-3]}.{plain[-3:][:places]}{suffix}" if places else f"{plain[:-3]}{suffix}"
    return text[:width].rstrip(".")


def money(asset: Asset, units: int, places: int | None = None) -> str:
    """Return an amount with `places` decimals (the coin's own, if None), rounded towards zero, grouped."""
    shown = asset.shown_decimals if places is None else min(places, asset.decimals)
    surplus = asset.decimals - shown
    if surplus <= 0:
        return grouped(asset.text(units))
    magnitude = fixed(abs(units) // 10**surplus, shown)
    return grouped(f"-{magnitude}" if units < 0 and magnitude.strip("0.") else magnitude)


def signed_money(asset: Asset, units: int, places: int | None = None) -> str:
    """Return an amount with its sign; zero has none."""
    return signed(money(asset, units, places))


def signed(text: str) -> str:
    """Put a plus before a positive number that is already text."""
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def percent(bps: int | None) -> str:
    """Return basis points as a signed percentage with two places, a dash for None."""
    return DASH if bps is None else f"{signed(grouped(fixed(bps, 2)))}%"


def share(bps: int) -> str:
    """Return basis points as an unsigned percentage, as short as it is exact."""
    text = fixed(bps, 2)
    return f"{text.rstrip('0').rstrip('.')}%"


def rate(fraction: Decimal) -> str:
    """Return a fee rate such as 0.001 as a percentage, as short as it is exact: 0.1%."""
    text = decimal_text((fraction * 100).normalize())
    return f"{text}%"


def basis_points(part: int, whole: int, places: int = 1) -> str:
    """Return `part / whole` in basis points, rounded half up; a dash if there is no whole.

    What is not zero never reads as zero: it is less than the smallest figure.
    """
    if whole <= 0:
        return DASH
    scale = 10_000 * 10**places
    rounded = (2 * abs(part) * scale + whole) // (2 * whole)
    if part and not rounded:
        return f"<{fixed(1, places)}"
    return grouped(fixed(-rounded if part < 0 else rounded, places))


def narrow(text: str) -> str:
    """Return a tiny number with its zeros counted: 0.00000921 becomes 0.0(5)921."""
    whole, _, places = text.partition(".")
    digits = places.lstrip("0")
    zeros = len(places) - len(digits)
    return f"{whole}.0({zeros}){digits}" if whole.strip(MINUS + "-0") == "" and digits and zeros > _TINY_ZEROS else text


def widened(text: str) -> str:
    """Undo `narrow`."""
    head, opened, rest = text.partition("0(")
    if not opened:
        return text
    zeros, _, digits = rest.partition(")")
    return f"{head}{'0' * int(zeros)}{digits}"


def compact(value: float) -> str:
    """Return a volume in at most five characters: 950, 1.2K, 34.5M."""
    for limit, suffix in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= limit:
            scaled = value / limit
            return f"{scaled:.1f}{suffix}" if scaled < 100 else f"{scaled:.0f}{suffix}"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def clock(at: int, millis: bool = False) -> str:
    """Return the UTC time of day of an instant in nanoseconds."""
    seconds, rest = divmod(at, NANOS_PER_SECOND)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")
    return f"{text}.{rest // 1_000_000:03d}" if millis else text


def date_clock(at: int) -> str:
    """Return the UTC date and time of an instant in nanoseconds."""
    return datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")


def age(nanos: int) -> str:
    """Return a span in words as short as they are useful: 0.4 s, 12 s, 3 min, 5 h."""
    seconds = max(0, nanos) / NANOS_PER_SECOND
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
