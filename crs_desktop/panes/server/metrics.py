"""How a server is doing: its health with reasons, figures by subject, and every operation with its quantiles."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.server.metrics import COLUMNS, Group, MetricsModel, read_at
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.table import Table

ACROSS = 3
"""Groups side by side."""


class GroupCard(QWidget):
    """Figures of one subject under their title, two columns of names and values."""

    def __init__(self) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        self.title = plain_label(role="strong")
        box.addWidget(self.title)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        box.addLayout(self._grid)
        box.addStretch(1)
        self._rows: list[tuple[QLabel, QLabel]] = []

    def show_group(self, group: Group) -> None:
        """Show these figures."""
        self.title.setText(spoken(group.title))
        for number, figure in enumerate(group.figures):
            if number == len(self._rows):
                name, value = plain_label(role="small", tone="muted"), plain_label(role="number")
                value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._grid.addWidget(name, number, 0)
                self._grid.addWidget(value, number, 1)
                self._rows.append((name, value))
            name, value = self._rows[number]
            name.setText(spoken(figure.title))
            value.setText(figure.value)
            value.setAccessibleName(f"{spoken(group.title)}, {spoken(figure.title)}: {figure.value}")
            theme.set_tone(value, figure.tone)
        for number, (name, value) in enumerate(self._rows):
            name.setVisible(number < len(group.figures))
            value.setVisible(number < len(group.figures))


class MetricsPane(Pane):
    """Shows a `MetricsModel`."""

    name = "server_metrics"

    def __init__(self, model: MetricsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("How {name} is doing", name=model.name), parent)
        self._model = model
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(12)
        self.state = plain_label(role="title")
        self.state.setAccessibleName(tr("Health"))
        self.server = plain_label(tone="muted")
        self.age = plain_label(role="small", tone="warn")
        head.addWidget(self.state)
        head.addWidget(self.server)
        head.addStretch(1)
        head.addWidget(self.age)
        column.addLayout(head)
        self.reasons = plain_label(wrap=True)
        self.problem = plain_label(tone="error", wrap=True)
        column.addWidget(self.reasons)
        column.addWidget(self.problem)
        self._cards: list[GroupCard] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(32)
        self._grid.setVerticalSpacing(12)
        column.addLayout(self._grid)
        self.table = Table(COLUMNS, spoken, self)
        self.table.setAccessibleName(tr("Operations"))
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self.refresh()

    @property
    def dirty(self) -> bool:
        """Whether there are newer figures, or the ones shown have become old."""
        return super().dirty or spoken(self._model.age) != self.age.text()

    def refresh(self) -> None:
        """Show the newest figures."""
        model = self._model
        word, tone = model.state
        self.state.setText(f"● {spoken(word)}")
        theme.set_tone(self.state, tone)
        seen = model.metrics
        if seen is not None:
            words = tr("{name} · CRS {version} · {role} · {time} UTC", name=model.name, version=seen.version,
                       role=seen.role, time=read_at(seen))  # fmt: skip
            self.server.setText(words)
        self.age.setText(spoken(model.age))
        reasons = model.reasons()
        self.reasons.setText("\n".join(spoken(text) for text, _ in reasons))
        self.reasons.setVisible(bool(reasons))
        theme.set_tone(self.reasons, reasons[0][1] if reasons else "muted")
        self.problem.setText(spoken(model.problem))
        self.problem.setVisible(model.problem != NOTHING)
        for number, group in enumerate(model.groups()):
            if number == len(self._cards):
                card = GroupCard()
                self._grid.addWidget(card, number // ACROSS, number % ACROSS)
                self._grid.setColumnStretch(number % ACROSS, 1)
                self._cards.append(card)
            self._cards[number].show_group(group)
        self.table.set_rows(model.rows())
        super().refresh()
