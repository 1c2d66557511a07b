"""Amounts, fees and addresses of a chain as text: nothing rounded that is signed, nothing of strangers but plain signs.

Symbols, names and reasons come from contracts that anybody can write: they are shown bounded, without signs that
change what stands beside them.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from crs_desktop.viewmodels import format as fmt
from engine.defi.token import SYMBOL_SHOWN, TokenAmount
from engine.domain.number import NANOS_PER_SECOND, fixed
from engine.errors import InvalidInput

GWEI_PLACES = 9
MOST_REASON = 300
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
NOT_LESS = "\N{GREATER-THAN OR EQUAL TO}"
ABOUT = "\N{ALMOST EQUAL TO}"


def plain(text: str, most: int = MOST_REASON) -> str:
    """Return a stranger's text on one line, bounded; what cannot be seen or turns the line round is a mark."""
    flat = " ".join(text.split())
    shown = "".join(each if each.isprintable() else UNREADABLE for each in flat[:most])
    return f"{shown}…" if len(flat) > most else shown


def symbol(amount: TokenAmount) -> str:
    """Return what a token calls itself, bounded."""
    return plain(amount.token.symbol, SYMBOL_SHOWN) or "?"


def exact(amount: TokenAmount) -> str:
    """Return an amount to its last digit, with its symbol: 1,234.5 USDC."""
    return f"{fmt.grouped(amount.text)} {symbol(amount)}"


def out(amount: TokenAmount) -> str:
    """Return an amount that leaves, with its sign."""
    return f"{fmt.MINUS}{exact(TokenAmount(amount.token, abs(amount.units)))}"


def into(amount: TokenAmount) -> str:
    """Return an amount that arrives, with its sign."""
    return f"+{exact(TokenAmount(amount.token, abs(amount.units)))}"


def change(amount: TokenAmount) -> str:
    """Return a change with its sign."""
    return out(amount) if amount.units < 0 else into(amount)


def brief(amount: TokenAmount, digits: int = 6) -> str:
    """Return an amount for a narrow place: `digits` significant figures, cut off, never a digit too much."""
    value = amount.exact
    if not value:
        return "0"
    with localcontext() as context:
        context.prec = 90
        keep = min(amount.token.decimals, max(0, digits - 1 - max(value.adjusted(), 0 if abs(value) >= 1 else -99)))
        cut = abs(value).scaleb(keep).to_integral_value(rounding="ROUND_DOWN").scaleb(-keep)
    text = format(cut, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return fmt.grouped(f"-{text}" if value < 0 and text.strip("0.") else text)


def gwei(wei: int) -> str:
    """Return a price of gas in gwei, exactly and as short as that is."""
    text = fixed(wei, GWEI_PLACES)
    return fmt.grouped(text.rstrip("0").rstrip("."))


def wei_of(text: str) -> int | None:
    """Return the wei of a price in gwei that somebody typed; None if it is none or finer than a wei."""
    try:
        value = fmt.parse(text)
    except InvalidInput:
        return None
    if value < 0 or value >= Decimal(10) ** 12:
        return None
    units = value.scaleb(GWEI_PLACES)
    return int(units) if units == units.to_integral_value() else None


def address_in_full(address: str) -> str:
    """Return all digits of an address in groups of four: 0x 5C69 bEe7 …, to be held against another one."""
    digits = address[2:]
    return " ".join((address[:2], *(digits[at : at + 4] for at in range(0, len(digits), 4))))


def seconds(span: int) -> str:
    """Return whole seconds as people read them: 45 s, 12 min 05 s, 3 h 02 min."""
    minutes, rest = divmod(max(0, span), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def age(since_ns: int, now_ns: int) -> str:
    """Return how long ago an instant was."""
    return seconds((now_ns - since_ns) // NANOS_PER_SECOND)
