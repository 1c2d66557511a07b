"""The part of a candle chart that rarely changes, kept as a picture: grid, holes, closed bars and curves, time axis.

It is painted anew when the view, the size, the theme or what is closed changes; a live tick and a
move of the pointer only copy it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from crs_desktop import theme
from crs_desktop.charts.axes import PRICE_SPACING, TIME_SPACING, paint_grid, paint_pane_grid, paint_time_axis
from crs_desktop.charts.bars import BarPainter, ClosePainter
from crs_desktop.charts.canvas import Canvas, text_width
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import CENTRE
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.price_scale import price_ticks
from crs_desktop.charts.scale import NumberGrid, PriceTick, span_text, time_ticks
from crs_desktop.charts.subpane import Curve, SubPane
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import tr
from crs_desktop.viewmodels import time_zone
from crs_desktop.viewmodels.chart_style import BarKind
from crs_desktop.viewmodels.series import BarSeries, Columns
from crs_desktop.viewmodels.value_column import ValueColumn
from engine.domain.pair import TradingPair


@dataclass(slots=True)
class Scene:
    """What is to be painted: the bars in view and where, curves over them, panes under them with their places."""

    pair: TradingPair
    series: BarSeries
    view: Viewport
    frame: Frame
    columns: Columns
    ratio: float
    base: float = 0.0
    """The price of 0 % on a percent scale."""
    kind: BarKind = BarKind.CANDLES
    closes: ValueColumn | None = None
    """What a line or an area is drawn through."""
    bare: bool = False
    """Whether a curve draws the bars."""
    curves: Sequence[Curve] = ()
    panes: Sequence[tuple[SubPane, PaneArea]] = ()
    """Those that show more than their legend."""

    @property
    def price_area(self) -> PaneArea:
        """The price pane."""
        view, frame = self.view, self.frame
        return PaneArea(view, 0.0, frame.plot_width, frame.price_height, view.low, view.high, of_price=True)

    def key(self) -> tuple[object, ...]:
        """Return what a picture of the scene depends on, the newest bar aside."""
        view, frame = self.view, self.frame
        return (
            (view.left, view.bar_px, view.low, view.high, view.width, view.height, view.scale, view.inverted),
            (frame, self.ratio, theme.current(), time_zone.chosen().name),
            (id(self.series), self.series.version, self.kind, self.base, self.bare),
            tuple((id(each), each.version) for each in self.curves),
            tuple((id(each), each.version, area.low, area.high) for each, area in self.panes),
        )


class Layer:
    """The kept picture of a scene."""

    def __init__(self) -> None:
        self._bars, self._line = BarPainter(), ClosePainter()
        self._picture: QPixmap | None = None
        self._key: tuple[object, ...] = ()
        self.prices: list[PriceTick] = []
        """The price ticks whose grid lines are in the picture."""
        self.values: list[Sequence[PriceTick]] = []
        """The same of each pane under the prices."""
        self.painted = 0
        """How often the picture was painted anew."""

    def picture(self, scene: Scene) -> QPixmap:
        """Return the picture, painted anew if it is out of date."""
        key = scene.key()
        if self._picture is None or key != self._key:
            self._picture, self._key = self._paint(scene), key
            self.painted += 1
        return self._picture

    def paint_data(self, canvas: Canvas, scene: Scene, *, live: bool) -> None:
        """Paint what the newest bar holds, or all that is closed: panes, bars, curves over them."""
        painter = canvas.painter
        for pane, area in scene.panes:
            painter.save()
            painter.setClipRect(QRectF(0, area.top, area.width, area.height))
            pane.paint(canvas, area, live)
            painter.restore()
        painter.save()
        painter.setClipRect(QRectF(0, 0, scene.frame.plot_width, scene.frame.price_height))
        area = scene.price_area
        if not scene.bare:
            self._paint_bars(canvas, area, scene, live=live)
        for curve in scene.curves:
            curve.paint(canvas, area, live)
        painter.restore()

    def _paint_bars(self, canvas: Canvas, area: PaneArea, scene: Scene, *, live: bool) -> None:
        if scene.closes is not None:
            self._line.paint(canvas, area, scene.closes, filled=scene.kind is BarKind.AREA, live=live)
        else:
            self._bars.paint(canvas, area, scene.columns, scene.series, scene.kind, live=live)

    def _paint(self, scene: Scene) -> QPixmap:
        view, frame, ratio = scene.view, scene.frame, scene.ratio
        size = QSize(round(frame.width * ratio), round(frame.height * ratio))
        picture = self._picture
        if picture is None or picture.size() != size:  # memory fresh from the system costs as much as painting on it
            picture = QPixmap(size)
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.color("surface"))
        painter = QPainter(picture)
        painter.setFont(theme.font("small"))
        canvas = Canvas(painter, ratio)
        scale = theme.current().font_scale
        grid = NumberGrid.of_price(scene.pair)
        self.prices = price_ticks(view, PRICE_SPACING * scale, grid, scene.base)
        zone = time_zone.chosen()
        ticks = time_ticks(scene.series, view, TIME_SPACING * scale, zone)
        if scene.closes is not None and scene.kind is BarKind.AREA:
            self._line.ground(canvas, scene.price_area, scene.closes)
        paint_grid(canvas, frame, view, self.prices, ticks)
        _paint_holes(canvas, scene)
        self.values = [pane.axis(area) for pane, area in scene.panes]
        for (pane, area), values in zip(scene.panes, self.values, strict=True):
            if not pane.exact:
                paint_pane_grid(canvas, frame, area, values)
        self.paint_data(canvas, scene, live=False)
        _paint_edges(canvas, frame)
        paint_time_axis(canvas, frame, view, ticks, zone.label(scene.series.start(floor(view.right))))
        painter.end()
        return picture


def _paint_edges(canvas: Canvas, frame: Frame) -> None:
    edge = theme.color("border")
    for slot in frame.slots:
        canvas.horizontal(slot.top, 0, frame.width, edge)
    canvas.vertical(frame.plot_width, 0, frame.height, edge)


def _paint_holes(canvas: Canvas, scene: Scene) -> None:
    """Hatch what has no data and say from when to when, as far as there is room for the words."""
    view, frame = scene.view, scene.frame
    line = float(canvas.painter.fontMetrics().height()) + 2
    taken = 0.0
    for hole in scene.series.holes(floor(view.left), ceil(view.right)):
        left, right = max(view.x(hole.first), 0.0), min(view.x(hole.stop), frame.plot_width)
        if right <= left:
            continue
        canvas.box(left, 0, right - left, frame.time_top, theme.color("gap", 40))
        canvas.hatched(left, 0, right - left, frame.time_top, theme.color("gap"))
        text = tr("no data {span}", span=span_text(hole.since, hole.until, time_zone.chosen()))
        width = text_width(canvas.painter.font(), text) + 12
        x = min(max((left + right - width) / 2, 0.0), frame.plot_width - width)
        if x < taken:
            continue
        taken = x + width + 4
        y = frame.price_height - line - 4
        canvas.tag(QRectF(x, y, width, line), theme.color("surface"), theme.color("border"))
        canvas.text(x, y, width, line, text, theme.color("text_muted"), CENTRE)
