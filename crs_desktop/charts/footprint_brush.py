"""Paints footprints: shapes of one colour go together, whichever bar they belong to, then the words.

A thin candle stands at the left. Each row says what takers sold and what they bought, or where there is no room its
delta; its ground grows stronger with its volume and takes the colour of its delta. Where one side is three times the
other, compared diagonally, its number is lit; the row with the most volume has a frame. Delta and volume stand beneath.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas, RectBatch, Rects, Words, laid_out
from crs_desktop.charts.flow_text import lots_text, signed_text, tone_of
from crs_desktop.charts.footprint_face import LEVELS, TONES, Face
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.viewmodels.series import Row
from engine.domain.pair import TradingPair

CANDLE_PX = 5.0
"""Width of the thin candle at the left of a footprint."""
LONE_SHARE = 0.36
"""Width of a candle without a footprint, of its bar's."""
MARGIN = 3.0
WEAKEST, STRONGEST = 28, 120
"""How opaque the ground of a row is, of 255."""
MOST_WORDS = 3_000
FAR = 1 << 20
Ink = tuple[str, int]
"""A token and how opaque it is."""


class FootprintWords:
    """Numbers laid out in the small font, kept from frame to frame."""

    def __init__(self) -> None:
        self._font = theme.font("small")
        self._key = ""
        self._known: dict[str, Words] = {}

    def begin(self) -> None:
        """Take the font as it is now."""
        self._font = theme.font("small")
        if self._font.key() != self._key or len(self._known) > MOST_WORDS:
            self._key = self._font.key()
            self._known.clear()

    def of(self, text: str) -> Words:
        """Return a text laid out."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = laid_out(self._font, text)
        return found


class FootprintBrush:
    """Collects the bars of one frame; `finish` paints them."""

    def __init__(self, canvas: Canvas, area: PaneArea, pair: TradingPair, words: FootprintWords) -> None:
        self._canvas, self._area, self._pair, self._words = canvas, area, pair, words
        self._shapes: dict[Ink, list[Rects]] = defaultdict(list)
        self._written: dict[str, list[tuple[float, float, Words]]] = defaultdict(list)
        self._batch = RectBatch()
        words.begin()

    def candle(self, index: int, row: Row) -> None:
        """Draw a bar of which no print is known."""
        width = self._area.view.bar_px * LONE_SHARE
        self._candle(row, self._area.x(index + 0.5) - width / 2, width)

    def bar(self, index: int, row: Row, face: Face, *, whole: bool) -> None:
        """Draw a footprint; `whole` says that its prints are all of the bar."""
        area, ratio = self._area, self._canvas.ratio
        left, right = area.x(index) + MARGIN, area.x(index + 1) - MARGIN
        self._candle(row, left, CANDLE_PX)
        left += CANDLE_PX + 2
        one, other = area.ys(face.low), area.ys(face.high)
        top, bottom = np.minimum(one, other), np.maximum(one, other)
        seen = (bottom >= area.top) & (top <= area.bottom)
        boxes = self._boxes(left, top, right, bottom)
        boxes[:, 3] -= round(ratio)  # a gap
        boxes[:, 3] = np.maximum(boxes[:, 3], boxes[:, 1])
        kinds = face.tone * LEVELS + face.level
        for kind in np.unique(kinds[seen]).tolist():
            tone, level = divmod(kind, LEVELS)
            strength = WEAKEST + (STRONGEST - WEAKEST) * level // (LEVELS - 1)
            self._shapes[TONES[tone], strength].append(boxes[seen & (kinds == kind)])
        self._shapes["warn", 255].append(_frame(boxes[face.poc], max(1, round(ratio))))
        if len(top) and float(bottom[0] - top[0]) >= row_px() - 3:
            self._numbers(face, (top + bottom) / 2, seen, left, right)
        self._sums(face, float(bottom.max()) + 2, left, right, whole=whole)

    def finish(self) -> None:
        """Paint what was collected."""
        canvas, painter = self._canvas, self._canvas.painter
        painter.save()
        painter.scale(1 / canvas.ratio, 1 / canvas.ratio)
        for (tone, alpha), parts in self._shapes.items():
            self._batch.draw(painter, np.concatenate(parts), theme.color(tone, alpha))
        painter.restore()
        painter.setFont(theme.font("small"))
        for tone, words in self._written.items():
            painter.setPen(QColor(theme.color(tone)))
            for x, y, each in words:
                painter.drawStaticText(QPointF(x, y), each.text)

    def _numbers(self, face: Face, middle: np.ndarray, seen: np.ndarray, left: float, right: float) -> None:
        """Write both numbers of each row, or its delta, or nothing, whatever there is room for."""
        words, width, centre = self._words.of, right - left, (left + right) / 2
        rows = np.flatnonzero(seen).tolist()
        sold, bought = [words(text) for text in face.sold], [words(text) for text in face.bought]
        widest = max(max(each.width for each in sold), max(each.width for each in bought))
        if widest <= width / 2 - 6:
            self._shapes["border_strong", 255].append(self._line(centre, rows, face, middle))
            for at in rows:
                y = float(middle[at]) - sold[at].height / 2
                ink = "down_text" if face.sold_lit[at] else "text"
                self._written[ink].append((centre - 4 - sold[at].width, y, sold[at]))
                ink = "up_text" if face.bought_lit[at] else "text"
                self._written[ink].append((centre + 5, y, bought[at]))
            return
        deltas = [words(text) for text in face.deltas]
        if max(each.width for each in deltas) <= width - 4:
            for at in rows:
                each = deltas[at]
                self._written["text"].append((centre - each.width / 2, float(middle[at]) - each.height / 2, each))

    def _line(self, centre: float, rows: list[int], face: Face, middle: np.ndarray) -> Rects:
        """Return a short upright line between both numbers of each row."""
        hair, y = self._canvas.hair, middle[rows]
        return self._boxes(centre, y - 3, centre + hair, y + 4)

    def _sums(self, face: Face, y: float, left: float, right: float, *, whole: bool) -> None:
        """Write delta and volume under the lowest row; of a bar known in part, that there was more."""
        delta, total = face.rows.delta, lots_text(self._pair, face.rows.total)
        volume = (f"Σ {total}", "text_muted") if whole else (f"Σ ≥ {total}", "warn")
        for text, tone in ((f"Δ {signed_text(self._pair, delta)}", tone_of(delta)), volume):
            words = self._words.of(text)
            if y + words.height > self._area.bottom:
                break
            self._written[tone].append(((left + right - words.width) / 2, y, words))
            y += words.height - 1

    def _candle(self, row: Row, left: float, width: float) -> None:
        area, hair = self._area, self._canvas.hair
        ink = ("up" if row.close >= row.open else "down", 255)
        wick, body = (area.y(row.high), area.y(row.low)), (area.y(row.open), area.y(row.close))
        middle = left + (width - hair) / 2
        shapes = self._shapes[ink]
        shapes.append(self._boxes(middle, np.array([min(wick)]), middle + hair, np.array([max(wick) + hair])))
        low = max(max(body), min(body) + hair)
        shapes.append(self._boxes(left, np.array([min(body)]), left + width, np.array([low])))

    def _boxes(self, left: float, top: np.ndarray, right: float, bottom: np.ndarray) -> Rects:
        """Return boxes in device pixels, at least one each way."""
        ratio = self._canvas.ratio
        boxes = np.empty((len(top), 4), np.int32)
        first = round(left * ratio)
        boxes[:, 0], boxes[:, 2] = first, max(round(right * ratio) - 1, first)
        boxes[:, 1] = np.clip(np.rint(top * ratio), -FAR, FAR)
        boxes[:, 3] = np.maximum(np.clip(np.rint(bottom * ratio), -FAR, FAR) - 1, boxes[:, 1])
        return boxes


def _frame(box: Rects, thin: int) -> Rects:
    """Return the four sides of a box."""
    left, top, right, bottom = box.tolist()
    return np.array(
        (
            (left, top, right, top + thin - 1),
            (left, bottom - thin + 1, right, bottom),
            (left, top, left + thin - 1, bottom),
            (right - thin + 1, top, right, bottom),
        ),
        np.int32,
    )


def row_px() -> float:
    """Return the height of a row with text, px."""
    return theme.font("small").pixelSize() + 5.0
