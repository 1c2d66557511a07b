"""Candles and volume bars as boxes in device pixels, at most one candle per pixel column.

The geometry is numpy and independent of Qt; `bars` hands it over in a few calls per frame.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crs_desktop.charts.canvas import Rects
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


def candle_boxes(
    columns: Columns, view: Viewport, ratio: float, left: int, top: int, share: float = BODY_SHARE
) -> CandleBoxes:
    """Return boxes of bodies and wicks, `left` and `top` being the pane's corner in device pixels.

    A body takes `share` of its bar's width.
    """
    place = np.flatnonzero(columns.low <= columns.high)
    bodies_x, wicks_x = _spans(columns, place, view, ratio, left, share)
    opened, high = columns.open[place], columns.high[place]
    low, close = columns.low[place], columns.close[place]

    def y(price: NDArray[np.float64]) -> NDArray[np.int32]:
        return _pixels(np.rint(view.ys(price) * ratio) + top)

    thin = max(1, round(ratio))
    body_top, body_bottom = _ordered(y(opened), y(close), thin)
    wicks = _boxes(wicks_x, *_ordered(y(high), y(low), thin))
    bodies = _boxes(bodies_x, body_top, body_bottom)
    return CandleBoxes(bodies, wicks, close >= opened)


def volume_boxes(
    columns: Columns, view: Viewport, ratio: float, left: int, bottom: int, height: float, most: float
) -> tuple[Rects, NDArray[np.bool_]]:
    """Return bars that stand on `bottom` (exclusive), `most` lots being `height` device pixels, and which rise."""
    place = np.flatnonzero((columns.low <= columns.high) & (columns.volume > 0))
    bodies_x, _ = _spans(columns, place, view, ratio, left)
    tall = np.clip(np.rint(columns.volume[place] * (height / most)), 1, height).astype(np.int32)
    rising = columns.close[place] >= columns.open[place]
    return _boxes(bodies_x, bottom - tall, np.full(len(place), bottom - 1, np.int32)), rising


def _ordered(
    one: NDArray[np.int32], other: NDArray[np.int32], thin: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return upper and lower edge (inclusive), at least `thin` pixels apart, whichever way the scale grows."""
    top = np.minimum(one, other)
    return top, np.maximum(np.maximum(one, other), top + thin - 1)


Span = tuple[NDArray[np.int32], NDArray[np.int32]]
"""First and last pixel across, both inclusive."""


def _spans(
    columns: Columns, place: NDArray[np.intp], view: Viewport, ratio: float, left: int, share: float = BODY_SHARE
) -> tuple[Span, Span]:
    """Return the pixels across that bodies and wicks take; narrow candles stand side by side without a gap."""
    pitch = columns.size * view.bar_px * ratio
    edge = (columns.first - view.left) * view.bar_px * ratio + place * pitch
    if pitch < 2.0:
        first = _pixels(np.floor(edge) + left)
        span = first, np.maximum(_pixels(np.floor(edge + pitch) + left) - 1, first)
        return span, span
    body, wick = max(1, int(pitch * share)), max(1, round(ratio))
    wick = min(body, wick)
    if (body - wick) % 2:  # both sides of the wick alike: wider if a gap remains, else narrower
        body += 1 if body + 2 <= pitch else -1
    wick_first = _pixels(np.floor(edge + (pitch - wick) / 2 + 0.5) + left)
    body_first = wick_first - (body - wick) // 2
    return (body_first, body_first + body - 1), (wick_first, wick_first + wick - 1)


def _pixels(values: NDArray[np.float64]) -> NDArray[np.int32]:
    clipped: NDArray[np.int32] = np.clip(values, -FAR, FAR).astype(np.int32)
    return clipped


def _boxes(span: Span, top: NDArray[np.int32], bottom: NDArray[np.int32]) -> Rects:
    boxes = np.empty((len(top), 4), np.int32)
    boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3] = span[0], top, span[1], bottom
    return boxes
