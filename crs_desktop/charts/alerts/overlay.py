"""Paints the alerts of the pair: a dashed line with a bell at each price, a bell on each line that is watched."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF
from PySide6.QtWidgets import QMenu

from crs_desktop import theme
from crs_desktop.charts.alerts.hand import Hand
from crs_desktop.charts.alerts.picture import Pictures, tag_height
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.trading.stacking import stacked
from crs_desktop.i18n import tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.alert_hand import AlertHand, alerts_of
from crs_desktop.viewmodels.alert_levels import Level, levels
from engine.domain.number import Ticks
from engine.services.alerts import AlertsChanged

REACH = 4.0
"""How near a line must be pressed to be dragged, px."""
EDGE = 24.0
"""Tags stand so far left of the axis, clear of the button for orders there."""
MOST_LABELS, MOST_TAGS = 8, 24
MOST_NOTE = 24
"""Characters of a note in a tag."""


class Spot(NamedTuple):
    """Something to press: the line or tag of an alert, or its cross."""

    rect: QRectF
    alert_id: str
    removes: bool = False
    drags: bool = True


class AlertOverlay:
    """The alerts on one chart; `close` ends it."""

    def __init__(self, chart: ChartView) -> None:
        self.chart = chart
        self.model: AlertHand = alerts_of(chart.model.desk)
        self.spots: list[Spot] = []
        self._inside: list[Level] = []
        """What was in view when it was painted last."""
        self._pictures = Pictures()
        self.hand = Hand(self)
        self._subscription = chart.model.desk.bus.subscribe(AlertsChanged, lambda _event: chart.update())

    def close(self) -> None:
        """Listen no more; safe to call twice."""
        self._subscription.close()

    def shown(self) -> list[Level]:
        """Return the alerts of the pair, the dragged one where it is dragged to."""
        desk = self.chart.model.desk
        found = levels(self.model, self.chart.model.pair.symbol, desk.feed.now)
        held = self.hand.held
        return [
            each._replace(at=float(held.at)) if held is not None and held.alert_id == each.alert.id else each
            for each in found
        ]

    # -- the overlay --------------------------------------------------------------------------------

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Paint lines and tags, the lit one last."""
        self.spots = []
        height, lit = tag_height(canvas), self.hand.lit
        self._inside = [each for each in self.shown() if 0 <= plane.view.y(each.at) <= plane.frame.price_height]
        for level in self._inside:
            self._paint_line(canvas, plane, level)
        tagged = self._tagged(plane, self._inside)
        wanted = [plane.view.y(each.at) for each in tagged]
        tops = stacked(wanted, [height] * len(tagged), plane.view.top_px, plane.frame.price_height - 2.0)
        for level, top in sorted(zip(tagged, tops, strict=True), key=lambda each: each[0].alert.id == lit):
            self._paint_tag(canvas, plane, level, top)

    def labels(self, plane: Plane) -> list[AxisLabel]:
        """Return the prices of the alerts for the axis; of many, those in the middle of the screen."""
        middle = plane.view.price(plane.frame.price_height / 2)
        priced = [each for each in self._inside if not each.drawing]
        nearest = sorted(priced, key=lambda each: abs(each.at - middle))[:MOST_LABELS]
        fill, ink, faint = theme.color("raised"), theme.color("alert"), theme.color("text_muted")
        return [
            AxisLabel(
                plane.view.y(each.at), (fmt.price(plane.pair, round(each.at)),), fill,
                ink if each.waits else faint, ink if each.waits else faint, 1,
            )
            for each in nearest
        ]  # fmt: skip

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle an input event of the chart; False leaves it to the next."""
        return self.hand.take(event, plane)

    # -- for the pane -------------------------------------------------------------------------------

    def spot(self, at: QPointF) -> Spot | None:
        """Return what of ours is under a point."""
        return next((each for each in reversed(self.spots) if each.rect.contains(at)), None)

    def price_here(self) -> Ticks | None:
        """Return the price at the crosshair, None without one in the price pane."""
        hover, frame = self.chart.hover, self.chart.frame
        if hover is None or not 0 <= hover[1] < frame.price_height or hover[0] > frame.plot_width:
            return None
        return Ticks(max(1, round(self.chart.view.price(hover[1]))))

    def fill(self, menu: QMenu, alert_id: str) -> None:
        """Fill the menu of an alert."""
        model, alert = self.model, self.model.find(alert_id)
        if alert is None:
            return
        menu.addAction(model.words(alert).replace("&", "&&")).setEnabled(False)
        menu.addAction(tr("Change…"), lambda: self.hand.open(alert_id))
        text = tr("Pause this alert") if alert.active else tr("Let it wait again")
        menu.addAction(text, lambda: model.toggle(alert_id))
        menu.addAction(tr("Duplicate"), lambda: model.duplicate(alert_id))
        menu.addSeparator()
        menu.addAction(tr("Remove"), lambda: model.remove(alert_id))

    # -- painting -----------------------------------------------------------------------------------

    def _tagged(self, plane: Plane, inside: list[Level]) -> list[Level]:
        """Return the alerts that have room for a tag: the lit one, then those nearest to the middle."""
        middle, lit = plane.view.price(plane.frame.price_height / 2), self.hand.lit
        nearest = sorted(inside, key=lambda each: (each.alert.id != lit, abs(each.at - middle)))[:MOST_TAGS]
        return sorted(nearest, key=lambda each: each.at)

    def _paint_line(self, canvas: Canvas, plane: Plane, level: Level) -> None:
        if level.drawing:
            return
        y, width, lit = plane.view.y(level.at), plane.frame.plot_width, level.alert.id == self.hand.lit
        self._pictures.line(canvas, y, width, _tone(level), lit=lit)
        self.spots.append(Spot(QRectF(0, y - REACH, width, 2 * REACH), level.alert.id))

    def _paint_tag(self, canvas: Canvas, plane: Plane, level: Level, top: float) -> None:
        right, tone, key = plane.frame.plot_width - EDGE, _tone(level), level.alert.id
        closes = not level.drawing
        rect = self._pictures.tag(canvas, right, top, self._text(level), tone, lit=key == self.hand.lit, cross=closes)
        y, middle, height = plane.view.y(level.at), rect.center().y(), rect.height()
        if abs(middle - y) > height / 2:  # it dodged: say which line it is
            canvas.vertical(rect.right() + 3, min(y, middle), max(y, middle), theme.color(tone))
        self.spots.append(Spot(rect, key, drags=closes))
        if closes:
            button = QRectF(rect.right() - height, rect.y(), height, height)
            self.spots.append(Spot(button, key, removes=True, drags=False))

    def _text(self, level: Level) -> str:
        """Return what a tag says: direction and note; the price stands on the axis."""
        note = level.alert.note
        if len(note) > MOST_NOTE:
            note = note[: MOST_NOTE - 1] + "\u2026"
        return f"{level.arrow} {note}".strip()


def _tone(level: Level) -> str:
    """Return the token of an alert's colour."""
    return "alert" if level.waits else "text_muted"
