"""The workspace in use, beside the menus; its menu offers the others."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from crs_desktop import theme
from crs_desktop.actions import ActionBook
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.layout import Layout
from crs_desktop.widgets.tip import plain_tip

ACTIONS = ("workspace.save_as", "workspace.rename", "workspace.delete", "workspace.undo_delete")


class WorkspaceBox(QToolButton):
    """Shows a name, switches with a click; hidden until `show_layout`."""

    def __init__(self, book: ActionBook) -> None:
        super().__init__()
        self._book = book
        self._layout: Layout | None = None
        self.setProperty("kind", "ghost")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._show_icon()
        theme.set_font(self, "body")
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.setMenu(menu)
        self.hide()

    def show_layout(self, layout: Layout) -> None:
        """Show which workspace of a layout is in use."""
        self._layout = layout
        self.setText(f"{layout.here.name} ▾")
        self.setToolTip(plain_tip(tr("Workspace {name}", name=layout.here.name)))
        self.setAccessibleName(self.toolTip())
        self.show()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._show_icon()

    def _show_icon(self) -> None:
        self.setIcon(theme.icon("layout-dashboard", "text_muted", 14))

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        book, layout = self._book, self._layout
        if layout is None:
            return
        for index, name in enumerate(layout.names):
            action = f"workspace.{index + 1}"
            _add(menu, book, action, name).setChecked(index == layout.current)
        menu.addSeparator()
        for action in ACTIONS:
            _add(menu, book, action, tr(book.get(action).title)).setCheckable(False)


def _add(menu: QMenu, book: ActionBook, action: str, title: str) -> QAction:
    key = book.shortcut(action)
    text = title.replace("&", "&&")
    item = menu.addAction(f"{text}\t{key}" if key else text, _doer(book, action))
    item.setCheckable(True)
    item.setEnabled(book.is_enabled(action))
    return item


def _doer(book: ActionBook, action: str) -> Callable[[], object]:
    return lambda: book.trigger(action)
