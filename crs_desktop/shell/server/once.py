"""Shows something secret once: to copy, to save, and to confirm that it was kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.widgets.label import plain_label

LINES = 10
"""Height of the text, in lines of it."""


class OncePanel(QFrame):
    """Hidden until `show_text`; `kept` is called when the user says that it was kept. Nothing stays after that."""

    def __init__(self, name: str, kept: Callable[[], object]) -> None:
        super().__init__()
        self._name = name
        self.setProperty("kind", "card")
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 12, 12, 12)
        box.setSpacing(8)
        self.words = plain_label(tone="warn", wrap=True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setAccessibleName(name)
        theme.set_font(self.text, "number")
        self.text.setFixedHeight(theme.current().px(17 * LINES))
        self.copy, self.save = QPushButton(tr("Copy")), QPushButton(tr("Save…"))
        self.check = QCheckBox(tr("I have kept it"))
        self.done = QPushButton(tr("Done"))
        self.done.setProperty("kind", "primary")
        self.done.setEnabled(False)
        self.problem = plain_label(role="small", tone="error", wrap=True)
        self.problem.hide()
        row = QHBoxLayout()
        for each in (self.copy, self.save, self.check):
            row.addWidget(each)
        row.addStretch(1)
        row.addWidget(self.done)
        for button in (self.copy, self.save, self.done):
            button.setAutoDefault(False)
        box.addWidget(self.words)
        box.addWidget(self.text)
        box.addWidget(self.problem)
        box.addLayout(row)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        self.save.clicked.connect(self._ask_where)
        self.check.toggled.connect(self.done.setEnabled)
        self.done.clicked.connect(lambda: kept())
        self.hide()

    def show_text(self, words: str, text: str) -> None:
        """Show a text that will not be shown again."""
        if self.text.toPlainText() != text:
            self.words.setText(words)
            self.text.setPlainText(text)
            self.check.setChecked(False)
            self.problem.hide()
        if self.isHidden():
            self.show()
            self.copy.setFocus(Qt.FocusReason.OtherFocusReason)

    def wipe(self) -> None:
        """Forget it."""
        self.text.setPlainText("")
        self.check.setChecked(False)
        self.hide()

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, tr("Save {name}", name=self._name), str(Path.home() / f"{self._name}.txt"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self.write)
        dialog.open()

    def write(self, path: str) -> None:
        """Write it into a file that only its owner can read."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                if hasattr(os, "fchmod"):  # the file may have been there with other rights
                    os.fchmod(descriptor, 0o600)
                file.write(self.text.toPlainText() + "\n")
        except OSError as error:
            self.problem.setText(tr("Not saved: {why}.", why=error.strerror or "the disk refuses"))
            self.problem.show()
        else:
            self.check.setChecked(True)
