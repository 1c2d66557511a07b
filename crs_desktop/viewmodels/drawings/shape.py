"""One drawing as it is kept: a kind, anchors at instants and prices, a style. Values, never changed in place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

WIDEST = 4
"""Lines are 1 to this many px wide."""
DASHES = ("solid", "dashed", "dotted")
LONGEST_TEXT = 500
TONES = ("accent", "up_text", "down_text", "warn", "simulated", "text", "text_muted")
"""Colours that follow the theme; any other is written `#rrggbb`."""
HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")


class Anchor(NamedTuple):
    """A point of a drawing; it stays what it is whatever bars the chart shows."""

    at: int
    """ns UTC."""
    price: Decimal


@dataclass(frozen=True, slots=True)
class Style:
    """What a drawing looks like.

    Raises:
        ValueError: the colour is neither a tone nor `#rrggbb`, or a number is out of its range.
    """

    color: str = "accent"
    width: int = 1
    dash: str = "solid"
    fill: int = 12
    """Opacity of areas, percent."""
    text: str = ""
    levels: tuple[Decimal, ...] = ()
    """Ratios of a Fibonacci drawing, e.g. 0.618."""
    risk_bps: int = 100
    """What a position tool may lose, of the equity."""

    def __post_init__(self) -> None:
        sound = (
            (self.color in TONES or HEX.match(self.color))
            and 1 <= self.width <= WIDEST
            and self.dash in DASHES
            and 0 <= self.fill <= 100
            and len(self.text) <= LONGEST_TEXT
            and len(self.levels) <= 32
            and all(level.is_finite() and abs(level) <= 100 for level in self.levels)
            and 1 <= self.risk_bps <= 10_000
        )
        if not sound:
            raise ValueError(f"no such style: {self}")


@dataclass(frozen=True, slots=True)
class Shape:
    """One drawing; `id` is unique in its profile."""

    id: str
    kind: str
    anchors: tuple[Anchor, ...]
    style: Style = field(default_factory=Style)
    locked: bool = False
    hidden: bool = False
    more: str = ""
    """Fields of a newer version, as JSON: kept, not understood."""
