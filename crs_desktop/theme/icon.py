"""The icon set: SVG outlines of the package, drawn in a token's colour."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QIcon, QImageReader, QPixmap

from crs_desktop.theme.state import state

SIZE = 16
"""Logical px of an icon."""


def icon(name: str, tone: str = "text_muted", size: int = SIZE) -> QIcon:
    """Return an icon of the set, e.g. `icon("search")`; `tone` names a colour token."""
    colour = str(getattr(state.current, tone))
    made = QIcon()
    for ratio in (1, 2):
        made.addPixmap(_pixmap(name, colour, size, ratio))
    faint = state.current.border_strong
    for ratio in (1, 2):
        made.addPixmap(_pixmap(name, faint, size, ratio), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, tone: str = "text_muted", size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """Return one icon as a pixmap for a screen of that device pixel ratio."""
    return _pixmap(name, str(getattr(state.current, tone)), size, ratio)


@cache
def _source(name: str) -> str:
    return (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    buffer = QBuffer()
    buffer.setData(QByteArray(_source(name).replace("currentColor", colour).encode()))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"svg"))
    reader.setScaledSize(QSize(round(size * ratio), round(size * ratio)))
    made = QPixmap.fromImage(reader.read())
    made.setDevicePixelRatio(ratio)
    return made
