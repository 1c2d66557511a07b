"""The simulated market as a source: all catalogued pairs, every tenth of a second what changed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from engine.adapters.exchanges.loopback.recorded import Grid, listing_of
from engine.adapters.exchanges.loopback.told import PastBar, Told
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard, TradesHeard
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import InvalidInput
from engine.exchange.simulated import SimulatedMarket
from engine.market.catalogue import PAIRS, PairSpec
from engine.market.stage import DAY_NANOS

STEP = 100_000_000
"""Between two diffs of a book, as at Binance."""
BEHIND = 20
"""Steps made at once if the time ran away; the market falls behind then, as a busy one may."""
_ALL = 1 << 30


class SimulatedSource:
    """A seeded market; `origin` is the instant at which it begins, on some day of its own; None for its own opening.

    Raises:
        InvalidInput: a pair is asked for that is not in the catalogue.
    """

    venue = ""

    def __init__(self, seed: int, *, origin: Nanos | None = None, symbols: Sequence[str] = ()) -> None:
        known = {spec.symbol: spec for spec in PAIRS}
        if missing := [symbol for symbol in symbols if symbol not in known]:
            raise InvalidInput(f"The simulated market has no {', '.join(missing)}; it has {', '.join(known)}.")
        chosen: tuple[PairSpec, ...] = tuple(known[symbol] for symbol in symbols) or PAIRS
        self._market = SimulatedMarket(seed, pairs=chosen)
        self._grids = {spec.symbol: Grid(spec.pair.tick, spec.pair.lot) for spec in chosen}
        self.listings = [listing_of(spec.pair) for spec in chosen]
        self._shift = 0
        if origin is not None:  # bars of a day begin at midnight there and here
            self._shift = (origin - self._market.now) // DAY_NANOS * DAY_NANOS
            self._market.jump(Nanos(origin - self._shift))
        self.start = Nanos(self._market.now + self._shift)
        self._last: dict[str, int] = {}
        self._numbers: dict[str, itertools.count[int]] = {}
        """Of prints, pair by pair: the market numbers all of them through, venues do not."""

    def next_at(self, now: Nanos) -> Nanos | None:
        """Return when the next step is."""
        return Nanos(self._market.now + self._shift + STEP)

    def until(self, until: Nanos) -> Sequence[Told]:
        """Let the agents act up to an instant, a few steps at most."""
        told = [] if self._last else list(self._pictures())
        for _ in range(BEHIND):
            to = Nanos(self._market.now + STEP)
            if to + self._shift > until:
                break
            told.extend(self._step(to))
        return told

    def _pictures(self) -> Iterator[Told]:
        for symbol, grid in self._grids.items():
            book = self._market.snapshot(symbol, _ALL)
            self._last[symbol] = last = book.seq + 1  # an update number of 0 means that there is none
            sides = grid.levels(book.bids), grid.levels(book.asks)
            yield Told(self.start, BookHeard(symbol, True, *sides, last=last, at=self.start))

    def _step(self, to: Nanos) -> Iterator[Told]:
        done = self._market.advance(to)
        at = Nanos(to + self._shift)
        for symbol, ticks in done.prints.items():
            grid, numbers = self._grids[symbol], self._numbers.setdefault(symbol, itertools.count(1))
            prints = [
                PrintHeard(
                    grid.price(tick.price), grid.qty(tick.qty), tick.side, Nanos(tick.at + self._shift),
                    next(numbers),
                )
                for tick in ticks
            ]  # fmt: skip
            yield Told(at, TradesHeard(symbol, prints))
        for diff in done.diffs:
            grid, previous = self._grids[diff.symbol], self._last[diff.symbol]
            self._last[diff.symbol] = last = diff.seq + 1
            sides = grid.levels(diff.bids), grid.levels(diff.asks)
            yield Told(at, BookHeard(diff.symbol, False, *sides, previous + 1, last, previous, None, at))

    def past(self, symbol: str, timeframe: Timeframe, end: Nanos, count: int) -> Sequence[PastBar]:
        """Return closed bars of the market's history."""
        grid = self._grids[symbol]
        bars = self._market.bars(symbol, timeframe, end=Nanos(end - self._shift), count=count)
        columns = zip(bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True)
        return [
            PastBar(
                Nanos(int(start) + self._shift),
                grid.price(int(opened)),
                grid.price(int(high)),
                grid.price(int(low)),
                grid.price(int(close)),
                grid.qty(int(volume)),
            )
            for start, opened, high, low, close, volume in columns
        ]
