"""The condition of a public exchange's feed: figures above, the followed pairs as a table below; all can be copied."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.feed_health import HealthModel
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.table import Table

MARGIN = 16


class FeedHealthPane(Pane):
    """Reads the feed twice a second while it can be seen."""

    name = "feed health"

    def __init__(self, model: HealthModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Feed of {venue}", venue=model.feed.title), parent)
        self._model = model
        self._values: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.table = Table(model.columns, spoken, self)
        self.table.setAccessibleName(tr("Followed pairs"))
        self.copy = QPushButton(theme.icon("copy"), tr("Copy"))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(model.text))
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.copy)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        box.setSpacing(12)
        box.addLayout(self._grid)
        box.addWidget(self.table, 1)
        box.addLayout(foot)
        self.setFocusProxy(self.table)
        self.refresh()

    def refresh(self) -> None:
        """Show the feed as it is now."""
        for name, value in self._model.facts():
            self._value(spoken(name)).setText(value)
        self.table.set_rows(self._model.rows())
        super().refresh()

    def _value(self, name: str) -> QLabel:
        found = self._values.get(name)
        if found is None:
            row = len(self._values)
            found = self._values[name] = plain_label(role="number")
            found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(plain_label(name, tone="muted"), row, 0)
            self._grid.addWidget(found, row, 1)
        return found
