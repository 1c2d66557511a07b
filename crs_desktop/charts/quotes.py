"""Bid and ask on the price axis, in the market's newest state, at most ten times a second."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING

from crs_desktop import theme
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.i18n import tr
from crs_desktop.viewmodels import format as fmt

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView

PACE = 0.1
"""Least time between two repaints for their sake, s."""


def quote_text(price: str, *, bid: bool = False) -> str:
    """Return what a label says."""
    return tr("B {price}", price=price) if bid else tr("A {price}", price=price)


class Quotes:
    """What was painted last of bid and ask, and whether that is out of date."""

    def __init__(self, chart: ChartView) -> None:
        self._chart = chart
        self._shown: tuple[int | None, int | None] = (None, None)
        self._at = 0.0

    @property
    def stale(self) -> bool:
        """Whether bid or ask changed since they were painted."""
        chart = self._chart
        if not chart.look.quotes or chart.model.journey.detached:
            return False
        return monotonic() - self._at >= PACE and chart.model.quotes != self._shown

    def labels(self) -> Iterator[AxisLabel]:
        """Yield a label for each that is in view."""
        chart = self._chart
        if not chart.look.quotes or chart.model.journey.detached:
            return
        self._shown, self._at = chart.model.quotes, monotonic()
        surface = theme.color("surface")
        for price, tone, bid in zip(self._shown, ("up_text", "down_text"), (True, False), strict=True):
            if price is None or not 0 <= (y := chart.view.y(price)) <= chart.frame.price_height:
                continue
            lean = 1 if bid is not chart.view.inverted else -1
            text = quote_text(fmt.price(chart.model.pair, price), bid=bid)
            yield AxisLabel(y, (text,), surface, theme.color(tone), theme.color("border"), 2, lean)
