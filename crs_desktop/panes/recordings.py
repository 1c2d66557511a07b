"""The recordings of a profile: a table, what can be done with a row, and how much room is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.viewmodels.recordings.listed import LOOK_S, RecordingsModel
from crs_desktop.widgets.label import plain_label

MARGIN = 12


class Doing(Protocol):
    """What the pane lets happen."""

    def play(self, name: str) -> None: ...  # noqa: D102 - the names say it
    def ask_remove(self, name: str) -> None: ...  # noqa: D102
    def open_folder(self) -> None: ...  # noqa: D102
    def record(self) -> None: ...  # noqa: D102


class RecordingsPane(TablePane):
    """Enter plays, Delete deletes; the buttons do the same."""

    name = "recordings"

    def __init__(self, model: RecordingsModel, doing: Doing, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Recordings"), parent)
        self.recordings, self._doing = model, doing
        self.room = plain_label(role="small", tone="muted", wrap=True)
        self.play = self._button(tr("Play"), "player-play", doing.play)
        self.play.setProperty("kind", "primary")
        self.delete = self._button(tr("Delete…"), "trash", doing.ask_remove)
        self.folder = QPushButton(tr("Open folder"))
        self.folder.clicked.connect(lambda: doing.open_folder())
        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        foot.setSpacing(8)
        foot.addWidget(self.room, 1)
        for button in (self.folder, self.delete, self.play):
            foot.addWidget(button)
        self.column.addLayout(foot)
        self.table.opened.connect(doing.play)
        self.table.removed.connect(doing.ask_remove)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self._timer = QTimer(self)
        self._timer.setInterval(int(LOOK_S * 1_000))
        self._timer.timeout.connect(self.look)
        self._timer.start()
        model.tasks.start(model.begin())
        self.refresh()

    def look(self) -> None:
        """Read the library anew."""
        self.recordings.tasks.start(self.recordings.look())

    def refresh(self) -> None:
        """Show what there is."""
        had = bool(self.table.row_model.rows)
        super().refresh()
        if not had:
            self.table.focus_first()
        self.room.setText(spoken(self.recordings.room))
        self._enable()

    def empty_clicked(self) -> None:
        """Record the pair on show."""
        self._doing.record()

    def dispose(self) -> None:
        """Look no more."""
        self._timer.stop()
        super().dispose()

    def _enable(self) -> None:
        one = len(self.table.selected_keys()) == 1
        self.play.setEnabled(one)
        self.delete.setEnabled(one)

    def _button(self, title: str, icon: str, act: Callable[[str], None]) -> QPushButton:
        button = QPushButton(theme.icon(icon), title)
        button.clicked.connect(lambda: self._act(act))
        return button

    def _act(self, act: Callable[[str], None]) -> None:
        for key in self.table.selected_keys()[:1]:
            act(key)
