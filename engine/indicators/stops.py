"""Stops that follow the price and change sides: parabolic SAR, Supertrend, chandelier exit.

SAR and Supertrend depend on the whole path: each row needs the row before. Their batch forms are one plain loop over
lists; everything that does not depend on the path is done on whole columns first.
"""

from __future__ import annotations

import numpy as np

from engine.indicators.column import period
from engine.indicators.ranges import MeanRange, mean_range
from engine.indicators.spec import BarRow, Columns, FloatParam, Floats, Indicator, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import NAN, Highest, Lowest, rolling_highest, rolling_lowest, unknown

Trail = tuple[bool, float, float]
"""Whether the SAR is below the price, where it is, and the extreme that it runs after."""


def _start(high: float, low: float, before_high: float, before_low: float) -> Trail:
    """Return the start on the second bar: rising unless its low fell by more than its high rose, as TA-Lib."""
    fell = before_low - low
    if fell > 0.0 and high - before_high < fell:
        return False, before_high, low
    return True, before_low, high


def sar_batch(columns: Columns, acceleration: float, maximum: float) -> tuple[Floats, ...]:
    """Return the parabolic SAR of each row."""
    answer = unknown(len(columns.high))
    if len(answer) > 1:
        answer[1:] = _sar(columns.high.tolist(), columns.low.tolist(), min(acceleration, maximum), maximum)
    return (answer,)


def _sar(highs: list[float], lows: list[float], gain: float, maximum: float) -> list[float]:
    """Return the stops from the second bar on."""
    rising, stop, extreme = _start(highs[1], lows[1], highs[0], lows[0])
    before_high, before_low, factor = highs[1], lows[1], gain
    found: list[float] = []
    put = found.append
    for high, low in zip(highs[1:], lows[1:], strict=True):
        if low <= stop if rising else high >= stop:
            rising, factor = not rising, gain
            stop = min(extreme, before_low, low) if rising else max(extreme, before_high, high)
            extreme = high if rising else low
        elif high > extreme if rising else low < extreme:
            extreme, factor = (high if rising else low), factor + gain
            if factor > maximum:
                factor = maximum
        put(stop)
        stop += factor * (extreme - stop)
        if rising:
            floor = before_low if before_low < low else low
            stop = stop if stop < floor else floor
        else:
            ceiling = before_high if before_high > high else high
            stop = stop if stop > ceiling else ceiling
        before_high, before_low = high, low
    return found


class SarStream(Stepwise):
    """The parabolic SAR, bar by bar."""

    __slots__ = ("_factor", "_gain", "_high", "_low", "_maximum", "_seen", "_trail")

    def __init__(self, acceleration: float, maximum: float) -> None:
        self._gain, self._maximum = min(acceleration, maximum), maximum
        self._factor, self._seen = self._gain, 0
        self._high = self._low = NAN
        self._trail: Trail = (True, NAN, NAN)

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the stop at this bar, and set up the next bar's."""
        _, _, high, low, _, _ = bar
        if self._seen > 1:
            return self._step(high, low, keep, self._trail, self._high, self._low)
        first = not self._seen
        if keep:
            self._seen += 1
            if first:
                self._high, self._low = high, low
        return (NAN,) if first else self._step(high, low, keep, _start(high, low, self._high, self._low), high, low)

    def _step(
        self, high: float, low: float, keep: bool, trail: Trail, before_high: float, before_low: float
    ) -> tuple[float, ...]:
        (rising, stop, extreme), factor = trail, self._factor
        if low <= stop if rising else high >= stop:
            rising, factor = not rising, self._gain
            stop = min(extreme, before_low, low) if rising else max(extreme, before_high, high)
            extreme = high if rising else low
        elif high > extreme if rising else low < extreme:
            extreme, factor = (high if rising else low), factor + self._gain
            if factor > self._maximum:
                factor = self._maximum
        if keep:
            after = stop + factor * (extreme - stop)
            if rising:
                floor = before_low if before_low < low else low
                after = after if after < floor else floor
            else:
                ceiling = before_high if before_high > high else high
                after = after if after > ceiling else ceiling
            self._trail, self._factor, self._high, self._low = (rising, after, extreme), factor, high, low
        return (stop,)


def supertrend_batch(columns: Columns, period: int, multiplier: float) -> tuple[Floats, ...]:
    """Return the line and the direction, +1 under a rising price and -1 over a falling one."""
    line, direction = unknown(len(columns.close)), unknown(len(columns.close))
    if period < len(line):
        reach = multiplier * mean_range(columns, period)[period:]
        middle = (columns.high[period:] + columns.low[period:]) / 2.0
        closes = columns.close[period - 1 :].tolist()
        line[period:], rising = _supertrend((middle + reach).tolist(), (middle - reach).tolist(), closes)
        direction[period:] = np.where(rising, 1.0, -1.0)
    return line, direction


