"""The command palette: everything that can be done or looked at, found by a few letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

LIMIT = 50
BEGUN = 1000
"""Points of letters that stand together; more if a word begins with them."""
MEANT, FOUND = BEGUN + 195, BEGUN // 2
"""Points of what was found in another way: just what was typed, or something like it."""


class Entry(NamedTuple):
    """One thing to choose; `do` does it."""

    title: str
    hint: str
    """A key or a value, shown at the right."""
    kind: str
    """pair, action, setting"""
    do: Callable[[], None]
    enabled: bool = True


def score(query: str, text: str) -> int | None:
    """Return how well the letters of a query are found in a text in their order; None if they are not.

    Adjacent letters, starts of words and an early place count; case and spaces do not.
    """
    wanted = [letter for letter in query.casefold() if not letter.isspace()]
    if not wanted:
        return 0
    where = text.casefold()
    joined = "".join(wanted)
    at = where.find(joined)
    if at >= 0:
        starts = at == 0 or not where[at - 1].isalnum()
        return BEGUN + (200 if starts else 0) - at - len(where) // 8
    points = _walk(wanted, where, _word_start)
    return points if points is not None else _walk(wanted, where, str.find)


def _walk(wanted: list[str], where: str, find: Callable[[str, str, int], int]) -> int | None:
    points, last = 0, -1
    for letter in wanted:
        found = find(where, letter, last + 1)
        if found < 0:
            return None
        points += 12 if found == last + 1 else 0
        points += 20 if found == 0 or not where[found - 1].isalnum() else 0
        points -= min(10, found - last - 1)
        last = found
    return points


def _word_start(where: str, letter: str, start: int) -> int:
    """Return the next place of a letter, preferring the start of a word to a nearer place inside one."""
    nearest = where.find(letter, start)
    place = nearest
    while place >= 0:
        if place == 0 or not where[place - 1].isalnum():
            return place
        place = where.find(letter, place + 1)
    return nearest


class Found(NamedTuple):
    """Something that was found in another way than by letters."""

    entry: Entry
    is_meant: bool
    """Whether it is just what was typed; else it stands behind what begins with the letters."""


def matches(query: str, entries: Iterable[Entry], more: Sequence[Found] = ()) -> list[Entry]:
    """Return the entries that fit, best first; pairs before actions before settings when equal.

    `more` was found in another way; it stays in its order.
    """
    order = {"pair": 0, "action": 1, "setting": 2}
    found = []
    for index, entry in enumerate(entries):
        points = score(query, entry.title)
        if points is not None:
            found.append((-points - (5 if entry.enabled else 0), order.get(entry.kind, 3), index, entry))
    for index, each in enumerate(more):
        found.append((-MEANT if each.is_meant else -FOUND, 0, len(order) + index, each.entry))
    found.sort(key=lambda each: each[:3])
    return [each[3] for each in found[:LIMIT]]
