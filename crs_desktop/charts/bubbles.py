"""Trades as bubbles: one per column and taker's side, at the average price, its area as large as the quantity."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from crs_desktop import theme
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.heat_picture import Floats, HeatPicture

MOST = 400
"""Bubbles per picture; the largest are drawn."""
TYPICAL = 0.9
"""The quantile of quantities that is drawn with `TYPICAL_PX`."""
TYPICAL_PX, LEAST_PX, MOST_PX = 5.0, 1.5, 16.0


def radii(lots: Floats) -> Floats:
    """Return the radius of each quantity, px."""
    typical = float(np.quantile(lots, TYPICAL)) or 1.0
    sized: Floats = np.clip(np.sqrt(lots / typical) * TYPICAL_PX, LEAST_PX, MOST_PX)
    return sized


def paint_bubbles(painter: QPainter, picture: HeatPicture, view: Viewport) -> None:
    """Draw the largest trades in view, small ones last so that none is hidden."""
    lots = np.concatenate((picture.flow[0], picture.flow[2])).astype(np.float64)
    values = np.concatenate((picture.flow[1], picture.flow[3])).astype(np.float64)
    held = np.flatnonzero(lots)
    if not len(held):
        return
    sizes = radii(lots[held])
    if len(held) > MOST:
        keep = np.argpartition(lots[held], -MOST)[-MOST:]
        held, sizes = held[keep], sizes[keep]
    order = np.argsort(-sizes, kind="stable")
    held, sizes = held[order], sizes[order]
    count = picture.flow.shape[1]
    x = view.x(picture.first) + (held % count + 0.5) * view.bar_px
    y = (view.high - values[held] / lots[held]) * view.height / (view.high - view.low)
    buys = held < count
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for tone, chosen in (("down", ~buys), ("up", buys)):
        painter.setBrush(theme.color(tone, 150))
        painter.setPen(QPen(theme.color("surface"), 1.0) if chosen.any() else Qt.PenStyle.NoPen)
        for a, b, r in zip(x[chosen].tolist(), y[chosen].tolist(), sizes[chosen].tolist(), strict=True):
            painter.drawEllipse(QPointF(a, b), r, r)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
