"""The panes under the prices of one chart: their order, heights and scales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crs_desktop.charts.frame import LEAST_PANE, LEAST_PRICE, Frame, Slot, Wish
from crs_desktop.charts.pane_area import PaneArea, PaneScale
from crs_desktop.charts.subpane import SubPane
from crs_desktop.charts.viewport import Viewport

SHARE = 0.17
"""Height of a pane at first, of all panes' height together."""
FIRST_HEIGHT = 120.0
"""Most of a pane at first, px."""


class PaneStack:
    """Holds sub-panes from top to bottom; `shares` are heights chosen by hand, by key."""

    def __init__(self) -> None:
        self.panes: list[SubPane] = []
        self.shares: dict[str, float] = {}
        self.folded: set[str] = set()
        self._scales: dict[str, PaneScale] = {}

    def wishes(self, height: float) -> list[Wish]:
        """Return what heights the panes would like of `height` px."""
        first = min(SHARE, FIRST_HEIGHT / max(height, 1.0))
        return [Wish(pane.key, self.shares.get(pane.key, first), pane.key in self.folded) for pane in self.panes]

    def shown(self, frame: Frame) -> list[tuple[SubPane, Slot]]:
        """Return the panes that have room, with their places."""
        places = {slot.key: slot for slot in frame.slots}
        return [(pane, places[pane.key]) for pane in self.panes if pane.key in places]

    def fit(self, frame: Frame, first: int, stop: int, size: int) -> None:
        """Fit the scales to the bars from `first` to `stop` in groups of `size`."""
        for pane, slot in self.shown(frame):
            if not slot.folded and (found := pane.extremes(first, stop, size)) is not None:
                self.scale(pane.key).fit(*found, exact=pane.exact)

    def scale(self, key: str) -> PaneScale:
        """Return the scale of a pane."""
        return self._scales.setdefault(key, PaneScale())

    def area(self, slot: Slot, frame: Frame, view: Viewport) -> PaneArea:
        """Return where a pane's values are; below a line that divides it from what is above."""
        scale = self.scale(slot.key)
        return PaneArea(view, slot.top + 1, frame.plot_width, slot.height - 1, scale.low, scale.high)

    def forget(self, keys: Iterable[str]) -> None:
        """Let the scales of panes start afresh: their data is another."""
        for key in keys:
            self._scales.pop(key, None)

    def drag(self, frame: Frame, key: str, dy: float) -> None:
        """Move the upper edge of a pane by `dy` px: it grows by what its upper neighbour loses."""
        slots = list(frame.slots)
        at = next((i for i, slot in enumerate(slots) if slot.key == key), None)
        if at is None:
            return
        heights = [slot.height for slot in slots]
        above = next((i for i in range(at - 1, -1, -1) if not slots[i].folded), None)
        below = next((i for i in range(at, len(slots)) if not slots[i].folded), None)
        if below is None:
            return
        most_up = heights[above] - LEAST_PANE if above is not None else frame.price_height - LEAST_PRICE
        dy = min(max(dy, -max(most_up, 0.0)), max(heights[below] - LEAST_PANE, 0.0))
        heights[below] -= dy
        if above is not None:
            heights[above] += dy
        self._keep(frame.time_top, slots, heights)

    def reset(self, key: str) -> None:
        """Give a pane its first height."""
        self.shares.pop(key, None)
        self.folded.discard(key)

    def fold(self, key: str) -> None:
        """Show only the legend of a pane, or all of it again."""
        self.folded ^= {key}

    def _keep(self, height: float, slots: Sequence[Slot], heights: Sequence[float]) -> None:
        for slot, tall in zip(slots, heights, strict=True):
            if not slot.folded:
                self.shares[slot.key] = tall / max(height, 1.0)
