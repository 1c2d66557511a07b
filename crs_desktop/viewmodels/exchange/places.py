"""The public exchanges of a profile: which one was used last, which were agreed to, which pairs were looked at.

One small file beside the profile's others, written atomically. A file that cannot be read is set aside, with a
sentence. Nothing in it is a secret.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from crs_desktop.viewmodels.exchange.offered import CCXT, offered
from crs_desktop.viewmodels.kept_file import KeptFile
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
        self._file = KeptFile(path, Known)
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
        why = self._file.write(known)
        return say("It could not be kept: {why}.", why=why) if why else NOTHING

    def _read(self) -> Known:
        known, file = self._file.read(), self._file
        if file.aside is not None:
            self.problem = say(
                "The list of exchanges in {file} could not be read. It was set aside as {aside}.",
                file=file.name, aside=file.aside.name,
            )  # fmt: skip
        elif file.refused:
            self.problem = say("The list of exchanges could not be read: {why}.", why=file.refused)
        venues = tuple(_checked(each) for each in known.venues[:MOST] if _is_name(each.name))
        last = known.last if any(each.name == known.last for each in venues) else ""
        return Known(venues, last)


def _is_name(name: str) -> bool:
    """Whether a name is one that can be opened; it becomes part of a path."""
    own = name.removeprefix(CCXT)
    return len(own) <= LONGEST and own.isascii() and own.isalnum() and offered(name) is not None


def _checked(venue: Visited) -> Visited:
    return replace(venue, pairs=tuple(each for each in venue.pairs[:PAIRS] if 0 < len(each) <= LONGEST))
