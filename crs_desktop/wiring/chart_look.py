"""Actions on the chart that has the focus: how it is drawn, where it looks, pictures of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.chart_style import BarKind, Scale
from crs_desktop.viewmodels.flow.style import ProfileSpan
from crs_desktop.wiring.charts import ChartActions
from crs_desktop.wiring.console import Bindings, Console

if TYPE_CHECKING:
    from crs_desktop.panes.chart import ChartPane


class ChartLookActions:
    """The actions of the group `chart` that change one chart."""

    def __init__(self, console: Console, charts: ChartActions) -> None:
        self._console, self._charts = console, charts

    def bindings(self) -> Bindings:
        """Return what each action does."""
        kinds: dict[str, Callable[[], object]] = {
            f"chart.{kind.name.lower()}": partial(self._restyle, kind=kind) for kind in BarKind
        }
        return {
            **kinds,
            "chart.log": lambda: self._pane().toggle(Scale.LOG),
            "chart.percent": lambda: self._pane().toggle(Scale.PERCENT),
            "chart.invert": lambda: self._restyle(inverted=not self._pane().chart.look.inverted),
            "chart.auto": lambda: self._pane().chart.gestures.follow_prices(),
            "chart.quotes": lambda: self._restyle(quotes=not self._pane().chart.look.quotes),
            "chart.volume": lambda: self._restyle(volume=not self._pane().chart.look.volume),
            "chart.footprint": lambda: self._pane().flow.toggle_footprint(),
            "chart.profile_visible": lambda: self._pane().flow.toggle_profile(ProfileSpan.VISIBLE),
            "chart.profile_session": lambda: self._pane().flow.toggle_profile(ProfileSpan.SESSION),
            "chart.profile_range": lambda: self._pane().flow.pick_range(),
            "chart.delta": lambda: self._pane().flow.toggle_delta(),
            "chart.go_to": lambda: self._pane().ask_date(),
            "chart.copy": self._copy,
            "chart.save": self._save,
        }

    def _pane(self) -> ChartPane:
        """Return the chart that is meant."""
        return self._charts.active

    def _restyle(self, **changes: object) -> None:
        self._pane().restyle(**changes)

    def _copy(self) -> None:
        from crs_desktop.panes.chart_picture import copy_picture

        copy_picture(self._pane().chart)
        self._console.toasts.say(tr("Picture copied"), tr("The chart is on the clipboard."), "good")

    def _save(self) -> None:
        from crs_desktop.panes.chart_picture import ask_path, write_picture

        chart = self._pane().chart
        dialog = ask_path(chart)
        dialog.fileSelected.connect(
            lambda path: self._console.toasts.say(tr("Picture of the chart"), spoken(write_picture(chart, path)))
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
