"""The lines under the ticket's fields: what the order would do if it were sent now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken
from crs_desktop.viewmodels import ticket_preview as lines
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.tip import plain_tip


class TicketPreview(QWidget):
    """One line each: what at the left, how much at the right, in all the room that the name leaves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        for key in lines.KEYS:
            name, value = plain_label(role="small", tone="muted"), plain_label(role="number")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(name)
            row.addWidget(value, 1)
            column.addLayout(row)
            self._rows[key] = (name, value)

    def show_preview(self, model: Ticket) -> None:
        """Show the figures, dashes while there are none."""
        shown = lines.preview_lines(model)
        for key, (name, value) in self._rows.items():
            line = shown.get(key)
            is_shown = line is not None and not line.hidden
            name.setVisible(is_shown)
            value.setVisible(is_shown)
            if line is None:
                continue
            name.setText(spoken(line.name))
            text = spoken(line.value)
            value.setText(text)
            theme.set_tone(value, line.tone)
            value.setToolTip(plain_tip(text) if value.fontMetrics().horizontalAdvance(text) > value.width() else "")
