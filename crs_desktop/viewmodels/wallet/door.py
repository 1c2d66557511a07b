"""The wallet's door: shut until a wallet pane is first looked at, then one front for all panes of the window."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.wallet.dexdoing import DexDoing
from crs_desktop.viewmodels.wallet.front import Contact, WalletFront
from crs_desktop.viewmodels.wallet.setup import Step
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.intent import Intent
from engine.defi.prepared import FeePreset
from engine.errors import CrsError
from engine.services.task import TaskOwner

Tell = Callable[[Sentence], None]
"""Says how far the opening is."""
Ended = Callable[[bool], object]
Opener = Callable[[Tell], Awaitable[WalletFront]]


class DoorState(StrEnum):
    """Whether there is a wallet to talk to."""

    SHUT = "shut"
    OPENING = "opening"
    OPEN = "open"
    FAILED = "failed"


class Doing(Protocol):
    """What the window does for the panes: dialogs, confirmations, toasts."""

    @property
    def dex(self) -> DexDoing:
        """The forms of the desk of swaps."""
        ...

    def set_up(self, step: Step) -> None:
        """Make a wallet, take one in, or watch an address."""
        ...

    def practise(self) -> None: ...  # noqa: D102 - the names say it
    def unlock(self) -> None: ...  # noqa: D102
    def go_to(self, chain: str) -> None:
        """Use another chain; ask first where its endpoints are if nobody said."""
        ...

    def send(self, token: str = "") -> None: ...  # noqa: D102
    def receive(self) -> None: ...  # noqa: D102
    def confirm(
        self, *intents: Intent, fee: FeePreset = FeePreset.NORMAL, over: object = None, then: Ended | None = None
    ) -> None:
        """Prepare intents, show each before it is signed, one after the other.

        Args:
            intents: in the order in which they have to be mined: an allowance, then its swap.
            fee: to begin with; another can be chosen in the dialog.
            over: the widget that the dialog stands over; the window without it.
            then: hears whether all were signed and sent.
        """
        ...

    def show_transaction(self, transaction: str) -> None: ...  # noqa: D102
    def edit_contact(self, contact: Contact | None) -> None: ...  # noqa: D102
    def drop_contact(self, contact: Contact) -> None: ...  # noqa: D102
    def rename(self, address: str) -> None: ...  # noqa: D102
    def remove_keys(self, address: str) -> None:
        """Ask, with the password, to remove the phrase or key of an account."""
        ...

    def edit_endpoints(self, chain: str) -> None: ...  # noqa: D102
    def add_token(self) -> None: ...  # noqa: D102
    def do(self, work: Awaitable[object]) -> None:
        """Do something in the background; a refusal is said in a toast."""
        ...


class WalletDoor:
    """Opens the wallet once, and tells whoever waits for it."""

    def __init__(self, opener: Opener, doing: Doing, clock: Callable[[], float] = time.monotonic) -> None:
        self._opener, self.doing, self._clock = opener, doing, clock
        self.state = DoorState.SHUT
        self.front: WalletFront | None = None
        self.progress: Sentence = NOTHING
        self.problem: Sentence = NOTHING
        self._since = 0.0
        self._tasks = TaskOwner("wallet door")
        self._changed: Hook[WalletDoor] = Hook()

    def on_change(self, call: Callable[[WalletDoor], object]) -> Link[WalletDoor]:
        """Be told when it opens, or says how far it is."""
        return self._changed.add(call)

    @property
    def waited_s(self) -> float:
        """How long it has been opening."""
        return self._clock() - self._since if self.state is DoorState.OPENING else 0.0

    def open(self) -> None:
        """Open in the background, unless it is open or opening."""
        if self.state in (DoorState.SHUT, DoorState.FAILED):
            self.state, self.problem, self._since = DoorState.OPENING, NOTHING, self._clock()
            self._tell(say("Opening the wallet…"))
            self._tasks.start(self._open())

    async def opened(self) -> WalletFront | None:
        """Open if need be, and return the wallet; None if it did not open."""
        self.open()
        while self.state is DoorState.OPENING:
            await self._tasks.finished()
            await asyncio.sleep(0)
        return self.front

    async def close(self) -> None:
        """Shut it: keys are locked, nothing goes on."""
        await self._tasks.join()
        front, self.front = self.front, None
        self.state = DoorState.SHUT
        if front is not None:
            await front.close()

    async def _open(self) -> None:
        try:
            self.front = await self._opener(self._tell)
        except CrsError as error:
            self.state, self.problem = DoorState.FAILED, verbatim(str(error))
        except asyncio.CancelledError:
            self.state = DoorState.SHUT
            raise
        except BaseException:
            self.state, self.problem = DoorState.FAILED, say("Something unexpected happened.")
            raise
        else:
            self.state = DoorState.OPEN
        finally:
            self.progress = NOTHING
            self._changed.fire(self)

    def _tell(self, progress: Sentence) -> None:
        self.progress = progress
        self._changed.fire(self)
