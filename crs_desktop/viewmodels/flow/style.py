"""What a chart shows of order flow. Kept in the workspace as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum


class ProfileSpan(StrEnum):
    """Which bars a volume profile is of."""

    NONE = "none"
    VISIBLE = "visible"
    SESSION = "session"
    FIXED = "fixed"


class DeltaKind(StrEnum):
    """How cumulative delta is drawn."""

    NONE = "none"
    LINE = "line"
    CANDLES = "candles"


AUTO_ROWS = 0
ROW_COUNTS = (AUTO_ROWS, 24, 50, 100, 200)
MOST_TICKS = 10**9


@dataclass(frozen=True, slots=True)
class FlowStyle:
    """The choices of one chart."""

    profile: ProfileSpan = ProfileSpan.NONE
    rows: int = AUTO_ROWS
    """How many rows a profile has at most; 0 as many as can be told apart."""
    group: int = 0
    """Height of a profile's rows in ticks, before `rows`; 0 for none chosen."""
    left: bool = False
    """Whether the profile of what is in view stands at the left edge."""
    since: int = 0
    """Of a fixed profile: its first instant, ns UTC…"""
    until: int = 0
    """…and the instant before which it ends; the same if no range was chosen yet."""
    footprint: bool = False
    cells: int = 0
    """Height of a footprint's rows in ticks; 0 fits them to the text."""
    delta: DeltaKind = DeltaKind.NONE
    daily: bool = True
    """Whether cumulative delta begins anew each day (UTC)."""

    @property
    def shows(self) -> bool:
        """Whether there is anything to draw."""
        return self.profile is not ProfileSpan.NONE or self.footprint or self.delta is not DeltaKind.NONE

    def to_dict(self) -> dict[str, object]:
        """Return plain data for a JSON file."""
        return {name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(self).items()}

    @classmethod
    def of_dict(cls, data: object) -> FlowStyle:
        """Return the style of plain data; what is missing, unknown or no good gets its default."""
        kept: dict[str, object] = {}
        for each in fields(cls) if isinstance(data, Mapping) else ():
            try:
                kept[each.name] = _READERS[each.name](data[each.name])  # type: ignore[index]
            except (KeyError, TypeError, ValueError):
                continue
        return cls(**kept)  # type: ignore[arg-type]


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _whole(most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise ValueError(value)
        return value

    return read


_READERS: dict[str, Callable[[object], object]] = {
    "profile": ProfileSpan,  # type: ignore[dict-item]
    "rows": _whole(1_000),
    "group": _whole(MOST_TICKS),
    "left": _truth,
    "since": _whole(2**63 - 1),
    "until": _whole(2**63 - 1),
    "footprint": _truth,
    "cells": _whole(MOST_TICKS),
    "delta": DeltaKind,  # type: ignore[dict-item]
    "daily": _truth,
}
