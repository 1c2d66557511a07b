"""The menu of a row of a table: by the right mouse button, or by the menu key on the row with the cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu

from crs_desktop.widgets.table import Table

Offer = tuple[str, Callable[[str], object]]
"""What the menu says, and what is called with the key of the row."""


class RowMenu(QObject):
    """Offers what can be done with a row."""

    def __init__(self, table: Table, *offers: Offer) -> None:
        super().__init__(table)
        self._table, self._offers = table, offers
        for each in (table, table.viewport()):
            each.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Show the menu where it is asked for."""
        if not isinstance(event, QContextMenuEvent):
            return super().eventFilter(watched, event)
        table, by_mouse = self._table, event.reason() == QContextMenuEvent.Reason.Mouse
        if by_mouse and watched is table:
            return False
        index = table.indexAt(event.pos()) if by_mouse else table.currentIndex()
        if not index.isValid():
            return True
        menu = self.menu(table.row_model.rows[index.row()].key)
        place = table.visualRect(index).center()
        menu.popup(event.globalPos() if by_mouse else table.viewport().mapToGlobal(place))
        return True

    def menu(self, key: str) -> QMenu:
        """Return the menu of a row; it deletes itself when it is closed."""
        menu = QMenu(self._table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, call in self._offers:
            menu.addAction(text, partial(call, key))
        return menu
