"""Names of Binance's streams, taken apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from engine.adapters.exchanges.loopback.binance.words import INTERVALS

_DEPTH = re.compile(r"depth(5|10|20)?(@(?:0|100|250|500|1000)ms)?\Z")
_PLAIN = ("trade", "aggTrade", "bookTicker", "miniTicker", "ticker")
_ALL = ("miniTicker@arr", "ticker@arr", "bookTicker")


class Stream(NamedTuple):
    """One stream; `symbol` is ours, empty for those of all pairs."""

    name: str
    symbol: str
    kind: str
    """`depth`, `top`, `kline`, or the venue's own word."""
    argument: str = ""
    """Levels of a `top`, interval of a `kline`, pace of a `depth` in ms."""


def stream_of(name: str, symbols: Mapping[str, str]) -> Stream | None:
    """Return the stream of a name; None if there is none. `symbols` are ours by the venue's lower-case words."""
    if name.startswith("!"):
        return Stream(name, "", name) if name[1:] in _ALL else None
    word, _, rest = name.partition("@")
    symbol = symbols.get(word)
    if symbol is None:
        return None
    if rest in _PLAIN:
        return Stream(name, symbol, rest)
    if rest.startswith("kline_") and rest[6:] in INTERVALS:
        return Stream(name, symbol, "kline", rest[6:])
    if (depth := _DEPTH.match(rest)) is not None:
        levels, pace = depth.groups()
        return Stream(name, symbol, "top", levels) if levels else Stream(name, symbol, "depth", pace or "")
    return None
