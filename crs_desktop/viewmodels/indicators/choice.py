"""What can be put on a chart: found by a few letters, favourites first, the user's own with what is wrong with them."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels.indicators.run import badge
from crs_desktop.viewmodels.indicators.studies import Studies
from crs_desktop.viewmodels.palette import score
from crs_desktop.viewmodels.words import NOTHING, Sentence
from engine.services.indicators import OWN


class Choice(NamedTuple):
    """One indicator in the list."""

    name: str
    title: str
    sentence: str
    favourite: bool
    own: bool
    problem: Sentence = NOTHING
    """Why it, or its newest text, cannot be used."""
    usable: bool = True
    overlay: bool = False
    """Whether it stands over the candles."""


def choices(studies: Studies, query: str) -> list[Choice]:
    """Return the indicators that fit a query, the best first, those over the candles before others that fit as well.

    Without a query favourites first, then by title.
    """
    found: list[tuple[tuple[int, ...], str, int, Choice]] = []
    for at, each in enumerate(_all(studies)):
        points = _points(query, each)
        if points is not None:
            rank = (-points, not each.favourite, not each.overlay) if query.strip() else (not each.favourite,)
            found.append((rank, each.title.casefold(), at, each))
    found.sort(key=lambda each: each[:3])
    return [each[3] for each in found]


def _all(studies: Studies) -> list[Choice]:
    favourites = set(studies.presets.favourites)
    found = [
        Choice(each.name, each.title, each.sentence, each.name in favourites, own=False, overlay=each.overlay)
        for each in studies.indicators.all()
        if not each.name.startswith(OWN)
    ]
    for own in studies.indicators.owned():
        name = OWN + own.name
        problem = badge(own, own.trouble) if own.trouble is not None else NOTHING
        good = own.good
        title, sentence = (good.title, good.sentence) if good is not None else (own.file_name, "")
        found.append(Choice(name, title, sentence, name in favourites, True, problem, good is not None))
    return found


def _points(query: str, choice: Choice) -> int | None:
    """Return how well a choice fits: its short name counts most, then its title."""
    if not query.strip():
        return 0
    name, title = score(query, choice.name.removeprefix(OWN)), score(query, choice.title)
    if choice.name == query.strip().casefold():
        return 10_000
    points = [each for each in (None if name is None else name + 100, title) if each is not None]
    return max(points) if points else None
