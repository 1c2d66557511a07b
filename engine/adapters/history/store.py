"""Kept bars: a folder per venue, pair and timeframe, in it pages of `barpage.ROWS` bars.

A page is written whole under another name and renamed. One that is damaged, or of a grid that cannot be told on the
pair's, is set aside and fetched again: all of it is the venue's to tell once more. Every call blocks and belongs off
the loop.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.adapters.files.folder import folder_of, make_private
from engine.domain.asset import Asset
from engine.domain.market import Timeframe
from engine.domain.number import Nanos, Units
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import CrsError, InvalidInput, StorageUnavailable
from engine.market.barpage import ROWS, BarPage, Span, decode, described, empty_page, encode, holes, merged_spans
from engine.market.bars import empty, joined, part
from engine.ports.feed import BarArrays

ENDING = ".page"
DAMAGED = ".damaged"
LARGEST = 2 * 2**20
"""Bytes of a page; it has a tenth of it."""
OPEN_PAGES = 64
"""Decoded pages remembered: as many bars as a chart can scroll through, some 10 MB."""

log = logging.getLogger(__name__)


class Stored(NamedTuple):
    """What is kept of a span."""

    bars: BarArrays
    holes: list[Span]
    """Stretches (ns) of which it is not known what the venue has."""


class Series(NamedTuple):
    """What is known of a folder without reading its bars."""

    venue: str
    symbol: str
    timeframe: Timeframe
    pair: TradingPair
    """On the grid on which the newest bars are kept; of its fees and minimum nothing is known."""
    bars: int
    known: tuple[Span, ...]
    """Stretches (ns) of which it is known what the venue has."""
    bytes: int

    @property
    def first(self) -> int:
        """The first instant of which something is known."""
        return self.known[0][0]

    @property
    def until(self) -> int:
        """The instant before which the last known stretch ends."""
        return self.known[-1][1]

    @property
    def missing(self) -> int:
        """Bars that the venue lacks within the known stretches."""
        return sum((until - first) // self.timeframe.nanos for first, until in self.known) - self.bars


class BarStore:
    """The kept bars of a profile."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._pages: OrderedDict[tuple[Path, TradingPair], tuple[int, BarPage]] = OrderedDict()
        self._turn = threading.Lock()
        """Pages are changed by one thread at a time."""

    def read(self, venue: str, pair: TradingPair, timeframe: Timeframe, first: Nanos, until: Nanos) -> Stored:
        """Return the bars that begin from `first` to before `until`, and of which of them nothing is known yet.

        Raises:
            StorageUnavailable: the disk cannot be read.
        """
        found, unknown = empty(), list[Span]()
        for path, start, span in self._pages_of(venue, pair, timeframe, first, until):
            with self._turn:
                page = self._page(path, pair, timeframe, start)
            cut = np.searchsorted(page.place, span)
            found = joined(found, part(page.bars, int(cut[0]), int(cut[1])))
            length = timeframe.nanos
            unknown += [(start + a * length, start + b * length) for a, b in holes(page.known, *span)]
        return Stored(found, list(merged_spans(unknown)))

    def put(
        self, venue: str, pair: TradingPair, timeframe: Timeframe, first: Nanos, until: Nanos, bars: BarArrays
    ) -> None:
        """Keep what the venue says of a span: these bars, and no others.

        Raises:
            InvalidInput: a bar is outside the span, off the interval, out of order, or its prices cannot be.
            StorageUnavailable: the disk refuses.
        """
        check(bars, timeframe, first, until)
        for path, start, span in self._pages_of(venue, pair, timeframe, first, until):
            edges = [start + place * timeframe.nanos for place in span]
            cut = np.searchsorted(bars.start, edges)
            rows = part(bars, int(cut[0]), int(cut[1]))
            place = (rows.start - start) // timeframe.nanos
            with self._turn:
                page = self._page(path, pair, timeframe, start).with_span(span, place, rows)
                self._write(path, encode(page, pair, timeframe))
                self._remember(path, pair, page)

    def series(self) -> tuple[list[Series], list[CrsError]]:
        """Return what is kept, by venue, pair and timeframe, and what could not be read."""
        found: list[Series] = []
        damaged: list[CrsError] = []
        for folder in sorted(self.directory.glob("*/*/*")):
            try:
                if folder.is_dir() and (one := self._series(folder)) is not None:
                    found.append(one)
            except InvalidInput as error:
                damaged.append(InvalidInput(f"{folder.relative_to(self.directory)}: {error}"))
            except (KeyError, TypeError, ValueError, ArithmeticError):
                damaged.append(
                    InvalidInput(f"{folder.relative_to(self.directory)}: a page does not say what it is of.")
                )
            except OSError as error:
                damaged.append(StorageUnavailable(f"{folder} cannot be read: {error.strerror}."))
        return found, damaged

    def _series(self, folder: Path) -> Series | None:
        timeframe, bars, size, known = Timeframe.parse(folder.name), 0, 0, list[Span]()
        head: dict[str, str] = {}
        for path in sorted(folder.glob(f"*{ENDING}")):
            with path.open("rb") as file:
                told = _sane(described(file.readline(100_000)))
            start = int(path.stem) * ROWS * timeframe.nanos
            known += [(start + a * timeframe.nanos, start + b * timeframe.nanos) for a, b in told["known"]]
            bars, size, head = bars + told["bars"], size + path.stat().st_size, told
        if not head or not known:
            return None
        venue = folder.parent.parent.name
        spans = merged_spans(known)
        pair = _pair(head["symbol"], Decimal(head["tick"]), Decimal(head["lot"]))
        return Series(venue, head["symbol"], timeframe, pair, bars, spans, size)

    def stretch(self, series: Series, first: int, until: int) -> Iterator[BarArrays]:
        """Yield the kept bars of a span of a series, a page at a time; errors as `read`."""
        length, page = series.timeframe.nanos, ROWS * series.timeframe.nanos
        at = max(first + -first % length, series.first)
        end = min(until // length * length, series.until)
        while at < end:
            upto = min(end, at // page * page + page)
            bars = self.read(series.venue, series.pair, series.timeframe, Nanos(at), Nanos(upto)).bars
            if len(bars):
                yield bars
            at = upto

    # Pages

    def _pages_of(
        self, venue: str, pair: TradingPair, timeframe: Timeframe, first: int, until: int
    ) -> Iterator[tuple[Path, Nanos, Span]]:
        """Yield each page that a span touches: its file, its first instant, and the places in it."""
        length = timeframe.nanos
        if first % length or until % length:
            raise InvalidInput(f"A span of {timeframe} bars begins and ends with one.")
        folder = self.directory / venue / folder_of(pair.symbol) / timeframe.value
        for number in range(first // length // ROWS, -(-until // length // ROWS)):
            start = number * ROWS
            span = max(first // length, start) - start, min(until // length, start + ROWS) - start
            yield folder / f"{number:06d}{ENDING}", Nanos(start * length), span

    def _page(self, path: Path, pair: TradingPair, timeframe: Timeframe, start: Nanos) -> BarPage:
        """Return a page as it is on the disk; an empty one if there is none that can be used."""
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            return empty_page()
        kept = self._pages.get((path, pair))
        if kept is not None and kept[0] == stamp:
            self._pages.move_to_end((path, pair))
            return kept[1]
        try:
            page = decode(_bytes_of(path), pair, timeframe, start)
        except InvalidInput as error:
            log.warning("kept bars set aside: %s", error, extra={"file": path.name})
            with suppress(OSError):
                path.replace(path.with_suffix(DAMAGED))
            return empty_page()
        except OSError as error:
            raise StorageUnavailable(f"Kept bars cannot be read: {path}: {error.strerror}.") from error
        self._remember(path, pair, page)
        return page

    def _remember(self, path: Path, pair: TradingPair, page: BarPage) -> None:
        with suppress(OSError):
            self._pages[path, pair] = path.stat().st_mtime_ns, page
            self._pages.move_to_end((path, pair))
        while len(self._pages) > OPEN_PAGES:
            self._pages.popitem(last=False)

    def _write(self, path: Path, data: bytes) -> None:
        partial = path.with_suffix(f".{os.getpid()}.part")
        try:
            make_private(path.parent)
            partial.write_bytes(data)
            partial.replace(path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise StorageUnavailable(f"Bars cannot be kept in {path.parent}: {error.strerror}.") from error


def _sane(head: dict[str, Any]) -> dict[str, Any]:
    """Return a page's head if it can be true.

    Raises:
        ValueError, KeyError, TypeError, ArithmeticError: it cannot.
    """
    symbol: object = head["symbol"]
    edges = [edge for first, until in head["known"] for edge in (first, until)]
    steps = [Decimal(head[name]) for name in ("tick", "lot") if isinstance(head[name], str) and len(head[name]) <= 40]
    if not (isinstance(symbol, str) and len(symbol) <= 80 and symbol.isprintable()):
        raise ValueError
    if len(steps) != 2 or not all(step.is_finite() and abs(step.adjusted()) <= 40 for step in steps):
        raise ValueError
    if not all(isinstance(each, int) and 0 <= each <= ROWS for each in (*edges, head["bars"])):
        raise ValueError
    return head


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InvalidInput(f"{path.name} is no page: it is too large.")
    return data


def _pair(symbol: str, tick: Decimal, lot: Decimal) -> TradingPair:
    base, _, quote = symbol.partition(":")[0].partition("/")
    free = FeeRate.parse(Decimal(0))
    return TradingPair(symbol, Asset(base), Asset(quote), tick, lot, Units(0), free, free)


def check(bars: BarArrays, timeframe: Timeframe, first: int, until: int) -> None:
    """Refuse bars that no venue can have.

    Raises:
        InvalidInput: one is outside the span, off the interval, out of order, or its prices or volume cannot be.
    """
    start = bars.start
    if not len(start):
        return
    if start[0] < first or start[-1] >= until or (start % timeframe.nanos).any() or (np.diff(start) <= 0).any():
        raise InvalidInput(f"The venue's {timeframe} bars are out of order, or not of the time they were asked for.")
    columns = np.stack((bars.open, bars.high, bars.low, bars.close, bars.volume))
    good = np.isfinite(columns).all() and (columns[:4] > 0).all() and (columns[4] >= 0).all()
    if not good or (bars.high < columns[:4].max(axis=0)).any() or (bars.low > columns[:4].min(axis=0)).any():
        raise InvalidInput(f"A {timeframe} bar of the venue cannot be: its high or low does not contain its prices.")
