"""Many drawings without many milliseconds: a picture of them that is made in slices beside the frames.

Few drawings are painted anew in every frame. When all of a pair would take longer than a frame may, the frame copies
the last picture, moved and stretched to where its bars and prices are now, and a new one is made in slices of a few
milliseconds while nobody waits. What the user points at or drags is painted live over it, so the hand feels no delay.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.drawing.painter import paint_outline
from crs_desktop.charts.drawing.sight import ChartSight
from crs_desktop.viewmodels.drawings.geometry import outline
from crs_desktop.viewmodels.drawings.outline import Outline
from crs_desktop.viewmodels.drawings.shape import Shape

FRAME_MS = 4.0
"""What drawings may take of a frame; beyond it they become a picture."""
SLICE_MS = 4.0
SHAPE_MS = 0.12
"""What a drawing is taken to cost before one has been measured."""
SURPRISE = 10.0
"""A frame is believed to cost at most so many times what was expected."""
STRETCH = 8.0
"""A picture that would be stretched more than this is not shown: its pixels would be bricks."""
Shown = list[tuple[Shape, Outline]]


class Picture:
    """The drawings of one chart as a picture; `outlines` are those in it, for the pointer."""

    def __init__(self, owner: QObject, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._timer = QTimer(owner)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)
        self._shape_ms = SHAPE_MS
        self._key: object = None
        self._pixmap: QPixmap | None = None
        self._sight: ChartSight | None = None
        self.outlines: Shown = []
        self._work: Iterator[None] | None = None
        self._wanted: object = None

    def is_needed(self, count: int) -> bool:
        """Whether so many drawings would take too long to be painted in a frame."""
        return count * self._shape_ms > FRAME_MS

    def measured(self, count: int, milliseconds: float) -> None:
        """Learn what painting so many drawings took; one slow frame, as the first may be, says little."""
        if count:
            each = min(milliseconds / count, SURPRISE * self._shape_ms)
            self._shape_ms += (each - self._shape_ms) * min(1.0, count / 50)

    def drop(self) -> None:
        """Forget the picture: few drawings are painted directly."""
        self._timer.stop()
        self._work = self._pixmap = self._sight = self._key = self._wanted = None

    def paint(self, canvas: Canvas, sight: ChartSight, shapes: Sequence[Shape], key: object) -> None:
        """Copy the picture to where it belongs now; have another one made if it is out of date."""
        if key != self._key and self._work is None:
            self._begin(canvas.ratio, sight, shapes, key)
        self._wanted = key
        if self._pixmap is None or self._sight is None:
            return
        before = self._sight
        left, right = sight.x_of_bar(before.bar_of(0.0)), sight.x_of_bar(before.bar_of(before.width))
        top, bottom = sight.y(before.price(0.0)), sight.y(before.price(before.height))
        wide, high = (right - left) / before.width, (bottom - top) / before.height
        if not (1 / STRETCH < wide < STRETCH and 1 / STRETCH < high < STRETCH):
            return
        if abs(wide - 1) < 1e-6 and abs(high - 1) < 1e-6:
            canvas.painter.drawPixmap(round(left), round(top), self._pixmap)
        else:
            canvas.painter.drawPixmap(QRectF(left, top, right - left, bottom - top), self._pixmap, _whole(self._pixmap))

    def _begin(self, ratio: float, sight: ChartSight, shapes: Sequence[Shape], key: object) -> None:
        frozen = copy.copy(sight)
        frozen.freeze()
        self._work = self._made(ratio, frozen, tuple(shapes), key)
        self._timer.start()

    def _go_on(self) -> None:
        """Work on the next picture for a slice; hand it over when it is done."""
        until = perf_counter() + SLICE_MS / 1e3
        work = self._work
        while work is not None and perf_counter() < until:
            if next(work, self) is self:
                self._work = None
                self._timer.stop()
                self._ready()
                return

    def _made(self, ratio: float, sight: ChartSight, shapes: Sequence[Shape], key: object) -> Iterator[None]:
        pixmap = QPixmap(round(sight.width * ratio), round(sight.height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        found: Shown = []
        spent = 0.0
        for shape in shapes:
            began = perf_counter()
            made = outline(shape, sight)
            if made is not None:
                painter = QPainter(pixmap)
                painter.setClipRect(QRectF(0, 0, sight.width, sight.height))
                painter.setFont(theme.font("small"))
                paint_outline(Canvas(painter, ratio), made, shape.style, (sight.width, sight.height), lit=False)
                painter.end()
                found.append((shape, made))
            spent += perf_counter() - began
            yield
        self.measured(len(shapes), spent * 1e3)
        self._pixmap, self._sight, self._key, self.outlines = pixmap, sight, key, found


def _whole(pixmap: QPixmap) -> QRectF:
    return QRectF(0, 0, pixmap.width(), pixmap.height())
