"""What steers the offline market besides orders: journaled, because seed, class and commands give the market.

The agents' orders are a function of seed and simulated time and are not journaled; with these records
and the commands at their instants the same market can be run again, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from engine.domain.number import Nanos


@dataclass(frozen=True, slots=True)
class MarketOpened:
    """A market of that kind and seed began; working orders of the one before were cancelled."""

    kind: str
    seed: int
    at: Nanos


@dataclass(frozen=True, slots=True)
class PaceChanged:
    """From this instant the market advances in coarse steps, or in full order flow again."""

    coarse: bool
    at: Nanos


@dataclass(frozen=True, slots=True)
class MarketJumped:
    """The market went from `at` to the instant `to`; working orders were cancelled first."""

    to: Nanos
    at: Nanos


CourseRecord = Union[MarketOpened, PaceChanged, MarketJumped]
"""What changes the course of the offline market."""
