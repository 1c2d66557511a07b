"""The painted depth: bids to the left, asks to the right of the middle, each a staircase of cumulative size.

The pointer (or Left and Right) reads a price: how much rests up to there, what it costs to move the market there and
at what price on average. The wheel reaches farther or less far.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.charts.axes import MARK
from crs_desktop.charts.canvas import Canvas, RectBatch, text_width
from crs_desktop.charts.crosshair import paint_box, paint_crosshair, paint_crosshair_tags
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import CENTRE, LEFT, PADDING
from crs_desktop.charts.scale import NumberGrid, nice_ceiling, number_ticks
from crs_desktop.charts.steps import area_boxes, step_boxes
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.depth import DepthModel
from crs_desktop.viewmodels.heat_picture import Floats
from engine.domain.order import Side

SIZE_APART, PRICE_APART = 26.0, 90.0
STEP_PX = 8.0
"""How far an arrow key moves the reading."""
HEADROOM = 1.08


class DepthView(QWidget):
    """Paints a `DepthModel`."""

    def __init__(self, model: DepthModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.view, self.frame = Viewport(), Frame(100, 100, 60, 24, ())
        self.hover: float | None = None
        """The pixel column that is read."""
        self._batch = RectBatch()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ownKeys", "Left Right Up Down")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, 90)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Prefer a wide pane."""
        return QSize(600, 200)

    def sync(self) -> None:
        """Take the book as it is now and paint it."""
        self._model.update()
        self._lay_out()
        if self.hasFocus() and self.hover is not None:
            self.setAccessibleDescription(" ".join(self.reading()))
        self.update()

    def _lay_out(self) -> None:
        model = self._model
        middle, span = model.middle, model.span_bps
        if middle is None or span is None:
            return
        away = max(middle * span / 10_000, 1.0)
        lowest, highest = middle - away, middle + away
        most = max(model.bids.up_to(ceil(lowest), Side.BUY).lots, model.asks.up_to(int(highest), Side.SELL).lots, 1)
        top = nice_ceiling(most * HEADROOM)
        font = theme.font("small")
        width = text_width(font, self._sizes().short(top)) + 2 * PADDING + 8
        line = round(22 * max(theme.current().font_scale, 1.0))
        self.frame = Frame(self.width(), self.height(), ceil(width / 8) * 8, line, ())
        view = self.view
        view.width, view.height = self.frame.plot_width, self.frame.price_height
        view.left, view.bar_px = lowest, view.width / (2 * away)  # a "bar" is a tick
        view.low, view.high = 0.0, float(top)

    def _sizes(self) -> NumberGrid:
        return NumberGrid.of_quantity(self._model.desk.pair)

    def _prices(self) -> NumberGrid:
        return NumberGrid.of_price(self._model.desk.pair)

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint grid, both staircases, axes and what is read."""
        painter = QPainter(self)
        canvas = Canvas(painter, self.devicePixelRatioF())
        canvas.box(0, 0, self.width(), self.height(), theme.color("surface"))
        painter.setFont(theme.font("small"))
        middle = self._model.middle
        if middle is None:
            self._paint_sentence(painter)
        else:
            self._paint_axes(canvas)
            painter.save()
            painter.setClipRect(QRectF(0, 0, self.frame.plot_width, self.frame.price_height))
            self._paint_stairs(painter, Side.BUY, "up")
            self._paint_stairs(painter, Side.SELL, "down")
            x = self.view.x(middle)
            canvas.dashed(x, 0, x, self.frame.price_height, theme.color("text_faint"), 3.0)
            if not self._model.is_synced:
                canvas.hatched(0, 0, self.frame.plot_width, self.frame.price_height, theme.color("gap"))
            painter.restore()
            self._paint_middle(canvas, middle)
            self._paint_pointer(canvas)
            if doubt := spoken(self._model.state):
                theme.paint_banner(painter, QRect(0, 0, int(self.frame.plot_width), int(self.frame.height)), doubt)
        if self.hasFocus():
            edge = 2 * canvas.hair
            painter.setPen(QPen(theme.color("focus"), edge))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2))
        painter.end()

    def heights(self, side: Side, columns: int) -> Floats:
        """Return the cumulative size at each of so many pixel columns, NaN beyond the touch and the known book."""
        depth, is_bid = self._model.side(side), side is Side.BUY
        prices = self.view.left + (np.arange(columns) + 0.5) * (self.view.bars / columns)
        if is_bid:
            count = len(depth) - np.searchsorted(depth.prices[::-1], prices, side="left")
        else:
            count = np.searchsorted(depth.prices, prices, side="right")
        sizes = np.concatenate(([np.nan], depth.lots.astype(np.float64)))[count]
        end = depth.prices[-1]
        sizes[prices < end if is_bid else prices > end] = np.nan
        return sizes

    def _paint_stairs(self, painter: QPainter, side: Side, tone: str) -> None:
        view, ratio = self.view, self.devicePixelRatioF()
        columns = ceil(view.width * ratio)
        y = (view.high - self.heights(side, columns)) * (view.height * ratio / view.high)
        bottom, hair = round(view.height * ratio), max(1, round(1.5 * ratio))
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        self._batch.draw(painter, area_boxes(y, 0.0, 1.0, bottom), theme.color(tone, 44))
        self._batch.draw(painter, step_boxes(y, 0.0, 1.0, hair), theme.color(tone))
        painter.restore()

    def _paint_axes(self, canvas: Canvas) -> None:
        frame, view = self.frame, self.view
        scale = max(theme.current().font_scale, 1.0)
        muted, edge, faint = theme.color("text_muted"), theme.color("border"), theme.color("grid")
        line = float(canvas.painter.fontMetrics().height())
        for size in number_ticks(0.0, view.high, view.height, SIZE_APART * scale, self._sizes()):
            y = view.y(size.value)
            canvas.horizontal(y, 0, frame.plot_width, faint)
            if line / 2 <= y <= view.height - 2:
                text = self._sizes().short(size.value)
                canvas.text(frame.plot_width + PADDING, y - line / 2, frame.axis_width, line, text, muted, LEFT)
        canvas.vertical(frame.plot_width, 0, frame.height, edge)
        canvas.horizontal(frame.time_top, 0, frame.width, edge)
        metrics = canvas.painter.fontMetrics()
        for price in number_ticks(view.left, view.right, view.width, PRICE_APART * scale, self._prices()):
            x, width = view.x(price.value), float(metrics.horizontalAdvance(price.text))
            canvas.vertical(x, 0, frame.time_top, faint)
            if width / 2 < x < frame.plot_width - width / 2:
                canvas.vertical(x, frame.time_top, frame.time_top + MARK, edge)
                box = (x - width / 2 - 4, frame.time_top + 1, width + 8, frame.axis_height - 1)
                canvas.text(*box, price.text, muted, CENTRE)
        base = self._model.desk.pair.base.code
        box = (frame.plot_width + PADDING, frame.time_top + 1, frame.axis_width - PADDING, frame.axis_height - 1)
        canvas.text(*box, base, theme.color("text_faint"), LEFT)

    def _paint_middle(self, canvas: Canvas, middle: float) -> None:
        text = self._model.figures.price(int(middle))
        metrics = canvas.painter.fontMetrics()
        width, line = float(metrics.horizontalAdvance(text)) + 12, float(metrics.height())
        x = self.view.x(middle) - width / 2
        canvas.tag(QRectF(x, 3, width, line + 2), theme.color("raised"), theme.color("border_strong"))
        canvas.text(x, 4, width, line, text, theme.color("text"), CENTRE)

    def reading(self) -> list[str]:
        """Return what is read at the pointer, in words."""
        if self.hover is None:
            return []
        return [spoken(each) for each in self._model.told(self.view.bar(self.hover))]

    def _paint_pointer(self, canvas: Canvas) -> None:
        lines = self.reading()
        if self.hover is None or not lines or self.hover >= self.frame.plot_width:
            return
        price = self.view.bar(self.hover)
        side = Side.BUY if price < (self._model.middle or 0) else Side.SELL
        through = self._model.side(side).up_to(ceil(price) if side is Side.BUY else int(price), side)
        y = self.view.y(float(through.lots))
        paint_crosshair(canvas, self.frame, self.hover, y)
        text = self._model.figures.price(round(price))
        paint_crosshair_tags(canvas, self.frame, self.hover, y, self._sizes().short(through.lots), text)
        paint_box(canvas, self.frame, self.hover, y, lines)

    def _paint_sentence(self, painter: QPainter) -> None:
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_muted"))
        area = QRectF(24, 0, max(self.width() - 48, 1), self.height())
        text = spoken(self._model.state) or tr("Nothing to show yet.")
        painter.drawText(area, CENTRE | Qt.TextFlag.TextWordWrap.value, text)

    # -- what the user does -------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Follow the pointer and the focus."""
        kind = event.type()
        if isinstance(event, QMouseEvent) and kind == QEvent.Type.MouseMove:
            self.hover = event.position().x()
            self.update()
        elif kind == QEvent.Type.Leave:
            self.hover = None
            self.update()
        elif kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Reach farther or less far."""
        self._model.zoom(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click picks the price."""
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() < self.frame.plot_width:
            self._model.pick(self.view.bar(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Left and Right read prices, Up and Down reach less far or farther."""
        steps = {Qt.Key.Key_Left: -STEP_PX, Qt.Key.Key_Right: STEP_PX}
        zooms = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        key = Qt.Key(event.key())
        if key in steps:
            at = self.frame.plot_width / 2 if self.hover is None else self.hover + steps[key]
            self.hover = min(max(at, 0.0), self.frame.plot_width - 1)
            self.setAccessibleDescription(" ".join(self.reading()))
            self.update()
        elif key in zooms:
            self._model.zoom(zooms[key])
        else:
            super().keyPressEvent(event)
