"""One indicator on one chart: what it is set to and its values beside the bars.

Values of an indicator that is drawn over the candles are kept in ticks, as the candles are; others as they come. `unit`
is what one of them is worth. Who fills them in is a `Run`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crs_desktop.viewmodels.indicators.setup import PRICE, Setup, with_indicator
from crs_desktop.viewmodels.value_column import ValueColumn
from crs_desktop.viewmodels.words import NOTHING, Sentence
from engine.domain.number import NANOS_PER_SECOND
from engine.indicators.spec import Indicator, InstantParam, Param, Value

AHEAD = {("ichimoku", "senkou_a"): "kijun", ("ichimoku", "senkou_b"): "kijun"}
"""Outputs that are drawn ahead of their bars, and the parameter that says by how many."""
HIDDEN = "hidden"
"""The mark of an output that is there to be read by programs."""


def param_text(param: Param, value: Value) -> str:
    """Return a parameter's value as a person reads it."""
    if isinstance(param, InstantParam):
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(value) // NANOS_PER_SECOND)
        return f"{at:%Y-%m-%d %H:%M}" if value else "start"
    return f"{value:g}" if isinstance(value, float) else str(value)


class Study:
    """An indicator with its setup and one column of values per output."""

    def __init__(self, number: int, indicator: Indicator, setup: Setup, tick: float) -> None:
        self.number = number
        """Tells it from the others of a chart."""
        self.indicator = indicator
        self.setup = setup
        self.unit = tick if indicator.overlay else 1.0
        self.columns: tuple[ValueColumn, ...] = tuple(ValueColumn() for _ in indicator.outputs)
        self.version = 0
        """Changes whenever what is drawn of closed bars does."""
        self.trouble: Sentence = NOTHING
        """Why it has no values, or no newer ones."""
        self.busy = False
        """Whether a long series is being computed."""

    @property
    def title(self) -> str:
        """Return its short name and its parameters: `EMA 20`."""
        name = self.indicator.title if ":" in self.setup.name else self.setup.name.replace("_", " ").upper()
        return " ".join([name, *(param_text(each, self.setup.values[each.name]) for each in self.indicator.params)])

    @property
    def over_candles(self) -> bool:
        """Whether it is drawn in the price pane."""
        return self.setup.pane == PRICE

    @property
    def shown(self) -> bool:
        """Whether anything of it is drawn."""
        return not self.setup.hidden and any(look.visible for look in self.setup.looks)

    def drawn(self, output: int) -> bool:
        """Whether an output is meant to be drawn at all."""
        return self.indicator.outputs[output].mark != HIDDEN

    def shift(self, output: int) -> int:
        """Return by how many bars an output is drawn ahead of the bar it belongs to."""
        param = AHEAD.get((self.setup.name, self.indicator.outputs[output].name))
        return int(self.setup.values[param]) if param is not None else 0

    def value(self, output: int, index: int) -> float:
        """Return a value as it is read, in the indicator's own unit; NaN for none."""
        return self.columns[output].at(index) * self.unit

    def take(self, indicator: Indicator, setup: Setup, tick: float) -> bool:
        """Take another setup or version of the indicator; return whether values must be computed anew."""
        setup = with_indicator(setup, indicator)
        anew = indicator is not self.indicator or dict(setup.values) != dict(self.setup.values)
        outputs = len(self.columns)
        self.indicator, self.setup = indicator, setup
        self.unit = tick if indicator.overlay else 1.0
        if len(indicator.outputs) != outputs:
            self.columns = tuple(ValueColumn() for _ in indicator.outputs)
        self.version += 1
        return anew

    def hide(self, hidden: bool) -> None:
        """Draw it or not."""
        self.setup = replace(self.setup, hidden=hidden)
        self.version += 1

    def clear(self, tick: float) -> None:
        """Forget every value: the bars are others, perhaps of a pair with another tick."""
        self.unit = tick if self.indicator.overlay else 1.0
        self.columns = tuple(ValueColumn() for _ in self.indicator.outputs)
        self.version += 1

    def fill(self, columns: tuple[ValueColumn, ...]) -> None:
        """Take whole columns at once; what is newer in those of before stays until it is written anew."""
        for new, old in zip(columns, self.columns, strict=True):
            for index in range(max(new.stop, old.first), old.stop if len(new) else new.stop):
                new.put(index, old.at(index))
        self.columns = columns
        self.version += 1

    def put(self, index: int, values: tuple[float, ...], *, closed: bool) -> None:
        """Write the values of a bar; the first ones of the newest bar close the one before it."""
        if closed or any(index >= column.stop for column in self.columns):
            self.version += 1
        for column, value in zip(self.columns, values, strict=True):
            if len(column):
                column.put(index, value / self.unit)
            else:
                _begin(column, index, value / self.unit)


def _begin(column: ValueColumn, index: int, value: float) -> None:
    import numpy as np

    column.replace(index, np.array([value]))
