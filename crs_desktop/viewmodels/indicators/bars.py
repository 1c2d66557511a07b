"""Bars as indicators take them: prices in the quote, volumes in the base, no holes; and their answers put in place.

A `Cut` may be used on a thread while the series grows: closed bars do not change, and arrays that were outgrown stay as
they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from crs_desktop.viewmodels import series as bars
from crs_desktop.viewmodels.series import BarSeries, Row
from crs_desktop.viewmodels.value_column import Floats, ValueColumn
from engine.domain.pair import TradingPair
from engine.indicators.spec import BarRow, Columns

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Units:
    """What a tick and a lot are worth, in the quote and the base."""

    price: float
    qty: float

    @classmethod
    def of(cls, pair: TradingPair) -> Units:
        """Return the units of a pair."""
        return cls(pair.price_number(1), pair.qty_number(1))

    def bar(self, start: int, row: Row) -> BarRow:
        """Return one bar."""
        price = self.price
        return BarRow(
            start, row.open * price, row.high * price, row.low * price, row.close * price, row.volume * self.qty
        )


@dataclass(frozen=True, slots=True)
class Cut:
    """The closed bars of a series, from index `first` to `stop`."""

    first: int
    stop: int
    _starts: NDArray[np.int64]
    _slots: bars.Columns
    _units: Units

    @classmethod
    def of(cls, series: BarSeries, units: Units) -> Cut:
        """Take every bar but the newest, which may still be forming."""
        first, stop = series.first, max(series.stop - 1, series.first)
        return cls(first, stop, series.starts(first, stop), series.columns(first, stop, 1), units)

    def __len__(self) -> int:
        return self.stop - self.first

    def columns(self) -> Columns:
        """Return the bars that exist, as an indicator takes them."""
        slots, price = self._slots, self._units.price
        return Columns(
            start=self._kept(self._starts),
            open=self._kept(slots.open) * price,
            high=self._kept(slots.high) * price,
            low=self._kept(slots.low) * price,
            close=self._kept(slots.close) * price,
            volume=self._kept(slots.volume) * self._units.qty,
        )

    def placed(self, output: Floats, unit: float) -> ValueColumn:
        """Return an output as a column beside the series, in multiples of `unit`; NaN where there is no bar."""
        values = output / unit
        if len(values) != len(self):
            laid = np.full(len(self), np.nan)
            laid[self._there()] = values
            values = laid
        column = ValueColumn()
        column.replace(self.first, values)
        return column

    def _kept(self, values: NDArray[T]) -> NDArray[T]:
        there = self._there()
        return values if there.all() else values[there]

    def _there(self) -> NDArray[np.bool_]:
        return ~np.isnan(self._slots.open)
