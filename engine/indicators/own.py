"""Write your own indicator: one class in one file.

    from engine.indicators.own import OwnIndicator, line, whole

    class Distance(OwnIndicator):
        "Distance of the close from its average, in percent."

        period = whole(20, low=2, high=500)
        distance = line()

        def start(self):
            self.closes = []

        def push(self, bar):
            self.closes = [*self.closes[-self.period + 1 :], bar.close]
            if len(self.closes) < self.period:
                return None
            return 100 * (bar.close / (sum(self.closes) / self.period) - 1)

Parameters (`whole`, `number`, `choice`) and outputs (`line`, `histogram`, `dots`, `steps`) are attributes of the
class; on the instance each parameter is its value. `push` takes one closed bar after the other and returns one value
per output (None while warming up); for the bar that is forming it is called on a copy. An indicator that is easier over
whole arrays defines `batch(bars)` instead. Prices are in the pair's quote, volumes in its base, `bar.start` is ns UTC.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from engine.errors import InvalidInput
from engine.indicators.spec import (
    BarRow,
    ChoiceParam,
    Columns,
    FloatParam,
    Floats,
    Indicator,
    IntParam,
    Mark,
    Output,
    Param,
    Value,
)

MOST_OUTPUTS = 12
MOST_TITLE, MOST_SENTENCE = 60, 200
"""Characters that are shown."""
LARGEST = 1e30
"""What is farther from zero is no value: nothing could be drawn to its scale."""


class WrongAnswer(InvalidInput):
    """The indicator's own code returned something that cannot be drawn; `line` is where it is defined."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def whole(default: int, low: int = 1, high: int = 10_000, title: str = "") -> Any:  # noqa: ANN401 - an int on the instance
    """Declare a parameter that is a whole number."""
    return IntParam("", default, low, high, title)


def number(default: float, low: float = 0.0, high: float = 1e9, step: float = 0.1, title: str = "") -> Any:  # noqa: ANN401
    """Declare a parameter that is a number."""
    return FloatParam("", default, low, high, step, title)


def choice(*words: str, title: str = "") -> Any:  # noqa: ANN401 - a str on the instance
    """Declare a parameter that is one of a few words; the first is the default."""
    if not words:
        raise InvalidInput("choice() needs at least one word.")
    return ChoiceParam("", words[0], words, title)


def line(color: str = "") -> Any:  # noqa: ANN401 - a number in what push returns
    """Declare an output that is drawn as a line."""
    return Output("", Mark.LINE, color)


def histogram(color: str = "") -> Any:  # noqa: ANN401
    """Declare an output that is drawn as bars from zero."""
    return Output("", Mark.HISTOGRAM, color)


def dots(color: str = "") -> Any:  # noqa: ANN401
    """Declare an output that is drawn as dots."""
    return Output("", Mark.DOTS, color)


def steps(color: str = "") -> Any:  # noqa: ANN401
    """Declare an output that is drawn as stairs."""
    return Output("", Mark.STEPS, color)


class OwnIndicator:
    """What an own indicator is made from."""

    title: ClassVar[str] = ""
    """Its name in the list; the class's name if empty."""
    over_candles: ClassVar[bool] = False
    """Whether it is drawn over the candles, as a price, rather than in a pane of its own."""
    levels: ClassVar[tuple[float, ...]] = ()
    """Guide lines of its pane."""

    def start(self) -> None:
        """Prepare for the first bar; every parameter is set."""

    def push(self, bar: BarRow) -> object:
        """Take a closed bar; return one value per output (a number, a tuple, or a dict by name), or None."""
        raise NotImplementedError


