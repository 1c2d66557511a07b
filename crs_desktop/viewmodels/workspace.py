"""What a workspace is made of, as data: windows, docks, tabs, splits, link groups, and what each chart shows.

Plain values that become JSON and come back equal. What is out of range (a tab that is not there, an unknown split) is
not refused here: whoever takes a workspace up takes the nearest that makes sense.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

COUNTS = {"one": 1, "side": 2, "stacked": 2, "four": 4}
"""How many charts a split shows, by its name, in the order in which they follow one another."""
MOST_CHARTS = max(COUNTS.values())
HALF = 500
"""Where a divider stands at first, in thousandths."""
FIRST_NAME = "Main"


class Rect(NamedTuple):
    """A rectangle on the desktop, px."""

    x: int
    y: int
    width: int
    height: int


class Shown(NamedTuple):
    """What a link group shows."""

    symbol: str
    timeframe: str


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """One chart. `symbol` and `timeframe` count where the chart's link does not say them."""

    link: str = "A"
    """The letter of its group, "" for none."""
    symbol: str = ""
    timeframe: str = ""
    kept: bool = False
    """Whether it keeps `timeframe` whatever its group does."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What the chart itself remembers (style, scale, indicators): values that JSON knows."""


@dataclass(frozen=True, slots=True)
class TabSpec:
    """One tab; the charts beyond those that the split shows wait for a larger split."""

    name: str = ""
    """The user's name for it; without one it is called by what it shows."""
    split: str = "one"
    charts: tuple[ChartSpec, ...] = (ChartSpec(),)
    focused: int = 0
    across: int = HALF
    """Where the upright divider stands, thousandths of the width."""
    down: int = HALF


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """A window of its own that holds chart tabs."""

    place: Rect | None = None
    maximised: bool = False
    tabs: tuple[TabSpec, ...] = (TabSpec(),)
    current: int = 0


@dataclass(frozen=True, slots=True)
class Workspace:
    """One arrangement of everything that is seen."""

    name: str = FIRST_NAME
    window: Rect | None = None
    maximised: bool = False
    docks: str = ""
    symbol: str = ""
    """Group A's pair, the desk's."""
    timeframe: str = "1m"
    groups: dict[str, Shown] = field(default_factory=dict)
    """What the other groups show, by letter."""
    tabs: tuple[TabSpec, ...] = (TabSpec(),)
    """Of the main window."""
    current: int = 0
    windows: tuple[WindowSpec, ...] = ()
