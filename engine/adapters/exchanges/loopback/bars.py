"""Bars of what was printed on the loopback: prices keep the texts of the wire, sums are exact."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from engine.adapters.exchanges.loopback.told import PastBar
from engine.adapters.exchanges.wire.heard import PrintHeard
from engine.adapters.exchanges.wire.scaled import DECIMALS, Scaled
from engine.domain.number import NANOS_PER_SECOND, Nanos, fixed
from engine.domain.order import Side

MINUTE = 60 * NANOS_PER_SECOND
MINUTES, SECONDS = 10_080, 7_200
"""Bars kept: a week of minutes, two hours of seconds."""
PLACES = 8
"""Decimals of sums, as Binance writes them; further ones are cut."""

_KEYS = Scaled()


class OpenBar:
    """One interval, as far as it came; `start` in ns, volumes in units of 1e-12, turnovers of 1e-24."""

    __slots__ = (
        "close", "first_id", "high", "last_id", "low", "open", "quote", "start", "taken", "taken_quote", "trades",
        "volume",
    )  # fmt: skip

    def __init__(self, start: int, price: str) -> None:
        self.start = start
        self.open = self.high = self.low = self.close = price
        self.volume = self.quote = self.taken = self.taken_quote = self.trades = 0
        self.first_id = self.last_id = -1

    def add(self, each: PrintHeard) -> None:
        """Take a print in."""
        price, qty = _KEYS[each.price], _KEYS[each.qty]
        self._reach(each.price)
        self.close = each.price
        self.volume += qty
        self.quote += price * qty
        if each.side is Side.BUY:
            self.taken += qty
            self.taken_quote += price * qty
        self.trades += 1
        self.first_id = each.trade_id if self.first_id < 0 else self.first_id
        self.last_id = each.trade_id

    def flat(self) -> OpenBar:
        """Return a bar of nothing after this one."""
        return OpenBar(self.start, self.close)

    def join(self, later: OpenBar) -> None:
        """Take a later bar in."""
        self._reach(later.high)
        self._reach(later.low)
        self.close = later.close
        self.volume += later.volume
        self.quote += later.quote
        self.taken += later.taken
        self.taken_quote += later.taken_quote
        self.trades += later.trades
        self.first_id = later.first_id if self.first_id < 0 else self.first_id
        self.last_id = max(self.last_id, later.last_id)

    def _reach(self, price: str) -> None:
        if _KEYS[price] > _KEYS[self.high]:
            self.high = price
        if _KEYS[price] < _KEYS[self.low]:
            self.low = price


def volume_text(units: int) -> str:
    """Return a volume as text."""
    return fixed(units // 10 ** (DECIMALS - PLACES), PLACES)


def quote_text(units: int) -> str:
    """Return a turnover as text."""
    return fixed(units // 10 ** (2 * DECIMALS - PLACES), PLACES)


def of_past(past: PastBar) -> OpenBar:
    """Return a bar of which only prices and volume are known; its turnover is that at the closing price."""
    bar = OpenBar(past.start, past.open)
    bar.high, bar.low, bar.close = past.high, past.low, past.close
    bar.volume = _KEYS[past.volume]
    bar.quote = bar.volume * _KEYS[past.close]
    bar.taken, bar.taken_quote = bar.volume // 2, bar.quote // 2
    bar.trades = 1 if bar.volume else 0
    return bar


def fold(bars: Iterable[OpenBar], seconds: int) -> list[OpenBar]:
    """Return longer bars; they begin at multiples of their length since 1970."""
    length, folded = seconds * NANOS_PER_SECOND, list[OpenBar]()
    for bar in bars:
        start = bar.start - bar.start % length
        if not folded or folded[-1].start != start:
            folded.append(OpenBar(start, bar.open))
            folded[-1].high, folded[-1].low = bar.high, bar.low
        folded[-1].join(bar)
    return folded


def joined(bars: Sequence[OpenBar]) -> list[OpenBar]:
    """Return bars as one, if there are any."""
    if not bars:
        return []
    one = OpenBar(bars[0].start, bars[0].open)
    for bar in bars:
        one.join(bar)
    return [one]


def filled(bars: Sequence[OpenBar], seconds: int, end: int, count: int) -> list[OpenBar]:
    """Return the last `count` bars that begin before `end`, with flat ones where nothing was printed."""
    length = seconds * NANOS_PER_SECOND
    known = {bar.start: bar for bar in bars}
    last = (end - 1) // length * length
    first = max(last - (count - 1) * length, bars[0].start if bars else end)
    close = next((bar.close for bar in reversed(bars) if bar.start < first), "")
    row = []
    for start in range(first, last + 1, length):
        bar = known.get(start) or OpenBar(start, close)
        close = bar.close
        row.append(bar)
    return row


class Tape:
    """Bars of one pair as its prints come in."""

    def __init__(self) -> None:
        self.minutes: deque[OpenBar] = deque(maxlen=MINUTES)
        self.seconds: deque[OpenBar] = deque(maxlen=SECONDS)

    def add(self, each: PrintHeard, at: Nanos) -> None:
        """Take a print in; `at` is when it counts."""
        for row, length in ((self.minutes, MINUTE), (self.seconds, NANOS_PER_SECOND)):
            start = at - at % length
            if not row or row[-1].start < start:
                row.append(OpenBar(start, each.price))
            row[-1].add(each)

    def bars(self, seconds: int) -> list[OpenBar]:
        """Return bars of any length out of what was printed."""
        return fold(self.seconds if seconds % 60 else self.minutes, seconds)
