"""The desk as a whole: whether anything can be done on it, and what to do if not."""

from __future__ import annotations

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.tokens import why_shut
from crs_desktop.viewmodels.wallet.behind import BehindDoor
from crs_desktop.viewmodels.wallet.door import DoorState, WalletDoor
from crs_desktop.viewmodels.wallet.front import WalletFront
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.services.wallet.events import WalletChanged


class DexModel(BehindDoor):
    """Why the desk is shut, and the way to open it."""

    def __init__(self, desk: Desk, door: WalletDoor | None = None) -> None:
        super().__init__(desk, door)
        self.wait()

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

    def listen(self, front: WalletFront) -> None:
        """Hear of other accounts and chains."""
        self._keep(front.bus.subscribe(WalletChanged, lambda _event: self.hurry()))
