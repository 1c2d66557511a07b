"""Everything in one view: what the wallet has on each chain, and what the account behind the window has."""

from __future__ import annotations

from decimal import Decimal

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.server.venue import venue_of
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.viewmodels.wallet.header import dollars
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import Sentence, say
from engine.services.wallet.portfolio import Part, Whole, account_parts, together

COLUMNS = (
    Column("Where", "place", "left"),
    Column("Account", "account", "left", spare=1),
    Column("What", "what", "left"),
    Column("Amount", "amount"),
    Column("Value $", "value"),
    Column("Share", "share", spare=2),
)


class PortfolioModel(WalletTable):
    """The wallet, and the account behind the window, paper or live."""

    columns = COLUMNS
    poll = 2.0
    reading_words = say("Adding up…")

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        self.found: list[Part] = []
        super().__init__(desk, door, "wallet portfolio")

    async def read(self) -> None:
        """Read what the wallet has."""
        self.found = await self.front.parts()

    def forget(self) -> None:
        """Another account is in use."""
        self.found = []

    @property
    def parts(self) -> list[Part]:
        """All parts, the most valuable first."""
        return list(self._whole.parts)

    @property
    def total(self) -> Decimal:
        """The value of all that has one."""
        return self._whole.total

    @property
    def _whole(self) -> Whole:
        return together(self.found, self._account())

    @property
    def said(self) -> Sentence:
        """The total, and what is not in it."""
        parts = self.parts
        missing = sum(each.value is None for each in parts)
        if missing:
            return say("$ {total} in all; {count} without a price are not in it. USDT, USDC and DAI count as a dollar.",
                       total=dollars(self.total), count=missing)  # fmt: skip
        return say("$ {total} in all. USDT, USDC and DAI count as a dollar.", total=dollars(self.total))

    def rows(self) -> list[Row]:
        """Return a row for each part."""
        total = self.total
        return [self._row(at, each, total) for at, each in enumerate(self.parts)]

    @property
    def nothing(self) -> Empty:
        """What the portfolio is for."""
        return Empty(say("There is nothing on any account yet."))

    def _account(self) -> list[Part]:
        """Return what the account behind the window has, at the prices of its market."""
        venue = venue_of(self.desk)
        return account_parts(self.desk.portfolio, venue.place, venue.account)

    def _row(self, at: int, each: Part, total: Decimal) -> Row:
        share, amount = MISSING, format(each.amount, "f")
        amount = amount.rstrip("0").rstrip(".") if "." in amount else amount
        if each.value is not None and total > 0:
            share = Cell(f"{each.value / total:.1%}", "muted")
        cells = (
            Cell(plain(each.place, 40)), Cell(plain(each.account, 40), "muted"), Cell(plain(each.what, 20)),
            Cell(fmt.grouped(amount), raw=amount),
            MISSING if each.value is None else Cell(dollars(each.value), raw=format(each.value, "f")), share,
        )  # fmt: skip
        return Row(f"{each.place}:{each.account}:{each.what}:{at}", cells)
