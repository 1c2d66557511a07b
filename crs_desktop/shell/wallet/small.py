"""Small dialogs of the wallet: unlock, receive, a transaction in full, a line of the book, endpoints, a token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QPlainTextEdit, QPushButton, QScrollArea, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.dialogs import Sheet, plain
from crs_desktop.shell.server.form import FormField
from crs_desktop.viewmodels.wallet.book import ContactForm
from crs_desktop.viewmodels.wallet.chains import lines_of
from crs_desktop.viewmodels.wallet.figures import address_in_full
from crs_desktop.viewmodels.wallet.figures import plain as plain_text
from crs_desktop.viewmodels.wallet.front import Account, FoundToken, WalletFront
from crs_desktop.viewmodels.wallet.history import DetailLine
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.line_grid import LineGrid, ShownLine
from engine.errors import CrsError
from engine.services.wallet.clipboard import CLEAR_S, Copied, rule, should_clear

LINES = 6
Act = Callable[[], Awaitable[object]]
"""Does what a sheet is for; False: it was not done, and what is wrong is said already."""


class AskSheet(Sheet):
    """Does something slow on Enter; what is wrong with it is said below, and what was typed stays."""

    def __init__(self, parent: QWidget, title: str, width: int = 420) -> None:
        super().__init__(parent, title, width)
        self.setMinimumWidth(theme.current().px(width))
        self._task: asyncio.Task[Any] | None = None
        self.problem, self.busy = plain("", "error"), plain("", "muted")

    def end(self, verb: str, act: Act) -> None:
        """Add the foot: what is wrong, what goes on, the buttons; `act` does it, or raises a `CrsError`."""
        self._act = act
        for label in (self.problem, self.busy):
            label.hide()
            self.column.addWidget(label)
        self.yes, self.no = self.buttons(verb)
        self.yes.clicked.connect(self.submit)

    @property
    def busy_words(self) -> str:
        """What goes on meanwhile."""
        return tr("One moment…")

    def submit(self) -> None:
        """Do it, unless it is being done."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        self._say("", self.busy_words)
        self.yes.setEnabled(False)
        try:
            is_done = await self._act() is not False
        except CrsError as error:
            self._say(str(error), "")
            is_done = False
        if is_done:
            self.accept()
        else:
            self.yes.setEnabled(True)

    def _say(self, problem: str, busy: str) -> None:
        for label, text in ((self.problem, problem), (self.busy, busy)):
            label.setText(text)
            label.setVisible(bool(text))

    def done(self, result: int) -> None:
        """Close; what goes on is dropped."""
        if self._task is not None and not self._task.done() and self._task is not asyncio.current_task():
            self._task.cancel()
        super().done(result)


class UnlockDialog(AskSheet):
    """Asks for the wallet's password."""

    def __init__(self, parent: QWidget, front: WalletFront) -> None:
        super().__init__(parent, tr("Unlock the wallet"))
        self.setObjectName("wallet unlock")
        self._front = front
        self.password = FormField(tr("Password of the wallet"), lambda _text: None, secret=True)
        self.remember = QCheckBox(tr("Keep the password in this system's keyring"))
        self.column.addWidget(self.password)
        self.column.addWidget(self.remember)
        self.end(tr("Unlock"), self.act)
        self.password.line.setFocus()

    @property
    def busy_words(self) -> str:
        """Why it takes so long."""
        return tr("Opening the keys. This takes a second on purpose…")

    async def act(self) -> None:
        """Unlock, and remember if that is wanted."""
        password = self.password.line.text()
        await self._front.keys.unlock(password)
        if self.remember.isChecked():
            await self._front.keys.remember(password)

    def done(self, result: int) -> None:
        """Close: no password stays."""
        self.password.wipe()
        super().done(result)


