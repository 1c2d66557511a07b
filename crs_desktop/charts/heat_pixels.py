"""The sizes of a heatmap as pixels: a new column moves the picture along, all of it is made anew only when it must be.

That is when another part, another colour or another size of the picture is asked for. Where several columns or rows
share a pixel, the largest size is shown.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from crs_desktop import theme
from crs_desktop.charts.heat_colours import table
from crs_desktop.viewmodels.heat_picture import HeatPicture, block, reduced
from crs_desktop.viewmodels.heat_ring import HeatRing, Shades

Pixels = NDArray[np.uint32]

SLACK = 512
"""Pixel columns by which the picture can move along before it must be copied."""


class HeatPixels:
    """The picture of the sizes in view, as high and wide as the pane; the newest column ends at its right edge."""

    def __init__(self) -> None:
        self._buffer: Pixels = np.zeros((0, SLACK), np.uint32)
        self._at = 0
        """Where in the buffer the picture begins."""
        self.made_anew = 0
        """How often all of it was made."""
        self._table: Pixels = np.zeros(0, np.uint32)
        self._colours: object = ()
        self._key: object = ()
        self._stop = 0

    @property
    def pixels(self) -> Pixels:
        """The picture, shape (height, width)."""
        return self._buffer[:, self._at : self._at + self._buffer.shape[1] - SLACK]

    def image(self) -> QImage:
        """Return the picture; its memory is the buffer's."""
        height, whole = self._buffer.shape
        memory = self._buffer.reshape(-1)[self._at :].data
        return QImage(memory, whole - SLACK, height, 4 * whole, QImage.Format.Format_RGB32)

    def update(
        self,
        ring: HeatRing,
        picture: HeatPicture,
        scale: tuple[float, float],
        column_px: float,
        size: tuple[int, int],
    ) -> None:
        """Bring the pixels up to date; `column_px` and `size` (width, height) are in device pixels."""
        self._colour(scale)
        width, height = size
        key = (id(ring), picture.low, picture.high, ring.low, column_px, size, self._colours)
        wide, fresh = round(column_px), picture.stop - self._stop
        moves = key == self._key and wide == column_px and 0 <= fresh * wide < min(width, SLACK)
        if not moves:
            self.made_anew += 1
            self._buffer, self._at = np.full((height, width + SLACK), self._table[0], np.uint32), 0
            columns = picture.stop - picture.first
            shades = reduced(self._shades(ring, picture, picture.first), round(columns * column_px), height)
            self._put(shades, min(round(columns * column_px), width))
        elif fresh:
            self._move(fresh * wide)
            self._put(reduced(self._shades(ring, picture, self._stop), width, height), fresh * wide)
        self._key, self._stop = key, picture.stop

    def _move(self, columns: int) -> None:
        if self._at + columns > SLACK:
            width = self._buffer.shape[1] - SLACK
            self._buffer[:, :width] = self.pixels.copy()
            self._at = 0
        self._at += columns

    def _shades(self, ring: HeatRing, picture: HeatPicture, first: int) -> Shades:
        return block(ring, first, picture.stop, picture.low, picture.high)

    def _put(self, shades: Shades, wide: int) -> None:
        """Colour shades into the last `wide` pixel columns, each row and column as often as it fits."""
        pixels = self.pixels
        height, width = pixels.shape
        rows, columns = shades.shape
        if not wide or not columns:
            return
        coloured = self._table[shades]
        if columns != wide:
            coloured = coloured[:, np.arange(wide) * columns // wide]
        pixels[:, width - wide :] = coloured if rows == height else coloured[np.arange(height) * rows // height]

    def _colour(self, scale: tuple[float, float]) -> None:
        colours = (scale, theme.current())
        if colours != self._colours:
            self._colours, self._table = colours, np.array(table(scale), np.uint32)
