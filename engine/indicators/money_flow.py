"""Money flow: volume weighted by where the bar closed in its range, or by which way its typical price went."""

from __future__ import annotations

import numpy as np

from engine.indicators.column import period
from engine.indicators.recursive import follow
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.vwap import typical
from engine.indicators.window import NAN, Sum, rolling_sum, unknown


def money_flow(columns: Columns) -> Floats:
    """Return each bar's volume times where it closed in its range, from -1 to 1; 0 without a range."""
    reach, flow = columns.high - columns.low, columns.close - columns.low
    flow -= columns.high - columns.close
    flow /= reach if reach.all() else np.where(reach == 0.0, np.inf, reach)
    flow *= columns.volume
    return flow


def _money_flow(bar: BarRow) -> float:
    _, _, high, low, close, volume = bar
    return (close - low - (high - close)) / (high - low) * volume if high != low else 0.0


def ad_batch(columns: Columns) -> tuple[Floats, ...]:
    """Return the sum of money flows."""
    return (np.add.accumulate(money_flow(columns)),)


class AdStream(Stepwise):
    """The accumulation/distribution line, bar by bar."""

    __slots__ = ("_total",)

    def __init__(self) -> None:
        self._total = 0.0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the line at this bar."""
        _, _, high, low, close, volume = bar
        total = self._total
        if high != low:
            total += (close - low - (high - close)) / (high - low) * volume
        if keep:
            self._total = total
        return (total,)


def adosc_batch(columns: Columns, fast: int, slow: int) -> tuple[Floats, ...]:
    """Return the fast less the slow exponential mean of the line, both begun with its first value."""
    (line,) = ad_batch(columns)
    first = float(line[0]) if len(line) else NAN
    quick, slack = (follow(line[1:], first, 2.0 / (each + 1), 1.0 - 2.0 / (each + 1)) for each in (fast, slow))
    answer = unknown(len(line))
    answer[1:] = quick - slack
    answer[:1] = 0.0
    answer[: max(fast, slow) - 1] = np.nan
    return (answer,)


class AdoscStream(AdStream):
    """The Chaikin oscillator, bar by bar."""

    __slots__ = ("_fast", "_gains", "_left", "_slow")

    def __init__(self, fast: int, slow: int) -> None:
        super().__init__()
        self._gains, self._left = (2.0 / (fast + 1), 2.0 / (slow + 1)), max(fast, slow)
        self._fast = self._slow = NAN

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the difference at this bar."""
        (line,) = super().take(bar, keep)
        (quick, slack), left = self._gains, self._left
        fast = slow = line
        if self._fast == self._fast:
            fast = quick * line + (1.0 - quick) * self._fast
            slow = slack * line + (1.0 - slack) * self._slow
        if keep:
            self._fast, self._slow, self._left = fast, slow, max(left - 1, 0)
        return (fast - slow if left <= 1 else NAN,)


def mfi_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the part of the traded money that moved at a rising typical price, in percent; 0 if none moved."""
    price = typical(columns)
    change = np.diff(price)
    price *= columns.volume
    rises, moves = unknown(len(price)), unknown(len(price))
    np.multiply(price[1:], change > 0.0, out=rises[1:])
    np.multiply(price[1:], change < 0.0, out=moves[1:])
    rises, moves = rolling_sum(rises, period), rolling_sum(moves, period)
    moves += rises
    moves[moves == 0.0] = np.inf
    rises *= 100.0
    rises /= moves
    return (rises,)


class MfiStream(Stepwise):
    """The money flow index, bar by bar."""

    __slots__ = ("_before", "_falls", "_rises")

    def __init__(self, period: int) -> None:
        self._rises, self._falls, self._before = Sum(period).take, Sum(period).take, NAN

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the index at this bar."""
        _, _, high, low, close, volume = bar
        price, before = (high + low + close) / 3.0, self._before
        if keep:
            self._before = price
        if before != before:
            return (NAN,)
        rises = self._rises(price * volume if price > before else 0.0, keep)
        moves = self._falls(price * volume if price < before else 0.0, keep) + rises
        return (100.0 * rises / moves if moves else 0.0,)


def cmf_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the money flow of each window over its volume; 0 without volume."""
    flow, total = rolling_sum(money_flow(columns), period), rolling_sum(columns.volume, period)
    total[total == 0.0] = np.inf
    return (flow / total,)


class CmfStream(Stepwise):
    """The Chaikin money flow, bar by bar."""

    __slots__ = ("_flow", "_total")

    def __init__(self, period: int) -> None:
        self._flow, self._total = Sum(period).take, Sum(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the flow of the window that ends with this bar."""
        flow, total = self._flow(_money_flow(bar), keep), self._total(bar.volume, keep)
        return (flow / total if total else 0.0,)


MONEY_FLOW: tuple[Indicator, ...] = (
    Indicator(
        "ad",
        "Accumulation/distribution",
        "The sum of volumes, each times where the bar closed in its range, from -1 to 1.",
        (),
        (Output("ad"),),
        ad_batch,
        AdStream,
        source="Chaikin; as TA-Lib: a bar without range adds nothing.",
    ),
    Indicator(
        "adosc",
        "Chaikin oscillator",
        "How far a fast mean of accumulation/distribution is above a slow one.",
        (period(3, 2, "fast", "Fast period"), period(10, 2, "slow", "Slow period")),
        (Output("adosc", Mark.HISTOGRAM),),
        adosc_batch,
        AdoscStream,
        levels=(0.0,),
        source="Chaikin; as TA-Lib: both means begin with the line's first value.",
    ),
    Indicator(
        "mfi",
        "Money flow index",
        "Of the money traded at moving prices, the percentage traded at rising ones.",
        (period(14),),
        (Output("mfi"),),
        mfi_batch,
        MfiStream,
        levels=(20.0, 80.0),
        source="Quong and Soudack; as TA-Lib: 0 when nothing moved; the first is on row `period`.",
    ),
    Indicator(
        "cmf",
        "Chaikin money flow",
        "The money flow of a window over its volume, from -1 to 1.",
        (period(20),),
        (Output("cmf"),),
        cmf_batch,
        CmfStream,
        levels=(0.0,),
        source="Chaikin: sum of volume x ((close - low) - (high - close)) / (high - low) over sum of volume; 0 without "
        "volume.",
    ),
)
