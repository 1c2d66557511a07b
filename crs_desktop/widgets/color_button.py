"""A button that shows a colour and offers others: the theme's, or any by its hex digits."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QColorDialog, QMenu, QToolButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr

SIDE = 14


class ColorButton(QToolButton):
    """`picked` tells a token of the theme or `#rrggbb`."""

    picked = Signal(str)

    def __init__(self, color: str, tokens: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.color = color
        self._tokens = tokens
        self.setIconSize(QSize(2 * SIDE, SIDE))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.show_color(color)

    def show_color(self, color: str) -> None:
        """Show another colour."""
        self.color = color
        self.setIcon(_swatch(color, 2 * SIDE))

    def pick(self, color: str) -> None:
        """Take a colour, as the user does."""
        self.show_color(color)
        self.picked.emit(color)

    def _fill(self) -> None:
        self._menu.clear()
        for number, token in enumerate(self._tokens, 1):
            text = {"up": tr("Up"), "down": tr("Down")}.get(token, tr("Colour {number}", number=number))
            entry = self._menu.addAction(_swatch(token, SIDE), text)
            entry.triggered.connect(lambda _=False, token=token: self.pick(token))
            entry.setCheckable(token == self.color)
            entry.setChecked(token == self.color)
        self._menu.addSeparator()
        self._menu.addAction(tr("Another colour…"), self._ask)

    def _ask(self) -> None:
        dialog = QColorDialog(theme.color(self.color), self)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.colorSelected.connect(lambda chosen: self.pick(chosen.name()))
        dialog.open()


def _swatch(color: str, width: int) -> QIcon:
    picture = QPixmap(width, SIDE)
    picture.fill(theme.color(color))
    return QIcon(picture)
