"""The tokens in force, and what Qt makes of them: palette and style sheet on Fusion."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from crs_desktop.theme.font import ROLE_PROPERTY, font, load_fonts
from crs_desktop.theme.sheet import qss
from crs_desktop.theme.state import state
from crs_desktop.theme.tokens import ThemeName, Tokens, UpDownName, tokens

__all__ = ["apply", "color", "current", "flashes", "palette", "qss", "set_flashes", "set_tone"]


def current() -> Tokens:
    """Return the tokens in force."""
    return state.current


def flashes() -> bool:
    """Whether a price that changed is tinted for a moment."""
    return state.flashes


def set_flashes(on: bool) -> None:
    """Tint prices that change, or leave them quiet."""
    state.flashes = on


def color(name: str, alpha: int = 255) -> QColor:
    """Return the shared colour of a token, e.g. `color("up", 40)`, or of the user's own `#rrggbb`; do not change it."""
    return _color(name if name.startswith("#") else getattr(state.current, name), alpha)


def data_tone(label: str) -> str:
    """Return the token of where prices come from; muted for a server's, whose account has the colour."""
    name = label.lower()
    return name if name in ("simulated", "replay") else "text_muted"


@cache
def _color(value: str, alpha: int) -> QColor:
    made = QColor(value)
    made.setAlpha(alpha)
    return made


def apply(
    app: QApplication, theme: ThemeName = "dark", up_down: UpDownName = "standard", font_scale: float = 1.0
) -> Tokens:
    """Put a theme in force for the whole program; every widget repaints."""
    load_fonts()
    chosen = tokens(theme, up_down, font_scale)
    if app.property("look") == repr(chosen):
        return chosen
    state.current = chosen
    app.setProperty("look", repr(chosen))
    if not app.styleSheet():  # under a style sheet the style itself no longer says which one it is
        app.setStyle("Fusion")
    app.setPalette(palette(chosen))
    app.setFont(font("body"))
    app.setStyleSheet(qss(chosen))
    for widget in app.allWidgets():
        role = widget.property(ROLE_PROPERTY)
        if role:
            widget.setFont(font(role))
        widget.update()
    return chosen


def palette(of: Tokens) -> QPalette:
    """Return the palette of a theme, for what the style sheet does not paint."""
    made = QPalette()
    roles = QPalette.ColorRole
    for role, value in (
        (roles.Window, of.window),
        (roles.WindowText, of.text),
        (roles.Base, of.surface),
        (roles.AlternateBase, of.raised),
        (roles.Text, of.text),
        (roles.Button, of.raised),
        (roles.ButtonText, of.text),
        (roles.BrightText, of.error),
        (roles.ToolTipBase, of.raised),
        (roles.ToolTipText, of.text),
        (roles.PlaceholderText, of.text_faint),
        (roles.Highlight, of.selected),
        (roles.HighlightedText, of.text),
        (roles.Link, of.accent),
        (roles.LinkVisited, of.accent),
        (roles.Accent, of.accent_fill),
        (roles.Light, of.hover),
        (roles.Midlight, of.raised),
        (roles.Mid, of.border),
        (roles.Dark, of.border_strong),
        (roles.Shadow, of.window),
    ):
        made.setColor(role, QColor(value))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(of.text_faint))
    return made


def set_tone(widget: QWidget, tone: str) -> None:
    """Colour a label (or a button) by meaning; cheap when nothing changes.

    Tones: text muted faint accent up down warn error.
    """
    if widget.property("tone") == tone:
        return
    widget.setProperty("tone", tone)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
