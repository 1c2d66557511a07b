"""The wallet's dock: subjects at the left, the account and chain in use above, one table at a time."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import tr
from crs_desktop.panes.wallet.head import Head
from crs_desktop.panes.wallet.rail import Offered, RailPane
from crs_desktop.panes.wallet.tables import (
    AccountsPane,
    AllowancesPane,
    BalancesPane,
    BookPane,
    ChainsPane,
    HistoryPane,
    PortfolioPane,
)
from crs_desktop.panes.wallet.welcome import Welcome
from crs_desktop.viewmodels.wallet.accounts import AccountsModel
from crs_desktop.viewmodels.wallet.allowances import AllowancesModel
from crs_desktop.viewmodels.wallet.balances import BalancesModel
from crs_desktop.viewmodels.wallet.book import BookModel
from crs_desktop.viewmodels.wallet.chains import ChainsModel
from crs_desktop.viewmodels.wallet.header import WalletModel
from crs_desktop.viewmodels.wallet.history import HistoryModel
from crs_desktop.viewmodels.wallet.portfolio import PortfolioModel

RAIL = 124


class WalletPane(RailPane):
    """Keys: up and down in the rail choose a subject, Enter goes to its table, Escape back to the rail."""

    name = "wallet"

    def __init__(self, model: WalletModel, parent: QWidget | None = None) -> None:
        self.wallet, self.welcome = model, Welcome(model)
        self._head: Head | None = None
        desk, door = model.desk, model.door
        offered = {
            "balances": Offered(tr("Balances"), lambda: BalancesPane(BalancesModel(desk, door, model))),
            "history": Offered(tr("History"), lambda: HistoryPane(HistoryModel(desk, door))),
            "allowances": Offered(tr("Allowances"), lambda: AllowancesPane(AllowancesModel(desk, door))),
            "portfolio": Offered(tr("Portfolio"), lambda: PortfolioPane(PortfolioModel(desk, door))),
            "book": Offered(tr("Address book"), lambda: BookPane(BookModel(desk, door))),
            "accounts": Offered(tr("Accounts"), lambda: AccountsPane(AccountsModel(desk, door))),
            "chains": Offered(tr("Chains"), lambda: ChainsPane(ChainsModel(desk, door))),
        }
        rail = tr("Subjects of the wallet")
        super().__init__(model, tr("Wallet"), self.welcome, offered, rail=rail, width=RAIL, parent=parent)
        door.open()
        self.refresh()

    @property
    def head(self) -> Head:
        """The row above the tables; made when there are accounts, so that opening holds nothing up."""
        if self._head is None:
            self._head = Head(self.wallet)
            self.column.insertWidget(0, self._head)
        return self._head

    @property
    def is_open(self) -> bool:
        """Whether there are accounts."""
        return self.wallet.has_accounts

    def show_subject(self, subject: str) -> None:
        """Show a subject; balances are read besides, for their total stands above."""
        if self.is_open:
            self._make("balances")
        super().show_subject(subject)

    def refresh_open(self) -> None:
        """Show the account and chain in use."""
        self.head.refresh()
