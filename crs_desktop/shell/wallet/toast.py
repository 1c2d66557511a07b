"""The toast of a transaction: from sent to confirmed, with Speed up and Cancel while it waits."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.wallet.progress import Progress
from crs_desktop.widgets.toast import LINGER_ERROR_MS, Toast
from engine.services.wallet.sent import SentTransaction

LINGER_WAITING_MS = 60_000
"""How long it stands there while nothing new is told; the history has it anyway."""

Act = Callable[[SentTransaction], object]


class TransactionToast(Toast):
    """Follows one transaction; `refresh` after it got further."""

    def __init__(
        self, parent: QWidget, gone: Callable[[Toast], None], progress: Progress, speed_up: Act, cancel: Act
    ) -> None:
        super().__init__(parent, gone)
        self.progress = progress
        self.speed_up = self._button(tr("Speed up…"), speed_up)
        self.cancel = self._button(tr("Cancel it…"), cancel)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.speed_up)
        row.addWidget(self.cancel)
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertLayout(layout.count() - 1, row)
        self.bar.show()
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is."""
        progress = self.progress
        tone = {"text": "good" if progress.is_over else "text"}.get(progress.tone, progress.tone)
        linger = LINGER_ERROR_MS if progress.is_over else LINGER_WAITING_MS
        path = f"{spoken(progress.word)} · {spoken(progress.text)}"
        self.say(progress.title, path, tone, linger)
        self.bar.show_percent(progress.percent)
        for button in (self.speed_up, self.cancel):
            button.setVisible(progress.can_replace)

    def _button(self, text: str, act: Act) -> QPushButton:
        button = QPushButton(text)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda _=False: act(self.progress.sent))
        return button
