"""Bars of every timeframe: closed ones from the feed's history, the forming one from its prints.

A forming bar is seeded exactly: closed minutes of its interval (quarters of an hour where a venue
keeps no minutes that old), then closed seconds of the open minute, then the prints of the open
second. Time moves with the feed (its prints and diffs), never with this machine's clock; an
interval without a print closes flat at the last price with volume 0, as exchanges write it.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.bus import Bus
from engine.domain.market import Bar, BookDiff, FeedState, Timeframe
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.ports.exchange import PairsFollowed, PastPrints
from engine.ports.feed import BarArrays, FeedStateChanged, MarketFeed, TradesPrinted
from engine.services.market_data import MarketData
from engine.services.pastminutes import minutes_since
from engine.services.task import TaskOwner

MINUTE = Nanos(60 * NANOS_PER_SECOND)


@dataclass(frozen=True, slots=True)
class BarClosed:
    """Event: the interval of a watched bar is over."""

    bar: Bar
    timeframe: Timeframe


class Bars:
    """Closed and forming bars of a feed; `watch` what you show, `unwatch` what you no longer do."""

    def __init__(self, bus: Bus, feed: MarketFeed, market_data: MarketData) -> None:
        self._bus, self._feed, self._market_data = bus, feed, market_data
        self._forming: dict[tuple[str, Timeframe], Bar | None] = {}
        """What is watched and seeded; None until a first price is known."""
        self._watchers: dict[tuple[str, Timeframe], int] = {}
        self._tasks = TaskOwner("bars")
        self._subscriptions = (
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(BookDiff, self._on_diff),
            bus.subscribe(FeedStateChanged, self._on_state),
            bus.subscribe(PairsFollowed, self._on_followed),
            bus.subscribe(PastPrints, self._on_past),
        )

    def close(self) -> None:
        """End all subscriptions and what is still loading."""
        self._tasks.close()
        for subscription in self._subscriptions:
            subscription.close()

    async def history(
        self, symbol: str, timeframe: Timeframe, *, end: Nanos | None = None, count: int = 1500
    ) -> BarArrays:
        """Return up to `count` closed bars before `end` (now, if None), oldest first."""
        return await self._feed.bars(symbol, timeframe, end=self._feed.now if end is None else end, count=count)

    async def watch(self, symbol: str, timeframe: Timeframe) -> None:
        """Keep the forming bar of a pair up to date and publish `BarClosed`; calls nest."""
        key = (symbol, timeframe)
        self._watchers[key] = self._watchers.get(key, 0) + 1
        if key not in self._forming:  # another one may be about it, and may be cancelled
            await self._seed(symbol, timeframe)

    def unwatch(self, symbol: str, timeframe: Timeframe) -> None:
        """Take one `watch` back."""
        key = (symbol, timeframe)
        left = self._watchers.get(key, 0) - 1
        if left > 0:
            self._watchers[key] = left
        else:
            self._watchers.pop(key, None)
            self._forming.pop(key, None)

    def forming(self, symbol: str, timeframe: Timeframe) -> Bar | None:
        """Return the open bar of a watched pair, None until its first price is known."""
        return self._forming.get((symbol, timeframe))

    async def _seed(self, symbol: str, timeframe: Timeframe) -> None:
        now = self._feed.now
        start = Nanos(now - now % timeframe.nanos)
        minute = Nanos(max(start, now - now % MINUTE))
        second = Nanos(now - now % NANOS_PER_SECOND)
        bar: Bar | None = None
        if minute > start:
            bar = _merge(bar, symbol, start, await minutes_since(self._feed, symbol, start, minute))
        seconds = (second - minute) // NANOS_PER_SECOND
        if seconds:
            bar = _merge(bar, symbol, start, await self._feed.bars(symbol, Timeframe.S1, end=second, count=seconds))
        key = (symbol, timeframe)
        if key not in self._watchers or key in self._forming:
            return
        for tick in self._market_data.tape(symbol):
            if tick.at >= second and tick.at >= start:
                bar = _with_print(bar, symbol, start, tick.price, tick.qty)
        if bar is None:
            last = self._market_data.last_price(symbol)
            bar = None if last is None else _flat(symbol, start, Ticks(last))
        self._forming[key] = bar
        self._roll(key, self._feed.now)

    def _on_trades(self, event: TradesPrinted) -> None:
        for key in [each for each in self._forming if each[0] == event.symbol]:
            for tick in event.ticks:
                self._roll(key, tick.at)
                bar = self._forming[key]
                start = Nanos(tick.at - tick.at % key[1].nanos)
                if bar is None or start == bar.start:
                    self._forming[key] = _with_print(bar, event.symbol, start, tick.price, tick.qty)

    def _on_diff(self, diff: BookDiff) -> None:
        for key in [each for each in self._forming if each[0] == diff.symbol]:
            self._roll(key, diff.at)

    def _roll(self, key: tuple[str, Timeframe], at: Nanos) -> None:
        """Close every interval that ended at or before `at`."""
        symbol, timeframe = key
        while (bar := self._forming[key]) is not None and bar.start + timeframe.nanos <= at:
            self._forming[key] = _flat(symbol, Nanos(bar.start + timeframe.nanos), bar.close)
            self._bus.publish(BarClosed(bar, timeframe))

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump or another market: what was forming is of another time
            self._forming.clear()
            self._tasks.start(self._seed_all())

    def _on_followed(self, event: PairsFollowed) -> None:
        """Forget forming bars of pairs that left; seed those that are watched and came."""
        self._again((*event.removed, *event.added))

    def _on_past(self, event: PastPrints) -> None:
        """Seed anew what was seeded without the prints that are known now."""
        self._again((event.symbol,))

    def _again(self, symbols: tuple[str, ...]) -> None:
        carried = {pair.symbol for pair in self._feed.pairs()}
        for key in [each for each in self._forming if each[0] in symbols]:
            del self._forming[key]
        wanted = tuple(symbol for symbol in symbols if symbol in carried)
        if any(symbol in wanted for symbol, _ in self._watchers):
            self._tasks.start(self._seed_all(wanted))

    async def _seed_all(self, symbols: tuple[str, ...] | None = None) -> None:
        """Seed what is watched, of some pairs only or of all."""
        for symbol, timeframe in tuple(self._watchers):
            if symbols is None or symbol in symbols:
                await self._seed(symbol, timeframe)


def _flat(symbol: str, start: Nanos, price: Ticks) -> Bar:
    return Bar(symbol, start, price, price, price, price, Lots(0), 0)


def _with_print(bar: Bar | None, symbol: str, start: Nanos, price: Ticks, qty: Lots) -> Bar:
    if bar is None or bar.volume == 0:  # a bar opens at its first print; until then it is flat
        return Bar(symbol, start, price, price, price, price, qty, 1)
    return Bar(
        symbol,
        start,
        bar.open,
        max(bar.high, price),
        min(bar.low, price),
        price,
        Lots(bar.volume + qty),
        bar.trades + 1,
    )


def _merge(bar: Bar | None, symbol: str, start: Nanos, bars: BarArrays) -> Bar | None:
    since = bars.start >= start
    if not since.any():
        return bar
    high, low = int(bars.high[since].max()), int(bars.low[since].min())
    volume = int(bars.volume[since].sum())
    close = Ticks(int(bars.close[since][-1]))
    if bar is None:
        return Bar(symbol, start, Ticks(int(bars.open[since][0])), Ticks(high), Ticks(low), close, Lots(volume), 0)
    return bar._replace(
        high=Ticks(max(bar.high, high)), low=Ticks(min(bar.low, low)), close=close, volume=Lots(bar.volume + volume)
    )
