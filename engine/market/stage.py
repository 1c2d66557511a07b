"""What is arranged in every simulated market: a calm, a crash, a rally, and an ordinary start.

Everything else is chance. The dates are a function of the seed, so a test and a user can jump to
them; days count from 1970 (UTC), log prices are natural logarithms.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.market.noise import Floats, hashes, stream

DAY_NANOS = Nanos(86_400 * NANOS_PER_SECOND)
MINUTES = 1_440
START_DAY = 20_458
"""2026-01-05, a Monday."""
LIVE_START = Nanos(START_DAY * DAY_NANOS + 14 * 3_600 * NANOS_PER_SECOND)
"""The instant at which every simulated market opens: 2026-01-05 14:00 UTC, a busy hour."""
HISTORY_DAYS = 550
"""How far bars reach back before the start; nothing is stored, so it costs nothing."""
FIRST_DAY = START_DAY - HISTORY_DAYS

CALM_DAYS = 4
RALLY_DAYS = 6
RALLY_GAIN = 0.1906
"""Log gain over the rally: +21 %."""
CRASH_END = -0.15
"""Log change over the day of the crash."""
CRASH_JUMP = -0.050
"""Log return of the worst minute."""
CRASH_JUMP_MINUTE = 797
_CRASH_HOURS = (0.0, 4.0, 9.0, 11.0, 12.5, 13.0, 13.5, 14.0, 15.0, 17.0, 20.0, 24.0)
_CRASH_LEVELS = (0.0, -0.005, -0.015, -0.03, -0.10, -0.17, -0.312, -0.25, -0.20, -0.24, -0.17, CRASH_END)
_CRASH_VOL_HOURS = (0.0, 9.0, 12.0, 13.0, 14.0, 16.0, 20.0, 24.0)
_CRASH_VOL = (-1.0, -0.6, 0.3, 1.0, 0.9, 0.3, -0.2, -0.5)
CRASH_SEGMENT = 15
"""Minutes between the points that the path of the crash must pass."""


class Landmarks(NamedTuple):
    """First days of the arranged stretches."""

    rally: int
    crash: int
    calm: int


@lru_cache(maxsize=64)
def landmarks(seed: int) -> Landmarks:
    """Return where the stretches of a seed lie; all in the three months before the start."""
    rally, crash, calm = (int(each) for each in hashes(stream(seed, "stage"), np.arange(3)) >> np.uint64(33))
    return Landmarks(START_DAY - 86 + rally % 8, START_DAY - 58 + crash % 10, START_DAY - 22 + calm % 8)


def day_start(day: int) -> Nanos:
    """Return the first instant of a day."""
    return Nanos(day * DAY_NANOS)


def crash_path() -> Floats:
    """Return the log price, relative to the open, at each end of a segment of the day of the crash."""
    hours = np.arange(0, MINUTES + 1, CRASH_SEGMENT) / 60.0
    return np.interp(hours, _CRASH_HOURS, _CRASH_LEVELS)


def crash_volatility() -> Floats:
    """Return the log volatility profile of the day of the crash, shape (1440,)."""
    return np.interp(np.arange(MINUTES) / 60.0, _CRASH_VOL_HOURS, _CRASH_VOL)


def pinned(seed: int, minute: Floats) -> Floats:
    """Return how far (0 to 1) the slow swings of volatility are held still at these minutes since 1970."""
    marks = landmarks(seed)
    calm = _window(minute, marks.calm * MINUTES, (marks.calm + CALM_DAYS) * MINUTES)
    live = _window(minute, (START_DAY - 1) * MINUTES, (START_DAY + 2) * MINUTES)
    return np.maximum(calm, live)


def volatility_shift(seed: int, minute: Floats) -> Floats:
    """Return what the arranged stretches add to the log volatility at these minutes since 1970."""
    marks = landmarks(seed)
    calm = _window(minute, marks.calm * MINUTES, (marks.calm + CALM_DAYS) * MINUTES)
    live = _window(minute, (START_DAY - 1) * MINUTES, (START_DAY + 2) * MINUTES)
    rally = _window(minute, marks.rally * MINUTES, (marks.rally + RALLY_DAYS) * MINUTES)
    after = (minute / MINUTES - marks.crash - 1.0) / 1.5
    aftershock = np.where(after >= 0, np.exp(-np.maximum(after, 0.0)), 0.0)
    shift: Floats = 0.34 * live + 0.25 * rally + 1.2 * aftershock - 0.12 * calm
    return shift


def log_offset(seed: int, day: Floats, own: Floats, at_marks: tuple[float, float, float, float]) -> Floats:
    """Return what the rally and the crash add to a pair's log price at the starts of days.

    Args:
        seed: the market's seed.
        day: days since 1970.
        own: the pair's own log path at those days; inside a stretch it is replaced.
        at_marks: the own path at the first day of rally, its end, of crash, its end.
    """
    marks = landmarks(seed)
    rally_first, rally_last, crash_first, crash_last = at_marks
    rally_end, crash_end = marks.rally + RALLY_DAYS, marks.crash + 1
    ramp = RALLY_GAIN * (day - marks.rally) / RALLY_DAYS - (own - rally_first)
    left = RALLY_GAIN - (rally_last - rally_first)
    fade = left * np.exp(-np.maximum(day - rally_end, 0.0) / 40.0)
    rally = np.where(day <= marks.rally, 0.0, np.where(day <= rally_end, ramp, fade))
    lost = CRASH_END - (crash_last - crash_first)
    crash = np.where(day < crash_end, 0.0, lost * np.exp(-np.maximum(day - crash_end, 0.0) / 25.0))
    offset: Floats = rally + crash
    return offset


def _window(minute: Floats, first: int, last: int) -> Floats:
    """1 between two minutes, falling smoothly to 0 within three hours outside."""
    edge = 180.0
    inside = np.minimum((minute - first) / edge + 1.0, (last - minute) / edge + 1.0)
    ramp = np.clip(inside, 0.0, 1.0)
    window: Floats = ramp * ramp * (3.0 - 2.0 * ramp)
    return window
