"""Our recordings (`engine.market.recording`) as a source, in texts with the decimals of the pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from heapq import merge
from operator import attrgetter

from engine.adapters.exchanges.loopback.listing import Listing, shortened
from engine.adapters.exchanges.loopback.played import PlayedSource
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard, TradesHeard, WireLevel
from engine.domain.market import Level
from engine.domain.number import EXACT, fixed
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.market.recording import Recording

_AT = attrgetter("at")


class Grid:
    """Ticks and lots as texts, each price and quantity with as many decimals as its step has."""

    def __init__(self, tick: Decimal, lot: Decimal) -> None:
        self._tick, self._tick_places = _step(tick)
        self._lot, self._lot_places = _step(lot)

    def levels(self, side: Iterable[Level]) -> list[WireLevel]:
        """Return levels as texts."""
        return [(self.price(price), self.qty(qty)) for price, qty in side]

    def price(self, ticks: int) -> str:
        """Return a price."""
        return fixed(ticks * self._tick, self._tick_places)

    def qty(self, lots: int) -> str:
        """Return a quantity."""
        return fixed(lots * self._lot, self._lot_places)


def _step(step: Decimal) -> tuple[int, int]:
    """Return a step in its last decimal place, and how many places there are."""
    places = max(0, -int(step.normalize(EXACT).as_tuple().exponent))
    return int(step.scaleb(places, EXACT)), places


def of_recordings(recordings: Sequence[Recording]) -> PlayedSource:
    """Return recordings of different pairs as one source, each from its own beginning.

    Raises:
        InvalidInput: two are of the same pair, or there is none.
    """
    symbols = [each.symbol for each in recordings]
    if len(set(symbols)) < len(symbols):
        raise InvalidInput("Two of the recordings are of the same pair; serve one of them.")
    rows = merge(*(rows for each in recordings for rows in (_books(each), _prints(each))), key=_AT)
    return PlayedSource(rows, [_listing(each) for each in recordings])


def listing_of(pair: TradingPair) -> Listing:
    """Return a pair as the loopback lists it."""
    least = shortened(pair.quote.text(pair.min_notional))
    return Listing(pair.symbol, pair.base.code, pair.quote.code, f"{pair.tick:f}", f"{pair.lot:f}", least)


def _listing(recording: Recording) -> Listing:
    base, _, quote = recording.symbol.partition(":")[0].partition("/")
    about = recording.about
    return Listing(
        recording.symbol, base, quote, about["tick"], about["lot"], shortened(about.get("min_notional", "5"))
    )


def _grid(recording: Recording) -> Grid:
    return Grid(Decimal(recording.about["tick"]), Decimal(recording.about["lot"]))


def _books(recording: Recording) -> Iterator[Told]:
    first, grid, symbol = recording.snapshot(), _grid(recording), recording.symbol
    raised = int(first.seq == 0)  # an update number of 0 would mean that there is none
    sides = grid.levels(first.bids), grid.levels(first.asks)
    previous = first.seq + raised
    yield Told(first.at, BookHeard(symbol, True, *sides, last=previous, at=first.at))
    for number in range(recording.first_diff, recording.diffs):
        diff = recording.diff(number)
        sides, last = (grid.levels(diff.bids), grid.levels(diff.asks)), diff.seq + raised
        yield Told(diff.at, BookHeard(symbol, False, *sides, previous + 1, last, previous, None, diff.at))
        previous = last


def _prints(recording: Recording) -> Iterator[Told]:
    grid = _grid(recording)
    for tick in recording.trades:
        each = PrintHeard(grid.price(tick.price), grid.qty(tick.qty), tick.side, tick.at, tick.trade_id)
        yield Told(tick.at, TradesHeard(recording.symbol, (each,)))
