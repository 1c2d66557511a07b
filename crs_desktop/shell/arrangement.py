"""Takes the layout from its file and puts it back, workspace by workspace: 5 s after a change, and at the close."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.layout import Layout, LayoutFile, Rect, clamp
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from crs_desktop.viewmodels.workspace import Workspace
from crs_desktop.viewmodels.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from crs_desktop.viewmodels.board import Board
    from crs_desktop.window import MainWindow

QUIET_MS = 5000
"""A change is written when nothing has moved for this long."""


class Arrangement:
    """The layout of one window and its file; the board of charts belongs to it while there is one."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        self._window = window
        self._file = LayoutFile(path)
        self._writer: Writer[Layout] = Writer(self._file.save, "layout")
        self._board: Board | None = None
        self._link: Link[Board] | None = None
        self._changed: Hook[Layout] = Hook()
        self.layout = Layout()
        self.problem: Sentence = NOTHING
        self._timer = QTimer(window)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self.save_soon)

    def restore(self) -> None:
        """Put the window where it stood, on a screen that is there; `problem` says what could not be used."""
        self.layout = self._file.load()
        self.problem = self._file.problem
        self._put(self.layout.here)
        self._window.moved.connect(self.touch)

    def show_board(self, board: Board) -> None:
        """Let a board show the charts of the workspace in use, and remember it from now on."""
        here = self.layout.here
        self._board = board
        board.take(here, keep_desk=here.symbol != board.main.current.focused.link.symbol)
        self._link = board.on_change(lambda _board: self.touch())

    def release_board(self) -> None:
        """Remember the board as it is, and no more of it: its engine is closing."""
        self._capture()
        if self._link is not None:
            self._link.close()
        self._board = self._link = None

    def touch(self) -> None:
        """Write soon: something moved."""
        self._timer.start()

    def remember(self, *, introduced: bool) -> None:
        """Take note that the introduction was shown."""
        self.layout = replace(self.layout, introduced=introduced)
        self.touch()

    def save(self) -> bool:
        """Write what is there now; False if the disk refuses (the next change tries again)."""
        self._timer.stop()
        self._capture()
        self._writer.flush()
        return self._file.save(self.layout)

    def save_soon(self) -> None:
        """Write what is there now on a thread; if the disk refuses, the next change tries again."""
        self._timer.stop()
        self._capture()
        layout = self.layout
        self._writer.put(lambda: layout)

    # -- workspaces -----------------------------------------------------------------------------------

    def on_change(self, call: Callable[[Layout], object]) -> Link[Layout]:
        """Be told when another workspace is in use, or one has another name."""
        return self._changed.add(call)

    def switch(self, index: int) -> None:
        """Take up another workspace; the one in use keeps what it shows."""
        if index != self.layout.current:
            self._capture()
            self._take_up(self.layout.at(index))

    def save_as(self, name: str) -> None:
        """Go on in a copy of the workspace in use."""
        self._capture()
        self._note(self.layout.with_copy(name.strip()))

    def rename(self, name: str) -> None:
        """Call the workspace in use by another name."""
        self._note(self.layout.with_name(name.strip()))

    def delete(self) -> tuple[int, Workspace]:
        """Delete the workspace in use, which is not the only one; return what brings it back."""
        self._capture()
        gone = self.layout.current, self.layout.here
        self._take_up(self.layout.without_here())
        return gone

    def bring_back(self, index: int, workspace: Workspace) -> None:
        """Take up a workspace that was deleted."""
        self._capture()
        self._take_up(self.layout.with_back(index, workspace))

    # -- within ---------------------------------------------------------------------------------------

    def _note(self, layout: Layout) -> None:
        self.layout = layout
        self.touch()
        self._changed.fire(layout)

    def _take_up(self, layout: Layout) -> None:
        window = self._window
        window.setUpdatesEnabled(False)
        try:
            self._put(layout.here)
            if self._board is not None:
                self._board.take(layout.here)
        finally:
            window.setUpdatesEnabled(True)
        self._note(layout)

    def _put(self, workspace: Workspace) -> None:
        window, screens = self._window, usable_screens()
        wanted = workspace.window or Rect(screens[0].x, screens[0].y, 1600, 900)
        if window.isMaximized() and not workspace.maximised:
            window.showNormal()
        window.setGeometry(*clamp(wanted, screens))
        if workspace.docks and not window.docks.restore(workspace.docks):
            window.docks.arrange()
            self.problem = say("The saved arrangement of panes could not be used; panes stand as at first.")
        elif not workspace.docks:
            QTimer.singleShot(0, window.docks.size_docks)
        if workspace.maximised:
            window.showMaximized()

    def _capture(self) -> None:
        """Take into the layout what is on the screen."""
        window = self._window
        normal = window.normalGeometry() if window.isMaximized() else window.geometry()
        here = replace(
            self.layout.here, window=rect_of(normal), maximised=window.isMaximized(), docks=window.docks.save()
        )
        self.layout = self.layout.with_here(here if self._board is None else self._board.remember(here))


def usable_screens() -> list[Rect]:
    """Return the usable areas of the monitors that are there now, the main one first."""
    if QGuiApplication.platformName() in ("offscreen", "minimal"):
        return [Rect(0, 0, 1600, 900)]  # nobody looks; what is drawn should be a usual size
    return [rect_of(each.availableGeometry()) for each in QGuiApplication.screens()]


def rect_of(geometry: object) -> Rect:
    """Return a Qt rectangle as ours."""
    x, y, width, height = geometry.getRect()  # type: ignore[attr-defined]
    return Rect(x, y, width, height)
