"""A dock with subjects at the left, one of them at a time beside them; something else while there is nothing to show.

A subject is made when it is first looked at. Nothing of the wallet is loaded before a dock of it is first seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.base import ViewModel

ROW = 22
LOOK_MS = 2_000
"""How often the subject in view is asked whether what it shows is old."""


class Subject(Pane):
    """What stands beside the rail, for docks that look at it now and then and send the keyboard there."""

    def look(self) -> None:
        """Read anew what is old; called while somebody looks."""

    def read_soon(self) -> None:
        """Read anew, however old it is: something was done."""

    def enter(self) -> None:
        """Take the keyboard."""
        self.refresh()  # what takes the keyboard follows from what there is
        self.setFocus(Qt.FocusReason.OtherFocusReason)


class Shut(QWidget):
    """What is shown while there is nothing to choose from."""

    def refresh(self) -> None:
        """Show why."""

    def target(self) -> QPushButton | None:
        """Return what takes the keyboard."""
        return None


class Offered(NamedTuple):
    """A subject that can be chosen."""

    title: str
    make: Callable[[], Subject]


class RailPane(Pane):
    """Keys: up and down in the rail choose a subject, Enter goes to it, Escape back to the rail."""

    def __init__(
        self, model: ViewModel, title: str, shut: Shut, offered: Mapping[str, Offered], *,
        rail: str, width: int, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """`rail` is what screen readers call the list, `width` its width in px at 100 % text."""
        super().__init__(model, title, parent)
        self._model, self._shut, self._offered = model, shut, dict(offered)
        self._subjects = tuple(offered)
        self.panes: dict[str, Subject] = {}
        self.rail = QListWidget()
        self._holders, self._stack, self._open = QStackedWidget(), QStackedWidget(), QWidget()
        self._fill_rail(rail, width)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # until there is something in it that takes the keyboard
        self.column = _tight(QVBoxLayout())
        self.column.addWidget(self._holders, 1)
        row = _tight(QHBoxLayout(self._open))
        row.addWidget(self.rail)
        row.addLayout(self.column, 1)
        self._stack.addWidget(shut)
        self._stack.addWidget(self._open)
        _tight(QVBoxLayout(self)).addWidget(self._stack)
        self._is_dressed = False
        """Whether what stands over the subjects was made: a subject is made one pulse later, so that none is long."""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    # -- for subclasses -----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose from."""
        return True

    def refresh_open(self) -> None:
        """Show what stands over the subjects."""

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def subject(self) -> str:
        """Which subject is chosen."""
        return self._subjects[max(0, self.rail.currentRow())]

    @property
    def shown(self) -> Subject | None:
        """The subject in view; None while there is nothing to choose from."""
        return self.panes.get(self.subject) if self.is_open else None

    @property
    def dirty(self) -> bool:
        """Whether the dock or the subject in view has something new to show."""
        shown = self.shown
        return self._model.dirty or (shown is not None and shown.dirty)

    def show_subject(self, subject: str) -> None:
        """Show a subject."""
        self.rail.setCurrentRow(self._subjects.index(subject))

    def enter(self) -> None:
        """Give the subject in view the keyboard."""
        shown = self.shown
        if shown is not None:
            shown.enter()

    def refresh(self) -> None:
        """Show the dock, and the subject in view."""
        if self._model.dirty:
            self._refresh_dock()
        shown = self.shown
        if shown is not None and shown.dirty:
            shown.refresh()

    def dispose(self) -> None:
        """Close the subjects with the pane."""
        self._timer.stop()
        for each in self.panes.values():
            each.dispose()
        super().dispose()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter presses the button that has the keyboard, in the rail it goes to the subject; Escape goes back."""
        focused = self.focusWidget()
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and isinstance(focused, QPushButton) and focused.hasFocus():
            if not event.isAutoRepeat():
                focused.click()
        elif is_enter and self.rail.hasFocus():
            self.enter()
        elif event.key() == Qt.Key.Key_Escape and not self.rail.hasFocus():
            self.rail.setFocus()
        else:
            super().keyPressEvent(event)

    # -- inside -------------------------------------------------------------------------------------

    def _refresh_dock(self) -> None:
        focused = self.focusWidget()
        had_keyboard = self.hasFocus() or (focused is not None and focused.hasFocus())
        is_open = self.is_open
        front = self._open if is_open else self._shut
        opened = is_open and self._stack.currentWidget() is not front
        if self._stack.currentWidget() is not front:
            self._stack.setCurrentWidget(front)
        is_first = is_open and not self._is_dressed
        if is_open:
            self._is_dressed = True
            self.refresh_open()
            if not is_first:
                self._make(self.subject)
        else:
            self._shut.refresh()
        target = self.rail if is_open else self._shut.target()
        if self.focusProxy() is not target:
            self.setFocusProxy(target)  # type: ignore[arg-type] # the stubs do not know that None takes it away
            if had_keyboard and target is not None:
                target.setFocus(Qt.FocusReason.OtherFocusReason)
        super().refresh()
        if is_first:
            self._model.hurry()
        if opened and had_keyboard:
            self._make(self.subject)
            self.opened()

    def opened(self) -> None:
        """There is something to choose from now, and the keyboard is here."""

    def _fill_rail(self, name: str, width: int) -> None:
        scale = theme.current().px
        self.rail.setFixedWidth(max(width, scale(width)))
        self.rail.setAccessibleName(name)
        for each in self._offered.values():
            item = QListWidgetItem(each.title)
            item.setSizeHint(QSize(0, max(ROW, scale(ROW))))
            self.rail.addItem(item)
            self._holders.addWidget(QWidget())
        self.rail.setCurrentRow(0)
        self.rail.currentRowChanged.connect(self._chosen)

    def _chosen(self, at: int) -> None:
        if self.is_open:
            made = self._make(self._subjects[at])
            self._holders.setCurrentIndex(at)
            made.look()
            made.refresh()

    def _make(self, subject: str) -> Subject:
        """Return a subject, made when it is first looked at."""
        made = self.panes.get(subject)
        if made is None:
            made = self.panes[subject] = self._offered[subject].make()
            at = self._subjects.index(subject)
            before = self._holders.widget(at)
            self._holders.insertWidget(at, made)
            if before is not None:
                self._holders.removeWidget(before)
                before.deleteLater()
            self._holders.setCurrentIndex(self.rail.currentRow())
        return made

    def _look(self) -> None:
        shown = self.shown
        if shown is not None and self.visible:
            shown.look()


def _tight(layout: QVBoxLayout | QHBoxLayout) -> QVBoxLayout | QHBoxLayout:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout
