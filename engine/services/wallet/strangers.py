"""What strangers call their tokens: bounded plain text, and what is odd about it.

Anybody can make a token with any symbol and send it to anybody. What it says of itself is shown as text and never
believed; what would mislead is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from engine.defi.chain import ChainSpec
from engine.defi.lookalike import skeleton
from engine.defi.token import SYMBOL_SHOWN, Token

NAME_SHOWN = 60
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
"""Kinds of characters that cannot be seen, or turn the direction of writing."""
WEB = re.compile(
    r"https?:|www\.|t\.me|\b[\w-]+\.(com|org|net|io|xyz|app|fi|finance|co|me|link|site|top|vip|cc|gift|claims?|eu)\b"
    r"|\bclaim\b|\bvisit\b|\breward|\bairdrop\b|\bvoucher\b",
    re.IGNORECASE,
)


def plain(text: str, most: int) -> str:
    """Return a stranger's text as one line of visible characters, at most so many."""
    seen = "".join(" " if unicodedata.category(each) in HIDDEN else each for each in text[: 8 * most])
    line = " ".join(unicodedata.normalize("NFC", seen).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def plain_symbol(text: str) -> str:
    """Return a symbol as it is shown."""
    return plain(text, SYMBOL_SHOWN)


def plain_name(text: str) -> str:
    """Return a name as it is shown."""
    return plain(text, NAME_SHOWN)


def known_tokens(spec: ChainSpec) -> tuple[Token, ...]:
    """Return the tokens that a chain's own data vouch for, its coin among them."""
    return tuple(dict.fromkeys((spec.native, spec.wrapped, *spec.tokens)))


def imitated(token: Token, known: Iterable[Token]) -> Token | None:
    """Return the known token that another contract could be taken for by its symbol; None if it is known itself."""
    looks = skeleton(token.symbol)
    found: Token | None = None
    for each in known:
        if each == token:
            return None
        if found is None and looks and skeleton(each.symbol) == looks:
            found = each
    return found


def warning_of(token: Token, known: Iterable[Token]) -> str:
    """Return what to be told of a token that nobody here vouches for, empty if there is nothing odd."""
    other = imitated(token, known)
    if other is not None:
        own = "the chain's own coin" if other.is_native else f"the token at {other.address}"
        return (
            f"The token at {token.address} calls itself {token.symbol}, as {own} is called ({other.symbol}), and is "
            "another contract. Do not pay with it or for it unless you are sure."
        )
    if WEB.search(f"{token.symbol} {token.name}"):
        return "Its name advertises something. Tokens like this are sent to lure people to a page; leave it alone."
    return ""
