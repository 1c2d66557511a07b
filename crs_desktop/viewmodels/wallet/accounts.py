"""The accounts of the wallet: which there are, where their keys come from, which is in use."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.viewmodels.wallet.front import Account
from crs_desktop.viewmodels.wallet.setup import Step
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import Sentence, say

COLUMNS = (
    Column("", "used", "left"),
    Column("Name", "name", "left"),
    Column("Address", "address", "left"),
    Column("Key", "kind", "left"),
    Column("Path", "path", "left", spare=1),
    Column("", "rename", "left", action=True),
    Column("", "forget", "left", action=True, sparse=True),
)
KINDS = {
    "derived": say("from the phrase"),
    "imported": say("imported"),
    "watch": say("none: watched only"),
}


class AccountsModel(WalletTable):
    """Enter uses an account, F2 is Enter; names are clicked to be changed."""

    columns = COLUMNS

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        super().__init__(desk, door, "wallet accounts")

    async def read(self) -> None:
        """Nothing is to be read: accounts are known."""

    def rows(self) -> list[Row]:
        """Return a row for each account."""
        return [self._row(each) for each in self.front.accounts]

    @property
    def nothing(self) -> Empty:
        """How to get one."""
        return Empty(say("There is no account yet."), say("Create a wallet…"))

    def nothing_action(self) -> None:
        """Make one."""
        self.door.doing.set_up(Step.PASSWORD)

    def open(self, key: str) -> None:
        """Use an account."""
        self.door.doing.do(self.front.use(key))

    def acted(self, key: str, field: str) -> None:
        """Do what was clicked."""
        if field == "rename":
            self.door.doing.rename(key)
        elif field == "forget":
            self.door.doing.do(self.front.forget(key))

    def remove(self, key: str) -> None:
        """Watch an address no more; before keys are removed it is asked."""
        account = next((each for each in self.front.accounts if each.address == key), None)
        if account is not None and account.can_sign:
            self.door.doing.remove_keys(account.address)
        elif account is not None:
            self.door.doing.do(self.front.forget(key))

    @property
    def can_derive(self) -> bool:
        """Whether there is a phrase to take another account from."""
        return any(each.kind == "derived" for each in self.front.accounts)

    def derive(self) -> None:
        """Add the next account of the phrase."""
        self.door.doing.do(self.front.derive())

    def _row(self, each: Account) -> Row:
        current = self.front.current
        is_used = current is not None and current.address == each.address
        kind: Sentence = KINDS.get(each.kind, say("{kind}", kind=each.kind))
        tone = "muted"
        if each.can_sign and not each.is_confirmed:
            kind, tone = say("from the phrase, not confirmed"), "warn"
        cells = (
            Cell(say("● in use"), "accent") if is_used else Cell(""),
            Cell(plain(each.label, 40) or fmt.DASH),
            Cell(each.address),
            Cell(kind, tone),
            Cell(each.path, "faint"),
            Cell(say("Rename"), "accent"),
            Cell("") if each.can_sign else Cell(say("Forget"), "error"),
        )
        return Row(each.address, cells)
