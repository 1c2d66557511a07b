"""Where panes stand: a small interface over QDockWidget, so that another docking system could take its place.

A pane is made when it is first seen (`Host`); until then its dock holds a line that says what is loading.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.widgets.elided_label import ElidedLabel

Area = Qt.DockWidgetArea
SIDES_SHARE = 0.74
"""The most of the window's width that the side docks take for larger text."""
FOOT = 40
"""Height of the editors and questions at the foot of a bottom pane."""
STATE_VERSION = 1
"""Raised when the set of docks changes in a way that old layouts cannot express."""


@dataclass(frozen=True, slots=True)
class Place:
    """One pane of the window: its stable name, its title, where it stands at first and how large."""

    name: str
    title: str
    area: str
    """left, center, right (column 1), far_right (column 2), bottom"""
    extent: int
    """Width of a side dock, height of a bottom one, px."""
    stretch: int = 1
    tab: str = ""
    """The place it shares a dock with at first, behind it."""


class Host(QWidget):
    """The inside of a dock: makes its pane the first time it is visible and something can make it."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.pane: Pane | None = None
        self._maker: Callable[[], Pane] | None = None
        self._covered = False
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._waiting = QLabel(tr("Opening the market…"))
        self._waiting.setWordWrap(True)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_tone(self._waiting, "faint")
        self._box.addWidget(self._waiting)
        self.setProperty("kind", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    @property
    def in_view(self) -> bool:
        """Whether the place can be seen: shown, and not behind another tab."""
        return self.isVisible() and not self._covered

    def set_in_view(self, seen: bool) -> None:
        """Be told by the dock that it came to the front or went behind."""
        self._covered = not seen
        if self.pane is not None:
            self.pane.covered = self._covered
        elif seen and self.isVisible():
            self._make()

    def provide(self, maker: Callable[[], Pane]) -> None:
        """Let `maker` make the pane: now if visible, else when it is first shown."""
        self._maker = maker
        if self.in_view:
            self._make()

    def make(self) -> Pane | None:
        """Make the pane now if it can be made, and return it."""
        if self.pane is None:
            self._make()
        return self.pane

    def release(self) -> None:
        """Take the pane down and wait for the next maker."""
        self._maker = None
        if self.pane is not None:
            self.pane.dispose()
            self._box.removeWidget(self.pane)
            self.pane.hide()
            self.pane.deleteLater()
            self.pane = None
        self._waiting.show()

    def say(self, text: str) -> None:
        """Show what is going on while there is no pane."""
        self._waiting.setText(text)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Make the pane when first seen."""
        super().showEvent(event)
        if self.pane is None and self.in_view:
            self._make()

    def _make(self) -> None:
        if self._maker is None:
            return
        maker, self._maker = self._maker, None
        try:
            self.pane = maker()
        except Exception:  # one broken pane must not take the others down; the crash dialog tells
            self.say(tr("This pane could not be opened."))
            sys.excepthook(*sys.exc_info())
            return
        self.pane.covered = self._covered
        self._waiting.hide()
        self._box.addWidget(self.pane)


