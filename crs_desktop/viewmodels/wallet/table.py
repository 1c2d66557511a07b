"""The base of the wallet's tables: read when looked at, read anew when told to, a sentence while there is nothing."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

from crs_desktop.viewmodels.columns import Empty
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.table import TableModel
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.front import WalletFront, whose
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.errors import CrsError, Unavailable
from engine.services.wallet.events import WalletChanged

RETRY = say("Try again")
NO_CHAIN = Empty(say("No chain is in use: choose one above, or practise with coins worth nothing."), say("Practise"))


class WalletTable(TableModel, ABC):
    """`look` reads it in the background; what is shown stays while it is read."""

    old_s = 30.0
    """From which age on it is read anew while somebody looks at it."""
    reading_words: Sentence = say("Reading…")

    def __init__(self, desk: Desk, door: WalletDoor, name: str) -> None:
        super().__init__(desk, name)
        self.door = door
        self.is_read = False
        """Whether something was read, of the account and chain in use."""
        self.problem: Sentence | None = None
        """Why the last reading failed."""
        self.is_offline = False
        self._reading = False
        self._again = False
        self._read_at = float("-inf")
        self._whose = whose(door.front)
        if door.front is not None:
            self._keep(door.front.bus.subscribe(WalletChanged, self._wallet_changed))

    @property
    def front(self) -> WalletFront:
        """The open wallet; only for what is done while it is open."""
        if self.door.front is None:
            raise RuntimeError("a table of the wallet was used without one")
        return self.door.front

    def look(self) -> None:
        """Read anew if what is shown is old."""
        if time.monotonic() - self._read_at >= self.old_s:
            self.read_soon()

    def read_soon(self) -> None:
        """Read anew in the background; once more if it is being read just now."""
        if self._reading:
            self._again = True
            return
        self._reading, self._again = True, False
        self.tasks.start(self._read())

    def start_over(self) -> None:
        """Forget what was read: another account or chain is in use."""
        self.is_read, self.problem = False, None
        self._read_at = float("-inf")
        self.forget()
        self.read_soon()
        self.hurry()

    # -- for subclasses -----------------------------------------------------------------------------

    @abstractmethod
    async def read(self) -> None:
        """Read what is shown; raises a `CrsError` if that cannot be."""

    def forget(self) -> None:
        """Forget what was read."""

    @property
    @abstractmethod
    def nothing(self) -> Empty:
        """What to show if there is nothing."""

    def nothing_action(self) -> None:
        """Do what `nothing` offers."""

    # -- inside -------------------------------------------------------------------------------------

    @property
    def empty(self) -> Empty:
        """What to show while there are no rows."""
        if self.is_read:
            return self.nothing
        if self._lacks_chain:
            return NO_CHAIN
        if self.problem is not None and not self._reading:
            return Empty(self.problem, RETRY)
        return Empty(self.reading_words)

    def empty_action(self) -> None:
        """Read again, or do what there is to do."""
        if self.is_read:
            self.nothing_action()
        elif self._lacks_chain:
            self.door.doing.practise()
        else:
            self.read_soon()
            self.hurry()

    def _wallet_changed(self, _event: WalletChanged) -> None:
        """Begin anew for another account or chain; otherwise what is shown stays while it is read."""
        before, self._whose = self._whose, whose(self.front)
        if self._whose != before:
            self.start_over()
        else:
            self.read_soon()
            self.hurry()

    @property
    def _lacks_chain(self) -> bool:
        return not self._reading and self.front.chain is None

    async def _read(self) -> None:
        try:
            await self.read()
        except CrsError as error:
            self.problem, self.is_offline = verbatim(str(error)), isinstance(error, Unavailable)
            if self.is_read:
                self.notice = say("What is shown is not of now. {why}", why=str(error))
        else:
            if self.problem is not None:
                self.notice = None
            self.is_read, self.problem, self.is_offline = True, None, False
        finally:
            self._reading, self._read_at = False, time.monotonic()
            self.hurry()
        if self._again:
            self.read_soon()
