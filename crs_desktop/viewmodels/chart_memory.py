"""What the parts of one chart remember between runs: each under its own name, as values that JSON knows.

    memory.add("style", part)      the part gets at once what was remembered for it, if anything was
    memory.remembered()            what all parts remember now; what nobody claimed yet is kept as it was

A part that cannot take its memory back begins afresh: a workspace from another version is no reason not to open.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

log = logging.getLogger(__name__)


class Part(Protocol):
    """Something of a chart that is remembered: its style, its scale, its indicators."""

    def remembered(self) -> object:
        """Return what to remember, made of values that JSON knows (no NaN)."""
        ...

    def restore(self, state: Any) -> None:  # noqa: ANN401 - what a file says
        """Take back what was remembered; may raise what reading foreign data raises."""
        ...


class ChartMemory:
    """The memory of one chart."""

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}
        self._unclaimed: dict[str, Any] = {}
        self._last: dict[str, Any] = {}
        """What each part said last that JSON knows."""

    def add(self, name: str, part: Part) -> None:
        """Let a part be remembered under a name."""
        self._parts[name] = part
        if name in self._unclaimed:
            self._give(name, part, self._unclaimed.pop(name))

    def remembered(self) -> dict[str, Any]:
        """Return everything that is remembered, as it will come back from a file."""
        for name, part in self._parts.items():
            try:
                self._last[name] = json.loads(json.dumps(part.remembered(), allow_nan=False))
            except (TypeError, ValueError) as error:  # a bug of that part: the rest of the workspace must be saved
                log.error("a part of a chart cannot be remembered", extra={"part": name}, exc_info=error)
        return {**self._unclaimed, **self._last}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what was remembered."""
        self._unclaimed = {name: each for name, each in state.items() if name not in self._parts}
        for name, part in self._parts.items():
            if name in state:
                self._give(name, part, state[name])

    def _give(self, name: str, part: Part, state: object) -> None:
        try:
            part.restore(state)
        except Exception as error:  # whatever foreign data makes a part raise must not keep the chart from opening
            log.warning("a chart's memory could not be used", extra={"part": name}, exc_info=error)
