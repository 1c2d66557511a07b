"""The lines under the ticket's fields: what the order would do if it were sent now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from crs_desktop.i18n import spoken
from crs_desktop.viewmodels import ticket_preview as lines
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.widgets.label import plain_label


class TicketPreview(QWidget):
    """Two columns: what, how much."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        for number, key in enumerate(lines.KEYS):
            name, value = plain_label(role="small", tone="muted"), plain_label(role="number")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            grid.addWidget(name, number, 0)
            grid.addWidget(value, number, 1)
            self._rows[key] = (name, value)

    def show_preview(self, model: Ticket) -> None:
        """Show the figures, dashes while there are none."""
        for key, line in lines.preview_lines(model).items():
            name, value = self._rows[key]
            name.setText(spoken(line.name))
            value.setText(spoken(line.value))
            name.setVisible(not line.hidden)
            value.setVisible(not line.hidden)
