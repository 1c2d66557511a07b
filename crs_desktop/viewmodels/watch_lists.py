"""The user's watchlists and the venues that are watched besides: one small file of the profile.

Written on a thread, atomically, after each change. A file that cannot be read is set aside, with a sentence; what
cannot be saved is said and tried again with the next change.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.kept_file import KeptFile
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from crs_desktop.viewmodels.writer import Writer

MOST_LISTS, MOST_ITEMS, MOST_VENUES = 32, 1_000, 64
LONGEST = 64
"""Letters of a name."""
FIRST = "Watchlist"
"""The list that there is at first."""


class Item(Struct, frozen=True):
    """One instrument of one venue, by the engine's word for the venue."""

    venue: str
    symbol: str


class WatchList(Struct, frozen=True):
    """A named list, in the user's order."""

    name: str
    items: tuple[Item, ...] = ()


class Kept(Struct, frozen=True):
    """What the file holds; `shown` is the list in front, -1 for the market's own pairs."""

    lists: tuple[WatchList, ...] = (WatchList(FIRST),)
    shown: int = -1
    venues: tuple[str, ...] = ()
    """Venues that are watched besides the one that is traded on."""


class WatchLists:
    """What a profile knows of its watchlists; without a path (in tests) nothing is written."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = KeptFile(path, Kept)
        self.problem: Sentence = NOTHING
        self._changed: Hook[WatchLists] = Hook()
        self._writer = Writer(self._write, "watchlists")
        self.kept = self._read()

    def on_change(self, call: Callable[[WatchLists], object]) -> Link[WatchLists]:
        """Be told of every change."""
        return self._changed.add(call)

    def flush(self) -> None:
        """Wait until everything is written, or refused."""
        self._writer.flush()

    @property
    def lists(self) -> tuple[WatchList, ...]:
        """All lists; there is always one."""
        return self.kept.lists

    @property
    def shown(self) -> WatchList | None:
        """The list in front; None for the market's own pairs."""
        return None if self.kept.shown < 0 else self.kept.lists[self.kept.shown]

    def show(self, at: int) -> None:
        """Bring a list to the front; -1 for the market's own pairs."""
        if -1 <= at < len(self.lists) and at != self.kept.shown:
            self._put(replace(self.kept, shown=at))

    def restore(self, kept: Kept) -> None:
        """Take lists back as they were: the undo of whatever was done to them; venues stay."""
        self._put(replace(kept, venues=self.kept.venues))

    # -- what is in a list ------------------------------------------------------------------------

    def add(self, item: Item, at: int | None = None) -> WatchList | None:
        """Put an instrument at the end of a list (the one in front, or the first); None if it is in it or full."""
        number = max(0, self.kept.shown) if at is None else at
        found = self.lists[number]
        if item in found.items or len(found.items) >= MOST_ITEMS:
            return None
        changed = replace(found, items=(*found.items, item))
        self._put(self._with(number, changed))
        return changed

    def remove(self, *items: Item) -> Kept | None:
        """Take instruments off the list in front; return what there was before, None if nothing changed."""
        found, before = self.shown, self.kept
        if found is None or not any(each in found.items for each in items):
            return None
        left = tuple(each for each in found.items if each not in items)
        self._put(self._with(self.kept.shown, replace(found, items=left)))
        return before

    def move(self, item: Item, to: int) -> None:
        """Let an instrument of the list in front stand at another place; the ends are as far as it goes."""
        found = self.shown
        if found is None or item not in found.items:
            return
        items = [each for each in found.items if each != item]
        items.insert(max(0, min(to, len(items))), item)
        if tuple(items) != found.items:
            self._put(self._with(self.kept.shown, replace(found, items=tuple(items))))

    # -- which lists there are --------------------------------------------------------------------

    def problem_of(self, name: str, *, rename: bool = False) -> Sentence:
        """Return why a new list, or the one in front, cannot have a name; NOTHING if it can."""
        wanted, own = name.strip(), self.shown.name if rename and self.shown is not None else None
        if not wanted or len(wanted) > LONGEST:
            return say("A name has 1 to {count} letters.", count=LONGEST)
        if any(each.name.casefold() == wanted.casefold() and each.name != own for each in self.lists):
            return say("There is a list of that name.")
        if not rename and len(self.lists) >= MOST_LISTS:
            return say("There are {count} lists; delete one first.", count=MOST_LISTS)
        return NOTHING

    def new(self, name: str) -> None:
        """Make an empty list and bring it to the front, if it can have that name."""
        if not self.problem_of(name).source:
            lists = (*self.lists, WatchList(name.strip()))
            self._put(replace(self.kept, lists=lists, shown=len(lists) - 1))

    def rename(self, name: str) -> None:
        """Give the list in front another name, if it can have it."""
        if self.shown is not None and not self.problem_of(name, rename=True).source:
            self._put(self._with(self.kept.shown, replace(self.shown, name=name.strip())))

    def delete(self) -> Kept | None:
        """Delete the list in front; return what there was before. The last one is emptied and keeps its place."""
        if self.shown is None:
            return None
        before, at = self.kept, self.kept.shown
        lists = (*self.lists[:at], *self.lists[at + 1 :]) or (WatchList(FIRST),)
        self._put(replace(self.kept, lists=lists, shown=min(at, len(lists) - 1)))
        return before

    def watch(self, venue: str, on: bool) -> None:
        """Remember that a venue is watched, or is not any more."""
        left = tuple(each for each in self.kept.venues if each != venue)
        venues = (*left[-(MOST_VENUES - 1) :], venue) if on else left
        if set(venues) != set(self.kept.venues):
            self._put(replace(self.kept, venues=venues))

    def _with(self, at: int, changed: WatchList) -> Kept:
        return replace(self.kept, lists=(*self.lists[:at], changed, *self.lists[at + 1 :]))

    def _put(self, kept: Kept) -> None:
        self.kept = kept
        self._writer.put(lambda: kept)
        self._changed.fire(self)

    # -- the file ---------------------------------------------------------------------------------

    def _write(self, kept: Kept) -> bool:
        why = self._file.write(kept)
        self.problem = (
            say("Watchlists are not being saved: {why}. The next change tries again.", why=why) if why else NOTHING
        )
        return not why

    def _read(self) -> Kept:
        kept, file = self._file.read(), self._file
        if file.aside is not None:
            self.problem = say(
                "The watchlists in {file} could not be read. They were set aside as {aside}.",
                file=file.name, aside=file.aside.name,
            )  # fmt: skip
        elif file.refused:
            self.problem = say("Watchlists could not be read: {why}.", why=file.refused)
        return _checked(kept)


def _checked(kept: Kept) -> Kept:
    """Return what a file holds as far as it can be: bounded, without what is there twice."""
    lists = tuple(
        WatchList(each.name.strip()[:LONGEST] or FIRST, tuple(dict.fromkeys(_sound(each.items)))[:MOST_ITEMS])
        for each in kept.lists[:MOST_LISTS]
    ) or (WatchList(FIRST),)
    venues = tuple(dict.fromkeys(each for each in kept.venues if 0 < len(each) <= LONGEST))[:MOST_VENUES]
    return Kept(lists, max(-1, min(kept.shown, len(lists) - 1)), venues)


def _sound(items: tuple[Item, ...]) -> list[Item]:
    return [each for each in items if 0 < len(each.venue) <= LONGEST and 0 < len(each.symbol) <= LONGEST]
