"""The candle chart: price pane, volume pane, axes, marks, crosshair, on one plain widget.

What rarely changes is a kept picture (`layer`); every frame copies it and paints the newest candle,
our orders and fills, labels and crosshair over it. Nothing per frame depends on how many bars are
loaded.
"""

from __future__ import annotations

from math import ceil, floor
from time import perf_counter

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.charts.axes import paint_price_axis
from crs_desktop.charts.canvas import Canvas, text_width
from crs_desktop.charts.crosshair import legend_parts, paint_crosshair, paint_crosshair_tags, paint_parts
from crs_desktop.charts.frame import Frame, Zone
from crs_desktop.charts.gesture import OWN_KEYS, Gestures
from crs_desktop.charts.labels import CENTRE, PADDING, AxisLabel, ink_on, paint_labels, place_labels
from crs_desktop.charts.layer import VOLUME_TOP, Layer, Scene
from crs_desktop.charts.marks import OrderTag
from crs_desktop.charts.overlay import Overlay, Plane
from crs_desktop.charts.scale import NumberGrid, countdown_text, instant_text, nice_ceiling
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.chart import ChartModel, ChartState
from crs_desktop.viewmodels.series import BarSeries
from engine.domain.order import OrderId

FLASH_SECONDS = 0.25
FEW_BARS = 64
"""A fresh chart of fewer bars shows them wider: as if these filled it."""
START_BAR_PX = 4.0
"""Width of a bar in a fresh chart: the least at which body, wick and gap are whole pixels and can be told apart."""
INPUT = frozenset(
    {
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.Leave,
    }
)
"""What overlays may take before the chart's own gestures."""


