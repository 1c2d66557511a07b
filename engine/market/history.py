"""Bars of the simulated past, of any length, and of what was traded live, joined.

Nothing of the past is stored: it is made from the seed when asked for, whole hours being kept for the
long timeframes. What was traded live is kept for a while (a day of minutes, half an hour of
seconds); older than that, the generator's path stands in for it, which the flow followed anyway.
"""

from __future__ import annotations

import zlib
from array import array
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock

import numpy as np

from engine.domain.market import Bar, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.market.bars import BarBuilder, empty, fill, joined, part, resample
from engine.market.latent import LatentPath
from engine.market.noise import Ints
from engine.market.stage import DAY_NANOS, MINUTES
from engine.ports.feed import BarArrays

MINUTE_NANOS = 60 * NANOS_PER_SECOND
LIVE_SECONDS = 1_800
LIVE_MINUTES = 1_440
KEPT_DAYS_OF_HOURS = 4_000
"""More than all the days there are (550 before the start, and those since): were it fewer, reading them in order would
find none of them kept. A day takes about a kilobyte."""
FIELDS = 7
"""Numbers of a kept bar: start, open, high, low, close, volume, trades."""
SLACK = 256
"""Bars kept beyond what is shown, so that letting old ones go is rare."""


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


class _Rows:
    """The latest bars as one array of integers, seven to a bar: quick to copy, and no work for the collector."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._flat = array("q")

    def __len__(self) -> int:
        return min(len(self._flat) // FIELDS, self._most)

    def add(self, bars: Iterable[Bar]) -> None:
        """Append bars; the oldest are let go now and then."""
        flat = self._flat
        for bar in bars:
            flat.extend(bar[1:])
        if len(flat) > (self._most + SLACK) * FIELDS:
            del flat[: len(flat) - self._most * FIELDS]

    def clear(self) -> None:
        """Forget all bars."""
        self._flat = array("q")

    def table(self) -> Ints:
        """Return a copy of shape (bars, 7), oldest first."""
        flat = self._flat[max(0, len(self._flat) - self._most * FIELDS) :]
        return np.frombuffer(flat, dtype=np.int64).reshape(-1, FIELDS)

    @property
    def oldest(self) -> Nanos | None:
        """The start of the oldest kept bar if there is no room for more, else None."""
        return Nanos(self._flat[-self._most * FIELDS]) if len(self) == self._most else None


class LiveBars:
    """What was traded live in one pair, as seconds and minutes, bounded; safe to read from another thread."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self._lock = Lock()
        self._folds = (
            (BarBuilder(symbol, Timeframe.S1), _Rows(LIVE_SECONDS)),
            (BarBuilder(symbol, Timeframe.M1), _Rows(LIVE_MINUTES)),
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
                if builder.closed:
                    kept.add(builder.closed)
                    builder.closed.clear()

    def span(self, timeframe: Timeframe, first: Nanos, last: Nanos) -> BarArrays:
        """Return kept bars (1s or 1m) that begin from `first` to before `last`, only those with prints."""
        with self._lock:
            table = self._folds[timeframe is not Timeframe.S1][1].table()
        low, high = np.searchsorted(table[:, 0], (first, last))
        chosen = table[low:high]
        return BarArrays(chosen[:, 0].copy(), *(chosen[:, column].astype(np.float64) for column in range(1, 6)))

    def minutes(self) -> list[Bar]:
        """Return the kept minutes with prints, the open one included, oldest first."""
        with self._lock:
            builder, kept = self._folds[1]
            rows = [_bar(self.symbol, row) for row in kept.table().tolist()]
            return rows if builder.forming is None else [*rows, builder.forming]

    def oldest(self, timeframe: Timeframe) -> Nanos | None:
        """Return the start of the oldest kept bar if older ones were let go, else None."""
        with self._lock:
            return self._folds[timeframe is not Timeframe.S1][1].oldest

    def freeze(self) -> Callable[[], list[object]]:
        """Return what makes the dump of this instant, JSON-able values, on any thread."""
        with self._lock:
            kept = [(builder.forming and builder.forming[1:], rows.table()) for builder, rows in self._folds]
        return lambda: [[forming, _text(table)] for forming, table in kept]

    def load(self, dump: Sequence[tuple[Sequence[int] | None, str]]) -> None:
        """Take over what was dumped."""
        with self._lock:
            for (builder, kept), (forming, text) in zip(self._folds, dump, strict=True):
                kept.add(_bar(self.symbol, row) for row in _table(text).tolist())
                builder.resume(_bar(self.symbol, forming) if forming else None)


def _text(table: Ints) -> str:
    """Return rows of integers as text: differences down the columns, compressed."""
    steps = np.diff(table, axis=0, prepend=np.zeros((1, FIELDS), dtype=np.int64))
    return b64encode(zlib.compress(steps.T.astype("<i8").tobytes(), 1)).decode()


def _table(text: str) -> Ints:
    steps = np.frombuffer(zlib.decompress(b64decode(text)), dtype="<i8").astype(np.int64)
    table: Ints = np.cumsum(steps.reshape(FIELDS, -1).T, axis=0)
    return table


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
