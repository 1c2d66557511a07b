"""A view-model's sentence on the screen: translated, its values filled in, never as markup."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.theme.font import FontRole
from crs_desktop.viewmodels.words import Sentence


def spoken(sentence: Sentence | None) -> str:
    """Return a sentence in the user's language, empty for none."""
    return tr(sentence.source, **sentence.values) if sentence is not None else ""


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