def _supertrend(uppers: list[float], lowers: list[float], closes: list[float]) -> tuple[list[float], list[bool]]:
    """Return the line and whether it rises; the closes begin one bar before the bands."""
    upper, lower, before, rising = float("inf"), float("-inf"), closes[0], True
    lines: list[float] = []
    ways: list[bool] = []
    put, way = lines.append, ways.append
    for high_band, low_band, close in zip(uppers, lowers, closes[1:], strict=True):
        if close > upper:
            rising = True
        elif close < lower:
            rising = False
        if high_band < upper or before > upper:
            upper = high_band
        if low_band > lower or before < lower:
            lower = low_band
        before = close
        put(lower if rising else upper)
        way(rising)
    return lines, ways


class SupertrendStream(Stepwise):
    """Supertrend, bar by bar."""

    __slots__ = ("_before", "_lower", "_multiplier", "_range", "_rising", "_upper")

    def __init__(self, period: int, multiplier: float) -> None:
        self._range, self._multiplier = MeanRange(period).take, multiplier
        self._upper, self._lower, self._before, self._rising = float("inf"), float("-inf"), NAN, True

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the line and the direction at this bar."""
        close, before = bar.close, self._before
        reach = self._multiplier * self._range(bar, keep)
        if reach != reach:
            if keep:
                self._before = close
            return NAN, NAN
        upper, lower, rising = self._upper, self._lower, self._rising
        middle = (bar.high + bar.low) / 2.0
        rising = close > upper or (rising and not close < lower)
        if middle + reach < upper or before > upper:
            upper = middle + reach
        if middle - reach > lower or before < lower:
            lower = middle - reach
        if keep:
            self._upper, self._lower, self._before, self._rising = upper, lower, close, rising
        return (lower, 1.0) if rising else (upper, -1.0)


def chandelier_batch(columns: Columns, period: int, multiplier: float) -> tuple[Floats, ...]:
    """Return the exit of a long position, under the highest high, and of a short one, over the lowest low."""
    reach = multiplier * mean_range(columns, period)
    return rolling_highest(columns.high, period) - reach, rolling_lowest(columns.low, period) + reach


class ChandelierStream(Stepwise):
    """The chandelier exits, bar by bar."""

    __slots__ = ("_highest", "_lowest", "_multiplier", "_range")

    def __init__(self, period: int, multiplier: float) -> None:
        self._range, self._multiplier = MeanRange(period).take, multiplier
        self._highest, self._lowest = Highest(period).take, Lowest(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return both exits at this bar."""
        reach = self._multiplier * self._range(bar, keep)
        return self._highest(bar.high, keep) - reach, self._lowest(bar.low, keep) + reach


STOPS: tuple[Indicator, ...] = (
    Indicator(
        "sar",
        "Parabolic SAR",
        "A stop that closes in on the price the longer the price runs, and changes sides when it is touched.",
        (
            FloatParam("acceleration", 0.02, 0.0, 10.0, 0.01, "Acceleration"),
            FloatParam("maximum", 0.2, 0.0, 10.0, 0.01, "Maximum"),
        ),
        (Output("sar", Mark.DOTS),),
        sar_batch,
        SarStream,
        overlay=True,
        source="Wilder (1978). As TA-Lib: begins on the second bar, short if that bar's low fell by more than its high "
        "rose, with the first bar's other end as the stop.",
    ),
    Indicator(
        "supertrend",
        "Supertrend",
        "A trailing stop a few mean ranges from the middle of the bar; it turns when a close goes beyond it.",
        (period(10), FloatParam("multiplier", 3.0, 0.1, 100.0, 0.1, "Multiplier")),
        (Output("supertrend"), Output("direction", Mark.HIDDEN)),
        supertrend_batch,
        SupertrendStream,
        overlay=True,
        source="(high + low) / 2 +- multiplier x Wilder's ATR. A band only tightens, unless the close before was "
        "beyond it; a close beyond the final band of the bar before turns the direction. Begins rising, "
        "on row `period`.",
    ),
    Indicator(
        "chandelier",
        "Chandelier exit",
        "Where a position hangs from the extreme of its window by a few mean ranges.",
        (period(22), FloatParam("multiplier", 3.0, 0.1, 100.0, 0.1, "Multiplier")),
        (Output("long"), Output("short")),
        chandelier_batch,
        ChandelierStream,
        overlay=True,
        source="LeBeau: highest high - multiplier x Wilder's ATR, lowest low + multiplier x ATR, of one period.",
    ),
)