class ReceiveDialog(Sheet):
    """The address of an account, to be compared digit by digit or copied."""

    def __init__(
        self, parent: QWidget, account: Account, place: str, copied: Callable[[str], object] = lambda _address: None
    ) -> None:
        """`place`: the chain's title, "" while none is in use. `copied` hears what was put into the clipboard."""
        super().__init__(parent, tr("Receive on {chain}", chain=place) if place else tr("Receive"), 460)
        self.setObjectName("wallet receive")
        self._address, self._copied = account.address, copied
        terms = tr("Pay to this address, on {chain} only: coins that are sent on another chain do not arrive here.",
                   chain=place) if place else tr("No chain is in use. The address is the same on all of them; whoever "
                                                 "pays has to know on which one you look.")  # fmt: skip
        self.column.addWidget(plain(terms, "muted"))
        self.full = plain_label(address_in_full(account.address), role="title", wrap=True)
        self.full.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.full.setAccessibleName(account.address)
        self.column.addWidget(self.full)
        self.said = plain("", "good")
        self.column.addWidget(self.said)
        self.yes, self.no = self.buttons(tr("Copy the address"))
        self.no.setText(tr("Close"))
        self.yes.clicked.connect(self.copy)
        self.yes.setFocus()

    def copy(self) -> None:
        """Put the address into the clipboard, from which it is taken again after a while."""
        asked = rule(Copied.ADDRESS)
        if not asked.may:
            self.said.setText(asked.sentence)
            return
        QGuiApplication.clipboard().setText(self._address)
        self._copied(self._address)
        self.said.setText(tr("Copied. Compare all digits after pasting it. {rule}", rule=asked.sentence))
        app = QGuiApplication.instance()
        if asked.clear_after_s is not None and app is not None:  # the dialog may be closed by then
            QTimer.singleShot(asked.clear_after_s * 1_000, app, partial(_clear, self._address))


def _clear(copied: str) -> None:
    """Empty the clipboard if that is still in it."""
    clipboard = QGuiApplication.clipboard()
    if should_clear(Copied.ADDRESS, copied, clipboard.text(), CLEAR_S):
        clipboard.clear()


class DetailDialog(Sheet):
    """A transaction in full; nothing in it is markup."""

    def __init__(
        self, parent: QWidget, title: str, lines: list[DetailLine], *acts: tuple[str, Callable[[], object]]
    ) -> None:
        super().__init__(parent, title, 560)
        self.setObjectName("wallet transaction")
        self.grid = LineGrid(title)
        self.show_lines(lines)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.grid)
        area.setMinimumHeight(theme.current().px(320))
        self.column.addWidget(area, 1)
        self.yes, self.no = self.buttons(tr("Close"))
        self.no.hide()
        self.yes.clicked.connect(self.accept)
        self.acts: list[QPushButton] = []
        for text, act in acts:
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, do=act: self._do(do))
            self.acts.append(button)
            self.column.insertWidget(self.column.count() - 1, button, 0, Qt.AlignmentFlag.AlignRight)

    def show_lines(self, lines: list[DetailLine]) -> None:
        """Show these lines."""
        self.grid.show_lines([ShownLine(spoken(each.title), spoken(each.text), each.tone) for each in lines])

    def _do(self, act: Callable[[], object]) -> None:
        self.accept()
        act()


class ContactDialog(AskSheet):
    """Writes a line of the address book."""

    def __init__(self, parent: QWidget, form: ContactForm, chains: list[tuple[str, int]]) -> None:
        super().__init__(parent, tr("Address book"), 480)
        self.setObjectName("wallet contact")
        self.form = form
        self.fields = {
            name: FormField(title, partial(form.set, name))
            for name, title in (("label", tr("Name")), ("address", tr("Address")), ("note", tr("Note")))
        }
        for name, field in self.fields.items():
            field.line.setText(getattr(form, name))
            self.column.addWidget(field)
        self.chain = QComboBox()
        self.chain.setAccessibleName(tr("Chain"))
        self.chain.addItem(tr("On all chains"), None)
        for title, chain_id in chains:
            self.chain.addItem(title, chain_id)
        self.chain.setCurrentIndex(max(0, self.chain.findData(form.chain_id)))
        self.chain.activated.connect(lambda _at: setattr(form, "chain_id", self.chain.currentData()))
        self.full, self.warning = plain_label(role="number", wrap=True), plain("", "warn")
        for each in (self.chain, self.warning):
            self.column.addWidget(each)
        self.end(tr("Keep"), form.keep)
        self._link = form.on_change(lambda _form: self.refresh())
        self.refresh()
        self.fields["label"].line.setFocus()

    def refresh(self) -> None:
        """Show what follows from what is typed."""
        self.warning.setText(spoken(self.form.warning))
        self.warning.setVisible(self.form.warning != NOTHING)
        if self.form.problem != NOTHING:
            self._say(spoken(self.form.problem), "")
        self.adjustSize()

    def done(self, result: int) -> None:
        """Close."""
        self._link.close()
        super().done(result)