class ChartView(QWidget):
    """Shows a `ChartModel`; `sync` takes over what is new, once per frame."""

    def __init__(self, model: ChartModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.view = Viewport()
        self.frame = Frame.of(800, 500, 80, 24)
        self.hover: tuple[float, float] | None = None
        self.selected: OrderId | None = None
        self.tags: list[OrderTag] = []
        self.overlays: list[Overlay] = []
        """Painted over the candles in order; the last is the first to be offered an event."""
        self._series: BarSeries = model.series
        self._stop = 0
        self._scene = self._made_scene()
        self.layer = Layer()
        self._close: float | None = None
        self._flash, self._flash_until = "", 0.0
        self._second = -1
        self.gestures = Gestures(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, 120)
        self.setAccessibleName(tr("Price chart"))
        self.setProperty("ownKeys", OWN_KEYS)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Prefer a wide pane."""
        return QSize(800, 500)

    # -- state ------------------------------------------------------------------------------------

    @property
    def plane(self) -> Plane:
        """The price pane as it is now."""
        return Plane(self.model.pair, self._series, self.view, self.frame)

    @property
    def needs_frame(self) -> bool:
        """Whether the countdown moved on or a flash is over."""
        if self.model.state is not ChartState.READY:
            return False
        flash_over = bool(self._flash) and perf_counter() >= self._flash_until
        return flash_over or self.model.remaining // 1_000_000_000 != self._second

    def sync(self) -> None:
        """Take over what the model has and ask for a repaint."""
        model = self.model
        model.fold()
        fresh = model.series is not self._series or (not self._stop and len(model.series))
        if fresh:
            self._series, self._stop, self._close = model.series, 0, None
            self.hover, self.selected = None, None
        series = self._series
        self._note_price()
        if fresh and len(series):
            self.show_start()
        elif series.stop != self._stop:
            self.view.follow(self._stop, series.stop)
        self._stop = series.stop if len(series) else 0
        self.prepare()
        self._describe()
        self.update()
        model.need_older(self.view.left, self.view.bars)

    def show_start(self) -> None:
        """Show the newest bars at a comfortable width, on a scale that follows them."""
        self._lay_out()
        room = self.frame.plot_width / max(len(self._series), FEW_BARS)
        self.view.bar_px = float(max(START_BAR_PX, floor(room)))
        self.view.auto = True
        self.view.show_latest(self._series.stop)

    def reset(self) -> None:
        """Go back to where a fresh chart begins."""
        self.show_start()
        self.gestures.follow_prices()

    def moved(self) -> None:
        """Repaint after the user changed the view, and load what came near."""
        self.prepare()
        self.model.need_older(self.view.left, self.view.bars)
        self.update()

    def prepare(self) -> None:
        """Lay out, pick the visible candles and fit the scale."""
        self._lay_out()
        view = self.view
        scene = self._scene = self._made_scene()
        if view.auto and (extremes := scene.columns.extremes()) is not None:
            view.fit(*extremes)

    def _made_scene(self) -> Scene:
        view, series, ratio = self.view, self._series, self.devicePixelRatioF()
        columns = series.columns(floor(view.left), ceil(view.right), view.size(ratio))
        most = float(columns.volume.max()) if len(columns) else 0.0
        return Scene(self.model.pair, series, view, self.frame, columns, nice_ceiling(most) if most > 0 else 1.0, ratio)

    def _lay_out(self) -> None:
        font = theme.font("small")
        grid = NumberGrid.of_price(self.model.pair)
        last = self.model.last
        widest = max(self.view.high, last.high if last else 0.0)
        width = max(text_width(font, grid.text(widest)), text_width(font, "00:00:00")) + 2 * PADDING + 2
        self.view.top_px = self._legend_height()
        scale = theme.current().font_scale
        frame = Frame.of(self.width(), self.height(), ceil(width / 8) * 8, round(24 * max(scale, 1.0)))
        if frame != self.frame or self.view.width != frame.plot_width:
            self.frame = frame
            self.view.resize(frame.plot_width, frame.price_height)

    def _note_price(self) -> None:
        last = self.model.last
        now = perf_counter()
        if last is None:
            return
        if self._close is not None and last.close != self._close and theme.flashes():
            self._flash = "up" if last.close > self._close else "down"
            self._flash_until = now + FLASH_SECONDS
        elif now >= self._flash_until:
            self._flash = ""
        self._close = last.close

    def _legend_height(self) -> int:
        return QFontMetrics(theme.font("title")).height() + QFontMetrics(theme.font("number")).height() + 12

    def _describe(self) -> None:
        last = self.model.last
        grid = NumberGrid.of_price(self.model.pair)
        price = grid.text(last.close) if last else tr("no price yet")
        text = tr(
            "{symbol}, {timeframe} candles, last price {price}, {label}",
            symbol=self.model.pair.symbol,
            timeframe=str(self.model.timeframe),
            price=price,
            label=self.model.label,
        )
        if self.accessibleDescription() != text:
            self.setAccessibleDescription(text)

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Copy the kept layer (made anew if out of date) and paint what is live over it."""
        painter = QPainter(self)
        canvas = Canvas(painter, self.devicePixelRatioF())
        if self.model.state is not ChartState.READY or not len(self._series):
            self._paint_sentence(canvas)
            painter.end()
            return
        if self._scene.ratio != canvas.ratio:
            self.prepare()
        painter.drawPixmap(0, 0, self.layer.picture(self._scene))
        self.layer.paint_candles(painter, self._scene, live=True)
        painter.setFont(theme.font("small"))
        self._paint_marks(canvas)
        self._paint_labels(canvas)
        self._paint_legend(canvas)
        self._paint_pointer(canvas)
        if self.gestures.shows_focus:
            self._paint_focus(canvas)
        painter.end()

    def _paint_marks(self, canvas: Canvas) -> None:
        canvas.painter.save()
        canvas.painter.setClipRect(QRectF(0, 0, self.frame.plot_width, self.frame.price_height))
        for overlay in self.overlays:
            overlay.paint(canvas, self.plane)
        canvas.painter.restore()

    def _paint_labels(self, canvas: Canvas) -> None:
        model, frame, view = self.model, self.frame, self.view
        labels = []
        last = model.last
        if last is not None:
            rising = last.close >= last.open
            fill = theme.color(self._flash or ("up_fill" if rising else "down_fill"))
            y = view.y(last.close)
            self._second = model.remaining // 1_000_000_000
            lines = [NumberGrid.of_price(model.pair).text(last.close)]
            if model.is_live:
                lines.append(countdown_text(model.remaining))
            if 0 <= y <= frame.price_height:
                canvas.dashed(0, y, frame.plot_width, y, theme.color("up" if rising else "down"), 2.0)
            middle = y + (len(lines) - 1) * canvas.painter.fontMetrics().height() / 2
            labels.append(AxisLabel(middle, tuple(lines), fill, ink_on(fill), None, 3))
        for overlay in self.overlays:
            labels += overlay.labels(self.plane)
        line = float(canvas.painter.fontMetrics().height())
        places = place_labels(labels, line, frame.price_height)
        taken = list(places)
        if self.hover is not None and frame.zone(*self.hover) is Zone.PLOT:
            taken.append((self.hover[1] - line / 2, self.hover[1] + line / 2))
        paint_price_axis(canvas, frame, view, self.layer.prices, taken)
        paint_labels(canvas, labels, places, frame.plot_width + 1, frame.axis_width - 1)

    def _paint_legend(self, canvas: Canvas) -> None:
        model, painter = self.model, canvas.painter
        index = self._series.stop - 1
        if self.hover is not None and self.frame.zone(*self.hover) in (Zone.PLOT, Zone.VOLUME):
            index = min(index, floor(self.view.bar(self.hover[0])))  # right of the newest bar: the newest
        row, before = self._series.row(index), self._series.row(index - 1)
        painter.setFont(theme.font("title"))
        limit = self.frame.plot_width - 8
        height = float(painter.fontMetrics().height())
        tone = model.label.lower() if model.label.lower() in ("simulated", "replay") else "text_muted"
        x = paint_parts(canvas, 8, 6, [(model.pair.symbol, "text"), (str(model.timeframe), "text_muted")], limit)
        painter.setFont(theme.font("small"))
        notes = [(model.label, tone)]
        if model.loading_older:
            notes.append((tr("loading older candles…"), "text_muted"))
        paint_parts(canvas, x, 6 + (height - painter.fontMetrics().height()) / 2, notes, limit)
        painter.setFont(theme.font("number"))
        parts = legend_parts(row, before, NumberGrid.of_price(model.pair), NumberGrid.of_quantity(model.pair))
        paint_parts(canvas, 8, 8 + height, parts, limit)
        painter.setFont(theme.font("small"))

    def _paint_pointer(self, canvas: Canvas) -> None:
        if self.hover is None:
            return
        x, y = self.hover
        frame, view = self.frame, self.view
        if frame.zone(x, y) not in (Zone.PLOT, Zone.VOLUME):
            return
        index = floor(view.bar(x))
        middle = view.x(index + 0.5)
        paint_crosshair(canvas, frame, middle, y)
        if y < frame.price_height:
            value = NumberGrid.of_price(self.model.pair).text(round(view.price(y)))
        else:
            share = (frame.time_top - y) / max(frame.volume_height - VOLUME_TOP, 1.0)
            value = NumberGrid.of_quantity(self.model.pair).short(share * self._scene.most)
        paint_crosshair_tags(
            canvas, frame, middle, y, value, instant_text(self._series.start(index), self._series.step)
        )

    def _paint_focus(self, canvas: Canvas) -> None:
        color, edge = theme.color("focus"), 2 * canvas.hair
        width, height = float(self.width()), float(self.height())
        canvas.box(0, 0, width, edge, color)
        canvas.box(0, height - edge, width, edge, color)
        canvas.box(0, 0, edge, height, color)
        canvas.box(width - edge, 0, edge, height, color)

    def _paint_sentence(self, canvas: Canvas) -> None:
        """Say why there are no candles."""
        model, painter = self.model, canvas.painter
        canvas.box(0, 0, self.width(), self.height(), theme.color("surface"))
        text = tr(model.problem.source, **model.problem.values)
        if model.state in (ChartState.LOADING, ChartState.READY):
            text = tr("Loading {symbol} {timeframe}…", symbol=model.pair.symbol, timeframe=str(model.timeframe))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_muted"))
        area = QRectF(24, 0, max(self.width() - 48, 1), self.height())
        painter.drawText(area, CENTRE | Qt.TextFlag.TextWordWrap.value, text)
        if self.gestures.shows_focus:
            self._paint_focus(canvas)

    # -- events -----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the newest bars where they are."""
        super().resizeEvent(event)
        self.prepare()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Take a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.prepare()

    def event(self, event: QEvent) -> bool:
        """Hand input to the overlays first, then to the gestures."""
        if len(self._series) and event.type() in INPUT:
            plane = self.plane
            if any(overlay.take(event, plane) for overlay in reversed(self.overlays)):
                return True
        return self.gestures.take(event) or super().event(event)
