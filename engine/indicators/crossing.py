"""The distance between a fast and a slow mean of the close: macd, ppo, apo.

As TA-Lib, the fast mean of the macd (of this alone) begins on the slow one's first row, with the plain mean of its
window there; and periods given the wrong way round are exchanged.
"""

from __future__ import annotations

from engine.indicators.column import Kernel, Late, close_stream, hide_until, of_close, period, quotient
from engine.indicators.recursive import Ema, ema
from engine.indicators.spec import BarRow, ChoiceParam, Columns, Floats, Indicator, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import Mean, rolling_mean

FAST, SLOW = period(12, low=2, name="fast", title="Fast"), period(26, low=2, name="slow", title="Slow")
MEANS = ChoiceParam("matype", "ema", ("sma", "ema"), "Mean")


def means(column: Floats, fast: int, slow: int, matype: str) -> tuple[Floats, Floats]:
    """Return the fast and the slow mean, the fast one unknown until the slow one begins."""
    fast, slow = min(fast, slow), max(fast, slow)
    mean = ema if matype == "ema" else rolling_mean
    quick, calm = mean(column, fast), mean(column, slow)
    hide_until(calm, quick)
    return quick, calm


def kernels(fast: int, slow: int, matype: str) -> tuple[Kernel, Kernel]:
    """Return the kernels of the fast and the slow mean."""
    fast, slow = min(fast, slow), max(fast, slow)
    return (Ema(fast), Ema(slow)) if matype == "ema" else (Mean(fast), Mean(slow))


def apo(column: Floats, fast: int, slow: int, matype: str) -> Floats:
    """Return the fast mean less the slow one."""
    quick, calm = means(column, fast, slow, matype)
    quick -= calm
    return quick


class Apo:
    """The fast mean less the slow one."""

    __slots__ = ("_fast", "_slow")

    def __init__(self, fast: int, slow: int, matype: str) -> None:
        quick, calm = kernels(fast, slow, matype)
        self._fast, self._slow = quick.take, calm.take

    def take(self, value: float, keep: bool) -> float:
        """Return the distance as of the value."""
        return self._fast(value, keep) - self._slow(value, keep)


def ppo(column: Floats, fast: int, slow: int, matype: str) -> Floats:
    """Return the fast mean less the slow one, in percent of the slow one; 0 where that is 0."""
    quick, calm = means(column, fast, slow, matype)
    quick -= calm
    answer = quotient(quick, calm)
    answer *= 100.0
    return answer


class Ppo:
    """The fast mean less the slow one, in percent of the slow one."""

    __slots__ = ("_fast", "_slow")

    def __init__(self, fast: int, slow: int, matype: str) -> None:
        quick, calm = kernels(fast, slow, matype)
        self._fast, self._slow = quick.take, calm.take

    def take(self, value: float, keep: bool) -> float:
        """Return the distance as of the value."""
        slow = self._slow(value, keep)
        distance = self._fast(value, keep) - slow
        return distance / slow * 100.0 if slow else 0.0


def macd_batch(columns: Columns, fast: int, slow: int, signal: int) -> tuple[Floats, ...]:
    """Return the distance of the means, its own mean, and the difference; unknown until all are known."""
    fast, slow = min(fast, slow), max(fast, slow)
    line = ema(columns.close, fast, first=slow - 1)
    line -= ema(columns.close, slow)
    mean = ema(line, signal)
    hide_until(mean, line)
    return line, mean, line - mean


class MacdStream(Stepwise):
    """The distance of the means, its own mean, and the difference, bar by bar."""

    __slots__ = ("_fast", "_signal", "_slow")

    def __init__(self, fast: int, slow: int, signal: int) -> None:
        fast, slow = min(fast, slow), max(fast, slow)
        self._fast, self._slow = Late(Ema(fast), slow - fast).take, Ema(slow).take
        self._signal = Ema(signal).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return all three at this bar."""
        line = self._fast(bar.close, keep) - self._slow(bar.close, keep)
        mean = self._signal(line, keep)
        return (line, mean, line - mean) if mean == mean else UNKNOWN


UNKNOWN = (float("nan"),) * 3

CROSSING: tuple[Indicator, ...] = (
    Indicator(
        "macd",
        "MACD",
        "The distance between a fast and a slow exponential mean, its signal line, and what lies between them.",
        (FAST, SLOW, period(9, name="signal", title="Signal")),
        (Output("macd"), Output("signal"), Output("hist", Mark.HISTOGRAM)),
        macd_batch,
        MacdStream,
        levels=(0.0,),
        source="TA-Lib; the fast mean begins on the slow one's first row",
    ),
    Indicator(
        "ppo",
        "Percentage price oscillator",
        "The distance between a fast and a slow mean, in percent of the slow one.",
        (FAST, SLOW, MEANS),
        (Output("ppo"),),
        of_close(ppo),
        close_stream(Ppo),
        levels=(0.0,),
        source="TA-Lib, whose means are exponential ones unless asked otherwise",
    ),
    Indicator(
        "apo",
        "Absolute price oscillator",
        "The distance between a fast and a slow mean.",
        (FAST, SLOW, MEANS),
        (Output("apo"),),
        of_close(apo),
        close_stream(Apo),
        levels=(0.0,),
        source="TA-Lib, whose means are exponential ones unless asked otherwise",
    ),
)
