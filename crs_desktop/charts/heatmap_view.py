"""The painted heatmap: what rests over time and price, bid and ask, trades as bubbles, axes and a legend.

The picture of the sizes is kept until a column is added or another part is looked at; the pointer repaints only what
lies over it. Wheel: zoom in time, with Ctrl in prices, with Shift back and forth; drag: both.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.charts.axes import paint_price_axis, paint_time_axis
from crs_desktop.charts.bubbles import Bubbles
from crs_desktop.charts.canvas import Canvas, RectBatch, text_width
from crs_desktop.charts.crosshair import paint_box, paint_crosshair, paint_crosshair_tags
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.heat_colours import ramp
from crs_desktop.charts.heat_pixels import HeatPixels
from crs_desktop.charts.labels import CENTRE, PADDING, AxisLabel, ink_on, paint_labels, place_labels
from crs_desktop.charts.scale import NumberGrid, calendar_ticks, instant_text, number_ticks
from crs_desktop.charts.steps import step_boxes
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.heat_picture import HeatPicture
from crs_desktop.viewmodels.heat_ring import lots_of
from crs_desktop.viewmodels.heatmap import HeatmapModel
from engine.domain.number import NANOS_PER_SECOND

TIME_APART = 84.0
PRICE_APART = 30.0
KEYS = "Left Right Up Down PgUp PgDown Home End + - P"
PAGE = 100
"""Columns that a page key goes back or forward."""


class HeatmapView(QWidget):
    """Paints a `HeatmapModel` and hands it what the user does."""

    def __init__(self, model: HeatmapModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.picture: HeatPicture | None = None
        self.pixels = HeatPixels()
        self._bubbles, self._batch = Bubbles(), RectBatch()
        self.view, self.frame = Viewport(), Frame(100, 100, 60, 24, ())
        self.hover: tuple[float, float] | None = None
        self._drag: tuple[float, float] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ownKeys", KEYS)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 100)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Prefer a wide pane."""
        return QSize(720, 220)

    # -- what is shown ------------------------------------------------------------------------------

    def sync(self) -> None:
        """Take the model's state and paint it."""
        self._lay_out()
        frame = self.frame
        self.picture = self._model.picture(frame.plot_width)
        if self.picture is not None:
            self._place(self.picture)
        self.update()

    def _lay_out(self) -> None:
        grid, ring = self._grid(), self._model.ring
        price = 1e6 if ring is None or ring.low is None else (ring.low + ring.rows) * ring.step
        font = theme.font("small")
        width = text_width(font, grid.text(price)) + 2 * PADDING + 2
        line = round(22 * max(theme.current().font_scale, 1.0))
        self.frame = Frame(self.width(), self.height(), ceil(width / 8) * 8, line, ())

    def _place(self, picture: HeatPicture) -> None:
        """Let the viewport's bars be columns, its prices ticks."""
        view, frame = self.view, self.frame
        view.width, view.height, view.bar_px = frame.plot_width, frame.price_height, self._model.column_px
        view.left = picture.stop - view.bars
        view.low, view.high = float(picture.low * picture.step), float(picture.high * picture.step)

    def _grid(self) -> NumberGrid:
        return NumberGrid.of_price(self._model.desk.pair)

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint everything; the sizes are one picture, a line or all bubbles one call."""
        painter = QPainter(self)
        canvas = Canvas(painter, self.devicePixelRatioF())
        painter.setFont(theme.font("small"))
        picture, frame, ground = self.picture, self.frame, theme.color("surface")
        if picture is None or picture.stop == picture.first:
            canvas.box(0, 0, self.width(), self.height(), ground)
            self._paint_sentence(painter)
        else:
            canvas.box(frame.plot_width, 0, frame.axis_width, self.height(), ground)
            canvas.box(0, frame.price_height, frame.plot_width, frame.axis_height, ground)
            painter.save()
            painter.setClipRect(QRectF(0, 0, self.frame.plot_width, self.frame.price_height))
            self._paint_sizes(painter, picture)
            self._paint_touch(painter, picture)
            if self._model.bubbles:
                self._bubbles.paint(painter, picture, self.view, self.devicePixelRatioF())
            self._paint_gaps(canvas, picture)
            painter.restore()
            self._paint_axes(canvas, picture)
            self._paint_legend(canvas)
            self._paint_pointer(canvas, picture)
            if doubt := spoken(self._model.doubt):
                theme.paint_banner(painter, QRect(0, 0, int(frame.plot_width), int(frame.price_height)), doubt)
        if self.hasFocus():
            edge = 2 * canvas.hair
            painter.setPen(QPen(theme.color("focus"), edge))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2))
        painter.end()

    def _paint_sizes(self, painter: QPainter, picture: HeatPicture) -> None:
        ring, ratio = self._model.ring, self.devicePixelRatioF()
        if ring is None:
            return
        size = round(self.frame.plot_width * ratio), round(self.frame.price_height * ratio)
        self.pixels.update(ring, picture, self._model.scale(), self.view.bar_px * ratio, size)
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(0, 0, self.pixels.image())
        painter.restore()

    def _paint_touch(self, painter: QPainter, picture: HeatPicture) -> None:
        """Draw best bid and ask as steps."""
        view, ratio = self.view, self.devicePixelRatioF()
        hair = max(1, round(ratio))
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        for prices, tone in ((picture.bid, "up"), (picture.ask, "down")):
            y = (view.high - prices) * (view.height * ratio / (view.high - view.low))
            boxes = step_boxes(y, view.x(picture.first) * ratio, view.bar_px * ratio, hair)
            self._batch.draw(painter, boxes, theme.color(tone))
        painter.restore()

    def _paint_gaps(self, canvas: Canvas, picture: HeatPicture) -> None:
        """Hatch what was recorded while the book could not be trusted."""
        lost = np.flatnonzero(np.diff(np.concatenate(([False], ~picture.trusted, [False])).astype(np.int8)))
        for begin, end in lost.reshape(-1, 2).tolist():
            left, right = self.view.x(picture.first + begin), self.view.x(picture.first + end)
            canvas.hatched(left, 0, right - left, self.frame.price_height, theme.color("text_faint"))

    def _paint_axes(self, canvas: Canvas, picture: HeatPicture) -> None:
        frame, view, grid = self.frame, self.view, self._grid()
        scale = max(theme.current().font_scale, 1.0)
        prices = number_ticks(view.low, view.high, view.height, PRICE_APART * scale, grid)
        labels = self._touch_labels(picture, grid)
        places = place_labels(labels, float(canvas.painter.fontMetrics().height()), frame.price_height)
        paint_price_axis(canvas, frame, view, prices, places)
        paint_labels(canvas, labels, places, frame.plot_width + 1, frame.axis_width - 1)
        at = picture.at
        if len(at) < 2:
            return
        least = TIME_APART * scale / view.bar_px * float(at[-1] - at[0]) / (len(at) - 1) / NANOS_PER_SECOND
        ticks = calendar_ticks(
            int(at[0]), int(at[-1]), max(least, 1.0),
            lambda instant: float(picture.first + int(np.searchsorted(at, instant))), TIME_APART * scale / view.bar_px,
        )  # fmt: skip
        paint_time_axis(canvas, frame, view, ticks)

    def _touch_labels(self, picture: HeatPicture, grid: NumberGrid) -> list[AxisLabel]:
        labels = []
        for price, tone in ((picture.ask[-1], "down_fill"), (picture.bid[-1], "up_fill")):
            if price == price and self.view.low <= price < self.view.high:  # NaN is not itself
                fill = theme.color(tone)
                labels.append(AxisLabel(self.view.y(float(price)), (grid.text(float(price)),), fill, ink_on(fill)))
        return labels

    def _paint_legend(self, canvas: Canvas) -> None:
        """Say which colour means how much."""
        figures, (low, high) = self._model.figures, self._model.scale()
        texts = [figures.quantity(round(lots_of(each)), 7) for each in (low, high)]
        base = self._model.desk.pair.base.code
        metrics = canvas.painter.fontMetrics()
        line, bar = float(metrics.height()), 72.0
        first, last = (float(metrics.horizontalAdvance(each)) for each in (texts[0], f"{texts[1]} {base}"))
        width = first + last + bar + 28
        if width > self.frame.plot_width * 0.7:
            return
        left, top = 6.0, 5.0
        canvas.tag(QRectF(left, top, width, line + 4), theme.color("raised"), theme.color("border"))
        canvas.text(left + 8, top + 2, first + 2, line, texts[0], theme.color("text_muted"), CENTRE)
        x = left + 14 + first
        painter = canvas.painter
        painter.fillRect(QRectF(x, top + 5, bar, line - 6), ramp(x, x + bar))
        canvas.text(x + bar + 6, top + 2, last + 2, line, f"{texts[1]} {base}", theme.color("text_muted"), CENTRE)

    def _paint_pointer(self, canvas: Canvas, picture: HeatPicture) -> None:
        told = self.read(picture)
        if told is None or self.hover is None:
            return
        x, y = self.hover
        price, instant, lines = told
        paint_crosshair(canvas, self.frame, x, y)
        paint_crosshair_tags(canvas, self.frame, x, y, self._grid().text(price), instant_text(instant, 1))
        paint_box(canvas, self.frame, x, y, lines)

    def read(self, picture: HeatPicture) -> tuple[int, int, list[str]] | None:
        """Return price, instant and what rests and traded under the pointer; None if it is elsewhere."""
        ring = self._model.ring
        if self.hover is None or ring is None or self.hover[0] >= self.frame.plot_width:
            return None
        if self.hover[1] >= self.frame.price_height:
            return None
        column, row = int(self.view.bar(self.hover[0]) // 1), int(self.view.price(self.hover[1]) // picture.step)
        if not picture.first <= column < picture.stop:
            return None
        size, figures = ring.size_at(column, row), self._model.figures
        base = self._model.desk.pair.base.code
        rests = tr("not recorded") if size is None else tr("{qty} {base} rest", qty=figures.quantity(size), base=base)
        lines = [rests]
        bought, _, sold, _ = picture.flow[:, column - picture.first].tolist()
        if bought or sold:
            values = {"bought": figures.quantity(bought), "sold": figures.quantity(sold)}
            lines.append(tr("{bought} bought, {sold} sold", **values))
        if not picture.trusted[column - picture.first]:
            lines.append(tr("prices could not be trusted"))
        return row * picture.step, int(picture.at[column - picture.first]), lines

    def _paint_sentence(self, painter: QPainter) -> None:
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_muted"))
        area = QRectF(24, 0, max(self.width() - 48, 1), self.height())
        painter.drawText(area, CENTRE | Qt.TextFlag.TextWordWrap.value, spoken(self._model.state))

    # -- what the user does -------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom in time, with Ctrl in prices, with Shift go back and forth."""
        turn = event.angleDelta().y() or event.angleDelta().x()
        steps = 1 if turn > 0 else -1 if turn < 0 else 0
        held = event.modifiers()
        if held & Qt.KeyboardModifier.ControlModifier:
            self._model.zoom_prices(steps)
        elif held & Qt.KeyboardModifier.ShiftModifier or event.angleDelta().x():
            self._model.pan(-steps * max(1, int(self.view.bars / 10)))
        else:
            self._model.zoom(steps)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Follow the pointer and the focus."""
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self.hover = None
            self.update()
        elif kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = (event.position().x(), event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Read what is under the pointer, or move the picture along."""
        at = (event.position().x(), event.position().y())
        self.hover = at
        if self._drag is not None and self.picture is not None:
            columns = int((self._drag[0] - at[0]) / self.view.bar_px)
            rows = int((at[1] - self._drag[1]) * (self.picture.high - self.picture.low) / self.view.height)
            if columns:
                self._model.pan(columns)
            if rows:
                self._model.pan_prices(rows)
            self._drag = (at[0] if columns else self._drag[0], at[1] if rows else self._drag[1])
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go."""
        self._drag = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the newest column and the market again."""
        self._model.show_newest()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Look around by keys; P pauses, End is live again."""
        model, key = self._model, Qt.Key
        keys: dict[int, Callable[[], None]] = {
            key.Key_Left: lambda: model.pan(-10),
            key.Key_Right: lambda: model.pan(10),
            key.Key_PageUp: lambda: model.pan(-PAGE),
            key.Key_PageDown: lambda: model.pan(PAGE),
            key.Key_Home: lambda: model.pan(-(10**9)),
            key.Key_End: model.show_newest,
            key.Key_Up: lambda: model.pan_prices(5),
            key.Key_Down: lambda: model.pan_prices(-5),
            key.Key_Plus: lambda: model.zoom(1),
            key.Key_Equal: lambda: model.zoom(1),
            key.Key_Minus: lambda: model.zoom(-1),
            key.Key_P: lambda: model.set_paused(model.is_live),
        }
        held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        do = keys.get(event.key()) if not held else None
        if do is None:
            super().keyPressEvent(event)
        else:
            do()
