"""Puts a chart's indicators where they belong: curves over the candles, panes under them; and finds one by a point."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QMouseEvent

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.study_panes import StudyCurve, StudyPane
from crs_desktop.charts.study_text import study_parts
from crs_desktop.viewmodels.indicators.studies import Studies
from crs_desktop.viewmodels.indicators.study import Study

NEAR = 5.0
"""How far from a line, px, a double click still means it."""


class StudyBoard:
    """An overlay that paints nothing: it keeps curves and panes in step with the list, and takes double clicks."""

    def __init__(self, chart: ChartView, studies: Studies) -> None:
        self._chart, self._studies = chart, studies
        self._curves: dict[int, StudyCurve] = {}
        self._panes: dict[str, StudyPane] = {}
        self._link = studies.on_change(lambda _: self.arrange())
        chart.overlays.append(self)
        self.opened: Callable[[Study], object] = _nobody
        """Called with an indicator that was double clicked."""
        self.arrange()

    def close(self) -> None:
        """Hear of no more changes."""
        self._link.close()

    def arrange(self) -> None:
        """Take over which indicators there are and where they stand."""
        chart, studies = self._chart, self._studies
        over = [each for each in studies if each.over_candles]
        self._curves = {each.number: self._curves.get(each.number) or self._curve(each) for each in over}
        self._panes = {name: self._panes.get(name) or self._pane(name) for name in studies.panes}
        others = [each for each in chart.curves if not isinstance(each, StudyCurve)]
        chart.curves[:] = [*others, *self._curves.values()]
        kept = [each for each in chart.subpanes if not isinstance(each, StudyPane)]
        chart.subpanes[:] = [*kept, *self._panes.values()]
        chart.prepare()
        chart.update()

    def study_at(self, at: QPointF) -> Study | None:
        """Return the indicator whose legend or line is at a point of the chart."""
        return self._by_legend(at) or self._by_line(at)

    # -- as an overlay ------------------------------------------------------------------------------

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Paint nothing: curves and panes are painted by the chart."""

    def labels(self, plane: Plane) -> list[AxisLabel]:
        """Return none: curves bring their own."""
        return []

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Open what is double clicked."""
        if event.type() != QEvent.Type.MouseButtonDblClick or not isinstance(event, QMouseEvent):
            return False
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        study = self.study_at(event.position())
        if study is None:
            return False
        self.opened(study)
        return True

    # -- inside -------------------------------------------------------------------------------------

    def _curve(self, study: Study) -> StudyCurve:
        return StudyCurve(study, self._studies, lambda: self._chart.model.pair)

    def _pane(self, name: str) -> StudyPane:
        return StudyPane(name, self._studies, lambda: self._chart.model.pair)

    def _by_legend(self, at: QPointF) -> Study | None:
        for rect, key in self._chart.legend_spots:
            if not rect.contains(at):
                continue
            for curve in self._curves.values():
                if curve.key == key:
                    return curve.study
            for pane in self._panes.values():
                if pane.key == key:
                    return self._in_line(pane, rect, at)
        return None

    def _in_line(self, pane: StudyPane, rect: QRectF, at: QPointF) -> Study | None:
        """Return which of a pane's indicators stands at a point of its line of the legend."""
        metrics, x = QFontMetricsF(theme.font("small")), rect.left()
        members = pane.members
        for study in members:
            parts = study_parts(study, self._chart.shown.stop - 1, self._chart.model.pair, self._studies.warning(study))
            x += sum(metrics.horizontalAdvance(text) + (4 if tone == "text_faint" else 9) for text, tone in parts)
            if at.x() < x:
                return study
        return members[-1] if members else None

    def _by_line(self, at: QPointF) -> Study | None:
        chart = self._chart
        index = int(chart.view.bar(at.x()) // 1)
        areas = {pane.key: area for pane, area in chart.scene.panes}
        areas |= {curve.key: chart.scene.price_area for curve in chart.scene.curves}
        for study in reversed(list(self._studies)):
            area = areas.get(f"study-{study.number}" if study.over_candles else f"pane-{study.setup.pane}")
            if area is None or not area.top <= at.y() < area.bottom or not study.shown:
                continue
            for output, look in enumerate(study.setup.looks):
                value = study.columns[output].at(index - study.shift(output))
                if look.visible and study.drawn(output) and value == value and abs(area.y(value) - at.y()) <= NEAR:
                    return study
        return None


def _nobody(_study: Study) -> None:
    """Nobody wants to know."""
