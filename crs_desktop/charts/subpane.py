"""What stands beside the candles: panes under the prices, and curves over them.

A `SubPane` has a scale of its own; a `Curve` shares that of the prices and takes part in fitting it. Both are painted
in two steps: what is closed goes into the kept picture, which is made anew when `version` changes; what the newest bar
holds is painted every frame.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.scale import PriceTick

__all__ = ["Curve", "PaneArea", "SubPane"]


class Curve(Protocol):
    """Something drawn over the candles that takes part in fitting the price scale: an indicator's lines."""

    @property
    def key(self) -> str:
        """What tells it from the others of a chart."""
        ...

    @property
    def version(self) -> Hashable:
        """Changes whenever what is painted with `live=False` does."""
        ...

    def extremes(self, first: int, stop: int, size: int) -> tuple[float, float] | None:
        """Return the least and greatest value of the bars from `first` to `stop`, in groups of `size`."""
        ...

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        """Paint what is closed, or what the newest bar holds; the painter is clipped to the pane."""
        ...

    def legend(self, index: int) -> Sequence[Part]:
        """Return its line of the legend for a bar."""
        ...

    def labels(self, area: PaneArea) -> Sequence[AxisLabel]:
        """Return labels of the newest values for the axis."""
        ...


class SubPane(Curve, Protocol):
    """A pane under the prices."""

    @property
    def title(self) -> str:
        """Return what it is called in menus and for screen readers."""
        ...

    @property
    def exact(self) -> bool:
        """Whether `extremes` are the scale itself, without headroom."""
        ...

    def axis(self, area: PaneArea) -> Sequence[PriceTick]:
        """Return the values to be written on its axis and drawn as grid lines, lowest first."""
        ...

    def value_text(self, value: float) -> str:
        """Return a value as the crosshair's tag writes it."""
        ...
