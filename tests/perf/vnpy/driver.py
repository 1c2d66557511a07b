"""vnpy's chart: candles, volume in a plot of its own, its cursor; it has no line items, so no indicators.

Only `vnpy.chart` is measured. What it imports of `vnpy.trader` for its windows (a whole trading platform) stays out:
its names for Qt are given by the shim below.
"""

from __future__ import annotations

import sys
import types
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

import numpy as np
from numpy.typing import NDArray

from crs_desktop.bench.motion import SHOWN, SIZE, Plot, Window, serve

import pyqtgraph as pg  # isort: skip
from PySide6 import QtCore, QtGui, QtWidgets  # isort: skip


def _shim() -> None:
    """Give `vnpy.chart` its names of Qt and of bars without the platform behind them."""
    names: dict[str, dict[str, Any]] = {
        "vnpy": {"__path__": _path("vnpy")},
        "vnpy.trader": {"__path__": []},
        "vnpy.trader.ui": {"QtCore": QtCore, "QtGui": QtGui, "QtWidgets": QtWidgets},
        "vnpy.trader.object": {"BarData": types.SimpleNamespace},
    }
    for name, values in names.items():
        module = types.ModuleType(name)
        module.__dict__.update(values)
        sys.modules[name] = module


def _path(name: str) -> list[str]:
    from importlib.util import find_spec

    spec = find_spec(name)
    return list(spec.submodule_search_locations or []) if spec else []


app = pg.mkQApp()
_shim()

from vnpy.chart import CandleItem, ChartWidget, VolumeItem  # noqa: E402 - after the shim


class Vnpy:
    """One chart of vnpy."""

    def __init__(self, rows: NDArray[np.float64]) -> None:
        self.bars = [_bar(row) for row in rows]
        self.rows = rows

    def build(self) -> None:
        """Make the widget with its plots and items, as vnpy's own does."""
        self.widget = widget = ChartWidget()
        widget.resize(*SIZE)
        widget.add_plot("candle", hide_x_axis=True)
        widget.add_plot("volume", maximum_height=150)
        widget.add_item(CandleItem, "candle", "candle")
        widget.add_item(VolumeItem, "volume", "volume")
        widget.add_cursor()
        widget.show()
        app.processEvents()
        widget._bar_count = SHOWN
        widget.update_history(self.bars)

    def show(self, window: Window) -> None:
        """Put bars in view as its keys do; the prices follow."""
        widget = self.widget
        widget._right_ix, widget._bar_count = int(window.stop), max(1, int(window.stop - window.first))
        widget._update_x_range()
        widget._cursor.update_info()

    def tick(self, row: NDArray[np.float64]) -> None:
        """Change the newest bar."""
        self.widget.update_bar(_bar(row))

    def paint(self) -> None:
        """Repaint at once."""
        self.widget.viewport().repaint()

    def exactly(self, window: Window, low: float, high: float) -> Plot:
        """Put bars and prices in view; a bar's centre is at its number."""
        view = self.widget.get_plot("candle").getViewBox()
        view.setLimits(yMin=None, yMax=None)
        view.setXRange(window.first - 0.5, window.stop - 0.5, padding=0)
        view.setYRange(low, high, padding=0)
        self.paint()
        place = view.mapRectToScene(view.rect())
        return Plot(place.x(), place.y(), place.width(), place.height(), (255, 75, 75), (0, 255, 255))

    def picture(self) -> QtGui.QImage:
        """Return the widget's picture."""
        shown: QtGui.QImage = self.widget.grab().toImage()
        return shown


def _bar(row: NDArray[np.float64]) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        datetime=datetime.fromtimestamp(row[0], UTC),
        open_price=row[1],
        high_price=row[2],
        low_price=row[3],
        close_price=row[4],
        volume=row[5],
        turnover=0.0,
        open_interest=0.0,
    )


if __name__ == "__main__":
    serve("vnpy", Vnpy, 100_000)
