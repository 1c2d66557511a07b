"""The shipped typeface and the type scale. Every font has tabular figures (`tnum`), slashed zero off."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from math import ceil
from typing import Literal

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF
from PySide6.QtWidgets import QWidget

from crs_desktop.theme.state import state

FontRole = Literal["small", "body", "number", "strong", "title", "large", "figure"]
FONT_ROLES: tuple[FontRole, ...] = ("small", "body", "number", "strong", "title", "large", "figure")
FAMILY = "Inter"
FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")
ROLE_PROPERTY = "fontRole"


@cache
def load_fonts() -> bool:
    """Register the shipped files once (needs a QGuiApplication); False if one cannot be used."""
    loaded = True
    for name in FILES:
        with as_file(files("resources") / "fonts" / name) as path:
            loaded &= QFontDatabase.addApplicationFont(str(path)) >= 0
    return loaded


def font(role: FontRole = "body") -> QFont:
    """Return the font of a role at the scale in force; the caller may change its copy.

    small: column heads, hints · body: text · number: figures in tables · strong: emphasised figures ·
    title: pane titles · large: prices in the top bar · figure: the biggest number of a pane.
    """
    load_fonts()
    return QFont(_font(role, state.current.font_scale))


def digit_width(role: FontRole) -> int:
    """Return how wide a figure is: a text of n signs takes at most n times that, or nearly so."""
    return _digit_width(role, state.current.font_scale)


@cache
def _digit_width(role: FontRole, scale: float) -> int:
    return ceil(QFontMetricsF(_font(role, scale)).horizontalAdvance("0"))


def set_font(widget: QWidget, role: FontRole) -> None:
    """Give a widget the font of a role, and again whenever the theme is applied."""
    widget.setProperty(ROLE_PROPERTY, role)
    widget.setFont(font(role))


@cache
def _font(role: FontRole, scale: float) -> QFont:
    tokens = state.current
    size, weight = {
        "small": (tokens.font_small, QFont.Weight.Normal),
        "body": (tokens.font_body, QFont.Weight.Normal),
        "number": (tokens.font_body, QFont.Weight.Normal),
        "strong": (tokens.font_body, QFont.Weight.DemiBold),
        "title": (tokens.font_title, QFont.Weight.DemiBold),
        "large": (tokens.font_large, QFont.Weight.DemiBold),
        "figure": (tokens.font_large + 6, QFont.Weight.DemiBold),
    }[role]
    made = QFont(FAMILY)
    made.setPixelSize(tokens.px(size))
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return made
