"""What of the trading overlay can be pointed at: small areas, each with what a press on it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF


class Act(Enum):
    """What an area is for."""

    LINE = auto()
    """A tag or a line of an order: choose it, or drag it."""
    CANCEL = auto()
    UNDO = auto()
    YES = auto()
    """Answer a question, or send a ghost."""
    NO = auto()
    DRAFT = auto()
    """A line of a new order, by its name: drag it."""
    DROP_LEG = auto()
    SEND = auto()
    EDIT = auto()
    PULL_STOP = auto()
    """Drag a stop out of here, or click for one at a usual distance."""
    PULL_TARGET = auto()
    CLOSE = auto()
    REVERSE = auto()
    BREAKEVEN = auto()
    HUSH = auto()
    SHOW = auto()
    """Bring what is off screen into view."""
    PLUS = auto()


DRAGS = frozenset({Act.LINE, Act.DRAFT, Act.PULL_STOP, Act.PULL_TARGET})
"""Areas that are dragged up and down."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One area; `key` is an order's id, the name of a line of a new order, or empty."""

    act: Act
    rect: QRectF
    key: str = ""
    field: str = ""
    level: float = 0.0
    """The price that it stands for, in ticks."""
    tip: str = ""


def hit_at(hits: Sequence[Hit], at: QPointF) -> Hit | None:
    """Return the area under a point, the one painted last first."""
    return next((each for each in reversed(hits) if each.rect.contains(at)), None)
