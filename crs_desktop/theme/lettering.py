"""Columns of figures painted from an atlas: every sign is drawn once, a whole column is one call to Qt.

Laying out one text costs about as much as copying a column of twenty. An atlas belongs to a font role, a
colour, a scale of the fonts and a number of pixels per point, so it is right on every screen and after
every change of the theme. Signs stand on quarters of a device pixel, as Qt puts them; there is no kerning,
which figures do not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import ceil, floor
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPixmap
from shiboken6 import Shiboken

from crs_desktop.theme.font import FontRole, font
from crs_desktop.theme.state import state

SIGNS = " 0123456789.,:+-−%/▲▼<–()"  # noqa: RUF001 - a minus sign and a dash
GAP = 1
"""Pixels between two signs of the atlas, so that none shows a border of its neighbour."""
PHASES = 4
"""Pictures per sign, each a quarter of a pixel further right."""
MOST_ATLASES = 64
HIGHEST = 0x3000
"""Signs from here on (none is used by figures) are written as a space."""

Fragments = NDArray[np.float64]
"""Shape (n, 10), the layout of `QPainter.PixmapFragment`: x, y (middle), left, top, size, scales, angle, opacity."""


class Atlas:
    """The signs of one font in one colour, side by side in a pixmap; learns signs that it meets."""

    def __init__(self, made: QFont, ink: QColor, ground: QColor, ratio: float) -> None:
        """`ground` is what is behind most of the text: Qt makes light text on dark bolder, and so does the atlas."""
        self._font, self._ratio = QFont(made), ratio
        self._ink, self._ground = QColor(ink), QColor(ground)
        metrics = QFontMetricsF(made)
        self.height = ceil(metrics.height() * ratio)
        self._ascent = floor(metrics.ascent() * ratio) + 1
        self._advance_of = metrics.horizontalAdvance
        self._places = np.full(HIGHEST, -1, np.intp)
        self._memory: Fragments = _fragments(512)
        self._signs = ""
        self._learn(SIGNS)

    def letter(self, painter: QPainter, edge: int, tops: Sequence[int], texts: Sequence[str], *, right: bool) -> None:
        """Write texts in device pixels: `edge` is their left or right side, `tops` their upper edges."""
        lengths = np.fromiter(map(len, texts), np.intp, len(texts))
        count = int(lengths.sum())
        if not count:
            return
        joined = "".join(texts)
        codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        if codes.max() >= HIGHEST:
            codes = np.where(codes < HIGHEST, codes, 32)
        signs = self._places[codes]
        if signs.min() < 0:
            self._learn("".join(sorted({chr(code) for code in codes[signs < 0]})))
            signs = self._places[codes]
        advances = self._advances[signs]
        after = np.cumsum(advances)
        ends = np.cumsum(lengths)
        text_ends = np.where(ends > 0, after[np.maximum(ends - 1, 0)], 0.0)
        base = text_ends if right else np.concatenate(([0.0], text_ends[:-1]))
        if count > len(self._memory):
            self._memory = _fragments(2 * count)
        out = self._memory[:count]
        widths = self._widths[signs]
        begin = after - advances + np.repeat(edge - base, lengths)
        whole = np.floor(begin)
        signs = signs * PHASES + ((begin - whole) * PHASES).astype(np.intp)
        out[:, 0] = whole + widths / 2
        out[:, 1] = np.repeat(np.asarray(tops, np.float64) + self.height / 2, lengths)
        out[:, 2] = self._lefts[signs]
        out[:, 4] = widths
        out[:, 5] = self.height
        first = cast(QPainter.PixmapFragment, Shiboken.wrapInstance(out.ctypes.data, QPainter.PixmapFragment))
        painter.drawPixmapFragments(first, count, self._pixmap)

    def _learn(self, signs: str) -> None:
        self._signs += signs
        advances = [self._advance_of(sign) * self._ratio for sign in self._signs]
        widths = [ceil(advance) + 2 for advance in advances]  # a sign may reach a little beyond its advance
        lefts = list(accumulate((width + GAP for width in widths for _ in range(PHASES)), initial=0))
        image = QImage(lefts.pop(), self.height, QImage.Format.Format_RGB32)
        image.fill(self._ground)
        image.setDevicePixelRatio(self._ratio)
        painter = QPainter(image)
        painter.setFont(self._font)
        painter.setPen(self._ink)
        for number, left in enumerate(lefts):
            sign, phase = self._signs[number // PHASES], number % PHASES
            painter.drawText(QPointF((left + phase / PHASES) / self._ratio, self._ascent / self._ratio), sign)
        painter.end()
        self._pixmap = _without_ground(image, self._ink, self._ground)
        self._advances = np.array(advances, np.float64)
        self._widths = np.array(widths, np.float64)
        self._lefts = np.array(lefts, np.float64)
        for place, sign in enumerate(self._signs):
            self._places[ord(sign)] = place


def _without_ground(image: QImage, ink: QColor, ground: QColor) -> QPixmap:
    """Return what was painted in `ink` on an even `ground` as a picture that covers only as much as the ink did."""
    width, height = image.width(), image.height()
    shades = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())[:, : 4 * width]
    front = np.array((ink.blue(), ink.green(), ink.red()), np.float64)
    back = np.array((ground.blue(), ground.green(), ground.red()), np.float64)
    channel = int(np.argmax(np.abs(front - back)))
    span = (front - back)[channel] or 1.0
    cover = np.clip((shades[:, channel::4] - back[channel]) / span, 0.0, 1.0)
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[:, :, :3] = np.round(cover[:, :, None] * front)
    pixels[:, :, 3] = np.round(cover * 255)
    kind = QImage.Format.Format_ARGB32_Premultiplied
    return QPixmap.fromImage(QImage(pixels.tobytes(), width, height, 4 * width, kind).copy())


def _fragments(count: int) -> Fragments:
    made = np.zeros((count, 10), np.float64)
    made[:, 6:8] = 1.0  # not scaled
    made[:, 9] = 1.0  # opaque
    return made


_atlases: dict[tuple[object, ...], Atlas] = {}


def letter_column(
    painter: QPainter,
    role: FontRole,
    color: QColor,
    ratio: float,
    edge: int,
    height: int,
    tops: Sequence[int],
    texts: Sequence[str],
    *,
    right: bool,
) -> None:
    """Write one text per row of a column; `edge` is its left or right side, each text in the middle of its row.

    All lengths are logical pixels, `ratio` device pixels each.
    """
    look = state.current
    key = (role, color.rgba(), look.surface, ratio, look.font_scale)
    atlas = _atlases.get(key)
    if atlas is None:
        if len(_atlases) >= MOST_ATLASES:
            _atlases.clear()  # of other themes and other screens
        atlas = _atlases[key] = Atlas(font(role), color, QColor(look.surface), ratio)
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    down = (round(height * ratio) - atlas.height) // 2
    atlas.letter(painter, round(edge * ratio), [round(top * ratio) + down for top in tops], texts, right=right)
    painter.restore()
