"""The colours of a heatmap: from the ground over the accent and amber to the colour of text, for every theme."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QLinearGradient

from crs_desktop import theme
from crs_desktop.viewmodels.heat_ring import SHADES

STOPS = ((0.0, "surface"), (0.45, "accent_fill"), (0.75, "warn"), (1.0, "text"))
"""Where in the scale which token stands; green and red mean directions and stay out of it."""
FLOOR = 0.10
"""How much of the way the smallest size is from the ground, so that it is seen at all."""


def ramp(left: float, right: float) -> QLinearGradient:
    """Return the scale from left to right, for a legend."""
    made = QLinearGradient(left, 0.0, right, 0.0)
    for at, name in STOPS:
        made.setColorAt(at, theme.color(name))
    return made


def table(scale: tuple[float, float]) -> list[int]:
    """Return 256 colours as Qt's numbers: shade 0 is the ground, those of the scale run through the stops."""
    low, high = scale
    parts = np.clip((np.arange(1, SHADES + 2) - low) / max(high - low, 1e-9), 0.0, 1.0)
    return [theme.color("surface").rgb(), *_colours(FLOOR + (1 - FLOOR) * parts)]


def _colours(parts: NDArray[np.float64]) -> list[int]:
    levels = [at for at, _ in STOPS]
    tokens = [theme.color(name) for _, name in STOPS]
    channels = ([each.red(), each.green(), each.blue()] for each in tokens)
    red, green, blue = (
        np.rint(np.interp(parts, levels, column)).astype(np.uint32) for column in zip(*channels, strict=True)
    )
    opaque = np.uint32(0xFF000000)
    found: list[int] = (opaque | red << np.uint32(16) | green << np.uint32(8) | blue).tolist()
    return found
