"""The log pane: newest line at the bottom, warnings and errors in their colours, plain text only."""

from __future__ import annotations

import logging

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.log import LogLine, LogModel
from engine.observe.log import LINES_KEPT

LEVELS = (("Everything", logging.INFO), ("Warnings and errors", logging.WARNING), ("Errors", logging.ERROR))
_TONES = {"info": "text_muted", "warning": "warn", "error": "error"}


class LogPane(Pane):
    """What happened, in words."""

    name = "log"

    def __init__(self, model: LogModel) -> None:
        super().__init__(model, tr("Log"))
        self._log = model
        self._shown, self._least = 0, model.least
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        self._level = QComboBox()
        self._level.setAccessibleName(tr("Which lines to show"))
        for title, level in LEVELS:
            self._level.addItem(tr(title), level)
        self._level.currentIndexChanged.connect(lambda _: self._log.show_from(int(self._level.currentData())))
        copy = QPushButton(theme.icon("copy"), tr("Copy all"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._log.text))
        bar.addWidget(self._level)
        bar.addStretch(1)
        bar.addWidget(copy)
        box.addLayout(bar)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setMaximumBlockCount(LINES_KEPT)
        self._text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._text.setAccessibleName(tr("Log"))
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        theme.set_font(self._text, "number")
        box.addWidget(self._text, 1)
        self._empty = QLabel(tr("Nothing has happened yet. Orders, fills and feed changes will be listed here."))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_tone(self._empty, "faint")
        box.addWidget(self._empty, 1)
        self.refresh()

    def refresh(self) -> None:
        """Append what is new; start over when the filter changed."""
        super().refresh()
        if self._least != self._log.least:
            self._shown, self._least = 0, self._log.least
            self._text.clear()
        for line in self._log.lines(self._shown):
            self._append(line)
            self._shown = line.number
        self._text.setVisible(bool(self._shown))
        self._empty.setVisible(not self._shown)

    def _append(self, line: LogLine) -> None:
        bar = self._text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        form = QTextCharFormat()
        form.setForeground(QColor(getattr(theme.current(), _TONES[line.level])))
        lead = "" if self._text.document().isEmpty() else "\n"
        cursor.insertText(f"{lead}{line.at}  {line.text}", form)
        if at_end:
            bar.setValue(bar.maximum())
