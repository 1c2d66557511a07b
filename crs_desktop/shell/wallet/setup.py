"""The dialog that makes a wallet, takes one in, or watches an address. Enter goes on, Escape closes.

The words of a new phrase stand in labels that cannot be selected; there is no button that copies them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.dialogs import Sheet, plain
from crs_desktop.shell.server.form import FormField
from crs_desktop.viewmodels.wallet.setup import IMPORTS, MOST_FILE, Setup, Step
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label

WIDTH, COLUMNS = 460, 3
TITLES = {
    Step.PASSWORD: "Create a wallet",
    Step.WORDS: "Write these words down",
    Step.CONFIRM: "Which words were these?",
    Step.PHRASE: "Import a wallet",
    Step.KEY: "Import a wallet",
    Step.FILE: "Import a wallet",
    Step.WATCH: "Watch an address",
    Step.DONE: "Done",
}
TEXTS = {
    Step.PASSWORD: "The keys are encrypted with a password. Nobody can give it back to you; the words can.",
    Step.WORDS: "On paper, in this order. Whoever has these words has the money. They are shown this once; no copy "
                "is made, and the clipboard never gets them.",
    Step.CONFIRM: "So that it is certain that you have them.",
    Step.PHRASE: "The twelve to twenty-four words of a wallet (BIP-39), with spaces between them.",
    Step.KEY: "A private key: 64 hexadecimal digits.",
    Step.FILE: "A keystore file (V3, JSON) and the password that it was made with.",
    Step.WATCH: "Balances and history without a key: nothing can be signed.",
    Step.DONE: "",
}  # fmt: skip
VERBS = {
    Step.PASSWORD: "Make the phrase",
    Step.WORDS: "I have written them down",
    Step.CONFIRM: "Confirm",
    Step.PHRASE: "Import",
    Step.KEY: "Import",
    Step.FILE: "Import",
    Step.WATCH: "Watch",
    Step.DONE: "Close",
}
NAMES = {
    "phrase": "Words",
    "passphrase": "Extra words (BIP-39 passphrase), if there are any",
    "key": "Private key",
    "file_password": "Password of the file",
    "address": "Address",
    "label": "Name, if you like",
    "word_1": "Word",
    "word_2": "Word",
    "word_3": "Word",
    "password": "New password of the wallet",
    "again": "The same again",
    "wallet_password": "Password of the wallet",
}
OPEN = ("address", "label", "word_1", "word_2", "word_3")
"""Fields that are not hidden."""


class SetupDialog(Sheet):
    """Shows a `Setup`."""

    def __init__(self, parent: QWidget, model: Setup) -> None:
        super().__init__(parent, tr(TITLES[model.step]), WIDTH)
        self.setObjectName("wallet setup")
        self.model = model
        self._task: asyncio.Task[Any] | None = None
        self._step: Step | None = None
        self._was_busy = False
        self.setMinimumWidth(theme.current().px(WIDTH))
        self.text = plain("", "muted")
        self.column.addWidget(self.text)
        self.column.addWidget(self._ways())
        self.words = QWidget()
        self._grid = QGridLayout(self.words)
        self._grid.setContentsMargins(0, 4, 0, 4)
        self.column.addWidget(self.words)
        self.file = QPushButton(tr("Choose the file…"))
        self.file.setAutoDefault(False)
        self.file.clicked.connect(self._ask_file)
        self.column.addWidget(self.file)
        self.fields = {
            name: FormField(tr(title), partial(model.set, name), secret=name not in OPEN)
            for name, title in NAMES.items()
        }
        for field in self.fields.values():
            self.column.addWidget(field)
        self.many = QCheckBox(tr("24 words instead of 12"))
        self.many.toggled.connect(lambda on: setattr(model, "many", 24 if on else 12))
        self.remember = QCheckBox(tr("Keep the password in this system's keyring"))
        self.remember.toggled.connect(lambda on: setattr(model, "remember", on))
        self.problem, self.busy = plain("", "error"), plain("", "muted")
        self.remarks = plain("", "warn")
        for each in (self.many, self.remember, self.problem, self.remarks, self.busy):
            self.column.addWidget(each)
        self.column.addLayout(self._foot())
        self._link = model.on_change(lambda _model: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Show the step as it is."""
        model, step = self.model, self.model.step
        is_new, is_busy = step is not self._step, model.busy != NOTHING
        if step is Step.DONE and not model.remarks:
            self.accept()
            return
        self.head.setText(tr(TITLES[step]))
        self.setWindowTitle(tr(TITLES[step]))
        for label, text in (
            (self.text, tr(TEXTS[step])), (self.problem, spoken(model.problem)), (self.busy, spoken(model.busy)),
            (self.remarks, "\n".join(spoken(each) for each in model.remarks)),
        ):  # fmt: skip
            label.setText(text)
            label.setVisible(bool(text))
        self.ways.setVisible(step in IMPORTS)
        self._show_words()
        self.file.setVisible(step is Step.FILE)
        self.file.setText(model.file_name or tr("Choose the file…"))
        self._show_fields(is_busy)
        self.many.setVisible(step is Step.PASSWORD)
        self.remember.setVisible("password" in model.fields or "wallet_password" in model.fields)
        self.again.setVisible(step is Step.CONFIRM)
        self.go_on.setText(tr(VERBS[step]))
        self.go_on.setEnabled(not is_busy)
        self.leave.setVisible(step is not Step.DONE)
        for each in (self.many, self.remember, self.file, *self.kinds.values()):
            each.setEnabled(not is_busy)
        is_refused = self._was_busy and not is_busy and model.problem != NOTHING
        self._step, self._was_busy = step, is_busy
        self.adjustSize()
        if is_new:
            first = next(iter(model.fields), "")
            (self.fields[first].line if first else self.go_on).setFocus(Qt.FocusReason.OtherFocusReason)
        elif model.problems:
            self.fields[next(iter(model.problems))].line.setFocus(Qt.FocusReason.OtherFocusReason)
        elif is_refused and model.fields:  # the fields were off meanwhile, and lost the keyboard
            line = self.fields[next(iter(model.fields))].line
            line.setFocus(Qt.FocusReason.OtherFocusReason)
            line.selectAll()

    def done(self, result: int) -> None:
        """Close: nothing secret stays in fields, labels or model."""
        self._link.close()
        if self._task is not None and not self._task.done() and self._task is not asyncio.current_task():
            self._task.cancel()
        for field in self.fields.values():
            field.wipe()
        self.model.forget()
        self._show_words()
        super().done(result)

    # -- parts --------------------------------------------------------------------------------------

    def _ways(self) -> QWidget:
        self.ways = QWidget()
        row = QHBoxLayout(self.ways)
        row.setContentsMargins(0, 0, 0, 0)
        self.kinds: dict[Step, QRadioButton] = {}
        for step, title in (
            (Step.PHRASE, tr("Phrase")),
            (Step.KEY, tr("Private key")),
            (Step.FILE, tr("Keystore file")),
        ):
            button = QRadioButton(title)
            button.setChecked(step is self.model.step)
            button.toggled.connect(lambda on, chosen=step: self.model.go(chosen) if on else None)
            self.kinds[step] = button
            row.addWidget(button)
        row.addStretch(1)
        return self.ways

    def _foot(self) -> QVBoxLayout:
        foot = QVBoxLayout()
        row = QHBoxLayout()
        row.setSpacing(8)
        self.again = QPushButton(tr("Show the words again"))
        self.again.setProperty("kind", "ghost")
        self.again.clicked.connect(lambda _=False: self.model.show_words_again())
        self.leave = QPushButton(tr("Cancel"))
        self.leave.clicked.connect(self.reject)
        self.go_on = QPushButton()
        self.go_on.setProperty("kind", "primary")
        self.go_on.clicked.connect(self._submit)
        self.go_on.setDefault(True)
        for button in (self.again, self.leave):
            button.setAutoDefault(False)
        row.addWidget(self.again)
        row.addStretch(1)
        row.addWidget(self.leave)
        row.addWidget(self.go_on)
        foot.addLayout(row)
        return foot

    def _show_words(self) -> None:
        words = self.model.words
        if self._grid.count() != len(words):
            while (item := self._grid.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.setProperty("text", "")
                    widget.hide()
                    widget.deleteLater()
            for at, word in enumerate(words):
                label = plain_label(f"{at + 1:\u2007>2}  {word}", role="title")
                label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
                self._grid.addWidget(label, at // COLUMNS, at % COLUMNS)
        self.words.setVisible(bool(words))

    def _show_fields(self, is_busy: bool) -> None:
        model = self.model
        for name, field in self.fields.items():
            shown = name in model.fields
            field.setVisible(shown)
            field.setEnabled(not is_busy)
            field.say(model.problems.get(name, NOTHING) if shown else NOTHING)
            if field.line.text() != model.value(name):
                field.line.setText(model.value(name))
        if model.step is Step.CONFIRM:
            for place, name in zip(model.positions, ("word_1", "word_2", "word_3"), strict=False):
                self.fields[name].rename(tr("Word {number}", number=place))
        strength = model.strength
        self.fields["password"].add(strength.sentence if strength is not None else "")
        if strength is not None:
            tone = {"danger": "error", "warning": "warn"}.get(strength.tone, "good")
            theme.set_tone(self.fields["password"].extra, tone)

    # -- doing --------------------------------------------------------------------------------------

    def _submit(self) -> None:
        if self.model.step is Step.DONE:
            self.accept()
        elif self._task is None or self._task.done():
            self._task = self._run(self.model.submit())

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, tr("Keystore file"), str(Path.home()), tr("Keystore (*.json *);;All files (*)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take_file)
        dialog.open()

    def take_file(self, path: str) -> None:
        """Read a keystore file that was chosen."""
        try:
            with Path(path).open(encoding="utf-8", errors="replace") as file:
                text = file.read(MOST_FILE)
        except OSError as error:
            self.problem.setText(tr("Not read: {why}.", why=error.strerror or "the disk refuses"))
            self.problem.show()
            return
        self.model.take_file(Path(path).name, text)

    def _run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work)
