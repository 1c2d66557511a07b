"""What every view-model is: something with a dirty flag whose subscriptions end with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from crs_desktop.viewmodels.desk import Desk
from engine.ports.exchange import PairStateChanged
from engine.ports.venue import AccountSelected

E = TypeVar("E")

AGE_S = 0.25
"""Between two looks at an age that is told in tenths of a second."""


class Closable(Protocol):
    """A subscription or a link."""

    def close(self) -> None:
        """End it."""
        ...


class ViewModel:
    """Base of the view-models: `dirty` asks the pulse for one refresh; `close` ends every subscription.

    `pace` is the least time in seconds between two refreshes: faster than anybody reads is wasted. `poll` is the most
    while something is shown that changes without an event; 0 for never.
    """

    pace = 0.0
    poll = 0.0
    ages = False
    """Whether it says how old the pair's prices are while they cannot be trusted."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._touched, self._shown = True, float("-inf")
        self._open: list[Closable] = [desk.on_change(self._desk_changed)]
        self._listen(AccountSelected, self._account_selected)
        if desk.trust.exchange is not None:
            self._listen(PairStateChanged, self._pair_state)

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show, and it is time to."""
        if self._touched and not self.pace:
            return True
        poll = self.poll
        if (
            self.ages
            and not self._touched
            and self.desk.trust.exchange is not None
            and not self.desk.trust.trusts(self.watched)
        ):
            poll = AGE_S
        if not self._touched and not poll:
            return False
        return time.monotonic() - self._shown >= (self.pace if self._touched else poll)

    @dirty.setter
    def dirty(self, value: bool) -> None:
        self._touched = value
        if not value:
            self._shown = time.monotonic()

    @property
    def _is_doubtful(self) -> bool:
        """Whether an age is to be told, which runs on while nothing comes."""
        trust = self.desk.trust
        return trust.exchange is not None and not trust.trusts(self.watched)

    @property
    def watched(self) -> str:
        """The pair whose prices it shows."""
        return self.desk.symbol

    def touch(self, _event: object = None) -> None:
        """Ask for a refresh; usable as a handler of any event."""
        self._touched = True

    def hurry(self) -> None:
        """Ask for a refresh at the very next pulse: the user did something and wants to see it."""
        self._touched, self._shown = True, float("-inf")

    def close(self) -> None:
        """End every subscription; safe to call twice."""
        while self._open:
            self._open.pop().close()

    def _listen(self, kind: type[E], handler: Callable[[E], None]) -> None:
        self._open.append(self.desk.bus.subscribe(kind, handler))

    def _keep(self, link: Closable) -> None:
        self._open.append(link)

    def _account_selected(self, _event: AccountSelected) -> None:
        """Show the other account at the very next pulse."""
        self.hurry()

    def _pair_state(self, event: PairStateChanged) -> None:
        """Show at the very next pulse that prices can, or cannot, be trusted."""
        if event.symbol == self.watched:
            self.hurry()

    def _desk_changed(self, _desk: Desk) -> None:
        self.hurry()
