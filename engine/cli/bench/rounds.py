"""Rounds of a measurement: CPU time, the median with its spread, and the bar that it should reach."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from engine.cli.table import table
from engine.errors import CrsError

T = TypeVar("T")


class Plan(NamedTuple):
    """What was asked for."""

    rounds: int
    events: int
    peers: Path | None
    """Where the environments of other programs are; None = wherever they are found."""


class WrongAnswerError(CrsError):
    """The answers of a benchmark are not right, so its speed means nothing."""


class Spread(NamedTuple):
    """The middle of several measurements, and the least and greatest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Return the spread of at least one value."""
        found = sorted(values)
        return cls(statistics.median(found), found[0], found[-1])


class Bar(NamedTuple):
    """One row of the report: what was measured and what ENGINE.md demands of it."""

    name: str
    measured: Spread
    demand: float | None = None
    at_least: bool = True
    unit: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the demand; None if nothing is demanded."""
        if self.demand is None:
            return None
        return self.measured.median >= self.demand if self.at_least else self.measured.median <= self.demand

    def row(self) -> tuple[str, ...]:
        """Return it as cells of a table."""
        low, middle, high = (f"{each:,.{2 if abs(each) < 100 else 0}f}" for each in sorted(self.measured))
        demand = "" if self.demand is None else f"{'>=' if self.at_least else '<='} {self.demand:g} {self.unit}"
        verdict = "" if self.met is None else "met" if self.met else "NOT MET"
        return self.name, middle, low, high, self.unit, demand.strip(), verdict

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "name": self.name,
            **self.measured._asdict(),
            "unit": self.unit,
            "demand": self.demand,
            "demanded": "at least" if self.at_least else "at most",
            "met": self.met,
        }


class Report(NamedTuple):
    """What one benchmark found; `facts` are sizes and counts, `notes` sentences about what could not be measured."""

    what: str
    facts: dict[str, int | str]
    bars: list[Bar]
    notes: list[str]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "what": self.what,
            **self.facts,
            "measurements": [bar.plain() for bar in self.bars],
            "notes": self.notes,
        }

    def text(self) -> str:
        """Return it as people read it."""
        facts = ", ".join(
            f"{name.replace('_', ' ')} {value:,}" if isinstance(value, int) else f"{name} {value}"
            for name, value in self.facts.items()
        )
        shown = table(
            f"{self.what}: {facts}",
            ("measured", "median", "least", "most", "unit", "wanted", ""),
            [bar.row() for bar in self.bars],
        )
        return "\n".join((shown, *self.notes))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds that the work took, and what it returned.

    The collector of cycles is paused meanwhile, as `crs simulate` pauses it and as the drivers of the peers do.
    """
    gc.collect()
    gc.disable()
    try:
        begun = time.process_time()
        found = work()
        return time.process_time() - begun, found
    finally:
        gc.enable()