class EndpointsDialog(AskSheet):
    """The endpoints of a chain, one a line; hidden until asked for, since they may carry a key."""

    def __init__(
        self, parent: QWidget, title: str, hosts: tuple[str, ...], read: Callable[[], Awaitable[tuple[str, ...]]],
        keep: Callable[[tuple[str, ...]], Awaitable[object]],
    ) -> None:  # fmt: skip
        """`hosts` are shown at first; `read` gives the addresses when they are asked for."""
        super().__init__(parent, tr("Endpoints of {chain}", chain=title), 520)
        self.setObjectName("wallet endpoints")
        self._keep, self._read, self._is_shown = keep, read, False
        self.column.addWidget(plain(tr(
            "Addresses of JSON-RPC nodes, one a line; the first that answers is used. Whoever runs one learns your "
            "addresses and your network address. Each is checked to be the right chain before it is used."
        ), "muted"))  # fmt: skip
        self.hidden = plain("\n".join(hosts), "text")
        self.show_them = QPushButton(tr("Show and change"))
        self.show_them.setAutoDefault(False)
        self.show_them.clicked.connect(self.submit)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("Endpoints, one a line"))
        self.text.setUndoRedoEnabled(True)
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(theme.current().px(17 * LINES))
        theme.set_font(self.text, "number")
        self.text.hide()
        for each in (self.hidden, self.show_them, self.text):
            self.column.addWidget(each)
        self.end(tr("Check and keep"), self.act)
        self.yes.hide()
        if not hosts:
            self._reveal(())

    @property
    def busy_words(self) -> str:
        """What goes on."""
        return tr("Asking the endpoints which chain they are…") if self._is_shown else tr("One moment…")

    def _reveal(self, urls: tuple[str, ...]) -> None:
        """Show the endpoints, to be changed."""
        self._is_shown = True
        self.hidden.hide()
        self.show_them.hide()
        self.text.setPlainText("\n".join(urls))
        self.text.show()
        self.yes.show()
        self.text.setFocus()
        self.adjustSize()

    async def act(self) -> None:
        """Keep what is typed."""
        await self._keep(lines_of(self.text.toPlainText()))

    async def _run(self) -> None:
        """Read the addresses first, keep what was made of them then."""
        if self._is_shown:
            await super()._run()
            return
        try:
            self._reveal(await self._read())
        except CrsError as error:
            self._say(str(error), "")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl+Enter keeps: Enter is a new line."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.yes.isEnabled():
            self.submit()
        else:
            super().keyPressEvent(event)


class TokenDialog(AskSheet):
    """Adds a token by its contract's address: the first Enter looks it up, the second adds what was found."""

    def __init__(self, parent: QWidget, front: WalletFront) -> None:
        super().__init__(parent, tr("Add a token"), 480)
        self.setObjectName("wallet token")
        self._front = front
        self.found: FoundToken | None = None
        self.column.addWidget(plain(tr(
            "By the address of its contract. Anybody can make a token with any name: take the address from whoever "
            "issued it."
        ), "muted"))  # fmt: skip
        self.address = FormField(tr("Address of the contract"), lambda _text: self._take(None))
        self.about = LineGrid(tr("The token"))
        self.warning = plain("", "warn")
        for each in (self.address, self.about, self.warning):
            self.column.addWidget(each)
        self.end(tr("Look it up"), self.act)
        self._take(None)
        self.address.line.setFocus()

    async def act(self) -> None:
        """Add what was found."""
        if self.found is not None:
            await self._front.keep_token(self.found.token)

    async def _run(self) -> None:
        if self.found is not None:
            await super()._run()
            return
        self._say("", tr("Asking the contract…"))
        try:
            self._take(await self._front.look_up_token(self.address.line.text()))
        except CrsError as error:
            self._say(str(error), "")

    def _take(self, found: FoundToken | None) -> None:
        """Show what was found, or nothing."""
        self.found = found
        self._say("", "")
        lines = []
        if found is not None:
            token = found.token
            lines = [
                ShownLine(tr("Symbol"), plain_text(token.symbol, 20)),
                ShownLine(tr("Name"), plain_text(token.name, 60)),
                ShownLine(tr("Decimals"), str(token.decimals)),
                ShownLine(tr("Who says so"), plain_text(found.source, 80), "muted"),
            ]
        self.about.show_lines(lines)
        self.about.setVisible(bool(lines))
        warning = plain_text(found.warning) if found is not None else ""
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        self.yes.setText(tr("Add") if found is not None else tr("Look it up"))
        self.adjustSize()
