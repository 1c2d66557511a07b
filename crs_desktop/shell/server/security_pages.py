"""The pages of the security dialog: sessions, second factor, password, API keys. Each shows a `SecurityModel`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.server.form import FormField
from crs_desktop.shell.server.once import OncePanel
from crs_desktop.viewmodels.columns import Column
from crs_desktop.viewmodels.server.password import strength
from crs_desktop.viewmodels.server.security import KEYS, SCOPES, SESSIONS, SecurityModel, grouped_secret
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.table import Table

JUDGE_MS = 150
"""How long a password is left alone before it is judged."""

Run = Callable[[Coroutine[Any, Any, Any]], object]


class Page(QWidget):
    """One subject: a title, a sentence, what it holds; `refresh` shows the model's state."""

    def __init__(self, model: SecurityModel, run: Run, title: str, text: str = "") -> None:
        super().__init__()
        self.model, self.run, self.title = model, run, title
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(24, 20, 24, 12)
        self.box.setSpacing(8)
        self.box.addWidget(plain_label(title, role="title"))
        self.text = plain_label(text, tone="muted", wrap=True)
        self.text.setVisible(bool(text))
        self.box.addWidget(self.text)

    def refresh(self) -> None:
        """Show the model's state."""

    def wipe(self) -> None:
        """Forget what was typed and shown."""

    def button(self, title: str, act: Callable[[], object], kind: str = "") -> QPushButton:
        """Return a button that does something; Enter in a field presses none."""
        made = QPushButton(title)
        made.setAutoDefault(False)
        if kind:
            made.setProperty("kind", kind)
        made.clicked.connect(lambda: act())
        return made

    def row(self, *widgets: QWidget) -> None:
        """Add widgets side by side, at the left."""
        line = QHBoxLayout()
        line.setSpacing(8)
        for each in widgets:
            line.addWidget(each)
        line.addStretch(1)
        self.box.addLayout(line)

    def table(self, columns: tuple[Column, ...], end: Callable[[str], object]) -> Table:
        """Add a table whose rows can be ended, by a click on the word or by Delete."""
        table = Table(columns, spoken, self)
        table.setAccessibleName(self.title)
        table.acted.connect(lambda key, _field: end(key))
        table.removed.connect(end)
        self.box.addWidget(table, 1)
        return table


class SessionsPage(Page):
    """Where one is signed in."""

    def __init__(self, model: SecurityModel, run: Run) -> None:
        text = tr("Where you are signed in. End what you do not know, then change the password.")
        super().__init__(model, run, tr("Sessions"), text)
        self.sessions = self.table(SESSIONS, self._end)
        self.others = self.button(tr("End every other session"), lambda: run(model.end_others()), "danger")
        self.row(self.others)

    def refresh(self) -> None:
        """Show the sessions."""
        self.sessions.set_rows(self.model.session_rows())
        self.others.setEnabled(len(self.model.sessions) > 1 and not self.model.busy)

    def _end(self, session_id: str) -> None:
        if not any(each.session_id == session_id and each.current for each in self.model.sessions):
            self.run(self.model.end_session(session_id))


class FactorPage(Page):
    """The authenticator and the recovery codes."""

    def __init__(self, model: SecurityModel, run: Run) -> None:
        super().__init__(model, run, tr("Second factor"), " ")
        self.begin = self.button(tr("Set up an authenticator…"), lambda: run(model.enroll()), "primary")
        self.row(self.begin)
        self.secret = plain_label(role="number", wrap=True)
        self.secret.setAccessibleName(tr("Secret of the authenticator"))
        self.copy = self.button(tr("Copy the secret"), lambda: _copy(model.offer.secret if model.offer else ""))
        self.copy_uri = self.button(tr("Copy as otpauth link"), lambda: _copy(model.offer.uri if model.offer else ""))
        self.box.addWidget(self.secret)
        self.row(self.copy, self.copy_uri)
        self.code = FormField(tr("Code that the authenticator shows"), lambda _text: None)
        self.code.line.returnPressed.connect(self._go_on)
        self.confirm = self.button(tr("Confirm"), self._go_on, "primary")
        self.box.addWidget(self.code)
        self.disable = self.button(tr("Turn off"), self._go_on, "danger")
        self.renew = self.button(tr("New recovery codes"), lambda: run(model.renew_codes()))
        self.row(self.confirm, self.disable, self.renew)
        self.once = OncePanel(tr("Recovery codes"), model.dismiss)
        self.box.addWidget(self.once)
        self.box.addStretch(1)

    def refresh(self) -> None:
        """Show what is in force, and what can be done."""
        model, offer, on = self.model, self.model.offer, self.model.mfa
        self.text.setText(self._words())
        shown_once = bool(model.codes)
        self.begin.setVisible(not on and offer is None and not shown_once)
        for each in (self.secret, self.copy, self.copy_uri, self.confirm):
            each.setVisible(offer is not None)
        self.secret.setText(grouped_secret(offer.secret) if offer is not None else "")
        asks_first = offer is not None and self.code.isHidden()
        self.code.setVisible((offer is not None or on) and not shown_once)
        if asks_first:
            self.code.line.setFocus()
        self.disable.setVisible(on and offer is None and not shown_once)
        self.renew.setVisible(on and offer is None and not shown_once)
        if shown_once:
            words = tr("Each code works once in place of the authenticator. They are not shown again.")
            self.once.show_text(words, "\n".join(model.codes))
            self.code.wipe()
        else:
            self.once.wipe()

    def wipe(self) -> None:
        """Forget codes and secrets."""
        self.code.wipe()
        self.secret.setText("")
        self.once.wipe()

    def _words(self) -> str:
        if self.model.offer is not None:
            return tr("Enter the secret in your authenticator by hand or as a link, then the code that it shows.")
        if self.model.mfa:
            return tr("A code of your authenticator is asked for when you sign in. To turn it off, enter one.")
        return tr("A password alone opens your account. With an authenticator, a code that changes is asked for, too.")

    def _go_on(self) -> None:
        code = self.code.line.text()
        self.run(self.model.confirm(code) if self.model.offer is not None else self.model.disable(code))


