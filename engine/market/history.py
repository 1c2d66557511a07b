"""Bars of the simulated past, of any length, and of what was traded live, joined.

Nothing of the past is stored: it is made from the seed when asked for, whole hours being kept for the
long timeframes. What was traded live is kept for a while (a day of minutes, half an hour of
seconds); older than that, the generator's path stands in for it, which the flow followed anyway.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from threading import Lock

import numpy as np

from engine.domain.market import Bar, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.market.bars import BarBuilder, empty, fill, from_bars, joined, part, resample
from engine.market.latent import LatentPath
from engine.market.stage import DAY_NANOS, MINUTES
from engine.ports.feed import BarArrays

MINUTE_NANOS = 60 * NANOS_PER_SECOND
LIVE_SECONDS = 1_800
LIVE_MINUTES = 1_440
KEPT_DAYS_OF_HOURS = 700


class PastBars:
    """The generated bars of one pair; safe to use from several threads."""

    def __init__(self, path: LatentPath) -> None:
        self._path = path
        self._hours: OrderedDict[int, BarArrays] = OrderedDict()
        self._lock = Lock()

    def span(self, timeframe: Timeframe, first: Nanos, last: Nanos) -> BarArrays:
        """Return the bars that begin from `first` to before `last`, both on the timeframe's grid."""
        if first >= last:
            return empty()
        if timeframe is Timeframe.S1:
            start = first // MINUTE_NANOS
            bars = self._path.second_bars(start, -(-last // MINUTE_NANOS) - start)
        else:
            days = range(first // DAY_NANOS, -(-last // DAY_NANOS))
            source = self._hours_of if timeframe.seconds >= Timeframe.H1.seconds else self._minutes_of
            parts = [source(day) for day in days]
            bars = BarArrays(
                np.concatenate([each.start for each in parts]),
                np.concatenate([each.open for each in parts]),
                np.concatenate([each.high for each in parts]),
                np.concatenate([each.low for each in parts]),
                np.concatenate([each.close for each in parts]),
                np.concatenate([each.volume for each in parts]),
            )
            if timeframe not in (Timeframe.M1, Timeframe.H1):
                bars = resample(bars, timeframe)
        return part(bars, *(int(each) for each in np.searchsorted(bars.start, (first, last))))

    def _minutes_of(self, day: int) -> BarArrays:
        bars = self._path.bars.day(day)
        start = (day * MINUTES + np.arange(MINUTES, dtype=np.int64)) * MINUTE_NANOS
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        return BarArrays(start, *(each.astype(np.float64) for each in columns))

    def _hours_of(self, day: int) -> BarArrays:
        with self._lock:
            hours = self._hours.get(day)
        if hours is None:
            hours = resample(self._minutes_of(day), Timeframe.H1)
            with self._lock:
                self._hours[day] = hours
                while len(self._hours) > KEPT_DAYS_OF_HOURS:
                    self._hours.popitem(last=False)
        return hours


class LiveBars:
    """What was traded live in one pair, as seconds and minutes, bounded; safe to read from another thread."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self._lock = Lock()
        self._folds = (
            (BarBuilder(symbol, Timeframe.S1), deque[Bar](maxlen=LIVE_SECONDS)),
            (BarBuilder(symbol, Timeframe.M1), deque[Bar](maxlen=LIVE_MINUTES)),
        )

    def begin(self, minute: Bar | None) -> None:
        """Forget everything; `minute` is what happened before in the minute that is under way."""
        with self._lock:
            for builder, kept in self._folds:
                kept.clear()
                builder.closed.clear()
                builder.resume(None)
            self._folds[1][0].resume(minute)

    def add(self, ticks: Iterable[TradeTick], now: Nanos) -> None:
        """Fold prints, and close what is over at `now`."""
        with self._lock:
            for builder, kept in self._folds:
                for tick in ticks:
                    builder.add(tick)
                builder.roll(now)
                kept.extend(builder.closed)
                builder.closed.clear()

    def span(self, timeframe: Timeframe, first: Nanos, last: Nanos) -> BarArrays:
        """Return kept bars (1s or 1m) that begin from `first` to before `last`, only those with prints."""
        with self._lock:
            kept = list(self._folds[timeframe is not Timeframe.S1][1])
        return from_bars(bar for bar in kept if first <= bar.start < last)

    def oldest(self, timeframe: Timeframe) -> Nanos | None:
        """Return the start of the oldest kept bar if older ones were let go, else None."""
        with self._lock:
            kept = self._folds[timeframe is not Timeframe.S1][1]
            return kept[0].start if len(kept) == kept.maxlen else None

    def dump(self) -> list[object]:
        """Return everything as JSON-able values."""
        with self._lock:
            return [
                [builder.forming and builder.forming[1:], [bar[1:] for bar in kept]] for builder, kept in self._folds
            ]

    def load(self, dump: Sequence[Sequence[Sequence[Sequence[int]]]]) -> None:
        """Take over what was dumped."""
        with self._lock:
            for (builder, kept), (forming, rows) in zip(self._folds, dump, strict=True):
                kept.extend(_bar(self.symbol, row) for row in rows)
                builder.resume(_bar(self.symbol, forming) if forming else None)  # type: ignore[arg-type]


def _bar(symbol: str, row: Sequence[int]) -> Bar:
    start, opened, high, low, close, volume, trades = row
    return Bar(symbol, Nanos(start), Ticks(opened), Ticks(high), Ticks(low), Ticks(close), Lots(volume), trades)


def joined_bars(
    past: PastBars, live: LiveBars, since: Nanos, timeframe: Timeframe, first: Nanos, last: Nanos
) -> BarArrays:
    """Return bars from `first` to before `last`: made up to `since`, traded after.

    Args:
        past: the generated bars.
        live: what was traded.
        since: when live trading began, on a second; its minute began as the generator says.
        timeframe: length of the bars.
        first: start of the first bar.
        last: end of the last bar, not after now.
    """
    base = Timeframe.S1 if timeframe is Timeframe.S1 else Timeframe.M1
    joint = Nanos(since - since % base.nanos)
    oldest = live.oldest(base)
    if oldest is not None:
        joint = max(joint, oldest)
    if last <= joint:
        return past.span(timeframe, first, last)
    whole = max(Nanos(joint - joint % timeframe.nanos), first)
    older = past.span(timeframe, first, whole)
    made = past.span(base, whole, joint)
    start = max(joint, whole)
    traded = live.span(base, start, last)
    before = _close_before(past, older, made, base, start)
    near = joined(made, fill(traded, base, start, last, before))
    if timeframe is not base:
        near = resample(near, timeframe)
    return joined(older, near)


def _close_before(past: PastBars, older: BarArrays, made: BarArrays, base: Timeframe, start: Nanos) -> float:
    for bars in (made, older):
        if len(bars):
            return float(bars.close[-1])
    return float(past.span(base, Nanos(start - base.nanos), start).close[-1])
