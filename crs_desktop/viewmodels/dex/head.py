"""The desk as a whole: whether anything can be done on it, and what to do if not."""

from __future__ import annotations

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.tokens import why_shut
from crs_desktop.viewmodels.wallet.door import DoorState, WalletDoor
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.services.wallet.events import WalletChanged


class DexModel(ViewModel):
    """Why the desk is shut, and the way to open it."""

    pace = 0.1
    poll = 1.0

    def __init__(self, desk: Desk, door: WalletDoor | None = None) -> None:
        super().__init__(desk)
        found = door if door is not None else desk.wallet
        if found is None:
            raise RuntimeError("the desk of swaps was to be shown on a desk that has no wallet")
        self.door = door = found
        self._heard = False
        self._keep(door.on_change(self._door_changed))
        self._listen_to_front()

    @property
    def shut(self) -> Sentence:
        """Why nothing can be done; NOTHING: the desk is open."""
        return why_shut(self.door)

    @property
    def offer(self) -> Sentence:
        """What the button says that opens it; NOTHING without one."""
        if self.door.state is DoorState.FAILED:
            return say("Try again")
        front = self.door.front
        if front is None or self.shut == NOTHING:
            return NOTHING
        return say("Practise on this computer")

    def take_offer(self) -> None:
        """Do what the button says."""
        if self.door.state is DoorState.FAILED:
            self.door.open()
        elif self.door.front is not None:
            self.door.doing.practise()
        self.hurry()

    def _door_changed(self, _door: WalletDoor) -> None:
        self._listen_to_front()
        self.hurry()

    def _listen_to_front(self) -> None:
        front = self.door.front
        if front is not None and not self._heard:
            self._heard = True
            self._keep(front.bus.subscribe(WalletChanged, lambda _event: self.hurry()))
