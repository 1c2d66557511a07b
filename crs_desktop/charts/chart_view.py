"""The candle chart: price pane, panes under it, axes, marks, crosshair, on one plain widget.

What rarely changes is a kept picture (`layer`); every frame copies it and paints the newest candle,
our orders and fills, labels and crosshair over it. Nothing per frame depends on how many bars are
loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, floor
from time import perf_counter

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas, text_width
from crs_desktop.charts.chart_labels import paint_axis_labels, paint_last_line
from crs_desktop.charts.chart_legend import described, legend_height, paint_chip, paint_legend, paint_sentence
from crs_desktop.charts.chart_look import take_look
from crs_desktop.charts.frame import Frame, Zone
from crs_desktop.charts.gesture import OWN_KEYS, Gestures
from crs_desktop.charts.labels import PADDING
from crs_desktop.charts.layer import Layer, Scene
from crs_desktop.charts.marks import OrderTag
from crs_desktop.charts.overlay import Overlay, Plane
from crs_desktop.charts.pane_stack import PaneStack
from crs_desktop.charts.pointer import paint_focus, paint_pointer_lines, paint_pointer_tags
from crs_desktop.charts.quotes import Quotes, quote_text
from crs_desktop.charts.scale import NumberGrid
from crs_desktop.charts.subpane import Curve, SubPane
from crs_desktop.charts.viewport import Viewport
from crs_desktop.charts.volume_pane import VolumePane
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.chart import ChartModel, ChartState
from crs_desktop.viewmodels.chart_style import ChartStyle, Scale
from crs_desktop.viewmodels.link import Cursor
from crs_desktop.viewmodels.series import BarSeries
from crs_desktop.viewmodels.shown_bars import ShownBars
from crs_desktop.viewmodels.time_zone import chosen
from engine.domain.order import OrderId

FLASH_SECONDS = 0.25
FEW_BARS = 64
"""A fresh chart of fewer bars shows them wider: as if these filled it."""
START_BAR_PX = 4.0
"""Width of a bar in a fresh chart: the least at which body, wick and gap are whole pixels and can be told apart."""
PANES = (Zone.PLOT, Zone.SUBPANE, Zone.DIVIDER)
"""Where a crosshair can be."""
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

    pointed = Signal()
    """The crosshair moved or went, or the candles under it did."""

    def __init__(self, model: ChartModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.view = Viewport()
        self.frame = Frame.of(800, 500, 80, 24)
        self._hover: tuple[float, float] | None = None
        self.shared_cursor: Cursor | None = None
        """Where another chart of the link group points; drawn while the pointer is not here."""
        self.framed = False
        """Whether a frame round the chart says that the keyboard is here, so that it needs no ring of its own."""
        self.selected: OrderId | None = None
        self.tags: list[OrderTag] = []
        self.overlays: list[Overlay] = []
        """Painted over the candles in order; the last is the first to be offered an event."""
        self.curves: list[Curve] = []
        """Drawn over the candles, on their scale; call `prepare` and `update` after a change."""
        self.start_px = START_BAR_PX
        """How wide a bar is in a fresh chart, at least."""
        self.covered: Callable[[], bool] = lambda: False
        """Whether one of the curves draws the bars now."""
        self.legend_spots: list[tuple[QRectF, str]] = []
        """Where the legend of each curve and pane stands, by its key."""
        self.stack = PaneStack()
        self.look = ChartStyle()
        self._bars = ShownBars(model.series)
        self.volume = VolumePane(lambda: self.shown, lambda: self.model.pair)
        self.subpanes.append(self.volume)
        self._stop = 0
        self.scene = self._made_scene()
        self.layer = Layer()
        self._close: float | None = None
        self.flash, self._flash_until = "", 0.0
        self.quotes = Quotes(self)
        self._zone = chosen()
        self.second = -1
        """The second of the countdown that is on the axis."""
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
    def subpanes(self) -> list[SubPane]:
        """The panes under the prices, from top to bottom; call `prepare` and `update` after a change."""
        return self.stack.panes

    @property
    def shown(self) -> BarSeries:
        """The bars that are on screen, derived ones if the style is such."""
        return self._bars.series

    @property
    def brick(self) -> float:
        """The height of a brick in ticks, 0 without bricks."""
        return self._bars.brick

    @property
    def plane(self) -> Plane:
        """The price pane as it is now."""
        return Plane(self.model.pair, self.shown, self.view, self.frame)

    @property
    def hover(self) -> tuple[float, float] | None:
        """Where the crosshair is, None without one."""
        return self._hover

    @hover.setter
    def hover(self, at: tuple[float, float] | None) -> None:
        if at != self._hover:
            self._hover = at
            self.pointed.emit()

    @property
    def pointed_bar(self) -> int | None:
        """The bar under the crosshair, or under that of the link group."""
        if self.hover is not None:
            return floor(self.view.bar(self.hover[0])) if self.frame.zone(*self.hover) in PANES else None
        return None if self.shared_cursor is None else self.shown.index_at(self.shared_cursor.instant)

    @property
    def needs_frame(self) -> bool:
        """Whether the countdown moved on, a flash is over or bid and ask are others."""
        if self.model.state is not ChartState.READY:
            return False
        flash_over = bool(self.flash) and perf_counter() >= self._flash_until
        outdated = flash_over or self.quotes.stale or self._zone is not chosen()
        if self.model.journey.detached:
            return outdated
        return outdated or self.model.remaining // 1_000_000_000 != self.second

    def sync(self) -> None:
        """Take over what the model has and ask for a repaint."""
        model = self.model
        model.fold()
        fresh = model.series is not self._bars.source or (not self._stop and len(model.series))
        if fresh:
            self._bars = ShownBars(model.series, self.look.kind, self.look.brick)
            self._stop, self._close = 0, None
            self.hover, self.selected = None, None
            self.stack.forget(pane.key for pane in self.subpanes)
        self._bars.sync()
        series = self.shown
        self._note_price()
        if fresh and len(series) and model.journey.arrived is None:
            self.show_start()
        elif series.stop != self._stop:
            self.view.follow(self._stop, series.stop)
        self._stop = series.stop if len(series) else 0
        self._jump()
        self.prepare()
        self._describe()
        self.update()
        self.pointed.emit()
        self._need_more()
        self._zone = chosen()

    def _jump(self) -> None:
        """Go where a journey arrived: the date in the middle."""
        journey, view = self.model.journey, self.view
        if journey.arrived is None or not len(self.shown):
            return
        view.left = self.shown.index_at(journey.arrived) + 0.5 - view.bars / 2
        view.pan(0.0, self.shown.first, self.shown.stop)
        self.hover = (view.x(self.shown.index_at(journey.arrived) + 0.5), self.frame.price_height / 2)
        journey.arrived = None
        if view.auto:
            view.refit()

    def set_style(self, style: ChartStyle) -> None:
        """Show the bars in another way."""
        take_look(self, style)
        self.moved()
        self._describe()

    def take_bars(self, bars: ShownBars) -> None:
        """Show bars that were derived in another way from the same source."""
        self._bars, self.hover = bars, None
        self._stop = bars.series.stop if len(bars.series) else 0

    def fold(self, key: str) -> None:
        """Show only the legend of a pane, or all of it again."""
        self.stack.fold(key)
        self.moved()

    def reset_pane(self, key: str) -> None:
        """Give a pane its first height."""
        self.stack.reset(key)
        self.moved()

    def current_style(self) -> ChartStyle:
        """Return the style with the heights of panes as they are now."""
        return replace(self.look, shares=dict(self.stack.shares), folded=frozenset(self.stack.folded))

    def remembered(self) -> dict[str, object]:
        """Return what is to be kept of the look, as plain data."""
        return self.current_style().to_dict()

    def restore(self, data: object) -> None:
        """Look as `remembered` said; what is missing or damaged gets its default."""
        self.set_style(ChartStyle.of_dict(data))

    def _need_more(self) -> None:
        """Load more bars if the view comes near an end; bricks are counted as bars."""
        view, model = self.view, self.model
        model.need_older(view.left - self.shown.first + model.series.first, view.bars)
        model.journey.need_newer(view.right - self.shown.stop + model.series.stop, view.bars)

    def show_start(self) -> None:
        """Show the newest bars at a comfortable width, on a scale that follows them."""
        self._lay_out()
        room = self.frame.plot_width / max(len(self.shown), FEW_BARS)
        self.view.bar_px = float(max(self.start_px, floor(room)))
        self.view.auto = True
        self.view.show_latest(self.shown.stop)

    def reset(self) -> None:
        """Go back to where a fresh chart begins."""
        self.show_start()
        self.gestures.follow_prices()

    def moved(self) -> None:
        """Repaint after the user changed the view, and load what came near."""
        self.prepare()
        self._need_more()
        self.update()
        self.pointed.emit()

    def prepare(self) -> None:
        """Lay out, pick the visible candles and fit the scales."""
        self._lay_out()
        view, (first, stop, size) = self.view, self._window()
        scene = self.scene = self._made_scene()
        found = [self._extremes(first, stop, size), *(curve.extremes(first, stop, size) for curve in scene.curves)]
        reaches = [each for each in found if each is not None]
        if view.auto and reaches:
            view.fit(min(low for low, _ in reaches), max(high for _, high in reaches))
        self.stack.fit(self.frame, first, stop, size)
        scene.panes = [
            (pane, self.stack.area(slot, self.frame, view))
            for pane, slot in self.stack.shown(self.frame)
            if not slot.folded
        ]

    def _extremes(self, first: int, stop: int, size: int) -> tuple[float, float] | None:
        closes = self._bars.closes
        if closes is not None:
            return closes.values.strip(first, stop, size).extremes()
        return self.scene.columns.extremes()

    def _window(self) -> tuple[int, int, int]:
        """Return which bars are in view, and how many share a candle."""
        view = self.view
        return floor(view.left), ceil(view.right), view.size(self.devicePixelRatioF())

    def _made_scene(self) -> Scene:
        bars, ratio = self._bars, self.devicePixelRatioF()
        scene = Scene(self.model.pair, bars.series, self.view, self.frame, bars.series.columns(*self._window()), ratio)
        scene.kind = bars.kind
        scene.closes = bars.closes.values if bars.closes is not None else None
        scene.curves = tuple(self.curves) if bars.same_index else ()
        scene.bare = bars.same_index and self.covered()
        if self.view.scale is Scale.PERCENT:
            scene.base = scene.columns.base()
        return scene

    def _lay_out(self) -> None:
        font = theme.font("small")
        grid = NumberGrid.of_price(self.model.pair)
        last = self.model.last
        widest = grid.text(max(self.view.high, last.high if last else 0.0))
        if self.look.quotes:
            widest = quote_text(widest)
        width = max(text_width(font, widest), text_width(font, "00:00:00")) + 2 * PADDING + 2
        self.view.top_px = legend_height(self)
        scale = max(theme.current().font_scale, 1.0)
        axis, line = round(24 * scale), round(20 * scale)
        wishes = self.stack.wishes(self.height() - axis)
        if not self._bars.same_index:
            wishes = [each for each in wishes if each.key == self.volume.key]
        frame = Frame.of(self.width(), self.height(), ceil(width / 8) * 8, axis, wishes, line)
        if frame != self.frame or self.view.width != frame.plot_width or self.view.height != frame.price_height:
            self.frame = frame
            self.view.resize(frame.plot_width, frame.price_height)

    def _note_price(self) -> None:
        last = self.model.last
        now = perf_counter()
        if last is None:
            return
        if self._close is not None and last.close != self._close and theme.flashes():
            self.flash = "up" if last.close > self._close else "down"
            self._flash_until = now + FLASH_SECONDS
        elif now >= self._flash_until:
            self.flash = ""
        self._close = last.close

    def _describe(self) -> None:
        text = described(self)
        if self.accessibleDescription() != text:
            self.setAccessibleDescription(text)

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Copy the kept layer (made anew if out of date) and paint what is live over it."""
        painter = QPainter(self)
        canvas = Canvas(painter, self.devicePixelRatioF())
        if self.model.state is not ChartState.READY or not len(self.shown):
            paint_sentence(canvas, self)
        else:
            self._paint_chart(canvas)
        if self.gestures.shows_focus and not self.framed:
            paint_focus(canvas, self.width(), self.height())
        painter.end()

    def _paint_chart(self, canvas: Canvas) -> None:
        if self.scene.ratio != canvas.ratio:
            self.prepare()
        canvas.painter.drawPixmap(0, 0, self.layer.picture(self.scene))
        self.layer.paint_data(canvas, self.scene, live=True)
        canvas.painter.setFont(theme.font("small"))
        paint_pointer_lines(canvas, self)
        self._paint_marks(canvas)
        paint_axis_labels(canvas, self)
        paint_legend(canvas, self)
        paint_chip(canvas, self)
        paint_pointer_tags(canvas, self)

    def _paint_marks(self, canvas: Canvas) -> None:
        canvas.painter.save()
        canvas.painter.setClipRect(QRectF(0, 0, self.frame.plot_width, self.frame.price_height))
        paint_last_line(canvas, self)
        for overlay in sorted(self.overlays, key=lambda each: bool(getattr(each, "in_front", True))):
            overlay.paint(canvas, self.plane)
        canvas.painter.restore()

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
        if len(self.shown) and event.type() in INPUT:
            plane = self.plane
            if any(overlay.take(event, plane) for overlay in reversed(self.overlays)):
                return True
        return self.gestures.take(event) or super().event(event)
