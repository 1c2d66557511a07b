"""Making a session that fails as small as it can be while it still fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from tests.engine.exchange.naive import Entry

Fails = Callable[[list[str]], bool]


def shrunk(lines: list[str], fails: Fails) -> list[str]:
    """Return a session that fails and of which no line, order of a list or field can be left out."""
    assert fails(lines)
    lines = without_lines(lines, fails)
    while (smaller := next((each for each in simpler(lines) if fails(each)), None)) is not None:
        lines = without_lines(smaller, fails)
    return lines


def without_lines(lines: list[str], fails: Fails) -> list[str]:
    """Leave out halves, quarters, … and in the end single lines, until none can go."""
    size = len(lines)
    while True:
        before = len(lines)
        size = max(1, size // 2)
        at = 0
        while at < len(lines):
            fewer = lines[:at] + lines[at + size :]
            if fails(fewer):
                lines = fewer
            else:
                at += size
        if size == 1 and len(lines) == before:
            return lines


def simpler(lines: list[str]) -> Iterator[list[str]]:
    for number, line in enumerate(lines):
        for entry in simpler_entries(json.loads(line)):
            yield [*lines[:number], json.dumps(entry), *lines[number + 1 :]]


def simpler_entries(entry: Entry) -> Iterator[Entry]:
    for key in entry:
        yield {name: value for name, value in entry.items() if name != key}
    orders = entry.get("orders", [])
    for number, order in enumerate(orders):
        yield {**entry, "orders": orders[:number] + orders[number + 1 :]}
        for smaller in simpler_entries(order):
            yield {**entry, "orders": [*orders[:number], smaller, *orders[number + 1 :]]}
