"""finplot: candles, volume over them, two lines, its crosshair; its own choice of prices in view."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import numpy as np
from numpy.typing import NDArray

from crs_desktop.bench.motion import SIZE, Plot, Window, serve

import finplot as fplt  # isort: skip
import pandas as pd  # isort: skip
import pyqtgraph as pg  # isort: skip
from pyqtgraph import QtGui  # isort: skip

UP, DOWN = "#26a69a", "#ef5350"


class Finplot:
    """One finplot window."""

    def __init__(self, rows: NDArray[np.float64]) -> None:
        self.app = pg.mkQApp()
        self.frame = pd.DataFrame(
            {
                "time": pd.to_datetime(rows[:, 0], unit="s"),
                "open": rows[:, 1],
                "close": rows[:, 4],
                "high": rows[:, 2],
                "low": rows[:, 3],
                "volume": rows[:, 5],
                "first": rows[:, 6],
                "second": rows[:, 7],
            }
        )
        fplt.candle_bull_color = fplt.candle_bull_body_color = UP
        fplt.candle_bear_color = fplt.candle_bear_body_color = DOWN

    def build(self) -> None:
        """Make the window with everything in it."""
        frame = self.frame
        self.axis = fplt.create_plot("bench", rows=1, maximize=False, init_zoom_periods=300)
        self.candles = fplt.candlestick_ochl(frame[["time", "open", "close", "high", "low"]], ax=self.axis)
        self.volume = fplt.volume_ocv(frame[["time", "open", "close", "volume"]], ax=self.axis.overlay())
        fplt.plot(frame["time"], frame["first"], ax=self.axis)
        fplt.plot(frame["time"], frame["second"], ax=self.axis)
        fplt.show(qt_exec=False)
        self.window = self.axis.vb.win
        self.window.resize(*SIZE)
        self.app.processEvents()

    def show(self, window: Window) -> None:
        """Put bars in view as finplot's own zoom does: prices follow, candles are drawn anew, the crosshair too."""
        self.axis.vb.update_y_zoom(window.first - 0.5, window.stop - 0.5)
        fplt._repaint_candles()

    def tick(self, row: NDArray[np.float64]) -> None:
        """Change the newest bar as finplot's examples of live charts do."""
        last = self.frame.index[-1]
        self.frame.loc[last, ["close", "volume"]] = [row[4], row[5]]
        self.candles.update_data(self.frame[["time", "open", "close", "high", "low"]])
        self.volume.update_data(self.frame[["time", "open", "close", "volume"]])

    def paint(self) -> None:
        """Repaint at once."""
        self.window.viewport().repaint()

    def exactly(self, window: Window, low: float, high: float) -> Plot:
        """Put bars and prices in view; a bar's centre is at its number."""
        view = self.axis.vb
        view.v_autozoom = False
        view.set_range(window.first - 0.5, low, window.stop - 0.5, high)
        fplt._repaint_candles()
        self.paint()
        place = view.mapRectToScene(view.rect())
        view.v_autozoom = True
        up, down = (pg.mkColor(each).getRgb()[:3] for each in (UP, DOWN))
        return Plot(place.x(), place.y(), place.width(), place.height(), up, down)

    def picture(self) -> QtGui.QImage:
        """Return the widget's picture."""
        return self.window.grab().toImage()


if __name__ == "__main__":
    serve("finplot", Finplot, 10_000_000)
