"""A page of bars in few bytes: a fixed stretch of one pair's bars, and which parts of it the venue was asked for.

What compresses is a bar's shape, not its prices: where it opened from the last close, how far it went up, down and
along. With one minute of a busy pair that is about 8 bytes a bar. Prices in ticks, volumes in lots.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.market.columns import head_of, pack, unpack
from engine.market.noise import Ints
from engine.ports.feed import BarArrays

KIND = "crs-bars"
VERSION = 1
ROWS = 4_096
"""Bars of a page that has no gaps."""

_COLUMNS = ("place", "open", "close", "high", "low", "volume")

Span = tuple[int, int]
"""Bars from the first to before the second, as places within a page, or as instants (ns)."""


@dataclass(frozen=True, slots=True)
class BarPage:
    """Some of the `ROWS` bars of a page, and of which spans it is known what the venue has."""

    place: Ints
    """Where in the page each bar is, ascending."""
    bars: BarArrays
    known: tuple[Span, ...]
    """Places that were asked for, apart and ascending; a place in them without a bar is one that the venue lacks."""

    def with_span(self, span: Span, place: Ints, bars: BarArrays) -> BarPage:
        """Return the page with what the venue says of a span, in place of what was known of it."""
        stays = (self.place < span[0]) | (self.place >= span[1])
        at = np.concatenate((self.place[stays], place))
        order = np.argsort(at, kind="stable")
        columns = zip(_columns(self.bars), _columns(bars), strict=True)
        merged = [np.concatenate((old[stays], new))[order] for old, new in columns]
        return BarPage(at[order], BarArrays(*merged), merged_spans([*self.known, span]))


def empty_page() -> BarPage:
    """Return a page of which nothing is known."""
    none = np.empty(0, dtype=np.float64)
    place = np.empty(0, dtype=np.int64)
    return BarPage(place, BarArrays(place, none, none, none, none, none), ())


def encode(page: BarPage, pair: TradingPair, timeframe: Timeframe) -> bytes:
    """Return a page as bytes; `decode` makes it again."""
    bars = page.bars
    opened, high, low, close, volume = (column.astype(np.int64) for column in _columns(bars)[1:])
    shape = {
        "open": np.concatenate((opened[:1], opened[1:] - close[:-1])),
        "close": close - opened,
        "high": high - np.maximum(opened, close),
        "low": np.minimum(opened, close) - low,
        "volume": volume,
    }
    # `pack` keeps differences of rows; sums of the shape make it keep the shape itself
    columns = {"place": page.place, **{name: np.cumsum(rows) for name, rows in shape.items()}}
    about = {
        "symbol": pair.symbol, "timeframe": timeframe.value, "tick": str(pair.tick), "lot": str(pair.lot),
        "bars": len(bars), "known": [list(span) for span in page.known],
    }  # fmt: skip
    return pack(KIND, VERSION, about, columns, preset=1)


def decode(data: bytes, pair: TradingPair, timeframe: Timeframe, start: Nanos) -> BarPage:
    """Return the page that begins at `start`.

    Raises:
        InvalidInput: the bytes are damaged, or their grid is another one that this pair's cannot say.
    """
    head, columns = unpack(data, KIND, VERSION, most=len(_COLUMNS) * ROWS)
    try:
        if head["symbol"] != pair.symbol:
            raise InvalidInput(f"This {KIND} is of another pair.")
        place = columns["place"]
        open_step, along, up, down, volume = (
            np.diff(columns[name], prepend=np.int64(0)) for name in ("open", "close", "high", "low", "volume")
        )
        opened = np.cumsum(open_step) + np.concatenate(([0], np.cumsum(along)[:-1])) if len(place) else open_step
        close = opened + along
        high, low = np.maximum(opened, close) + up, np.minimum(opened, close) - down
        known = tuple((int(first), int(until)) for first, until in head["known"])
        tick = Decimal(head["tick"])
        opened, high, low, close = (_on_grid(each, tick, pair.tick) for each in (opened, high, low, close))
        lots = _on_grid(volume, Decimal(head["lot"]), pair.lot)
        _check(place, known, opened, high, low, close, lots)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise InvalidInput(f"This {KIND} is damaged.") from error
    at = np.asarray(start + place * timeframe.nanos, dtype=np.int64)
    return BarPage(place, BarArrays(at, *(each.astype(np.float64) for each in (opened, high, low, close, lots))), known)


def _check(place: Ints, known: tuple[Span, ...], opened: Ints, high: Ints, low: Ints, close: Ints, lots: Ints) -> None:
    """Refuse what no page is, however well it is packed."""
    edges = [edge for span in known for edge in span]
    if edges != sorted(edges) or not all(0 <= edge <= ROWS for edge in edges):
        raise ValueError("spans")
    if not len(place):
        return
    if place[0] < 0 or place[-1] >= ROWS or (np.diff(place) <= 0).any():
        raise ValueError("places")
    if (low <= 0).any() or (lots < 0).any() or (np.maximum(opened, close) > high).any():
        raise ValueError("prices")
    if (np.minimum(opened, close) < low).any():
        raise ValueError("prices")


def described(line: bytes) -> dict[str, Any]:
    """Return the head of a page from its first line: symbol, timeframe, tick, lot, bars, known spans.

    Raises:
        InvalidInput: it is no head of a page.
    """
    return head_of(line, KIND, VERSION)


def merged_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that touch or overlap made one."""
    found: list[Span] = []
    for first, until in sorted(span for span in spans if span[0] < span[1]):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((first, until))
    return tuple(found)


def holes(known: Iterable[Span], first: int, until: int) -> list[Span]:
    """Return what of a span is not in `known`, which is in order and apart."""
    found: list[Span] = []
    at = first
    for begin, end in known:
        if begin >= until:
            break
        if begin > at:
            found.append((at, begin))
        at = max(at, end)
    if at < until:
        found.append((at, until))
    return found


def _on_grid(rows: Ints, kept: Decimal, wanted: Decimal) -> Ints:
    """Return numbers of steps `kept` as numbers of steps `wanted`: a venue may change its grid."""
    if kept == wanted:
        return rows
    numerator, denominator = (kept / wanted).as_integer_ratio()
    scaled = rows * numerator
    if (scaled % denominator).any():
        raise InvalidInput(f"Bars on the grid {kept} cannot be told on {wanted}.")
    return np.asarray(scaled // denominator, dtype=np.int64)


def _columns(bars: BarArrays) -> tuple[Any, ...]:
    return bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume
