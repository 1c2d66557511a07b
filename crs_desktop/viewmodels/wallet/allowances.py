"""The allowances that the account in use has given: who may spend how much of what; Delete or Revoke takes one away."""

from __future__ import annotations

from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import exact, plain
from crs_desktop.viewmodels.wallet.front import Grant
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import say
from engine.defi.token import SYMBOL_SHOWN, TokenAmount
from engine.services.wallet.events import TransactionChanged

COLUMNS = (
    Column("Token", "token", "left"),
    Column("Who may spend", "spender", "left"),
    Column("How much", "amount"),
    Column("Given in block", "block", spare=2),
    Column("Address", "address", "left", spare=1),
    Column("", "revoke", "left", action=True),
)
MOST_TITLE = 50


class AllowancesModel(WalletTable):
    """Every allowance that is not used up or revoked."""

    columns = COLUMNS
    old_s = 60.0
    reading_words = say("Looking through the chain for allowances…")

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        self.found: list[Grant] = []
        super().__init__(desk, door, "wallet allowances")
        self._keep(self.front.bus.subscribe(TransactionChanged, lambda _event: self.read_soon()))

    async def read(self) -> None:
        """Find allowances and read what is left of each."""
        self.found = await self.front.grants()

    def forget(self) -> None:
        """Another account or chain is in use."""
        self.found = []

    def rows(self) -> list[Row]:
        """Return a row for each allowance, those without an end first."""
        ordered = sorted(self.found, key=lambda each: (not each.is_unlimited, each.token.symbol, each.spender))
        return [self._row(each) for each in ordered]

    @property
    def nothing(self) -> Empty:
        """What allowances are."""
        return Empty(say("No contract may spend anything of this account. Swaps ask for exact allowances, one by one."))

    def revoke(self, key: str) -> None:
        """Ask to take an allowance away."""
        grant = next((each for each in self.found if _key(each) == key), None)
        account = self.front.current
        if grant is None or account is None:
            return
        if not account.can_sign:
            self.warn("There is no key here for this account: it is only watched.")
            return
        self.door.doing.confirm(self.front.revoke(grant))

    def _row(self, each: Grant) -> Row:
        name = plain(self.front.label(each.spender) or each.spender_title, MOST_TITLE)
        amount = (
            Cell(say("Never runs out"), "error", str(each.amount))
            if each.is_unlimited
            else Cell(exact(TokenAmount(each.token, each.amount)), "text", TokenAmount(each.token, each.amount).text)
        )
        cells = (
            Cell(plain(each.token.symbol, SYMBOL_SHOWN) or "?", tip=plain(each.token.name, MOST_TITLE)),
            Cell(name) if name else Cell(say("Nobody we know"), "warn"),
            amount,
            Cell(f"{each.block:,}", "muted") if each.block is not None else MISSING,
            Cell(each.spender, "muted"),
            Cell(say("Revoke"), "error"),
        )
        return Row(_key(each), cells)


def _key(grant: Grant) -> str:
    return f"{grant.token.address}:{grant.spender}"
