"""Crisp drawing: a painter whose lines and boxes fall on whole device pixels at every scale factor."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPolygonF,
    QStaticText,
    QTransform,
)
from shiboken6 import Shiboken

MOST_WORDS = 3_000
"""So many laid-out texts are kept before all are let go."""
RIGHT = Qt.AlignmentFlag.AlignRight.value
MIDDLE = Qt.AlignmentFlag.AlignHCenter.value
UPRIGHT_MIDDLE = Qt.AlignmentFlag.AlignVCenter.value

Rects = NDArray[np.int32]
"""Boxes in device pixels, shape (n, 4): left, top, right, bottom, all inclusive (the layout of `QRect`)."""


class RectBatch:
    """Draws many boxes of one colour with one call, from memory that Qt reads in place."""

    def __init__(self) -> None:
        self._memory: Rects = np.empty((256, 4), np.int32)

    def draw(self, painter: QPainter, rects: Rects, color: QColor | QBrush) -> None:
        """Fill the boxes; the painter must be in device pixels."""
        count = len(rects)
        if not count:
            return
        if count > len(self._memory):
            self._memory = np.empty((2 * count, 4), np.int32)
        self._memory[:count] = rects
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRects(cast(QRect, Shiboken.wrapInstance(self._memory.ctypes.data, QRect)), count)


class Words(NamedTuple):
    """A line of text laid out once: most of what a chart writes is written again in the next frame."""

    text: QStaticText
    width: float
    height: float


_words: dict[tuple[QFont, str], Words] = {}


def laid_out(font: QFont, text: str) -> Words:
    """Return a line laid out in a font; kept while there is room."""
    key = font, text  # a font is a value; its own key would take ten times as long
    found = _words.get(key)
    if found is None:
        if len(_words) >= MOST_WORDS:
            _words.clear()
        line = QStaticText(text)
        line.setTextFormat(Qt.TextFormat.PlainText)
        line.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        metrics = QFontMetricsF(font)
        line.prepare(QTransform(), font)
        found = _words[QFont(font), text] = Words(line, metrics.horizontalAdvance(text), metrics.height())
    return found


class Canvas:
    """A painter in logical pixels; `ratio` device pixels each."""

    def __init__(self, painter: QPainter, ratio: float) -> None:
        self.painter = painter
        self.ratio = ratio
        self.hair = max(1.0, round(ratio)) / ratio
        """The width of a thin line."""

    def snap(self, value: float) -> float:
        """Return the nearest edge of a device pixel."""
        return round(value * self.ratio) / self.ratio

    def box(self, x: float, y: float, width: float, height: float, color: QColor) -> None:
        """Fill a box, its edges on device pixels."""
        left, top = self.snap(x), self.snap(y)
        right, bottom = self.snap(x + width), self.snap(y + height)
        self.painter.fillRect(QRectF(left, top, right - left, bottom - top), color)

    def horizontal(self, y: float, x1: float, x2: float, color: QColor) -> None:
        """Draw a thin level line."""
        self.painter.fillRect(QRectF(self.snap(x1), self.snap(y), self.snap(x2) - self.snap(x1), self.hair), color)

    def vertical(self, x: float, y1: float, y2: float, color: QColor) -> None:
        """Draw a thin upright line."""
        self.painter.fillRect(QRectF(self.snap(x), self.snap(y1), self.hair, self.snap(y2) - self.snap(y1)), color)

    def dashed(self, x1: float, y1: float, x2: float, y2: float, color: QColor, dash: float = 4.0) -> None:
        """Draw a thin dashed line, level or upright."""
        pen = QPen(color, self.hair)
        pen.setDashPattern([dash / self.hair, dash / self.hair])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self.painter.setPen(pen)
        half = self.hair / 2
        if y1 == y2:
            y1 = y2 = self.snap(y1) + half
        else:
            x1 = x2 = self.snap(x1) + half
        self.painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))

    def text(self, x: float, y: float, width: float, height: float, text: str, color: QColor, flags: int) -> None:
        """Write one line in a box; `flags` is a `Qt.AlignmentFlag` value."""
        words = laid_out(self.painter.font(), text)
        if flags & RIGHT:
            x += width - words.width
        elif flags & MIDDLE:
            x += (width - words.width) / 2
        if flags & UPRIGHT_MIDDLE:
            y += (height - words.height) / 2
        self.painter.setPen(color)
        self.painter.drawStaticText(QPointF(x, y), words.text)

    def text_width(self, text: str) -> float:
        """Return how wide a text is in the painter's font."""
        return laid_out(self.painter.font(), text).width

    def tag(self, rect: QRectF, fill: QColor, border: QColor | None = None) -> None:
        """Fill a label with slightly rounded corners."""
        painter = self.painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen if border is None else QPen(border, self.hair))
        painter.setBrush(fill)
        inset = 0.0 if border is None else self.hair / 2
        snapped = QRectF(self.snap(rect.x()), self.snap(rect.y()), self.snap(rect.width()), self.snap(rect.height()))
        painter.drawRoundedRect(snapped.adjusted(inset, inset, -inset, -inset), 2.0, 2.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def polygon(self, points: list[tuple[float, float]], fill: QColor, edge: QColor | None = None) -> None:
        """Fill a small smooth shape."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.painter.setPen(Qt.PenStyle.NoPen if edge is None else QPen(edge, 1.0))
        self.painter.setBrush(fill)
        self.painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def hatched(self, x: float, y: float, width: float, height: float, color: QColor) -> None:
        """Fill a box with thin slanted lines: nothing is known here."""
        painter = self.painter
        painter.save()
        painter.setClipRect(QRectF(x, y, width, height), Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(color, 1.0))
        step = 7.0
        begin = int((x - height) // step)
        for number in range(begin, ceil((x + width) / step) + 1):
            left = number * step
            painter.drawLine(QPointF(left, y + height), QPointF(left + height, y))
        painter.restore()


def text_width(font: QFont, text: str) -> float:
    """Return how wide a text will be."""
    return QFontMetricsF(font).horizontalAdvance(text)
