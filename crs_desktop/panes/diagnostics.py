"""About and diagnostics: what the program is, where its data lives, how it is doing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr

LICENCE = (
    "CRS Desktop is free software under the MIT licence. It stands on Qt and PySide6 (LGPL), Inter (OFL), "
    "Tabler Icons (MIT) and others; see the list of third-party licences."
)


class Diagnostics(QDialog):
    """Facts as rows, refreshed every second while open; all of them can be copied."""

    def __init__(self, parent: QWidget, facts: Callable[[], list[tuple[str, str]]]) -> None:
        super().__init__(parent)
        self._facts = facts
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About and diagnostics"))
        self.setMinimumWidth(520)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(16)
        head = QLabel("CRS Desktop")
        theme.set_font(head, "large")
        box.addWidget(head)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(24)
        self._form.setVerticalSpacing(4)
        box.addLayout(self._form)
        box.addStretch(1)
        self._values: dict[str, QLabel] = {}
        licence = QLabel(tr(LICENCE))
        licence.setWordWrap(True)
        theme.set_font(licence, "small")
        theme.set_tone(licence, "faint")
        box.addWidget(licence)
        buttons = QDialogButtonBox()
        copy = QPushButton(theme.icon("copy"), tr("Copy"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        close = QPushButton(tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(close, QDialogButtonBox.ButtonRole.AcceptRole)
        box.addWidget(buttons)
        timer = QTimer(self)
        timer.timeout.connect(self.refresh)
        timer.start(1000)
        self.refresh()

    @property
    def text(self) -> str:
        """All facts, one per line."""
        return "\n".join(f"{name}: {value}" for name, value in self._facts())

    def refresh(self) -> None:
        """Show the facts as they are now."""
        for name, value in self._facts():
            if name not in self._values:
                label = QLabel(name)
                theme.set_tone(label, "muted")
                shown = QLabel()
                shown.setTextFormat(Qt.TextFormat.PlainText)
                shown.setWordWrap(True)
                shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                theme.set_font(shown, "number")
                self._form.addRow(label, shown)
                self._values[name] = shown
            self._values[name].setText(value)
