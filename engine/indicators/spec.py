"""What an indicator is: a name, typed parameters, named outputs, and two equal forms.

The *batch* form works over whole columns, the *stream* form takes one bar at a time; on every row both say the
same to 1e-9. Prices and volumes are float64 in whatever unit the caller uses (the charts pass ticks and lots); instants
are ns UTC. A value that is not known yet is NaN. Nothing here reads a clock or a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import InvalidInput

Floats = NDArray[np.float64]
Value = int | float | str
"""What a parameter can be."""
Values = Mapping[str, Value]
LATEST = 7_258_118_400_000_000_000
"""The year 2200, ns UTC."""


class Columns(NamedTuple):
    """Bars as columns of equal length, oldest first; no gaps inside, no NaN."""

    start: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


class BarRow(NamedTuple):
    """One bar."""

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class Stream(Protocol):
    """The incremental form, made for one series and fed its bars in order."""

    def push(self, bar: BarRow) -> tuple[float, ...]:
        """Take a closed bar; return one value per output, NaN while warming up."""
        ...

    def preview(self, bar: BarRow) -> tuple[float, ...]:
        """Return what `push` would, and change nothing: the bar is still forming."""
        ...


@dataclass(frozen=True, slots=True)
class IntParam:
    """A whole number between `low` and `high`, both allowed."""

    name: str
    default: int
    low: int
    high: int
    title: str = ""

    def read(self, value: Value) -> int:
        """Return the value checked.

        Raises:
            InvalidInput: no whole number, or out of range.
        """
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            number = None
        if number is None or (isinstance(value, float) and number != value) or not self.low <= number <= self.high:
            raise InvalidInput(f"{self.name} must be a whole number from {self.low} to {self.high}, not {value!r}.")
        return number


@dataclass(frozen=True, slots=True)
class FloatParam:
    """A number between `low` and `high`, both allowed; `step` is what a spin box moves by."""

    name: str
    default: float
    low: float
    high: float
    step: float = 0.1
    title: str = ""

    def read(self, value: Value) -> float:
        """Return the value checked.

        Raises:
            InvalidInput: no number, or out of range.
        """
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if not self.low <= number <= self.high:
            raise InvalidInput(f"{self.name} must be a number from {self.low:g} to {self.high:g}, not {value!r}.")
        return number


@dataclass(frozen=True, slots=True)
class ChoiceParam:
    """One of a few words."""

    name: str
    default: str
    choices: tuple[str, ...]
    title: str = ""

    def read(self, value: Value) -> str:
        """Return the value checked.

        Raises:
            InvalidInput: none of the choices.
        """
        if value not in self.choices:
            raise InvalidInput(f"{self.name} must be one of {', '.join(self.choices)}, not {value!r}.")
        return str(value)


@dataclass(frozen=True, slots=True)
class InstantParam:
    """An instant from 1739 to 2200: whole ns UTC as a number, or ISO 8601 as text (UTC if it names no zone)."""

    name: str
    default: int
    title: str = ""

    def read(self, value: Value) -> int:
        """Return the instant in ns UTC.

        Raises:
            InvalidInput: neither of the two forms, or out of range.
        """
        try:
            whole = isinstance(value, int) or str(value).lstrip("-").isdecimal()
            instant = int(value) if whole else _instant(str(value))
        except ValueError:
            instant = LATEST + 1
        if abs(instant) > LATEST:
            raise InvalidInput(
                f"{self.name} must be an instant from 1739 to 2200, as ns UTC or like 2026-01-31T12:00:00Z, "
                f"not {value!r:.60}."
            )
        return instant


def _instant(text: str) -> int:
    at = datetime.fromisoformat(text)
    since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000


Param = IntParam | FloatParam | ChoiceParam | InstantParam


class Mark(StrEnum):
    """How an output is drawn."""

    LINE = "line"
    HISTOGRAM = "histogram"
    DOTS = "dots"
    STEPS = "steps"
    HIDDEN = "hidden"
    """For legends and alerts only: its scale is not that of the others."""


@dataclass(frozen=True, slots=True)
class Output:
    """One column of an indicator's answer; `token` names its colour in the theme's series palette."""

    name: str
    mark: Mark = Mark.LINE
    token: str = ""


Batch = Callable[..., tuple[Floats, ...]]
"""`batch(columns, **values)`: one column per output, each as long as the bars."""
MakeStream = Callable[..., Stream]
"""`make_stream(**values)`: a fresh stream."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator; `overlay` says that it is drawn over the candles rather than in a pane of its own."""

    name: str
    title: str
    sentence: str
    params: tuple[Param, ...]
    outputs: tuple[Output, ...]
    batch: Batch
    make_stream: MakeStream
    overlay: bool = False
    levels: tuple[float, ...] = ()
    """Guide lines of its pane, e.g. 30 and 70."""
    fill: tuple[str, str] | None = None
    """Two outputs with a tinted area between them."""
    source: str = ""
    """Where the definition is from, and how the first values are seeded."""

    def values(self, given: Values | None = None) -> dict[str, Value]:
        """Return every parameter's value: the given ones checked, the defaults for the rest.

        Raises:
            InvalidInput: a name that the indicator does not have, or a value out of range.
        """
        given = given or {}
        known = {param.name for param in self.params}
        for name in given:
            if name not in known:
                allowed = ", ".join(sorted(known)) or "none"
                raise InvalidInput(f"{self.name} has no parameter {name!r}; it has: {allowed}.")
        return {param.name: param.read(given.get(param.name, param.default)) for param in self.params}

    def compute(self, columns: Columns, given: Values | None = None) -> tuple[Floats, ...]:
        """Return the outputs over whole columns."""
        return self.batch(columns, **self.values(given))

    def stream(self, given: Values | None = None) -> Stream:
        """Return a fresh incremental form."""
        return self.make_stream(**self.values(given))
