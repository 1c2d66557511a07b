"""The menu bar, made of the declared actions by group; shortcuts are shown, the key router acts on them."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from crs_desktop.actions import ActionBook
from crs_desktop.i18n import tr
from crs_desktop.shell.docks import Docks

GROUPS = ("Trade", "Chart", "Draw", "Alert", "Market", "View", "Workspace", "Account", "Wallet", "Server", "Program")


class Menus:
    """One menu per group; enabled states are taken when a menu opens."""

    def __init__(self, book: ActionBook, docks: Docks) -> None:
        self.bar = QMenuBar()
        self.bar.setNativeMenuBar(False)
        self._book, self._docks = book, docks
        for group in GROUPS:
            menu = self.bar.addMenu(tr(group))
            menu.aboutToShow.connect(lambda menu=menu, group=group: self._fill(menu, group))

    def _fill(self, menu: QMenu, group: str) -> None:
        menu.clear()
        for action in self._book.actions():
            note = self._book.noted(action.id)
            if action.group != group or note == "":
                continue
            key = self._book.shortcut(action.id)
            title = tr("{title}: {note}", title=tr(action.title), note=note) if note else tr(action.title)
            title = title.replace("&", "&&")
            item = QAction(f"{title}\t{key}" if key else title, menu)
            item.setEnabled(self._book.is_enabled(action.id))
            item.triggered.connect(lambda _=False, name=action.id: self._book.trigger(name))
            menu.addAction(item)
        if group == "View":
            menu.addSeparator()
            for dock in self._docks.all_docks():
                menu.addAction(dock.toggleViewAction())