class DockTitle(QWidget):
    """A quiet title row with float and close."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 4, 0)
        row.setSpacing(0)
        label = QLabel(dock.windowTitle())
        theme.set_font(label, "small")
        theme.set_tone(label, "muted")
        row.addWidget(label)
        row.addSpacing(8)
        self.note = ElidedLabel(role="small", tone="faint")
        row.addWidget(self.note, 1)
        self._kept = QWidget()
        self._kept.setFixedWidth(0)
        row.addWidget(self._kept)
        self._icons: list[tuple[QToolButton, str]] = []
        for icon, tip, slot in (
            ("app-window", tr("Float or dock"), lambda: dock.setFloating(not dock.isFloating())),
            ("x", tr("Close; open it again from the View menu"), dock.close),
        ):
            button = QToolButton()
            button.setProperty("kind", "ghost")
            button.setIcon(theme.icon(icon, "text_faint", 12))
            self._icons.append((button, icon))
            button.setIconSize(QSize(12, 12))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setFixedSize(20, 20)
            button.clicked.connect(slot)
            row.addWidget(button)
        self.setFixedHeight(24)
        self.setProperty("kind", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def keep_free(self, width: int) -> None:
        """Leave room before the icons, px, for what stands over the row."""
        self._kept.setFixedWidth(width)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            for button, icon in getattr(self, "_icons", ()):
                button.setIcon(theme.icon(icon, "text_faint", 12))


class Docks:
    """The docks of one main window, by the name of their place."""

    def __init__(self, window: QMainWindow, places: tuple[Place, ...]) -> None:
        self._window = window
        self._places = places
        self._docks: dict[str, QDockWidget] = {}
        self.hosts: dict[str, Host] = {place.name: Host(place) for place in places}
        window.setDockNestingEnabled(True)
        window.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        window.setTabPosition(Area.AllDockWidgetAreas, _NORTH)
        window.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        window.setCorner(Qt.Corner.BottomLeftCorner, Area.BottomDockWidgetArea)
        for place in places:
            if place.area == "center":
                window.setCentralWidget(self.hosts[place.name])
            else:
                self._docks[place.name] = self._dock(place)
        window.tabifiedDockWidgetActivated.connect(self._sink)
        self.arrange()

    @property
    def names(self) -> tuple[str, ...]:
        """All places, the central one included."""
        return tuple(self.hosts)

    def title(self, name: str) -> str:
        """Return the title of a place in the user's language."""
        return tr(self.hosts[name].place.title)

    def dock(self, name: str) -> QDockWidget:
        """Return the dock of a place that is not the centre."""
        return self._docks[name]

    def note(self, name: str, text: str) -> None:
        """Say in the title of a dock what its pane shows."""
        title = self._docks[name].titleBarWidget()
        if isinstance(title, DockTitle) and title.note.text() != text:
            title.note.setText(text)

    def keep_free(self, name: str, width: int) -> None:
        """Leave room in the title of a dock, before its icons, px."""
        title = self._docks[name].titleBarWidget()
        if isinstance(title, DockTitle):
            title.keep_free(width)

    def all_docks(self) -> tuple[QDockWidget, ...]:
        """Return every dock."""
        return tuple(self._docks.values())

    def arrange(self) -> None:
        """Put every dock where it stands at first."""
        window = self._window
        for dock in self._docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        groups: dict[str, list[QDockWidget]] = {}
        for place in self._places:
            if place.area != "center" and not place.tab:
                groups.setdefault(place.area, []).append(self._docks[place.name])
        for dock in groups.get("left", ()):
            window.addDockWidget(Area.LeftDockWidgetArea, dock)
        columns = [groups[each] for each in ("right", "far_right") if groups.get(each)]
        for index, column in enumerate(columns):
            if index == 0:
                window.addDockWidget(Area.RightDockWidgetArea, column[0])
            else:
                window.splitDockWidget(columns[index - 1][0], column[0], Qt.Orientation.Horizontal)
        for column in columns:
            for above, below in pairwise(column):
                window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        bottom = groups.get("bottom", [])
        for dock in bottom:
            window.addDockWidget(Area.BottomDockWidgetArea, dock)
        for first, second in pairwise(bottom):
            window.tabifyDockWidget(first, second)
        behind = [place for place in self._places if place.tab]
        for place in behind:
            window.tabifyDockWidget(self._docks[place.tab], self._docks[place.name])
        for dock in self._docks.values():
            dock.show()
        for place in behind:
            self._docks[place.tab].raise_()
        if bottom:
            bottom[0].raise_()
        self.size_docks()

    def size_docks(self) -> None:
        """Give every dock its first width or height: wider for larger text, as far as the chart keeps its share."""
        sides = [each for each in self._places if each.area in ("left", "right", "far_right") and not each.tab]
        bottom = [each for each in self._places if each.area == "bottom"]
        stacked = [each for each in self._places if each.area == "right"]
        columns = {each.area: each.extent for each in sides}
        most = SIDES_SHARE * self._window.width() / max(1, sum(columns.values()))
        wider = min(theme.current().font_scale, max(1.0, most))
        self._resize(sides, [round(each.extent * wider) for each in sides], Qt.Orientation.Horizontal)
        self._resize(bottom, [each.extent for each in bottom], Qt.Orientation.Vertical)
        self._resize(stacked, [each.stretch * 100 for each in stacked], Qt.Orientation.Vertical)

    def _sink(self, dock: QDockWidget) -> None:
        """Put a dock that came to the front of its tabs, and the centre with it, under toasts and the like again."""
        if dock.isFloating():
            return
        for each in (dock, self._window.centralWidget()):
            if each is not None:
                each.lower()

    def _resize(self, places: list[Place], extents: list[int], way: Qt.Orientation) -> None:
        """Resize those that stand in the window; Qt complains about floating and closed ones."""
        standing = [
            (self._docks[place.name], extent)
            for place, extent in zip(places, extents, strict=True)
            if not self._docks[place.name].isFloating() and not self._docks[place.name].isHidden()
        ]
        if standing:
            self._window.resizeDocks([each[0] for each in standing], [each[1] for each in standing], way)

    def show(self, name: str) -> Host:
        """Bring a pane to the front, opening its dock if it was closed."""
        host = self.hosts[name]
        dock = self._docks.get(name)
        if dock is not None:
            dock.show()
            if dock.isFloating() or not host.in_view:
                dock.raise_()
                self._sink(dock)
        host.make()
        return host

    def corner(self) -> QPoint:
        """Return where toasts stand: the lower right of the bottom docks, or else of the centre, in the window."""
        below = [host for host in self.hosts.values() if host.place.area == "bottom" and host.in_view]
        docked = [host for host in below if not self._docks[host.place.name].isFloating()]
        center = next(host for host in self.hosts.values() if host.place.area == "center")
        host = docked[0] if docked else center
        above = QPoint(0, theme.current().px(FOOT) if docked else 0)
        return host.mapTo(self._window, host.rect().bottomRight()) - above

    def focus(self, name: str) -> None:
        """Bring a pane to the front and give it the keyboard."""
        host = self.show(name)
        target = host.pane or host
        inner = target if target.focusPolicy() != Qt.FocusPolicy.NoFocus else _first_focusable(target)
        if not target.window().isActiveWindow():
            target.window().activateWindow()
        (inner or target).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def step(self, steps: int) -> str | None:
        """Give the keyboard to the next (or previous) visible pane; return its name."""
        shown = [name for name, host in self.hosts.items() if host.in_view]
        if not shown:
            return None
        current = next((i for i, name in enumerate(shown) if _holds_focus(self.hosts[name])), -steps)
        name = shown[(current + steps) % len(shown)]
        self.focus(name)
        return name

    def save(self) -> str:
        """Return the arrangement as text."""
        return bytes(self._window.saveState(STATE_VERSION).toBase64().data()).decode("ascii")

    def restore(self, text: str) -> bool:
        """Take an arrangement back; False (and nothing changed) if it cannot be read."""
        state = QByteArray.fromBase64(text.encode("ascii", "replace"))
        if not self._window.restoreState(state, STATE_VERSION):
            return False
        for place in self._places:  # of a later version than the arrangement: not in the way of what was arranged
            if place.tab and f"dock.{place.name}".encode("utf-16-be") not in bytes(state.data()):
                self._window.tabifyDockWidget(self._docks[place.tab], self._docks[place.name])
                self._docks[place.tab].raise_()
        return True

    def _dock(self, place: Place) -> QDockWidget:
        dock = QDockWidget(tr(place.title), self._window)
        dock.setObjectName(f"dock.{place.name}")
        dock.setWidget(self.hosts[place.name])
        dock.visibilityChanged.connect(self.hosts[place.name].set_in_view)
        if place.area == "bottom":
            bare = QWidget()
            bare.setFixedHeight(0)
            title = DockTitle(dock)
            title.hide()
            dock.setTitleBarWidget(bare)

            def swap(floating: bool) -> None:
                dock.setTitleBarWidget(title if floating else bare)
                title.setVisible(floating)

            dock.topLevelChanged.connect(swap)
        else:
            dock.setTitleBarWidget(DockTitle(dock))
        return dock


_NORTH = QTabWidget.TabPosition.North


def _first_focusable(widget: QWidget) -> QWidget | None:
    for child in widget.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible() and child.isEnabled():
            return child
    return None


def _holds_focus(widget: QWidget) -> bool:
    focus = widget.window().focusWidget()
    return focus is not None and (focus is widget or widget.isAncestorOf(focus))
