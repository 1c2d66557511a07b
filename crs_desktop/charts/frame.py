"""Where the parts of a chart are: price pane, volume pane, price axis, time axis. Logical pixels, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Zone(Enum):
    """A part of the chart that the pointer can be in."""

    PLOT = "plot"
    VOLUME = "volume"
    PRICE_AXIS = "price axis"
    TIME_AXIS = "time axis"


@dataclass(frozen=True, slots=True)
class Frame:
    """The division of a widget of `width` x `height`."""

    width: float
    height: float
    axis_width: float
    axis_height: float
    volume_height: float

    @classmethod
    def of(cls, width: float, height: float, axis_width: float, axis_height: float) -> Frame:
        """Divide a widget; the volume pane gives way first when it gets tight."""
        volume = (height - axis_height) * 0.17
        return cls(width, height, axis_width, axis_height, min(volume, 120.0) if height > 180 else 0.0)

    @property
    def plot_width(self) -> float:
        """Width of the panes left of the price axis."""
        return max(self.width - self.axis_width, 1.0)

    @property
    def price_height(self) -> float:
        """Height of the price pane, at the top."""
        return max(self.height - self.axis_height - self.volume_height, 1.0)

    @property
    def time_top(self) -> float:
        """Where the time axis begins, the bottom of the volume pane."""
        return self.height - self.axis_height

    def zone(self, x: float, y: float) -> Zone:
        """Return the part under a point."""
        if y >= self.time_top:
            return Zone.TIME_AXIS
        if x >= self.plot_width:
            return Zone.PRICE_AXIS
        return Zone.PLOT if y < self.price_height else Zone.VOLUME
