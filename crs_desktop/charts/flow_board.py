"""Order flow on one chart: which of volume profile, footprint and cumulative delta it shows, as its style says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.charts.chart_view import START_BAR_PX
from crs_desktop.charts.delta_pane import DeltaPane
from crs_desktop.charts.footprint_curve import LEAST_PX, WIDEST_PX, FootprintCurve
from crs_desktop.charts.profile_curve import ProfileCurve
from crs_desktop.charts.viewport import MAX_BAR_PX
from crs_desktop.viewmodels.flow.delta import CumulativeDelta
from crs_desktop.viewmodels.flow.footprints import Footprints
from crs_desktop.viewmodels.flow.profile import ProfileModel
from crs_desktop.viewmodels.flow.style import DeltaKind, FlowStyle, ProfileSpan
from crs_desktop.viewmodels.series import BarSeries
from engine.market.prints import PrintLog

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView

FIRST_PX = 108.0
"""Width of bars when footprints are first shown: two numbers side by side."""


class FlowBoard:
    """Puts the parts on a chart and takes them off."""

    def __init__(self, chart: ChartView) -> None:
        self._chart = chart
        self.profile = ProfileCurve(chart, ProfileModel(self._series, self._log))
        self.footprint = FootprintCurve(chart, Footprints(self._series, self._log))
        self.delta: DeltaPane | None = None
        self._daily = True
        self._narrow = START_BAR_PX
        """Width of bars before footprints made them wide, px."""

    def show(self, style: FlowStyle) -> None:
        """Show what a style says."""
        chart, was = self._chart, self.footprint.style.footprint
        self.profile.model.style = self.footprint.style = style
        _put(chart.curves, self.profile, on=style.profile is not ProfileSpan.NONE)
        _put(chart.curves, self.footprint, on=style.footprint)
        chart.covered = (lambda: self.footprint.covers) if style.footprint else (lambda: False)
        chart.view.widest = WIDEST_PX if style.footprint else MAX_BAR_PX
        chart.start_px = FIRST_PX if style.footprint else START_BAR_PX
        self._show_delta(style)
        if was and not style.footprint and chart.view.bar_px >= LEAST_PX:
            self._widen(self._narrow)
        chart.moved()

    def reveal(self) -> None:
        """Make the newest bars wide enough for footprints, if they are not."""
        view = self._chart.view
        if view.bar_px < LEAST_PX:
            self._narrow = view.bar_px
            self._widen(FIRST_PX)
            view.show_latest(self._chart.shown.stop)
            self._chart.moved()

    def _widen(self, bar_px: float) -> None:
        """Give bars a width, keeping those at the right edge; the newest keeps its distance from the axis."""
        view, shown = self._chart.view, self._chart.shown
        latest = view.right >= shown.stop
        view.zoom(bar_px / view.bar_px, view.width, shown.first, shown.stop)
        if latest:
            view.show_latest(shown.stop)

    def _show_delta(self, style: FlowStyle) -> None:
        panes, wanted = self._chart.subpanes, style.delta is not DeltaKind.NONE
        if self.delta is not None and (not wanted or style.daily != self._daily):
            panes.remove(self.delta)
            self._chart.stack.forget([self.delta.key])
            self.delta = None
        if wanted and self.delta is None:
            self._daily = style.daily
            model = CumulativeDelta(self._series, self._log, daily=style.daily)
            chart_model = self._chart.model
            self.delta = DeltaPane(model, style.delta, lambda: chart_model.pair, chart_model.hurry)
            panes.append(self.delta)
        elif self.delta is not None:
            self.delta.kind = style.delta

    def _series(self) -> BarSeries:
        return self._chart.model.series

    def _log(self) -> PrintLog:
        model = self._chart.model
        return model.desk.prints.log(model.pair.symbol)


def _put(curves: list, curve: object, *, on: bool) -> None:  # type: ignore[type-arg]
    if on != (curve in curves):
        if on:
            curves.append(curve)
        else:
            curves.remove(curve)
