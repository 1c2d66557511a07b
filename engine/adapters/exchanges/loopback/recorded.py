"""Our recordings (`engine.market.recording`) as a source, in texts with the decimals of the pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from operator import attrgetter

from engine.adapters.exchanges.heard import BookHeard, PrintHeard, TradesHeard, WireLevel
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.played import PlayedSource
from engine.adapters.exchanges.loopback.told import Told
from engine.domain.market import Level
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.market.catalogue import spec_of
from engine.market.recording import Recording

_AT = attrgetter("at")


def of_recording(recording: Recording) -> PlayedSource:
    """Return a recording as a source.

    Raises:
        InvalidInput: its pair is not in our catalogue.
    """
    spec = spec_of(recording.symbol)
    if spec is None:
        raise InvalidInput(f"The recording is of {recording.symbol}, which is not in the catalogue.")
    pair = spec.pair
    return PlayedSource(merge(_books(recording, pair), _prints(recording, pair), key=_AT), [listing_of(pair)])


def listing_of(pair: TradingPair) -> Listing:
    """Return a pair as the loopback lists it."""
    least = pair.quote.text(pair.min_notional)
    return Listing(pair.symbol, pair.base.code, pair.quote.code, f"{pair.tick:f}", f"{pair.lot:f}", least)


def levels(side: Iterable[Level], pair: TradingPair) -> list[WireLevel]:
    """Return levels as texts."""
    return [(pair.price_text(price), pair.qty_text(qty)) for price, qty in side]


def _books(recording: Recording, pair: TradingPair) -> Iterator[Told]:
    first = recording.snapshot()
    sides = levels(first.bids, pair), levels(first.asks, pair)
    yield Told(first.at, BookHeard(pair.symbol, True, *sides, last=first.seq, at=first.at))
    previous = first.seq
    for number in range(recording.first_diff, recording.diffs):
        diff = recording.diff(number)
        sides = levels(diff.bids, pair), levels(diff.asks, pair)
        yield Told(diff.at, BookHeard(pair.symbol, False, *sides, previous + 1, diff.seq, previous, None, diff.at))
        previous = diff.seq


def _prints(recording: Recording, pair: TradingPair) -> Iterator[Told]:
    for tick in recording.trades:
        each = PrintHeard(pair.price_text(tick.price), pair.qty_text(tick.qty), tick.side, tick.at, tick.trade_id)
        yield Told(tick.at, TradesHeard(pair.symbol, (each,)))
