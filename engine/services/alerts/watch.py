"""Whether a value met a level: the law of crossing, and an indicator that is kept up to date for it."""

from __future__ import annotations

from math import isnan

from engine.domain.market import Bar
from engine.domain.pair import TradingPair
from engine.indicators.spec import BarRow
from engine.ports.feed import BarArrays
from engine.services.alerts.alert import Cross, StudyRule


def side_of(value: float, level: float) -> int:
    """Return on which side of a level a value is: 1 above, -1 below, 0 on it."""
    return (value > level) - (value < level)


def crossed(before: int, now: int, cross: Cross) -> bool:
    """Return whether a value that was on one side (0: unknown) came to the level or beyond it.

    A market that touches the level has met it; one that leaves it again to where it came from has not met it twice.
    """
    if before == 0 or now == before:
        return False
    up = before < 0
    return cross is Cross.EITHER or (cross is Cross.UP) == up


class Study:
    """One rule's indicator, fed with closed bars; a forming bar changes nothing.

    It is fed prices in the quote and volumes in the base, as charts feed theirs: what a user reads there is what is
    compared with the level here.
    """

    def __init__(self, rule: StudyRule, pair: TradingPair) -> None:
        from engine.indicators.registry import find  # when an indicator is first asked for: it loads them all

        self.rule = rule
        self._price, self._qty = pair.price_number(1), pair.qty_number(1)
        indicator = find(rule.indicator)
        names = [each.name for each in indicator.outputs]
        self._at = names.index(rule.output)
        self._other = None if rule.other is None else names.index(rule.other)
        self._stream = indicator.stream(rule.values)
        self.last_start = -1

    def fill(self, bars: BarArrays) -> float | None:
        """Warm up with history and return the distance after its last bar; None while unknown."""
        columns = (bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume)
        values: tuple[float, ...] | None = None
        for row in zip(*(each.tolist() for each in columns), strict=True):
            values = self._stream.push(self._row(*row))
            self.last_start = row[0]
        return None if values is None else self._distance(values)

    def push(self, bar: Bar) -> float | None:
        """Take a closed bar and return the distance to what is compared with; None while unknown."""
        if bar.start <= self.last_start:
            return None
        self.last_start = bar.start
        return self._distance(self._stream.push(self._row_of(bar)))

    def preview(self, bar: Bar) -> float | None:
        """Return the distance as it is with a forming bar."""
        return None if bar.start <= self.last_start else self._distance(self._stream.preview(self._row_of(bar)))

    def _distance(self, values: tuple[float, ...]) -> float | None:
        base = values[self._other] if self._other is not None else self.rule.level
        distance = values[self._at] - (0.0 if base is None else base)
        return None if isnan(distance) else distance

    def _row_of(self, bar: Bar) -> BarRow:
        return self._row(bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume)

    def _row(self, start: int, opened: float, high: float, low: float, close: float, volume: float) -> BarRow:
        price = self._price
        return BarRow(start, opened * price, high * price, low * price, close * price, volume * self._qty)
