"""The base of view-models behind the wallet's door: they hear once that it is open, whether it was before or not."""

from __future__ import annotations

from abc import ABC, abstractmethod

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.front import WalletFront


class BehindDoor(ViewModel, ABC):
    """Shows something of the wallet; a subclass calls `wait` when it is made."""

    pace = 0.1
    poll = 1.0

    def __init__(self, desk: Desk, door: WalletDoor | None = None) -> None:
        """`door` is the desk's, if it is not given."""
        super().__init__(desk)
        found = door if door is not None else desk.wallet
        if found is None:
            raise RuntimeError("a wallet was to be shown on a desk that has none")
        self.door = found
        self._is_heard = False

    def wait(self) -> None:
        """Listen from now on: to the wallet if it is open, else for its opening."""
        self._keep(self.door.on_change(self._door_changed))
        self._meet()

    @abstractmethod
    def listen(self, front: WalletFront) -> None:
        """Listen to a wallet that is open; called once."""

    def _door_changed(self, _door: WalletDoor) -> None:
        self._meet()
        self.hurry()

    def _meet(self) -> None:
        front = self.door.front
        if front is not None and not self._is_heard:
            self._is_heard = True
            self.listen(front)
