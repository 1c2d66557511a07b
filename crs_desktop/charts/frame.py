"""Where the parts of a chart are: price pane, panes under it, price axis, time axis. Logical pixels, no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

LEAST_PRICE = 90.0
"""The price pane keeps this much height; the panes under it give way."""
LEAST_PANE = 34.0
"""A pane lower than this is left out."""
GRIP = (-2.0, 5.0)
"""How far above and below a divider the pointer takes hold of it; the pane above keeps its pixels."""


class Zone(Enum):
    """A part of the chart that the pointer can be in."""

    PLOT = "plot"
    SUBPANE = "pane under the prices"
    DIVIDER = "divider"
    PRICE_AXIS = "price axis"
    PANE_AXIS = "axis of a pane under the prices"
    TIME_AXIS = "time axis"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a pane under the prices is; `folded` shows its legend only."""

    key: str
    top: float
    height: float
    folded: bool = False

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Wish:
    """What height a pane would like: a share of the panes' height, or only its legend's line."""

    key: str
    share: float
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The division of a widget of `width` x `height`; `slots` from top to bottom."""

    width: float
    height: float
    axis_width: float
    axis_height: float
    slots: tuple[Slot, ...] = ()

    @classmethod
    def of(
        cls,
        width: float,
        height: float,
        axis_width: float,
        axis_height: float,
        wishes: Sequence[Wish] = (),
        line: float = 20.0,
    ) -> Frame:
        """Divide a widget; when it gets tight the panes shrink, then the lowest are left out."""
        panes = max(height - axis_height, 1.0)
        shown = list(wishes)
        while shown:
            heights = _heights(shown, panes, line)
            roomy = all(each.folded or tall >= LEAST_PANE for each, tall in zip(shown, heights, strict=True))
            if roomy and sum(heights) <= panes - LEAST_PRICE + len(heights):
                break
            shown.pop()
        else:
            heights = []
        slots, top = [], panes - sum(heights)
        for wish, tall in zip(shown, heights, strict=True):
            slots.append(Slot(wish.key, top, tall, wish.folded))
            top += tall
        return cls(width, height, axis_width, axis_height, tuple(slots))

    @property
    def plot_width(self) -> float:
        """Width of the panes left of the price axis."""
        return max(self.width - self.axis_width, 1.0)

    @property
    def price_height(self) -> float:
        """Height of the price pane, at the top."""
        return max(self.slots[0].top if self.slots else self.time_top, 1.0)

    @property
    def time_top(self) -> float:
        """Where the time axis begins, the bottom of the panes."""
        return self.height - self.axis_height

    def slot(self, y: float) -> Slot | None:
        """Return the pane under the prices at a height."""
        return next((slot for slot in self.slots if slot.top <= y < slot.bottom), None)

    def divider(self, y: float) -> Slot | None:
        """Return the pane whose upper edge is here."""
        return next((slot for slot in self.slots if GRIP[0] <= y - slot.top <= GRIP[1]), None)

    def zone(self, x: float, y: float) -> Zone:
        """Return the part under a point."""
        if y >= self.time_top:
            return Zone.TIME_AXIS
        if self.divider(y) is not None:
            return Zone.DIVIDER
        if x >= self.plot_width:
            return Zone.PRICE_AXIS if y < self.price_height else Zone.PANE_AXIS
        return Zone.PLOT if y < self.price_height else Zone.SUBPANE


def _heights(wishes: Sequence[Wish], panes: float, line: float) -> list[float]:
    """Return whole heights that leave the price pane `LEAST_PRICE`."""
    fixed = sum(line for each in wishes if each.folded)
    wanted = sum(each.share * panes for each in wishes if not each.folded)
    room = max(panes - LEAST_PRICE - fixed, 0.0)
    squeeze = min(1.0, room / wanted) if wanted else 1.0
    return [line if each.folded else float(round(each.share * panes * squeeze)) for each in wishes]
