"""Trades as bubbles: one per column and taker's side, at the average price, its area as large as the quantity.

Every size that a bubble can have is drawn once, in both colours; all bubbles of a picture are then one call to Qt.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from shiboken6 import Shiboken

from crs_desktop import theme
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.heat_picture import Floats, HeatPicture

MOST = 400
"""Bubbles per picture; the largest are drawn."""
TYPICAL = 0.9
"""The quantile of quantities that is drawn with `TYPICAL_PX`."""
TYPICAL_PX, LEAST_PX, MOST_PX = 5.0, 1.5, 14.0
STEP_PX = 0.5
"""Between two radii that are told apart."""
SIZES = round((MOST_PX - LEAST_PX) / STEP_PX) + 1
OPACITY = 160


def radii(lots: Floats) -> Floats:
    """Return the radius of each quantity, px."""
    typical = float(np.quantile(lots, TYPICAL)) or 1.0
    sized: Floats = np.clip(np.sqrt(lots / typical) * TYPICAL_PX, LEAST_PX, MOST_PX)
    return sized


class BubbleAtlas:
    """Bubbles of all sizes in the colours of buys (upper row) and sells, for one theme and scale of the screen."""

    def __init__(self, ratio: float) -> None:
        self.cell = round(2 * (MOST_PX + 1.5) * ratio)
        """Width and height of one bubble's place, device pixels."""
        self.pixmap = QPixmap(self.cell * SIZES, 2 * self.cell)
        self.pixmap.fill(QColor(0, 0, 0, 0))
        painter = QPainter(self.pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(theme.color("surface"), ratio))
        for row, tone in enumerate(("up", "down")):
            painter.setBrush(theme.color(tone, OPACITY))
            for size in range(SIZES):
                radius = (LEAST_PX + size * STEP_PX) * ratio
                painter.drawEllipse(QPointF((size + 0.5) * self.cell, (row + 0.5) * self.cell), radius, radius)
        painter.end()


class Bubbles:
    """Paints the bubbles of a picture; keeps the atlas that fits."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._atlas: BubbleAtlas | None = None
        self._memory: Floats = np.zeros((MOST, 10))
        """The layout of `QPainter.PixmapFragment`: x, y (middle), left, top, size, scales, angle, opacity."""
        self._memory[:, 6:8] = self._memory[:, 9] = 1.0

    def paint(self, painter: QPainter, picture: HeatPicture, view: Viewport, ratio: float) -> None:
        """Draw the largest trades in view, small ones last so that none is hidden."""
        x, y, sizes, sells = placed(picture, view)
        if not len(x):
            return
        atlas = self._fitting(ratio)
        fragments = self._memory[: len(x)]
        fragments[:, 0], fragments[:, 1] = np.rint(x * ratio), np.rint(y * ratio)
        steps = np.rint((sizes - LEAST_PX) / STEP_PX)
        fragments[:, 2], fragments[:, 3] = steps * atlas.cell, sells * atlas.cell
        fragments[:, 4] = fragments[:, 5] = atlas.cell
        first = cast(QPainter.PixmapFragment, Shiboken.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment))
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawPixmapFragments(first, len(x), atlas.pixmap)
        painter.restore()

    def _fitting(self, ratio: float) -> BubbleAtlas:
        key = (theme.current(), ratio)
        if self._atlas is None or self._key != key:
            self._key, self._atlas = key, BubbleAtlas(ratio)
        return self._atlas


def placed(picture: HeatPicture, view: Viewport) -> tuple[Floats, Floats, Floats, Floats]:
    """Return middle, radius (all px) and whether it is a sell (1.0) of each bubble, the largest first."""
    lots = np.concatenate((picture.flow[0], picture.flow[2])).astype(np.float64)
    values = np.concatenate((picture.flow[1], picture.flow[3])).astype(np.float64)
    held = np.flatnonzero(lots)
    if not len(held):
        return lots[:0], lots[:0], lots[:0], lots[:0]
    sizes = radii(lots[held])
    if len(held) > MOST:
        keep = np.argpartition(lots[held], -MOST)[-MOST:]
        held, sizes = held[keep], sizes[keep]
    order = np.argsort(-sizes, kind="stable")
    held, sizes = held[order], sizes[order]
    count = picture.flow.shape[1]
    x = view.x(picture.first) + (held % count + 0.5) * view.bar_px
    y = (view.high - values[held] / lots[held]) * view.height / (view.high - view.low)
    return x, y, sizes, (held >= count).astype(np.float64)
