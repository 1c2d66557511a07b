"""The wallet's dock: subjects at the left, the account and chain in use above, one table at a time.

Nothing of the wallet is loaded before the pane is first seen; from then on it opens in the background.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.wallet.head import Head
from crs_desktop.panes.wallet.tables import (
    AccountsPane,
    AllowancesPane,
    BalancesPane,
    BookPane,
    ChainsPane,
    HistoryPane,
    PortfolioPane,
    WalletTablePane,
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

RAIL, ROW = 124, 22
LOOK_MS = 2_000
"""How often the table in view is asked whether what it shows is old."""
SUBJECTS = ("balances", "history", "allowances", "portfolio", "book", "accounts", "chains")


class WalletPane(Pane):
    """Keys: up and down in the rail choose a subject, Enter goes to its table, Escape back to the rail."""

    name = "wallet"

    def __init__(self, model: WalletModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Wallet"), parent)
        self.wallet = model
        self.tables: dict[str, WalletTablePane] = {}
        self.welcome = Welcome(model)
        self._head: Head | None = None
        self.rail = QListWidget()
        self._holders = QStackedWidget()
        self._fill_rail()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # until there is something in it that takes the keyboard
        self._right = right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._holders, 1)
        self._desk = QWidget()
        row = QHBoxLayout(self._desk)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(right, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self._desk)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        model.door.open()
        self.refresh()

    @property
    def head(self) -> Head:
        """The row above the tables; made when there are accounts, so that opening holds nothing up."""
        if self._head is None:
            self._head = Head(self.wallet)
            self._right.insertWidget(0, self._head)
        return self._head

    @property
    def shown(self) -> WalletTablePane | None:
        """The table in view."""
        return self.tables.get(self.subject) if self.wallet.has_accounts else None

    @property
    def subject(self) -> str:
        """Which subject is chosen."""
        return SUBJECTS[max(0, self.rail.currentRow())]

    @property
    def dirty(self) -> bool:
        """Whether the head or the table in view has something new to show."""
        shown = self.shown
        return self.wallet.dirty or (shown is not None and shown.dirty)

    def show_subject(self, subject: str) -> None:
        """Show a subject's table."""
        self.rail.setCurrentRow(SUBJECTS.index(subject))

    def refresh(self) -> None:
        """Show the head, and the table in view."""
        if self.wallet.dirty:
            self._refresh_head()
        shown = self.shown
        if shown is not None and shown.dirty:
            shown.refresh()

    def dispose(self) -> None:
        """Close the tables with the pane."""
        self._timer.stop()
        for each in self.tables.values():
            each.dispose()
        super().dispose()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter presses the button that has the keyboard, in the rail it goes to the table; Escape back to the rail."""
        shown, focused = self.shown, self.focusWidget()
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and isinstance(focused, QPushButton) and focused.hasFocus():
            if not event.isAutoRepeat():
                focused.click()
        elif is_enter and self.rail.hasFocus() and shown is not None:
            shown.refresh()  # what takes the keyboard follows from what there is
            shown.setFocus(Qt.FocusReason.OtherFocusReason)
            shown.table.focus_first()
        elif event.key() == Qt.Key.Key_Escape and not self.rail.hasFocus():
            self.rail.setFocus()
        else:
            super().keyPressEvent(event)

    # -- inside -------------------------------------------------------------------------------------

    def _refresh_head(self) -> None:
        front: QWidget = self._desk if self.wallet.has_accounts else self.welcome
        focused = self.focusWidget()
        had_keyboard = self.hasFocus() or (focused is not None and focused.hasFocus())
        if self._stack.currentWidget() is not front:
            self._stack.setCurrentWidget(front)
        if front is self._desk:
            self._make(self.subject)
            self.head.refresh()
        else:
            self.welcome.refresh()
        target = self.rail if front is self._desk else self.welcome.target()
        if self.focusProxy() is not target:
            self.setFocusProxy(target)  # type: ignore[arg-type] # the stubs do not know that None takes it away
            if had_keyboard and target is not None:
                target.setFocus(Qt.FocusReason.OtherFocusReason)
        super().refresh()

    def _fill_rail(self) -> None:
        titles = {
            "balances": tr("Balances"), "history": tr("History"), "allowances": tr("Allowances"),
            "portfolio": tr("Portfolio"), "book": tr("Address book"), "accounts": tr("Accounts"),
            "chains": tr("Chains"),
        }  # fmt: skip
        scale = theme.current().px
        self.rail.setFixedWidth(max(RAIL, scale(RAIL)))
        self.rail.setAccessibleName(tr("Subjects of the wallet"))
        for subject in SUBJECTS:
            item = QListWidgetItem(titles[subject])
            item.setSizeHint(QSize(0, max(ROW, scale(ROW))))
            self.rail.addItem(item)
            self._holders.addWidget(QWidget())
        self.rail.setCurrentRow(0)
        self.rail.currentRowChanged.connect(self._chosen)

    def _chosen(self, at: int) -> None:
        if self.wallet.has_accounts:
            self._make(SUBJECTS[at])
            self._holders.setCurrentIndex(at)
            self.tables[SUBJECTS[at]].wallet.look()
            self.tables[SUBJECTS[at]].refresh()

    def _make(self, subject: str) -> None:
        """Make the table of a subject when it is first looked at."""
        if subject in self.tables:
            return
        made = self._makers()[subject]()
        self.tables[subject] = made
        at = SUBJECTS.index(subject)
        before = self._holders.widget(at)
        self._holders.insertWidget(at, made)
        if before is not None:
            self._holders.removeWidget(before)
            before.deleteLater()
        self._holders.setCurrentIndex(self.rail.currentRow())

    def _makers(self) -> dict[str, Callable[[], WalletTablePane]]:
        desk, door = self.wallet.desk, self.wallet.door
        return {
            "balances": lambda: BalancesPane(BalancesModel(desk, door, self.wallet)),
            "history": lambda: HistoryPane(HistoryModel(desk, door)),
            "allowances": lambda: AllowancesPane(AllowancesModel(desk, door)),
            "portfolio": lambda: PortfolioPane(PortfolioModel(desk, door)),
            "book": lambda: BookPane(BookModel(desk, door)),
            "accounts": lambda: AccountsPane(AccountsModel(desk, door)),
            "chains": lambda: ChainsPane(ChainsModel(desk, door)),
        }

    def _look(self) -> None:
        shown = self.shown
        if shown is not None and self.visible:
            shown.wallet.look()
