"""Where axis ticks go and what they say: prices on a decimal grid, time on a calendar grid.

Pure functions. Prices are ticks of a pair; labels carry the decimals of its tick, never an
exponent. Instants are ns UTC; labels are in a time zone, whose day, hour and minute the ticks are round in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from typing import NamedTuple

from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.format import MINUS, grouped
from crs_desktop.viewmodels.series import BarSeries
from crs_desktop.viewmodels.time_zone import TimeZone, zone_of
from engine.domain.number import NANOS_PER_SECOND, fixed
from engine.domain.pair import TradingPair

UTC_ZONE = zone_of("UTC")
NICE = (1, 2, 5)
SECOND_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200)
DAY = 86_400
DAY_STEPS = (1, 2, 4, 7, 14)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class NumberGrid:
    """A grid of numbers: `unit` steps of 10**-decimals make one step of the data."""

    decimals: int
    unit: int = 1

    @classmethod
    def of_price(cls, pair: TradingPair) -> NumberGrid:
        """Return the grid of a pair's prices, which are in ticks."""
        return cls(pair.tick_decimals, int(pair.tick.scaleb(pair.tick_decimals)))

    @classmethod
    def of_quantity(cls, pair: TradingPair) -> NumberGrid:
        """Return the grid of a pair's quantities, which are in lots."""
        return cls(pair.lot_decimals, int(pair.lot.scaleb(pair.lot_decimals)))

    def text(self, value: float) -> str:
        """Return a value as plain text with all decimals and grouped thousands."""
        return grouped(fixed(round(value * self.unit), self.decimals))

    def short(self, value: float) -> str:
        """Return a value in a few characters: `1.24M`, `15.2K`, `0.0041`."""
        number = abs(value) * self.unit / 10**self.decimals
        sign = MINUS if value < 0 else ""
        for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
            if number >= size:
                scaled = number / size
                return f"{sign}{scaled:.{2 if scaled < 10 else 1 if scaled < 100 else 0}f}{letter}"
        places = 0 if number >= 100 else 2 if number >= 1 else min(self.decimals, 4)
        return f"{sign}{number:.{places}f}"


class PriceTick(NamedTuple):
    """A labelled price."""

    value: float
    text: str


class TimeTick(NamedTuple):
    """A labelled instant at a bar coordinate; `major` where a day, month or year begins."""

    bar: float
    text: str
    major: bool


def number_ticks(low: float, high: float, height: float, spacing: float, grid: NumberGrid) -> list[PriceTick]:
    """Return ticks between `low` and `high` at least `spacing` pixels apart, lowest first."""
    if not high > low or height <= 0:
        return []
    least = max((high - low) * grid.unit * spacing / height, 1.0)
    power = 10 ** max(0, floor(log10(least)))
    step = next(nice * power for nice in (*NICE, 10, 20) if nice * power >= least)
    first, last = ceil(low * grid.unit / step), floor(high * grid.unit / step)
    return [PriceTick(n * step / grid.unit, grouped(fixed(n * step, grid.decimals))) for n in range(first, last + 1)]


def nice_ceiling(value: float) -> float:
    """Return the least round number (1, 1.5, 2, 3, 4, 6, 8 x 10**n) that is at least `value` > 0."""
    power = 10.0 ** floor(log10(value))
    return next(nice * power for nice in (1, 1.5, 2, 3, 4, 6, 8, 10, 20) if nice * power >= value)


def time_ticks(series: BarSeries, view: Viewport, spacing: float, zone: TimeZone = UTC_ZONE) -> list[TimeTick]:
    """Return calendar ticks of a bar chart at least `spacing` pixels apart, leftmost first."""
    if not len(series):
        return []
    since, until = series.start(floor(view.left)), series.start(ceil(view.right))

    def place(instant: int) -> float:
        index = series.index_at(instant)
        # inside a hole that is drawn shorter than it lasted, or off the bars' grid: the next bar
        return index + 1.0 if series.start(index) < instant else float(index)

    least = max(spacing / view.bar_px, 1.0) * _bar_time(series, view, since, until) / NANOS_PER_SECOND
    return calendar_ticks(since, until, least, place, spacing / view.bar_px, zone)


def _bar_time(series: BarSeries, view: Viewport, since: int, until: int) -> float:
    """Return how long a bar of the view lasts on average, at least the step: bricks take what they take."""
    return max(float(series.step), (until - since) / max(view.bars, 1.0) if series.uneven else 0.0)


