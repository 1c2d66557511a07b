"""A line of level steps, or the area under one, as boxes: thousands of them are one call to Qt.

Everything is in device pixels: entry `i` of `y` spans `left + i * wide` to `left + (i + 1) * wide`; NaN where nothing
is known. The boxes have the layout of `canvas.Rects`.
"""

from __future__ import annotations

import numpy as np

from crs_desktop.charts.canvas import Rects
from crs_desktop.viewmodels.heat_picture import Floats


def step_boxes(y: Floats, left: float, wide: float, hair: int) -> Rects:
    """Return a line `hair` pixels thick: level through each entry, upright between neighbours that differ."""
    y = np.rint(y)
    begins, ends = _runs(y)
    if not len(begins):
        return np.empty((0, 4), np.int32)
    x1, x2, at = np.rint(left + begins * wide), np.rint(left + ends * wide), y[begins]
    level = np.column_stack((x1, at, x2 + hair - 2, at + hair - 1))
    joins = begins[(begins > 0) & ~np.isnan(y[begins - 1])]
    x = np.rint(left + joins * wide)
    low, high = np.minimum(y[joins - 1], y[joins]), np.maximum(y[joins - 1], y[joins])
    upright = np.column_stack((x, low, x + hair - 1, high + hair - 1))
    boxes: Rects = np.concatenate((level, upright)).astype(np.int32)
    return boxes


def area_boxes(y: Floats, left: float, wide: float, bottom: float) -> Rects:
    """Return what lies between the line and `bottom`."""
    y = np.rint(y)
    begins, ends = _runs(y)
    x1, x2 = np.rint(left + begins * wide), np.rint(left + ends * wide)
    boxes: Rects = np.column_stack((x1, y[begins], x2 - 1, np.full(len(begins), bottom - 1))).astype(np.int32)
    return boxes


def _runs(y: Floats) -> tuple[Rects, Rects]:
    """Return where stretches of one value begin and end; NaN, which is not itself, ends every one."""
    changes = np.concatenate(([0], np.flatnonzero(y[1:] != y[:-1]) + 1, [len(y)])).astype(np.int32)
    begins, ends = changes[:-1], changes[1:]
    known = ~np.isnan(y[begins]) if len(y) else np.zeros(len(begins), np.bool_)
    return begins[known], ends[known]
