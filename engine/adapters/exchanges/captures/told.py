"""A raw capture as one pair's book and prints on a grid, in order of arrival: what the realism report plays.

The grid is what the capture itself needs: as many decimals as its prices and quantities have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.book.sync import Outcome
from engine.adapters.exchanges.captures.lines import CaptureLine, Kind, by_time, lines
from engine.adapters.exchanges.captures.names import book_of
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.dialects import answer_of, dialect_of
from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard
from engine.domain.asset import Asset
from engine.domain.instrument import Instrument
from engine.domain.market import FeedState
from engine.domain.number import Nanos, Units
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import Garbled, InvalidInput
from engine.exchange.realism import BookLost, Told

FINEST = 18
"""Decimals of an asset, enough for any tick times any lot."""

Heard = tuple[Nanos, BookHeard | TradesHeard]


def told_by(path: Path, venue: str, symbol: str, snapshot: Path | None = None) -> list[Told]:
    """Return what a capture says of a pair.

    Args:
        path: the capture.
        venue: whose frames they are, by the name that `crs feed replay` has for it.
        symbol: the pair in our words.
        snapshot: a file of answers to requests for the book, if the capture holds none; its lines have times.

    Raises:
        InvalidInput: the venue is not known, the file cannot be read, or nothing of the pair is in it.
    """
    dialect = dialect_of(venue)
    native = dialect.native(symbol)
    files = [lines(each) for each in (snapshot, path) if each is not None]
    heard = list(_heard(by_time(*files), dialect, native))
    if not any(isinstance(each, BookHeard) for _, each in heard):
        raise InvalidInput(f"{path} holds no book of {symbol} as {venue} writes it.")
    instrument = Instrument(venue, native, _pair(symbol, heard))
    return list(_told(heard, FollowedPair(instrument, dialect.rule(), Grid(instrument))))


def _heard(found: Iterable[CaptureLine], dialect: Dialect, native: str) -> Iterator[Heard]:
    """Yield what is said of a pair; lines that cannot be read are left out: a gap shows itself by the numbers."""
    for line in found:
        try:
            if line.kind is Kind.ANSWER:
                if book_of(line.url) == native:
                    yield line.at, answer_of(dialect, native, line.text)
            elif line.kind is Kind.FRAME:
                for heard in dialect.hear(line.text):
                    if isinstance(heard, BookHeard | TradesHeard) and _is_of(heard, native):
                        yield line.at, heard
        except Garbled:
            continue


def _is_of(heard: BookHeard | TradesHeard, native: str) -> bool:
    """Whether something is said of the pair, and new; a bare picture does not say of which pair it is."""
    if isinstance(heard, BookHeard):
        return heard.native in {native, ""}
    return heard.native == native and not heard.is_past


def _pair(symbol: str, heard: Iterable[Heard]) -> TradingPair:
    prices, sizes = {"1"}, {"1"}
    for _, each in heard:
        if isinstance(each, BookHeard):
            for price, qty in (*each.bids, *each.asks):
                prices.add(price)
                sizes.add(qty)
        else:
            prices |= {one.price for one in each.prints}
            sizes |= {one.qty for one in each.prints}
    base, _, quote = symbol.partition(":")[0].partition("/")
    nothing = FeeRate.parse(Decimal(0))
    tick, lot = (Decimal(1).scaleb(-max(_decimals(text) for text in texts)) for texts in (prices, sizes))
    return TradingPair(symbol, Asset(base, FINEST), Asset(quote, FINEST), tick, lot, Units(0), nothing, nothing)


def _decimals(text: str) -> int:
    _, dot, fraction = text.partition(".")
    return len(fraction.rstrip("0")) if dot else 0


def _told(heard: Iterable[Heard], pair: FollowedPair) -> Iterator[Told]:
    pair.opened()
    heard = list(heard)
    singly = any(isinstance(each, TradesHeard) and not each.is_merged for _, each in heard)
    for at, each in heard:
        if isinstance(each, TradesHeard):
            if each.is_merged and singly:
                continue
            for one in each.prints:
                tick = pair.grid.tick_of(one)
                if tick is not None:
                    yield tick._replace(at=at)
            continue
        was_synced = pair.sync.state is FeedState.SYNCED
        outcome, diff = pair.hear(each, at)
        if outcome is Outcome.APPLIED and was_synced and diff is not None:
            yield diff._replace(at=at)
        elif pair.sync.state is FeedState.SYNCED and outcome is Outcome.REPLACED:
            yield pair.snapshot(10_000)._replace(at=at)
        elif was_synced and pair.sync.state is not FeedState.SYNCED:
            yield BookLost(at)
