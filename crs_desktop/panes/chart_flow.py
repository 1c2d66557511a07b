"""Order flow of one chart pane: its choices, remembered with the chart; drawing is loaded when first wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.flow.style import DeltaKind, FlowStyle, ProfileSpan

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView
    from crs_desktop.charts.flow_board import FlowBoard
    from crs_desktop.charts.range_picker import RangePicker


class ChartFlow:
    """What a chart shows of order flow; `changed` is called after the user changed it."""

    def __init__(self, chart: ChartView, changed: Callable[[], object]) -> None:
        self._chart, self._changed = chart, changed
        self.style = FlowStyle()
        self.board: FlowBoard | None = None
        self._picker: RangePicker | None = None

    def remembered(self) -> dict[str, object]:
        """Return the choices as plain data."""
        return self.style.to_dict()

    def restore(self, state: object) -> None:
        """Show what `remembered` said."""
        self._show(FlowStyle.of_dict(state))

    def choose(self, **changes: object) -> None:
        """Change some choices, e.g. `footprint=True`."""
        self._show(replace(self.style, **changes))  # type: ignore[arg-type]
        self._changed()

    def toggle_profile(self, span: ProfileSpan) -> None:
        """Show a volume profile, or none if it is this one."""
        self._leave()
        self.choose(profile=ProfileSpan.NONE if self.style.profile is span else span)

    def pick_range(self) -> None:
        """Let the user drag over the bars whose profile is wanted."""
        from crs_desktop.charts.range_picker import RangePicker

        self._leave()
        self._show(replace(self.style, profile=ProfileSpan.FIXED, since=0, until=0))
        self._picker = RangePicker(lambda: self._chart.hover, self._picked)
        self._chart.overlays.append(self._picker)
        self._chart.setFocus()

    def _picked(self, span: tuple[int, int] | None) -> None:
        self._leave()
        if span is None:
            self.choose(profile=ProfileSpan.NONE)
        else:
            self.choose(since=span[0], until=span[1])

    def _leave(self) -> None:
        """Wait for a stretch no more."""
        if self._picker is not None:
            self._chart.overlays.remove(self._picker)
            self._picker = None

    def toggle_footprint(self) -> None:
        """Show footprints, or candles again."""
        self.choose(footprint=not self.style.footprint)
        if self.style.footprint and self.board is not None:
            self.board.reveal()

    def toggle_delta(self) -> None:
        """Show cumulative delta as a line, or none."""
        self.choose(delta=DeltaKind.LINE if self.style.delta is DeltaKind.NONE else DeltaKind.NONE)

    def _show(self, style: FlowStyle) -> None:
        self.style = style
        if self.board is None and style.shows:
            from crs_desktop.charts.flow_board import FlowBoard

            self.board = FlowBoard(self._chart)
        if self.board is not None:
            self.board.show(style)
