"""pyqtgraph's own candlestick example: one item that draws every bar into a picture when its data change.

It has no volume, no indicators and no crosshair: what is measured is less than what the other sides draw.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import numpy as np
from numpy.typing import NDArray

from crs_desktop.bench.motion import SIZE, Plot, Window, serve

import pyqtgraph as pg  # isort: skip
from pyqtgraph import QtCore, QtGui  # isort: skip


class Candles(pg.GraphicsObject):  # type: ignore[misc]  # it has no types
    """The example's item."""

    def __init__(self, rows: NDArray[np.float64]) -> None:
        super().__init__()
        self.rows = rows
        self.draw()

    def draw(self) -> None:
        """Draw all bars into the picture."""
        self.picture = QtGui.QPicture()
        painter = QtGui.QPainter(self.picture)
        painter.setPen(pg.mkPen("w"))
        for place, row in enumerate(self.rows):
            opened, high, low, close = row[1], row[2], row[3], row[4]
            painter.drawLine(QtCore.QPointF(place, low), QtCore.QPointF(place, high))
            painter.setBrush(pg.mkBrush("r" if opened > close else "g"))
            painter.drawRect(QtCore.QRectF(place - 0.33, opened, 0.66, close - opened))
        painter.end()

    def paint(self, painter: QtGui.QPainter, *_rest: object) -> None:
        """Play the picture."""
        painter.drawPicture(0, 0, self.picture)

    def boundingRect(self) -> QtCore.QRectF:  # noqa: N802 - Qt's name
        """Return where the picture is."""
        return QtCore.QRectF(self.picture.boundingRect())


class Example:
    """The example's chart."""

    def __init__(self, rows: NDArray[np.float64]) -> None:
        self.app = pg.mkQApp()
        self.rows = rows.copy()

    def build(self) -> None:
        """Make the plot with its item."""
        self.widget = pg.PlotWidget()
        self.widget.resize(*SIZE)
        self.item = Candles(self.rows)
        self.widget.addItem(self.item)
        self.widget.show()
        self.app.processEvents()

    def show(self, window: Window) -> None:
        """Put bars in view, and the prices of these bars."""
        part = self.rows[max(0, int(window.first)) : int(window.stop)]
        self.widget.setXRange(window.first, window.stop, padding=0)
        self.widget.setYRange(part[:, 3].min(), part[:, 2].max(), padding=0.05)

    def tick(self, row: NDArray[np.float64]) -> None:
        """Change the newest bar: the example draws its picture anew."""
        self.rows[-1] = row
        self.item.draw()
        self.item.informViewBoundsChanged()
        self.item.update()

    def paint(self) -> None:
        """Repaint at once."""
        self.widget.viewport().repaint()

    def exactly(self, window: Window, low: float, high: float) -> Plot:
        """Put bars and prices in view; a bar's centre is at its number."""
        view = self.widget.getViewBox()
        view.setRange(xRange=(window.first - 0.5, window.stop - 0.5), yRange=(low, high), padding=0)
        self.paint()
        place = view.mapRectToScene(view.rect())
        return Plot(place.x(), place.y(), place.width(), place.height(), (0, 255, 0), (255, 0, 0), (255, 255, 255))

    def picture(self) -> QtGui.QImage:
        """Return the widget's picture."""
        return self.widget.grab().toImage()


if __name__ == "__main__":
    serve("pyqtgraph", Example, 100_000)
