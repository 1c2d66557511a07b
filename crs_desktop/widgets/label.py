"""Labels that show text as it is: what a venue or a user wrote is never markup."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from crs_desktop import theme
from crs_desktop.theme.font import FontRole


def plain_label(
    text: str = "", *, role: FontRole = "body", tone: str = "text", wrap: bool = False, parent: QWidget | None = None
) -> QLabel:
    """Return a label that shows text as it is, whatever it contains."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    theme.set_font(label, role)
    theme.set_tone(label, tone)
    return label