def calendar_ticks(
    since: int, until: int, least: float, place: Callable[[int], float], apart: float, zone: TimeZone = UTC_ZONE
) -> list[TimeTick]:
    """Return round moments from `since` to `until`, `least` seconds apart on the calendar of a zone.

    `place` gives the bar coordinate of an instant; ticks nearer than three quarters of `apart` bars
    are dropped, those that begin a day, month or year last.
    """
    ticks: list[TimeTick] = []
    for round_moment in _calendar(since, until, least, zone):
        bar = place(round_moment.seconds * NANOS_PER_SECOND)
        if ticks and bar - ticks[-1].bar < apart * 0.75:
            if not round_moment.major or ticks[-1].major:
                continue
            ticks.pop()
        ticks.append(TimeTick(bar, _label(round_moment.wall, least), round_moment.major))
    return ticks


def instant_text(instant: int, step: int, zone: TimeZone = UTC_ZONE) -> str:
    """Return an instant in full for the crosshair: `Sun 22 Nov 2026 14:03` (seconds below a minute)."""
    moment = zone.moment(instant)
    day = f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    if step >= DAY * NANOS_PER_SECOND and zone.offset(instant) == 0:
        return day
    return f"{day}  {moment:%H:%M:%S}" if step < 60 * NANOS_PER_SECOND else f"{day}  {moment:%H:%M}"


def span_text(since: int, until: int, zone: TimeZone = UTC_ZONE) -> str:
    """Return a span of time, with dates where it leaves the day: `12:03:10 - 12:03:41`."""
    begin, end = zone.moment(since), zone.moment(until)
    if begin.date() == end.date():
        return f"{begin:%H:%M:%S} – {end:%H:%M:%S}"  # noqa: RUF001 - an en dash between two times
    return f"{begin.day} {MONTHS[begin.month - 1]} {begin:%H:%M} – {end.day} {MONTHS[end.month - 1]} {end:%H:%M}"  # noqa: RUF001


def countdown_text(nanos: int) -> str:
    """Return what is left of a bar: `00:42`, `3:59:10`, `1d 04:10`."""
    left = max(0, -(-nanos // NANOS_PER_SECOND))
    days, rest = divmod(left, DAY)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days}d {hours:02}:{minutes:02}"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


class _Round(NamedTuple):
    """A round moment: s UTC, the wall clock then, and whether a larger unit begins."""

    seconds: int
    wall: datetime
    major: bool


def _calendar(since: int, until: int, least: float, zone: TimeZone) -> list[_Round]:
    """Return the round moments of a zone's calendar from `since` to `until`."""
    for seconds in SECOND_STEPS:
        if seconds >= least:
            return _within_days(since, until, seconds, zone)
    low, high = (zone.moment(each).replace(tzinfo=None) for each in (since, until))
    for days in DAY_STEPS:
        if days * DAY >= least:
            walls = [(wall, wall.day == 1) for wall in _days(low, high, days)]
            break
    else:
        walls = [(wall, wall.month == 1) for wall in _months(low, high, least)]
    found = (_Round(zone.instant(wall) // NANOS_PER_SECOND, wall, major) for wall, major in walls)
    return [each for each in found if since <= each.seconds * NANOS_PER_SECOND <= until]


def _within_days(since: int, until: int, step: int, zone: TimeZone) -> list[_Round]:
    """Return every `step` seconds of the wall clock; a doubled hour comes twice."""
    found = []
    for first, last, offset in zone.steady(-(-since // NANOS_PER_SECOND), until // NANOS_PER_SECOND):
        begin = -(-(first + offset) // step) * step
        for local in range(begin, last + offset + 1, step):
            wall = datetime.fromtimestamp(local, UTC).replace(tzinfo=None)
            found.append(_Round(local - offset, wall, wall.hour == wall.minute == wall.second == 0))
    return found


def _days(low: datetime, high: datetime, step: int) -> list[datetime]:
    """Return every `step`-th day of each month (1st, 8th, 15th, …), so that labels stay when panning."""
    moment = low.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while moment <= high:
        if (moment.day - 1) % step == 0:
            found.append(moment)
        moment += timedelta(days=1)
    return found


def _months(low: datetime, high: datetime, least: float) -> list[datetime]:
    step = next((each for each in MONTH_STEPS if each * 30 * DAY >= least), MONTH_STEPS[-1])
    begin = (low.year * 12 + low.month - 1) // step * step
    end = high.year * 12 + high.month
    return [datetime(n // 12, n % 12 + 1, 1, tzinfo=UTC).replace(tzinfo=None) for n in range(begin, end, step)]


def _label(moment: datetime, least: float) -> str:
    if moment.hour or moment.minute or moment.second:
        return f"{moment:%H:%M}" if moment.second == 0 and least >= 60 else f"{moment:%H:%M:%S}"
    if moment.day == 1 and moment.month == 1:
        return str(moment.year)
    if moment.day == 1 or least >= 25 * DAY:
        return MONTHS[moment.month - 1]
    return f"{moment.day} {MONTHS[moment.month - 1]}" if least < DAY else str(moment.day)
