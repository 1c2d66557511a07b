"""Dialogs about keys: the phrase again, a keystore file, another password, removing them. Each asks first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QWidget

from crs_desktop.i18n import tr
from crs_desktop.shell.dialogs import plain
from crs_desktop.shell.server.form import FormField
from crs_desktop.shell.wallet.small import AskSheet
from crs_desktop.viewmodels.wallet.front import WalletFront
from crs_desktop.widgets.label import plain_label
from engine.errors import InvalidInput, StorageUnavailable
from engine.services.offload import offload

COLUMNS = 3


class RevealDialog(AskSheet):
    """Shows a phrase again, after the password; nothing of it can be selected."""

    def __init__(self, parent: QWidget, front: WalletFront, source: str) -> None:
        super().__init__(parent, tr("Show the phrase again"), 460)
        self.setObjectName("wallet phrase")
        self._front, self._source, self._shown = front, source, False
        self.column.addWidget(plain(tr("Whoever sees these words has the money. Look round first."), "warn"))
        self.password = FormField(tr("Password of the wallet"), lambda _text: None, secret=True)
        self.words = QWidget()
        self._grid = QGridLayout(self.words)
        self.words.hide()
        self.column.addWidget(self.password)
        self.column.addWidget(self.words)
        self.end(tr("Show"), self.act)
        self.password.line.setFocus()

    async def act(self) -> None:
        """Show the words."""
        found = await self._front.keys.reveal_phrase(self._source, self.password.line.text())
        for at, word in enumerate(found.words):
            label = plain_label(f"{at + 1:>2}  {word}", role="title")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
            self._grid.addWidget(label, at // COLUMNS, at % COLUMNS)
        if found.passphrase:
            self._grid.addWidget(
                plain_label(tr("and extra words, which are not shown"), tone="muted"), 99, 0, 1, COLUMNS
            )

    async def _run(self) -> None:
        if self._shown:
            self.accept()
            return
        await super()._run()

    def accept(self) -> None:
        """Show the words first; the second Enter closes."""
        if self._shown:
            super().accept()
            return
        self._shown = True
        self.password.wipe()
        self.password.hide()
        self._say("", "")
        self.words.show()
        self.yes.setText(tr("Close"))
        self.yes.setEnabled(True)
        self.no.hide()
        self.adjustSize()

    def done(self, result: int) -> None:
        """Close: no word and no password stays."""
        self.password.wipe()
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setProperty("text", "")
                widget.deleteLater()
        super().done(result)


class ExportDialog(AskSheet):
    """Writes an account's key into a keystore file under a password of its own."""

    def __init__(self, parent: QWidget, front: WalletFront, address: str, said: Callable[[str], object]) -> None:
        super().__init__(parent, tr("Export a keystore file"), 460)
        self.setObjectName("wallet export")
        self._front, self._address, self._said = front, address, said
        self.path = ""
        self.fields = {
            name: FormField(title, lambda _text: None, secret=True)
            for name, title in (
                ("password", tr("Password of the wallet")),
                ("new", tr("Password of the file")),
                ("again", tr("The same again")),
            )
        }
        for field in self.fields.values():
            self.column.addWidget(field)
        self.end(tr("Save…"), self.act)
        self.fields["password"].line.setFocus()

    @property
    def busy_words(self) -> str:
        """Why it takes so long."""
        return tr("Encrypting the key. This takes some seconds on purpose…")

    def submit(self) -> None:
        """Ask where to, then write."""
        if self.path:
            super().submit()
            return
        name = f"keystore-{self._address[2:10].lower()}.json"
        dialog = QFileDialog(self, tr("Save the keystore"), str(Path.home() / name), tr("Keystore (*.json)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self.write_to)
        dialog.open()

    def write_to(self, path: str) -> None:
        """Write into a file that was chosen."""
        self.path = path
        super().submit()

    async def act(self) -> None:
        """Encrypt and write."""
        values = {name: field.line.text() for name, field in self.fields.items()}
        path, self.path = self.path, ""
        if values["new"] != values["again"]:
            raise InvalidInput("The two passwords of the file are not the same.")
        text = await self._front.keys.export_keystore(self._address, values["password"], values["new"])
        await offload(_write, path, text)
        self._said(Path(path).name)

    def done(self, result: int) -> None:
        """Close: no password stays."""
        for field in self.fields.values():
            field.wipe()
        super().done(result)


class PasswordDialog(AskSheet):
    """Sets another password for the wallet."""

    def __init__(self, parent: QWidget, front: WalletFront) -> None:
        super().__init__(parent, tr("Change the password of the wallet"), 460)
        self.setObjectName("wallet password")
        self._front = front
        self.fields = {
            name: FormField(title, lambda _text: None, secret=True)
            for name, title in (
                ("password", tr("Password until now")),
                ("new", tr("New password")),
                ("again", tr("The same again")),
            )
        }
        for field in self.fields.values():
            self.column.addWidget(field)
        self.end(tr("Change"), self.act)
        self.fields["password"].line.setFocus()

    @property
    def busy_words(self) -> str:
        """Why it takes so long."""
        return tr("Encrypting every key anew. This takes some seconds on purpose…")

    async def act(self) -> None:
        """Change it."""
        values = {name: field.line.text() for name, field in self.fields.items()}
        if values["new"] != values["again"]:
            raise InvalidInput("The two new passwords are not the same.")
        await self._front.keys.change_password(values["password"], values["new"])

    def done(self, result: int) -> None:
        """Close: no password stays."""
        for field in self.fields.values():
            field.wipe()
        super().done(result)


class RemoveDialog(AskSheet):
    """Removes a phrase with its accounts, or a key; says what is lost."""

    def __init__(self, parent: QWidget, front: WalletFront, source: str) -> None:
        super().__init__(parent, tr("Remove these keys?"), 480)
        self.setObjectName("wallet remove")
        self._front, self._source = front, source
        removal = front.keys.removal(source)
        self.column.addWidget(plain(removal.sentence, "error" if removal.is_only_copy else "warn"))
        for each in removal.accounts:
            self.column.addWidget(plain_label(each.address, role="number"))
        self.sure = QCheckBox(tr("I can get them back, or there is nothing on them"))
        self.password = FormField(tr("Password of the wallet"), lambda _text: None, secret=True)
        self.column.addWidget(self.sure)
        self.column.addWidget(self.password)
        self.end(tr("Remove"), self.act)
        self.yes.setProperty("kind", "danger")
        self.yes.setEnabled(False)
        self.sure.toggled.connect(self.yes.setEnabled)
        self.sure.setFocus()

    async def act(self) -> None:
        """Remove them."""
        await self._front.keys.remove(self._source, self.password.line.text())

    def done(self, result: int) -> None:
        """Close: no password stays."""
        self.password.wipe()
        super().done(result)


def _write(path: str, text: str) -> None:
    """Write into a file that only its owner can read."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if hasattr(os, "fchmod"):  # the file may have been there with other rights
                os.fchmod(descriptor, 0o600)
            file.write(text + "\n")
    except OSError as error:
        raise StorageUnavailable(f"Not saved: {error.strerror or 'the disk refuses'}.") from error