class PasswordPage(Page):
    """Another password."""

    def __init__(self, model: SecurityModel, run: Run) -> None:
        super().__init__(model, run, tr("Password"), tr("Every other session ends when you change it."))
        self.current = FormField(tr("Current password"), lambda _text: None, secret=True)
        self.new = FormField(tr("New password"), lambda _text: self._judge.start(), secret=True)
        self._judge = QTimer(self)
        self._judge.setSingleShot(True)
        self._judge.setInterval(JUDGE_MS)
        self._judge.timeout.connect(lambda: run(self._judged()))
        self.box.addWidget(self.current)
        self.box.addWidget(self.new)
        for field in (self.current, self.new):
            field.line.returnPressed.connect(self._change)
        self.row(self.button(tr("Change the password"), self._change, "primary"))
        self.box.addStretch(1)

    def wipe(self) -> None:
        """Forget both."""
        self._judge.stop()
        self.current.wipe()
        self.new.wipe()
        self.new.add("")

    async def _judged(self) -> None:
        text = self.new.line.text()
        found = await strength(text) if text else None
        if text == self.new.line.text():
            advice = spoken(found.advice) if found is not None else ""
            self.new.add(f"{spoken(found.word)}. {advice}".strip() if found is not None else "")
            theme.set_tone(self.new.extra, found.tone if found is not None else "muted")

    def _change(self) -> None:
        self.run(self._changed())

    async def _changed(self) -> None:
        if await self.model.change_password(self.current.line.text(), self.new.line.text()):
            self.wipe()


class KeysPage(Page):
    """API keys: programs of yours sign their requests with them."""

    def __init__(self, model: SecurityModel, run: Run) -> None:
        super().__init__(
            model, run, tr("API keys"), tr("For programs of yours. Its secret is shown once, when it is made.")
        )
        self.keys = self.table(KEYS, lambda key: run(model.end_key(key)))
        self.once = OncePanel(tr("API key"), model.dismiss)
        self.box.addWidget(self.once)
        self.name = FormField(tr("Name of a new key"), lambda _text: None)
        self.addresses = FormField(tr("Only from these addresses (empty: from anywhere)"), lambda _text: None)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.name, 2)
        line.addWidget(self.addresses, 3)
        self.box.addLayout(line)
        self.scopes = {scope: QCheckBox(tr(word)) for scope, word in zip(SCOPES, ("Read", "Trade"), strict=True)}
        self.scopes["read"].setChecked(True)
        self.row(*self.scopes.values(), self.button(tr("Make a key"), self._make, "primary"))

    def refresh(self) -> None:
        """Show the keys, and the new one's secret."""
        self.keys.set_rows(self.model.key_rows())
        secret = self.model.secret
        if secret is None:
            self.once.wipe()
            return
        text = tr("API key: {key}\nSecret: {secret}", key=secret.api_key, secret=secret.secret)
        self.once.show_text(tr("The secret is not shown again."), text)

    def wipe(self) -> None:
        """Forget the secret."""
        self.once.wipe()

    def _make(self) -> None:
        self.run(self._made())

    async def _made(self) -> None:
        scopes = tuple(scope for scope, box in self.scopes.items() if box.isChecked())
        if await self.model.make_key(self.name.line.text(), scopes, self.addresses.line.text()):
            self.name.wipe()
            self.addresses.wipe()


def pages(model: SecurityModel, run: Run) -> tuple[Page, ...]:
    """Return all pages."""
    makers: tuple[Callable[[SecurityModel, Run], Page], ...] = (SessionsPage, FactorPage, PasswordPage, KeysPage)
    return tuple(partial(make, model, run)() for make in makers)


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
