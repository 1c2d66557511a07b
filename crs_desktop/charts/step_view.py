"""The queue ahead of an order over time: a falling staircase from when it came to rest until it filled, or until now.

Time runs from the first step and is written relative to it. Prints that came to the order's price stand as marks on
the time axis. Left and Right walk the steps; what is read under the pointer can be read with them.
"""

from __future__ import annotations

from bisect import bisect_right
from math import ceil

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.charts.axes import MARK, paint_grid, paint_price_axis
from crs_desktop.charts.canvas import Canvas, text_width
from crs_desktop.charts.crosshair import paint_parts
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import CENTRE, PADDING
from crs_desktop.charts.scale import NumberGrid, TimeTick, number_ticks
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.why_page import Course, span
from engine.domain.number import NANOS_PER_SECOND

MILLI = 1_000_000
STEPS = (
    *(nice * power * MILLI for power in (1, 10, 100, 1_000) for nice in (1, 2, 5)),
    *(seconds * NANOS_PER_SECOND for seconds in (10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400)),
)
"""Distances of time labels, ns."""
APART = 72.0
ROOM = 0.15
"""Of the height, left free above the first step."""


class StepView(QWidget):
    """Shows a `Course`; `show_course` takes a new one."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.course: Course | None = None
        self.at: int | None = None
        """The step that is read, None for none."""
        self._grid = NumberGrid(0)
        self.view, self.frame = Viewport(), Frame(100, 100, 60, 24)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 96)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Prefer a flat picture."""
        return QSize(480, 160)

    def show_course(self, course: Course | None, grid: NumberGrid) -> None:
        """Show what was ahead over time."""
        self.course, self._grid = course, grid
        if course is not None and self.at is not None:
            self.at = min(self.at, len(course.steps) - 1)
        self.setAccessibleDescription(self.reading())
        self.update()

    def reading(self) -> str:
        """Return what stands at the step that is read, or at the first and the last."""
        course = self.course
        if course is None:
            return ""
        steps = course.steps
        if self.at is None:
            first, last = self._grid.text(steps[0].ahead), self._grid.text(steps[-1].ahead)
            return tr("{first} ahead at first, {last} at last", first=first, last=last)
        step = steps[self.at]
        return tr(
            "{ahead} ahead from +{after} on", ahead=self._grid.text(step.ahead), after=span(step.at - steps[0].at)
        )

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint everything: a few dozen steps at most."""
        painter = QPainter(self)
        canvas = Canvas(painter, self.devicePixelRatioF())
        canvas.box(0, 0, self.width(), self.height(), theme.color("surface"))
        if self.course is not None:
            painter.setFont(theme.font("small"))
            self._lay_out(self.course)
            self._paint_course(canvas, self.course)
        if self.hasFocus():
            edge = 2 * canvas.hair
            painter.setPen(QPen(theme.color("focus"), edge))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2))
        painter.end()

    def _lay_out(self, course: Course) -> None:
        most = max(max(step.ahead for step in course.steps), 1)
        line = round(20 * max(theme.current().font_scale, 1.0))
        width = text_width(theme.font("small"), self._grid.text(most)) + 2 * PADDING + 2
        self.frame = Frame(self.width(), self.height(), ceil(width / 8) * 8, line)
        view = self.view
        view.width, view.height = self.frame.plot_width, self.frame.price_height
        view.low, view.high = 0.0, most * (1 + max(ROOM, 24.0 / view.height))
        length = max(course.until - course.steps[0].at, MILLI)
        view.left, view.bar_px = 0.0, (view.width - 12) / length  # a "bar" is a nanosecond since the first step

    def _paint_course(self, canvas: Canvas, course: Course) -> None:
        frame, view, since = self.frame, self.view, course.steps[0].at
        amounts = number_ticks(view.low, view.high, view.height, 28.0, self._grid)
        ticks = _ticks(view)
        paint_grid(canvas, frame, view, amounts, ticks)
        end = view.x(course.until - since)
        self._paint_stairs(canvas, course, end)
        for used in course.prints:
            x = view.x(max(used.at - since, 0))
            canvas.polygon(
                [(x - 3, frame.time_top), (x + 3, frame.time_top), (x, frame.time_top - 6)], theme.color("accent")
            )
        ink = theme.color("up_text" if course.end == "filled" else "text_muted")
        canvas.dashed(end, 0, end, frame.time_top, ink, 3.0)
        self._paint_time(canvas, ticks)
        paint_price_axis(canvas, frame, view, amounts, ())
        end_word = {"filled": tr("filled"), "ended": tr("ended"), "now": tr("now")}[course.end]
        room = text_width(theme.font("small"), end_word) + 8
        paint_parts(canvas, 8, 4, [(self.reading(), "text_muted")], end - room - 4)
        height = float(canvas.painter.fontMetrics().height())
        canvas.text(end - room, 4, room - 6, height, end_word, ink, Qt.AlignmentFlag.AlignRight.value)

    def _paint_stairs(self, canvas: Canvas, course: Course, end: float) -> None:
        view, painter, since = self.view, canvas.painter, course.steps[0].at
        points: list[QPointF] = []
        for step in course.steps:
            x, y = view.x(step.at - since), view.y(float(step.ahead))
            if points:
                points.append(QPointF(x, points[-1].y()))
            points.append(QPointF(x, y))
        points.append(QPointF(max(end, points[-1].x()), points[-1].y()))
        floor = self.frame.price_height
        area = QPolygonF([*points, QPointF(points[-1].x(), floor), QPointF(points[0].x(), floor)])
        fill = QColor(theme.color("accent"))
        fill.setAlpha(38)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(area)
        painter.setPen(QPen(theme.color("accent"), 1.5))
        painter.drawPolyline(QPolygonF(points))
        if self.at is not None:
            step = course.steps[self.at]
            x, y = view.x(step.at - since), view.y(float(step.ahead))
            diamond = [(x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4)]
            canvas.polygon(diamond, theme.color("text"), theme.color("surface"))

    def _paint_time(self, canvas: Canvas, ticks: list[TimeTick]) -> None:
        frame, top = self.frame, self.frame.time_top
        canvas.horizontal(top, 0, frame.width, theme.color("border"))
        metrics = canvas.painter.fontMetrics()
        for tick in ticks:
            x, width = self.view.x(tick.bar), float(metrics.horizontalAdvance(tick.text))
            left = 0.0 if tick.bar == 0 else x - width / 2 - 4
            if left + width + 8 > frame.plot_width:
                continue
            canvas.vertical(x, top, top + MARK, theme.color("border"))
            box = (left, top + 1, width + 8, frame.axis_height - 1)
            canvas.text(*box, tick.text, theme.color("text_muted"), CENTRE)

    # -- reading ------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Follow the pointer and the focus."""
        kind = event.type()
        if isinstance(event, QMouseEvent) and kind == QEvent.Type.MouseMove and self.course is not None:
            times = [step.at for step in self.course.steps]
            wanted = times[0] + round(self.view.bar(event.position().x()))
            self._read(max(bisect_right(times, wanted) - 1, 0))
        elif kind == QEvent.Type.Leave:
            self._read(None)
        elif kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Left and Right walk the steps, Home and End go to the first and the last."""
        last = -1 if self.course is None else len(self.course.steps) - 1
        at = -1 if self.at is None else self.at
        places = {
            Qt.Key.Key_Left: max(at - 1, 0),
            Qt.Key.Key_Right: min(at + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        to = places.get(Qt.Key(event.key()))
        if to is None or last < 0:
            super().keyPressEvent(event)
        else:
            self._read(to)

    def _read(self, at: int | None) -> None:
        if at != self.at:
            self.at = at
            self.setAccessibleDescription(self.reading())
            self.update()


def _ticks(view: Viewport) -> list[TimeTick]:
    """Return round distances from the first step, far enough apart to be read."""
    least = APART / view.bar_px
    step = next((each for each in STEPS if each >= least), STEPS[-1] * max(1, ceil(least / STEPS[-1])))
    return [TimeTick(float(at), _after(at), major=False) for at in range(0, int(view.bars) + 1, step)]


def _after(nanos: int) -> str:
    """Return a round distance without figures that say nothing: +5 s, +1 min."""
    text = f"+{span(nanos)}".replace(".0 s", " s").replace(" min 0 s", " min").replace(" h 0 min", " h")
    return text if nanos else "0"
