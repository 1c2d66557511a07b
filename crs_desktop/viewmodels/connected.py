"""The venues that one window is connected to: the one it trades on, and others that are only watched.

It outlasts the engine behind the window. Nothing here connects: whoever wires the window sets `watch` and the like,
and tells what became of it. View-models read the board, and ask for what is done with an instrument.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crs_desktop.viewmodels.exchange.offered import offered
from crs_desktop.viewmodels.exchange.trust import WORDS
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.watch_lists import WatchLists
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.bus import Bus
from engine.domain.market import FeedState
from engine.services.board import MarketBoard

if TYPE_CHECKING:
    from engine.services.board import BoardRow


class VenueShown(NamedTuple):
    """A venue in the list of those that are connected."""

    name: str
    title: str
    state: Sentence
    tone: str
    """`text` while all is well, `warn` while it comes, `error` if it failed."""
    text: Sentence
    """Why it is not well, a sentence."""
    instruments: int
    is_watched: bool
    """Whether it is there to be watched only; the one that is traded on goes with its engine."""
    failed: bool
    """Whether connecting failed and can be tried again."""


class Connected:
    """Board, watchlists and venues of a window; `close` ends what it listens to."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the watchlists at `path`; None keeps nothing."""
        self.bus = Bus()
        self.board = MarketBoard(self.bus)
        self.lists = WatchLists(path)
        self.watch: Callable[[str], object] = lambda _venue: None
        """Connect to a venue to watch it."""
        self.unwatch: Callable[[str], object] = lambda _venue: None
        """Watch it no more."""
        self.choose: Callable[[], object] = lambda: None
        """Ask which venue to watch besides."""
        self.go_to: Callable[[BoardRow], object] = lambda _row: None
        """Offer to trade on the venue of an instrument."""
        self.removed: Callable[[Sentence, Callable[[], object]], object] = lambda _what, _undo: None
        """Say that something was removed, with its undo."""
        self.compared: Callable[[str], object] = lambda _asset: None
        """Show an asset across venues."""
        self.trigger: Callable[[str], object] = lambda _action: None
        """Do an action of the window, by its id."""
        self._watched: dict[str, tuple[str, str | None]] = {}
        """Venues that are watched or to be: their title, and why they could not be reached."""
        self._changed: Hook[Connected] = Hook()

    def close(self) -> None:
        """Listen no more, and see everything written."""
        self.board.close()
        self.lists.flush()

    def on_change(self, call: Callable[[Connected], object]) -> Link[Connected]:
        """Be told that a venue is watched, or is not any more, or could not be reached."""
        return self._changed.add(call)

    # -- what whoever connects tells --------------------------------------------------------------

    def coming(self, venue: str, title: str) -> None:
        """Show that a venue is being connected to."""
        self._watched[venue] = title, None
        self._changed.fire(self)

    def failed(self, venue: str, why: str) -> None:
        """Show why a venue could not be reached."""
        title = self._watched.get(venue, (venue, None))[0]
        self._watched[venue] = title, why
        self._changed.fire(self)

    def gone(self, venue: str) -> None:
        """Show a venue no more."""
        if self._watched.pop(venue, None) is not None:
            self._changed.fire(self)

    # -- what there is ----------------------------------------------------------------------------

    @property
    def watched(self) -> tuple[str, ...]:
        """The venues that are watched, or to be, besides the one that is traded on."""
        return tuple(self._watched)

    def title(self, venue: str) -> str:
        """Return a venue's name for the screen."""
        known, title = self._watched.get(venue), self.board.title(venue)
        if known is not None:
            return known[0]
        named = offered(venue) if title == venue else None  # it did not tell its name yet
        return title if named is None else named.title

    def venues(self) -> list[VenueShown]:
        """Return every venue that is connected, or was to be; those that are on the board first."""
        shown, found = set[str](), []
        for each in self.board.venues():
            title, why = self._watched.get(each.venue, (self.title(each.venue), None))
            if why is not None:
                continue
            shown.add(each.venue)
            tone = "text" if each.state is FeedState.SYNCED else "warn"
            text = verbatim(each.text) if each.text else NOTHING
            found.append(
                VenueShown(
                    each.venue,
                    title,
                    WORDS[each.state],
                    tone,
                    text,
                    each.instruments,
                    each.venue in self._watched,
                    False,
                )
            )
        for venue, (title, why) in self._watched.items():
            if venue not in shown:
                found.append(_absent(venue, title, why))
        return found

    def problem(self) -> tuple[str, Sentence] | None:
        """Return the first venue that could not be reached, and a sentence about it."""
        for venue, (title, why) in self._watched.items():
            if why is not None:
                return venue, say("{venue} cannot be watched: {why}", venue=title, why=why)
        return None


def _absent(venue: str, title: str, why: str | None) -> VenueShown:
    if why is None:
        return VenueShown(venue, title, WORDS[FeedState.CONNECTING], "warn", NOTHING, 0, True, False)
    return VenueShown(venue, title, say("not connected"), "error", verbatim(why), 0, True, True)
