"""Our candle chart with volume, two moving averages and the crosshair, over a real engine that stands still."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

import engine
from crs_desktop import theme
from crs_desktop.bench.motion import SIZE, Plot, Window, serve
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.study_board import StudyBoard
from crs_desktop.viewmodels.chart import ChartModel, ChartState
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.series import BarSeries, Row
from engine.ports.feed import BarArrays
from engine.profile import Profile

TICKS = 100
"""In one unit of the quote currency: the pair's tick is 0.01."""


class Ours:
    """One `ChartView`."""

    def __init__(self, rows: NDArray[np.float64]) -> None:
        self.app = QApplication([])
        theme.load_fonts()
        theme.apply(self.app, "dark", "standard", 1.0)
        start = (rows[:, 0] * 1e9).astype(np.int64)
        opened, high, low, close = (np.rint(rows[:, column] * TICKS) for column in (1, 2, 3, 4))
        self.bars = BarArrays(start, opened, high, low, close, rows[:, 5])
        self.loop, desk = _desk()
        self.model = ChartModel(desk)
        self.settled = False

    def build(self) -> None:
        """Hand the bars to a chart and show it."""
        series = BarSeries(60_000_000_000)
        series.extend(self.bars)
        self.model.reload()
        self.model.series, self.model.state, self.model.exhausted = series, ChartState.READY, True
        self.chart = ChartView(self.model)
        self.board = StudyBoard(self.chart, self.model.studies)
        self.chart.resize(*SIZE)
        self.chart.show()
        self.chart.sync()
        self.chart.hover = (600.0, 300.0)
        self.app.processEvents()

    def show(self, window: Window) -> None:
        """Put bars in view; the prices follow."""
        if not self.settled:
            self.loop.run_until_complete(self._compute())
        view = self.chart.view
        view.bar_px = view.width / (window.stop - window.first)
        view.left = window.first
        self.chart.moved()

    async def _compute(self) -> None:
        """Add two averages and wait for their values: a chart shows them when they are there, after its candles."""
        self.settled = True
        studies = [self.model.studies.add(name) for name in ("sma", "ema")]
        while not all(len(each.columns[0]) and not each.busy for each in studies):
            self.chart.sync()
            await asyncio.sleep(0.02)

    def tick(self, row: NDArray[np.float64]) -> None:
        """Change the newest bar."""
        opened, high, low, close = (float(np.rint(each * TICKS)) for each in row[1:5])
        self.model.series.append(int(row[0] * 1e9), Row(opened, high, low, close, float(row[5])))
        self.chart.sync()

    def paint(self) -> None:
        """Repaint at once."""
        self.chart.repaint()

    def exactly(self, window: Window, low: float, high: float) -> Plot:
        """Put bars and prices in view."""
        view, frame = self.chart.view, self.chart.frame
        view.auto = False
        self.show(window)
        view.low, view.high = low * TICKS, high * TICKS
        self.chart.moved()
        self.shown = self.chart.grab().toImage()
        view.auto = True
        up, down = ((c.red(), c.green(), c.blue()) for c in (theme.color("up"), theme.color("down")))
        return Plot(0.0, 0.0, frame.plot_width, frame.price_height, up, down)

    def picture(self) -> QImage:
        """Return the picture of what `exactly` showed."""
        return self.shown


def _desk() -> tuple[asyncio.AbstractEventLoop, Desk]:
    """Return the desk of a real engine over an empty profile, its market paused, and the loop it lives on."""
    from engine.bootstrap import open_engine

    folder = tempfile.mkdtemp(prefix="crs-bench-")
    loop = asyncio.new_event_loop()
    opened = loop.run_until_complete(open_engine(Profile(Path(folder)), seed=7))
    opened.runner.pause()
    return loop, Desk(opened, symbol="BTC/USDT")


def main() -> None:
    """Answer until the input ends."""
    serve("crs", Ours, 10_000_000, engine.__version__)
