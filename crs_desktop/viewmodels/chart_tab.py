"""The parts of a board: a place for a chart, a tab of up to four, a window of tabs. They hold, the board decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crs_desktop.viewmodels.link import ChartLink
from crs_desktop.viewmodels.workspace import COUNTS, HALF, ChartSpec, Rect, TabSpec


class ChartSlot:
    """A place for one chart: its link, and what it remembers while nobody shows it."""

    def __init__(self, link: ChartLink, extra: dict[str, Any] | None = None) -> None:
        self.link = link
        self.extra: dict[str, Any] = extra or {}
        self.remembered: Callable[[], dict[str, Any]] | None = None
        """Asks the chart that is shown here; None while there is none."""

    def spec(self) -> ChartSpec:
        """Return the chart as data."""
        if self.remembered is not None:
            self.extra = self.remembered()
        link = self.link
        group = link.group
        return ChartSpec(group.name, group.remembered, link.timeframe.value, link.kept is not None, self.extra)


class ChartTab:
    """One tab of charts."""

    def __init__(self, slots: list[ChartSlot], name: str = "", split: str = "one") -> None:
        self.slots, self.name = slots, name
        self.split = split if split in COUNTS else "one"
        self.at = 0
        """Which chart is focused."""
        self.across = self.down = HALF

    @property
    def shown(self) -> list[ChartSlot]:
        """The charts that the split shows, row by row."""
        return self.slots[: COUNTS[self.split]]

    @property
    def focused(self) -> ChartSlot:
        """The chart that has the tab's focus."""
        return self.slots[self.at]

    @property
    def title(self) -> str:
        """The user's name for the tab, or what its focused chart shows, and how many charts there are."""
        link = self.focused.link
        count = len(self.shown)
        return self.name or f"{link.symbol} {link.timeframe.value}" + (f" · {count}" if count > 1 else "")

    def spec(self) -> TabSpec:
        """Return the tab as data."""
        charts = tuple(slot.spec() for slot in self.slots)
        return TabSpec(self.name, self.split, charts, self.at, self.across, self.down)


class BoardWindow:
    """The tabs of one window, the one in front, and where the window stands (None: where the system puts it)."""

    def __init__(self, tabs: list[ChartTab]) -> None:
        self.tabs = tabs
        self.at = 0
        self.place: Rect | None = None
        self.maximised = False

    @property
    def current(self) -> ChartTab:
        """The tab in front."""
        return self.tabs[self.at]
