"""The part of a candle chart that rarely changes, kept as a picture: grid, holes, closed candles, time axis.

It is painted anew when the view, the size, the theme or the closed bars change; a live tick and a
move of the pointer only copy it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from crs_desktop import theme
from crs_desktop.charts.axes import PRICE_SPACING, TIME_SPACING, paint_grid, paint_time_axis
from crs_desktop.charts.candles import CandlePainter, candle_boxes, volume_boxes
from crs_desktop.charts.canvas import Canvas, text_width
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import CENTRE, LEFT, PADDING
from crs_desktop.charts.scale import NumberGrid, PriceTick, number_ticks, span_text, time_ticks
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.series import BarSeries, Columns
from engine.domain.pair import TradingPair

VOLUME_TOP = 6.0
"""Pixels left free above the highest volume bar."""


@dataclass(slots=True)
class Scene:
    """What is to be painted: the bars in view, where, and how high a volume bar of `most` lots is."""

    pair: TradingPair
    series: BarSeries
    view: Viewport
    frame: Frame
    columns: Columns
    most: float
    ratio: float

    def key(self) -> tuple[object, ...]:
        """Return what a picture of the scene depends on, the newest bar aside."""
        view, frame = self.view, self.frame
        return (
            (view.left, view.bar_px, view.low, view.high, view.width, view.height),
            (frame, self.most, self.ratio, theme.current()),
            (id(self.series), self.series.version),
        )


class Layer:
    """The kept picture of a scene."""

    def __init__(self) -> None:
        self._candles = CandlePainter()
        self._picture: QPixmap | None = None
        self._key: tuple[object, ...] = ()
        self.prices: list[PriceTick] = []
        """The price ticks whose grid lines are in the picture."""
        self.painted = 0
        """How often the picture was painted anew."""

    def picture(self, scene: Scene) -> QPixmap:
        """Return the picture, painted anew if it is out of date."""
        key = scene.key()
        if self._picture is None or key != self._key:
            self._picture, self._key = self._paint(scene), key
            self.painted += 1
        return self._picture

    def paint_candles(self, painter: QPainter, scene: Scene, *, live: bool) -> None:
        """Paint the candle that holds the newest bar, or all others."""
        columns, view, frame, ratio = scene.columns, scene.view, scene.frame, scene.ratio
        cut = (scene.series.stop - 1 - columns.first) // columns.size
        cut = min(max(cut, 0), len(columns))
        shown = columns.part(cut, len(columns)) if live else columns.part(0, cut)
        painter.save()
        painter.setClipRect(QRectF(0, 0, frame.plot_width, frame.time_top))
        painter.scale(1 / ratio, 1 / ratio)
        if frame.volume_height:
            bottom, height = round(frame.time_top * ratio), max(1, round((frame.volume_height - VOLUME_TOP) * ratio))
            boxes, rising = volume_boxes(shown, view, ratio, 0, bottom, height, scene.most)
            self._candles.bars(painter, boxes, rising, theme.color("up", 110), theme.color("down", 110))
        painter.setClipRect(QRectF(0, 0, frame.plot_width * ratio, frame.price_height * ratio))
        boxes_of = candle_boxes(shown, view, ratio, 0, 0)
        self._candles.candles(painter, boxes_of, theme.color("up"), theme.color("down"))
        painter.restore()

    def _paint(self, scene: Scene) -> QPixmap:
        view, frame, ratio = scene.view, scene.frame, scene.ratio
        picture = QPixmap(round(frame.width * ratio), round(frame.height * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.color("surface"))
        painter = QPainter(picture)
        painter.setFont(theme.font("small"))
        canvas = Canvas(painter, ratio)
        scale = theme.current().font_scale
        grid = NumberGrid.of_price(scene.pair)
        self.prices = number_ticks(view.low, view.high, view.height, PRICE_SPACING * scale, grid)
        ticks = time_ticks(scene.series, view, TIME_SPACING * scale)
        paint_grid(canvas, frame, view, self.prices, ticks)
        _paint_holes(canvas, scene)
        self.paint_candles(painter, scene, live=False)
        edge = theme.color("border")
        canvas.horizontal(frame.price_height, 0, frame.width, edge)
        canvas.vertical(frame.plot_width, 0, frame.height, edge)
        _paint_volume_axis(canvas, scene)
        paint_time_axis(canvas, frame, view, ticks)
        painter.end()
        return picture


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
        text = tr("no data {span}", span=span_text(hole.since, hole.until))
        width = text_width(canvas.painter.font(), text) + 12
        x = min(max((left + right - width) / 2, 0.0), frame.plot_width - width)
        if x < taken:
            continue
        taken = x + width + 4
        y = frame.price_height - line - 4
        canvas.tag(QRectF(x, y, width, line), theme.color("surface"), theme.color("border"))
        canvas.text(x, y, width, line, text, theme.color("text_muted"), CENTRE)


def _paint_volume_axis(canvas: Canvas, scene: Scene) -> None:
    """Write what the volume pane shows and how much its top is."""
    frame, ink = scene.frame, theme.color("text_faint")
    if not frame.volume_height:
        return
    line = float(canvas.painter.fontMetrics().height())
    top = frame.price_height + 4
    text = NumberGrid.of_quantity(scene.pair).short(scene.most)
    canvas.text(frame.plot_width + PADDING, top, frame.axis_width - PADDING, line, text, ink, LEFT)
    canvas.text(8, top, frame.plot_width, line, tr("Volume {base}", base=scene.pair.base.code), ink, LEFT)
