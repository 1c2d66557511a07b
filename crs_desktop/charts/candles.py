"""Candles and volume bars as boxes in device pixels, at most one candle per pixel column.

The geometry is numpy and independent of Qt; `CandlePainter` hands it over in a few calls per frame.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainter

from crs_desktop.charts.canvas import RectBatch, Rects
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.series import Columns

BODY_SHARE = 0.72
"""How much of a bar's width its body takes."""
FAR = 1 << 20
"""Coordinates are clamped to this: Qt's boxes are 32-bit."""


class CandleBoxes(NamedTuple):
    """Boxes of the candles that have a price; `rising` says which close at or above their open."""

    bodies: Rects
    wicks: Rects
    rising: NDArray[np.bool_]


def candle_boxes(columns: Columns, view: Viewport, ratio: float, left: int, top: int) -> CandleBoxes:
    """Return boxes of bodies and wicks, `left` and `top` being the pane's corner in device pixels."""
    known = columns.low <= columns.high
    place = np.flatnonzero(known)
    middle, width = _places(columns, place, view, ratio, left)
    body_width = width
    wick = min(width, max(1, round(ratio)))
    if (body_width - wick) % 2:
        body_width -= 1
    opened, high = columns.open[place], columns.high[place]
    low, close = columns.low[place], columns.close[place]
    scale = view.height * ratio / (view.high - view.low)

    def y(price: NDArray[np.float64]) -> NDArray[np.int32]:
        pixel: NDArray[np.int32] = np.clip(np.rint((view.high - price) * scale) + top, -FAR, FAR).astype(np.int32)
        return pixel

    body_top, body_bottom = y(np.maximum(opened, close)), y(np.minimum(opened, close))
    thin = max(1, round(ratio))
    body_bottom = np.maximum(body_bottom, body_top + thin - 1)
    wick_left = middle - (wick - 1) // 2
    body_left = wick_left - (body_width - wick) // 2
    wicks = _boxes(wick_left, y(high), wick, np.maximum(y(low), y(high) + thin - 1))
    bodies = _boxes(body_left, body_top, body_width, body_bottom)
    return CandleBoxes(bodies, wicks, close >= opened)


def volume_boxes(
    columns: Columns, view: Viewport, ratio: float, left: int, bottom: int, height: float, most: float
) -> tuple[Rects, NDArray[np.bool_]]:
    """Return bars that stand on `bottom` (exclusive), `most` lots being `height` device pixels, and which rise."""
    place = np.flatnonzero((columns.low <= columns.high) & (columns.volume > 0))
    middle, width = _places(columns, place, view, ratio, left)
    tall = np.clip(np.rint(columns.volume[place] * (height / most)), 1, height).astype(np.int32)
    wick = min(width, max(1, round(ratio)))
    if (width - wick) % 2:
        width -= 1
    box_left = middle - (wick - 1) // 2 - (width - wick) // 2
    rising = columns.close[place] >= columns.open[place]
    return _boxes(box_left, bottom - tall, width, np.full(len(place), bottom - 1, np.int32)), rising


def _places(
    columns: Columns, place: NDArray[np.intp], view: Viewport, ratio: float, left: int
) -> tuple[NDArray[np.int32], int]:
    """Return the middle pixel of each candle and how wide a body may be."""
    pitch = columns.size * view.bar_px * ratio
    start = (columns.first - view.left) * view.bar_px * ratio
    middle = np.floor(start + (place + 0.5) * pitch) + left
    body = max(1, int(pitch * BODY_SHARE)) if pitch >= 3.0 else 1 if pitch < 2.0 else 2
    return np.clip(middle, -FAR, FAR).astype(np.int32), body


def _boxes(left: NDArray[np.int32], top: NDArray[np.int32], width: int, bottom: NDArray[np.int32]) -> Rects:
    boxes = np.empty((len(left), 4), np.int32)
    boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3] = left, top, left + width - 1, bottom
    return boxes


class CandlePainter:
    """Draws boxes by direction."""

    def __init__(self) -> None:
        self._batch = RectBatch()

    def candles(self, painter: QPainter, boxes: CandleBoxes, up: QColor, down: QColor) -> None:
        """Draw wicks and bodies; the painter must be in device pixels."""
        for mask, color in ((boxes.rising, up), (~boxes.rising, down)):
            self._batch.draw(painter, np.concatenate((boxes.wicks[mask], boxes.bodies[mask])), color)

    def bars(self, painter: QPainter, boxes: Rects, rising: NDArray[np.bool_], up: QColor, down: QColor) -> None:
        """Draw volume bars; the painter must be in device pixels."""
        self._batch.draw(painter, boxes[rising], up)
        self._batch.draw(painter, boxes[~rising], down)
