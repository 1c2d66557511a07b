"""The simulated past and future of a pair: minute bars as a function of seed and day.

Any day can be made without the days before it. The log price at midnight is a bounded sum of noise
from one day to a year; within a day minute returns have a volatility with a long memory (a cascade
of noise from minutes to days), a daily season, regimes and jumps, and are led to the next midnight.
Volume follows volatility and the size of the move. Prices are in ticks, volumes in lots.

The live flow quotes around the same path (`engine.market.latent`), so history joins live trading
without a seam.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

import numpy as np

from engine.market import stage
from engine.market.catalogue import PairSpec
from engine.market.noise import Floats, Ints, normal, stream, uniform, value_noise
from engine.market.stage import MINUTES, START_DAY

BP = 1e-4
CASCADE = ((3.0, 0.12), (12.0, 0.12), (48.0, 0.10), (192.0, 0.105), (768.0, 0.055), (3072.0, 0.025))
"""Periods in minutes and variances of the log volatility's parts; the first three are partly the pair's own."""
FAST_PARTS = 3
REGIME_MINUTES = 5 * MINUTES
REGIME_SWING = 0.22
PATH = ((1, 0.011), (2, 0.014), (4, 0.019), (8, 0.027), (16, 0.036), (32, 0.05), (64, 0.07), (128, 0.09), (300, 0.12))
"""Periods in days and standard deviations of the parts of the log price at midnight."""
JUMP_ODDS = 1 / 1_200
JUMP_SIZE = 6.0
JUMP_REACH = 1.7
"""A jump is a usual move made larger; those beyond this many deviations are cut first."""
LARGEST = 190 * BP
"""The largest 1-minute return that chance may bring."""
HASTE = 0.70
"""Standard deviation of the log volume that neither volatility nor the move explains."""
CRASH_BP = 47.0
"""Standard deviation of 1-minute returns on the day of the crash, for the pair that moves least."""
KEPT_DAYS = 24

_VARIANCE = sum(part[1] for part in CASCADE) + REGIME_SWING**2 * 0.7


class DayBars(NamedTuple):
    """One day of minute bars, arrays of shape (1440,); `sigma` is the log volatility per minute behind each."""

    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    sigma: Floats


class BarGenerator:
    """The minute bars of one pair and seed; safe to use from several threads."""

    def __init__(self, spec: PairSpec, seed: int) -> None:
        self.spec = spec
        self.seed = seed
        self._days: OrderedDict[int, DayBars] = OrderedDict()
        self._lock = Lock()
        marks = stage.landmarks(seed)
        days = np.array([marks.rally, marks.rally + stage.RALLY_DAYS, marks.crash, marks.crash + 1], dtype=np.float64)
        rally, rallied, crash, crashed = (float(each) for each in self._own_path(days))
        self._at_marks = (rally, rallied, crash, crashed)
        opening = self._midnights(np.array([float(START_DAY)]))[0]
        self._anchor = float(np.log(spec.start_price) - opening)

    def day(self, day: int) -> DayBars:
        """Return the bars of a day since 1970; recent answers are kept."""
        with self._lock:
            bars = self._days.get(day)
            if bars is not None:
                self._days.move_to_end(day)
                return bars
        bars = self._make(day)
        with self._lock:
            self._days[day] = bars
            while len(self._days) > KEPT_DAYS:
                self._days.popitem(last=False)
        return bars

    def _make(self, day: int) -> DayBars:
        marks = stage.landmarks(self.seed)
        minute = day * MINUTES + np.arange(MINUTES, dtype=np.int64)
        here, there = (float(each) for each in self._midnights(np.array([day, day + 1.0])) + self._anchor)
        shape = self.spec.shape
        sigma = shape.minute_bp * BP * np.exp(self._log_volatility(minute.astype(np.float64)))
        if day == marks.crash:
            sigma, returns = self._crash(minute, sigma, there - here)
        else:
            returns = self._returns(minute, sigma)
            for _ in range(2):  # what whitening takes from the day's sum is put back
                returns = _without_memory(returns + (there - here - returns.sum()) * sigma / sigma.sum())
            returns += (there - here - returns.sum()) / MINUTES
        path = here + np.concatenate(([0.0], np.cumsum(returns)))
        return self._bars(minute, path, sigma, returns)

    def _returns(self, minute: Ints, sigma: Floats) -> Floats:
        """Return signed moves with jumps, cut where no market moves in a minute outside a crash."""
        beta = self.spec.shape.beta
        common = normal(stream(self.seed, "move"), minute)
        own = normal(stream(self.seed, "move", self.spec.symbol), minute)
        moves = beta * common + np.sqrt(1.0 - beta**2) * own
        jumps = uniform(stream(self.seed, "jump"), minute) < JUMP_ODDS
        moves[jumps] = JUMP_SIZE * np.clip(moves[jumps], -JUMP_REACH, JUMP_REACH)
        returns: Floats = np.clip(sigma * moves, -LARGEST, LARGEST)
        return returns

    def _crash(self, minute: Ints, sigma: Floats, change: float) -> tuple[Floats, Floats]:
        """Return volatility and returns of the day of the crash, which pass the points of its path."""
        sigma = np.sqrt(sigma) * np.exp(stage.crash_volatility())
        returns = _without_memory(self._returns(minute, sigma))
        path = stage.crash_path()
        steps = np.diff(path + np.linspace(0.0, change - path[-1], len(path)))
        target = CRASH_BP * BP * np.sqrt(self.spec.shape.minute_bp / 5.6)
        rows = (-1, stage.CRASH_SEGMENT)
        trend = np.repeat(steps / stage.CRASH_SEGMENT, stage.CRASH_SEGMENT)
        left = target**2 - (trend**2).mean() - stage.CRASH_JUMP**2 / MINUTES
        scale = np.sqrt(left / (returns**2).mean())
        returns, sigma = returns * scale, sigma * scale
        returns[stage.CRASH_JUMP_MINUTE] = stage.CRASH_JUMP
        weight = sigma**2
        weight[stage.CRASH_JUMP_MINUTE] = 0.0
        weight = (weight.reshape(rows) / weight.reshape(rows).sum(axis=1, keepdims=True)).reshape(-1)
        missing = steps - returns.reshape(rows).sum(axis=1)
        return sigma, returns + np.repeat(missing, stage.CRASH_SEGMENT) * weight

    def _bars(self, minute: Ints, path: Floats, sigma: Floats, returns: Floats) -> DayBars:
        """Return bars on the grid; extremes are those of a Brownian path between open and close."""
        symbol = self.spec.symbol
        up = uniform(stream(self.seed, "high", symbol), minute)
        down = uniform(stream(self.seed, "low", symbol), minute)
        opened, closed = path[:-1], path[1:]
        span = (closed - opened) ** 2
        top = (opened + closed + np.sqrt(span - 2.0 * sigma**2 * np.log(up))) / 2
        bottom = (opened + closed - np.sqrt(span - 2.0 * sigma**2 * np.log(down))) / 2
        grid = np.maximum(np.rint(np.exp(path)).astype(np.int64), 1)
        open_, close = grid[:-1], grid[1:]
        high = np.maximum(np.maximum(open_, close), np.floor(np.exp(top)).astype(np.int64))
        low = np.maximum(np.minimum(np.minimum(open_, close), np.ceil(np.exp(bottom)).astype(np.int64)), 1)
        return DayBars(open_, high, low, close, self._volume(minute, sigma, returns), sigma)

    def _volume(self, minute: Ints, sigma: Floats, returns: Floats) -> Ints:
        shape = self.spec.shape
        usual = shape.minute_bp * BP
        haste = np.exp(HASTE * np.clip(normal(stream(self.seed, "volume", self.spec.symbol), minute), -3.0, 2.5))
        level = (sigma / usual) ** 0.55 * (0.30 + 0.90 * np.abs(returns) / usual) ** 0.75
        minute_lots = shape.trades * 60.0 * MEAN_SIZE * shape.size_lots
        return np.maximum(np.rint(0.82 * minute_lots * haste * level).astype(np.int64), 1)

    def _log_volatility(self, minute: Floats) -> Floats:
        """Return the log of volatility relative to the pair's usual one, shape as `minute`."""
        seed, symbol = self.seed, self.spec.symbol
        fast = np.zeros_like(minute)
        slow = REGIME_SWING * np.tanh(2.5 * value_noise(stream(seed, "regime"), minute, REGIME_MINUTES))
        for number, (period, variance) in enumerate(CASCADE):
            part = value_noise(stream(seed, "cascade", number), minute, period)
            if number < FAST_PARTS:
                own = value_noise(stream(seed, "cascade", number, symbol), minute, period)
                fast += np.sqrt(variance) * (0.8 * part + 0.6 * own)
            else:
                slow += np.sqrt(variance) * part
        hour = (minute % MINUTES) * (2 * np.pi / MINUTES)
        season = 0.16 * np.cos(hour - 2 * np.pi * 15 / 24) + 0.06 * np.cos(2 * hour - 2 * np.pi * 2 * 14 / 24)
        free = 1.0 - stage.pinned(seed, minute)
        return fast + season + slow * free + stage.volatility_shift(seed, minute) - _VARIANCE

    def _own_path(self, day: Floats) -> Floats:
        """Return the log price of chance alone at the starts of days."""
        beta = self.spec.shape.beta
        path = np.zeros_like(day)
        for period, deviation in PATH:
            common = value_noise(stream(self.seed, "path", period), day, period)
            own = value_noise(stream(self.seed, "path", period, self.spec.symbol), day, period)
            path += deviation * (beta * common + np.sqrt(1.0 - beta**2) * own)
        return path

    def _midnights(self, day: Floats) -> Floats:
        """Return the log price at the starts of days, arranged stretches included, up to a constant."""
        own = self._own_path(day)
        return own + stage.log_offset(self.seed, day, own, self._at_marks)


def _without_memory(returns: Floats) -> Floats:
    """Take out the little correlation of neighbours that chance leaves in a day."""
    before = np.concatenate(([0.0], returns[:-1]))
    memory = float(returns @ before) / float(returns @ returns)
    return returns - before * memory


MEAN_SIZE = 0.017
"""Mean print of the live flow, in BTC: takers draw from the recorded law, quotes cut the large ones short."""
MORE_PRINTS, MORE_AT_ONCE = 0.45, 0.95
"""Powers with which the number of prints grows with a busy minute and with a busy second of it; the rest is size."""
