"""The wallet's tables as panes: each is one table over its model, with the buttons that belong to it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.panes.wallet.rail import Subject
from crs_desktop.viewmodels.wallet.accounts import AccountsModel
from crs_desktop.viewmodels.wallet.allowances import AllowancesModel
from crs_desktop.viewmodels.wallet.balances import BalancesModel
from crs_desktop.viewmodels.wallet.book import BookModel
from crs_desktop.viewmodels.wallet.chains import ChainsModel
from crs_desktop.viewmodels.wallet.history import HistoryModel
from crs_desktop.viewmodels.wallet.portfolio import PortfolioModel
from crs_desktop.viewmodels.wallet.setup import Step
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.widgets.label import plain_label

Offer = tuple[str, Callable[[], object]]


class WalletTablePane(TablePane, Subject):
    """A table of the wallet: what it says of itself and its buttons stand at its foot."""

    def __init__(self, model: WalletTable, title: str, *offers: Offer, parent: QWidget | None = None) -> None:
        super().__init__(model, title, parent)
        self.wallet = model
        self.said = plain_label(role="small", tone="muted")
        self.buttons: list[QPushButton] = []
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 2, 8, 4)
        foot.setSpacing(4)
        foot.addWidget(self.said, 1)
        for text, act in offers:
            button = QPushButton(text)
            button.setProperty("kind", "chip")
            theme.set_font(button, "small")
            button.clicked.connect(lambda _=False, do=act: do())
            foot.addWidget(button)
            self.buttons.append(button)
        self._again = again = QPushButton(theme.icon("refresh"), "")
        again.setProperty("kind", "chip")
        again.setAccessibleName(tr("Read again"))
        again.setToolTip(tr("Read again"))
        again.clicked.connect(lambda _=False: model.read_soon())
        foot.addWidget(again)
        self.column.addLayout(foot)
        model.look()
        self.refresh()

    def theme_changed(self) -> None:
        """Draw the icon in the colours of now."""
        super().theme_changed()
        self._again.setIcon(theme.icon("refresh"))

    def look(self) -> None:
        """Read anew if what is shown is old."""
        self.wallet.look()

    def read_soon(self) -> None:
        """Read anew."""
        self.wallet.read_soon()

    def enter(self) -> None:
        """Give the first row the keyboard."""
        super().enter()
        self.table.focus_first()

    def tell(self) -> str:
        """Return what stands at the foot."""
        return ""

    def refresh(self) -> None:
        """Show the rows, and what is said of them."""
        super().refresh()
        self.said.setText(self.tell())
        if self.wallet.is_offline and self.wallet.is_read:
            theme.set_tone(self.said, "warn")
        else:
            theme.set_tone(self.said, "muted")


class BalancesPane(WalletTablePane):
    """Enter sends of the token of a row."""

    name = "wallet.balances"

    def __init__(self, model: BalancesModel, parent: QWidget | None = None) -> None:
        doing = model.door.doing
        super().__init__(model, tr("Balances"), (tr("Add a token…"), doing.add_token), parent=parent)
        self.balances = model
        self.table.opened.connect(doing.send)

    def tell(self) -> str:
        """Return as of when it is."""
        return spoken(self.wallet.said) if isinstance(self.wallet, BalancesModel) else ""


class HistoryPane(WalletTablePane):
    """Enter shows a transaction whole."""

    name = "wallet.history"

    def __init__(self, model: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("History"), parent=parent)
        self.table.opened.connect(model.open)


class AllowancesPane(WalletTablePane):
    """Delete revokes the allowance of a row."""

    name = "wallet.allowances"

    def __init__(self, model: AllowancesModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Allowances"), parent=parent)
        self.table.removed.connect(model.revoke)
        self.table.acted.connect(lambda key, _field: model.revoke(key))


class PortfolioPane(WalletTablePane):
    """Wallet and accounts in one table."""

    name = "wallet.portfolio"

    def __init__(self, model: PortfolioModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Portfolio"), parent=parent)

    def tell(self) -> str:
        """Return the total."""
        return spoken(self.wallet.said) if isinstance(self.wallet, PortfolioModel) else ""


class BookPane(WalletTablePane):
    """Enter changes a line, Insert adds one, Delete removes one."""

    name = "wallet.book"

    def __init__(self, model: BookModel, parent: QWidget | None = None) -> None:
        doing = model.door.doing
        super().__init__(model, tr("Address book"), (tr("Add…"), lambda: doing.edit_contact(None)), parent=parent)
        self.table.opened.connect(model.open)
        self.table.removed.connect(model.remove)
        self.table.acted.connect(lambda key, _field: model.open(key))


class AccountsPane(WalletTablePane):
    """Enter uses an account."""

    name = "wallet.accounts"

    def __init__(self, model: AccountsModel, parent: QWidget | None = None) -> None:
        doing = model.door.doing
        super().__init__(
            model, tr("Accounts"), (tr("Next of the phrase"), model.derive),
            (tr("Import…"), lambda: doing.set_up(Step.PHRASE)), (tr("Watch…"), lambda: doing.set_up(Step.WATCH)),
            parent=parent,
        )  # fmt: skip
        self.accounts = model
        self.table.opened.connect(model.open)
        self.table.removed.connect(model.remove)
        self.table.acted.connect(model.acted)
        self.buttons[0].setToolTip(tr("Adds the next account of the phrase (m/44'/60'/0'/0/…)"))

    def refresh(self) -> None:
        """Show the accounts."""
        super().refresh()
        if self.buttons and isinstance(self.wallet, AccountsModel):
            self.buttons[0].setEnabled(self.wallet.can_derive)


class ChainsPane(WalletTablePane):
    """Enter uses a chain."""

    name = "wallet.chains"

    def __init__(self, model: ChainsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Chains"), parent=parent)
        self.table.opened.connect(model.open)
        self.table.acted.connect(model.acted)
