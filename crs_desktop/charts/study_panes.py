"""Indicators where they are shown: each over the candles as a curve, those in a pane of their own together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from PySide6.QtGui import QColor

from crs_desktop import theme
from crs_desktop.charts.axes import PRICE_SPACING
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.labels import AxisLabel, ink_on
from crs_desktop.charts.lines import paint_level
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.scale import NumberGrid, PriceTick
from crs_desktop.charts.study_paint import paint_study, study_extremes
from crs_desktop.charts.study_text import number, places, study_parts, study_places, value_ticks
from crs_desktop.viewmodels.indicators.studies import Studies
from crs_desktop.viewmodels.indicators.study import Study
from engine.domain.pair import TradingPair
from engine.indicators.spec import Mark

MOST_LABELS = 2
"""An indicator over the candles with more lines than this has its values in the legend only."""
PAIR = Callable[[], TradingPair]


class StudyCurve:
    """One indicator over the candles, on their scale."""

    def __init__(self, study: Study, studies: Studies, pair: PAIR) -> None:
        self.study, self._studies, self._pair = study, studies, pair

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"study-{self.study.number}"

    @property
    def version(self) -> Hashable:
        """Changes whenever what is closed is drawn otherwise."""
        return self.study.version

    def extremes(self, first: int, stop: int, size: int) -> tuple[float, float] | None:
        """Return the least and the greatest value."""
        return study_extremes(self.study, first, stop, size)

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        """Paint the indicator."""
        paint_study(canvas, area, self.study, live)

    def legend(self, index: int) -> Sequence[Part]:
        """Return name and values."""
        return study_parts(self.study, index, self._pair(), self._studies.warning(self.study))

    def labels(self, area: PaneArea) -> Sequence[AxisLabel]:
        """Return a label for each line's newest value; those of many lines would crowd the prices out."""
        if sum(self.study.drawn(at) for at in range(len(self.study.columns))) > MOST_LABELS:
            return []
        return list(_labels(self.study, area, lambda value: NumberGrid.of_price(self._pair()).text(value)))


class StudyPane:
    """A pane under the candles with one indicator or several."""

    exact = False

    def __init__(self, name: str, studies: Studies, pair: PAIR) -> None:
        self.name = name
        self._studies, self._pair = studies, pair

    @property
    def members(self) -> list[Study]:
        """The indicators in it."""
        return [each for each in self._studies if each.setup.pane == self.name]

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"pane-{self.name}"

    @property
    def title(self) -> str:
        """Return what stands in it."""
        return ", ".join(each.title for each in self.members)

    @property
    def version(self) -> Hashable:
        """Changes whenever what is closed is drawn otherwise."""
        return tuple((each.number, each.version) for each in self.members)

    def extremes(self, first: int, stop: int, size: int) -> tuple[float, float] | None:
        """Return the least and the greatest value, guide levels included."""
        found = [study_extremes(each, first, stop, size) for each in self.members]
        reaches = [each for each in found if each is not None]
        if not reaches:
            return None
        levels = [level / each.unit for each in self.members if each.shown for level in each.indicator.levels]
        return min([*(low for low, _ in reaches), *levels]), max([*(high for _, high in reaches), *levels])

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        """Paint the guides, then the indicators in their order."""
        for study in self.members:
            if not live and study.shown:
                for level in study.indicator.levels:
                    paint_level(canvas, area, level / study.unit, theme.color("border_strong"))
        for study in self.members:
            paint_study(canvas, area, study, live)

    def axis(self, area: PaneArea) -> Sequence[PriceTick]:
        """Return round values; none while there is nothing to measure."""
        if not any(len(column) for each in self.members if each.shown for column in each.columns):
            return []
        unit = self._unit
        spacing = PRICE_SPACING * theme.current().font_scale
        ticks = value_ticks(area.low * unit, area.high * unit, area.height, min(spacing, max(area.height / 3, 14.0)))
        return [PriceTick(each.value / unit, each.text) for each in ticks]

    def legend(self, index: int) -> Sequence[Part]:
        """Return names and values."""
        parts: list[Part] = []
        for each in self.members:
            parts += study_parts(each, index, self._pair(), self._studies.warning(each))
        return parts

    def labels(self, area: PaneArea) -> Sequence[AxisLabel]:
        """Return a label for each line's newest value."""
        found: list[AxisLabel] = []
        for study in self.members:
            decimals, unit = study_places(study), study.unit
            found += _labels(study, area, lambda value, d=decimals, u=unit: number(value * u, d))  # type: ignore[misc]
        return found

    def value_text(self, value: float) -> str:
        """Return a value as the crosshair's tag writes it."""
        members = self.members
        decimals = study_places(members[0]) if members else 2
        return number(value * self._unit, max(decimals, places(abs(value * self._unit))))

    @property
    def _unit(self) -> float:
        members = self.members
        return members[0].unit if members else 1.0


def _labels(study: Study, area: PaneArea, text: Callable[[float], str]) -> Sequence[AxisLabel]:
    """Return labels of the newest values in the colours of their lines."""
    if not study.shown:
        return []
    found = []
    for at, look in enumerate(study.setup.looks):
        column = study.columns[at]
        if not look.visible or not study.drawn(at) or study.shift(at) or not len(column):
            continue
        value = column.at(column.stop - 1)
        if value != value or not area.top <= area.y(value) <= area.bottom:
            continue
        fill = _fill(study, at, value)
        found.append(AxisLabel(area.y(value), (text(value),), fill, ink_on(fill), None, 0))
    return found


def _fill(study: Study, at: int, value: float) -> QColor:
    color = study.setup.looks[at].color
    if study.indicator.outputs[at].mark is Mark.HISTOGRAM and not color.startswith("#"):
        return theme.color("up_fill" if value >= 0 else "down_fill")
    return theme.color(color)
