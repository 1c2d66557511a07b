"""The public exchanges of a profile: which one was used last, which were agreed to, which pairs were looked at.

One small file beside the profile's others, written atomically. A file that cannot be read is set aside, with a
sentence. Nothing in it is a secret.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from crs_desktop.viewmodels.exchange.offered import CCXT, offered
from crs_desktop.viewmodels.words import NOTHING, Sentence, say

MOST = 64
"""Exchanges of one profile."""
PAIRS = 24
"""Pairs that are remembered of each."""
LONGEST = 64


class Visited(Struct, frozen=True):
    """An exchange that the user agreed to connect to."""

    name: str
    pairs: tuple[str, ...] = ()
    """What was on show there last, the desk's own first."""


class Known(Struct, frozen=True):
    """What the file holds; `last` is the name of the exchange in use, "" if it is none."""

    venues: tuple[Visited, ...] = ()
    last: str = ""


class ExchangePlaces:
    """What a profile knows of public exchanges; every change is written at once."""

    def __init__(self, path: Path | None) -> None:
        """Read the file; without a path (in tests) nothing is kept."""
        self._path = path
        self.problem: Sentence = NOTHING
        self.known = self._read()

    def get(self, name: str) -> Visited | None:
        """Return what is known of an exchange; None if the user never agreed to it."""
        return next((each for each in self.known.venues if each.name == name), None)

    def pairs(self, name: str) -> tuple[str, ...]:
        """Return the pairs that were on show there last."""
        found = self.get(name)
        return found.pairs if found is not None else ()

    @property
    def others(self) -> tuple[str, ...]:
        """The names of exchanges through ccxt that were used."""
        return tuple(each.name for each in self.known.venues if each.name.startswith(CCXT))

    def agree(self, name: str) -> Sentence:
        """Remember that the user agreed to connect; return why that could not be kept, or NOTHING."""
        if self.get(name) is not None:
            return NOTHING
        kept = self.known.venues[-(MOST - 1) :]
        return self._put(replace(self.known, venues=(*kept, Visited(name))))

    def use(self, name: str) -> Sentence:
        """Remember where prices come from now; "" for no public exchange."""
        if name == self.known.last:
            return NOTHING
        return self._put(replace(self.known, last=name))

    def show(self, name: str, pairs: tuple[str, ...]) -> Sentence:
        """Remember which pairs are on show."""
        venue = self.get(name)
        if venue is None or venue.pairs == pairs[:PAIRS]:
            return NOTHING
        changed = replace(venue, pairs=pairs[:PAIRS])
        return self._put(replace(self.known, venues=tuple(changed if e.name == name else e for e in self.known.venues)))

    def _put(self, known: Known) -> Sentence:
        self.known = known
        if self._path is None:
            return NOTHING
        temporary = self._path.with_suffix(".part")
        try:
            with temporary.open("wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError as error:
            return say("It could not be kept: {why}.", why=error.strerror or "the disk refuses")
        return NOTHING

    def _read(self) -> Known:
        if self._path is None:
            return Known()
        try:
            known = msgspec.json.decode(self._path.read_bytes(), type=Known)
        except FileNotFoundError:
            return Known()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._set_aside(self._path)
        venues = tuple(_checked(each) for each in known.venues[:MOST] if _is_name(each.name))
        last = known.last if any(each.name == known.last for each in venues) else ""
        return Known(venues, last)

    def _set_aside(self, path: Path) -> Known:
        aside = path.with_suffix(".damaged.json")
        try:
            path.replace(aside)
        except OSError:
            return Known()
        self.problem = say(
            "The list of exchanges in {file} could not be read. It was set aside as {aside}.",
            file=path.name, aside=aside.name,
        )  # fmt: skip
        return Known()


def _is_name(name: str) -> bool:
    """Whether a name is one that can be opened; it becomes part of a path."""
    own = name.removeprefix(CCXT)
    return len(own) <= LONGEST and own.isascii() and own.isalnum() and offered(name) is not None


def _checked(venue: Visited) -> Visited:
    return replace(venue, pairs=tuple(each for each in venue.pairs[:PAIRS] if 0 < len(each) <= LONGEST))