def definition(kind: type[OwnIndicator], name: str) -> Indicator:
    """Return an own indicator in the form of the built-in ones.

    Raises:
        WrongAnswer: it has no output, or neither `push` nor `batch`.
    """
    params, outputs = _declared(kind)
    at = _line_of(kind)
    if not outputs:
        raise WrongAnswer(f"{kind.__name__} has no output. Add one, as in: value = line()", at)
    if len(outputs) > MOST_OUTPUTS:
        raise WrongAnswer(f"{kind.__name__} has {len(outputs)} outputs; {MOST_OUTPUTS} can be drawn.", at)
    if kind.push is OwnIndicator.push and not hasattr(kind, "batch"):
        raise WrongAnswer(f"{kind.__name__} needs a method push(self, bar), or batch(self, bars).", at)
    names = tuple(output.name for output in outputs)
    return Indicator(
        name=name,
        title=(_line(str(kind.title)) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", kind.__name__))[:MOST_TITLE],
        sentence=(kind.__doc__ or "").strip().split("\n")[0][:MOST_SENTENCE],
        params=params,
        outputs=outputs,
        batch=lambda columns, **values: _batch(_made(kind, values), columns, names),
        make_stream=lambda **values: OwnStream(_made(kind, values), names),
        overlay=bool(kind.over_candles),
        levels=tuple(float(each) for each in kind.levels if abs(float(each)) <= LARGEST),
        source="your own file",
    )


class OwnStream:
    """Feeds an own indicator bar by bar."""

    __slots__ = ("_names", "_own", "_rows")

    def __init__(self, own: OwnIndicator, names: tuple[str, ...]) -> None:
        self._own, self._names = own, names
        self._rows: list[BarRow] = []
        """Every bar so far, for one that only knows whole arrays."""

    def push(self, bar: BarRow) -> tuple[float, ...]:
        """Take a closed bar."""
        if _only_batch(self._own):
            self._rows.append(bar)
            return self._last(self._rows)
        return _row(self._own.push(bar), self._names, self._own)

    def preview(self, bar: BarRow) -> tuple[float, ...]:
        """Return what `push` would, on a copy."""
        if _only_batch(self._own):
            return self._last([*self._rows, bar])
        return _row(copy.deepcopy(self._own).push(bar), self._names, self._own)

    def fill(self, columns: Columns) -> tuple[Floats, ...]:
        """Take many closed bars at once; return one column per output."""
        rows = list(map(BarRow._make, zip(*(column.tolist() for column in columns), strict=True)))
        if _only_batch(self._own):
            self._rows += rows
            return _batch(copy.deepcopy(self._own), columns, self._names)
        own, names = self._own, self._names
        out = np.empty((len(rows), len(names)))
        for at, row in enumerate(rows):
            out[at] = _row(own.push(row), names, own)
        return tuple(np.ascontiguousarray(out[:, at]) for at in range(len(names)))

    def _last(self, rows: list[BarRow]) -> tuple[float, ...]:
        found = _batch(copy.deepcopy(self._own), columns_of(rows), self._names)
        return tuple(float(column[-1]) for column in found)


def columns_of(rows: Sequence[BarRow]) -> Columns:
    """Return bars as columns."""
    start, *rest = zip(*rows, strict=True) if rows else ((),) * 6
    return Columns(np.array(start, np.int64), *(np.array(column, np.float64) for column in rest))


def _line(text: str) -> str:
    return " ".join(text.split())


def _only_batch(own: OwnIndicator) -> bool:
    return type(own).push is OwnIndicator.push


def _declared(kind: type[OwnIndicator]) -> tuple[tuple[Param, ...], tuple[Output, ...]]:
    params: dict[str, Param] = {}
    outputs: dict[str, Output] = {}
    for each in reversed(kind.__mro__):
        for name, value in vars(each).items():
            if isinstance(value, IntParam | FloatParam | ChoiceParam):
                params[name] = replace(value, name=name)
            elif isinstance(value, Output):
                outputs[name] = replace(value, name=name)
    return tuple(params.values()), tuple(outputs.values())


def _made(kind: type[OwnIndicator], values: Mapping[str, Value]) -> OwnIndicator:
    own = kind()
    for name, value in values.items():
        setattr(own, name, value)
    own.start()
    return own


def _batch(own: OwnIndicator, columns: Columns, names: tuple[str, ...]) -> tuple[Floats, ...]:
    if not _only_batch(own):
        return OwnStream(own, names).fill(columns)
    answer = own.batch(columns)  # type: ignore[attr-defined]
    parts = _parts(answer if not isinstance(answer, np.ndarray) else (answer,), names, own, "batch")
    found = []
    for name, part in zip(names, parts, strict=True):
        column = np.array(part, np.float64)
        if column.shape != columns.close.shape:
            said = f"batch returned {column.size} values as {name} for {len(columns.close)} bars."
            raise WrongAnswer(said, _line_of(type(own), "batch"))
        column[~(np.abs(column) <= LARGEST)] = math.nan
        found.append(column)
    return tuple(found)


def _row(answer: object, names: tuple[str, ...], own: OwnIndicator) -> tuple[float, ...]:
    if answer is None:
        return (math.nan,) * len(names)
    if isinstance(answer, float | int):
        answer = (answer,)
    found = []
    for name, part in zip(names, _parts(answer, names, own, "push"), strict=True):
        try:
            value = math.nan if part is None else float(part)
        except (TypeError, ValueError, OverflowError):
            said = f"push returned {part!r:.60} as {name}, which is no number."
            raise WrongAnswer(said, _line_of(type(own), "push")) from None
        found.append(value if abs(value) <= LARGEST else math.nan)
    return tuple(found)


def _parts(answer: object, names: tuple[str, ...], own: OwnIndicator, method: str) -> Sequence[Any]:
    """Return the answer's parts in the order of the outputs."""
    at = _line_of(type(own), method)
    if isinstance(answer, Mapping):
        wrong = [name for name in answer if name not in names]
        if wrong:
            raise WrongAnswer(f"{method} returned {wrong[0]!r:.60}, which is no output of it.", at)
        return [answer.get(name) for name in names]
    if not isinstance(answer, Sequence) or isinstance(answer, str):
        if isinstance(answer, np.generic):
            answer = (answer.item(),)
        else:
            raise WrongAnswer(f"{method} returned {type(answer).__name__}; expected one value per output.", at)
    if len(answer) != len(names):
        raise WrongAnswer(f"{method} returned {len(answer)} values; there are {len(names)} outputs.", at)
    return answer


def _line_of(kind: type[OwnIndicator], method: str = "") -> int:
    """Return where a method is defined in the user's file; for the class itself, its first method. 0 if unknown."""
    found = vars(kind).get(method) if method else next((each for each in vars(kind).values() if callable(each)), None)
    code = getattr(found, "__code__", None)
    return code.co_firstlineno if code is not None else 0
