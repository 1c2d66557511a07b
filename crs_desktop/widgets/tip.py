"""Texts for hover as they are: Qt takes a tooltip that looks like markup for markup, and loads what it names."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """Return what to give a tooltip so that it shows a text as it is, whatever a venue or a user wrote into it."""
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>'
