"""Plays the sound of alerts with what the system has; a beep where there is nothing. Never waits.

Qt's multimedia part is not shipped: Windows plays by itself, macOS has `afplay`, Linux one of three players.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from time import monotonic

from PySide6.QtCore import QProcess, QStandardPaths
from PySide6.QtWidgets import QApplication

PLAYERS = (("pw-play", ()), ("paplay", ()), ("aplay", ("-q",)))
"""Programs that play a file on Linux, the best first, and what they are told besides its name."""
APART_S = 1.2
"""Sounds that come sooner after each other are one: ten alerts at once sound once."""

_files = ExitStack()


def command(platform: str, find: Callable[[str], str]) -> tuple[str, tuple[str, ...]] | None:
    """Return the program that plays a file on a system, with what it is told besides; None if there is none.

    Args:
        platform: as `sys.platform`.
        find: returns the full path of a program, empty if there is none.
    """
    offers = (("afplay", ()),) if platform == "darwin" else () if platform == "win32" else PLAYERS
    return next(((path, told) for name, told in offers if (path := find(name))), None)


@cache
def _file() -> str:
    """Return where the sound is on the disk; a frozen program may have to unpack it."""
    return str(_files.enter_context(as_file(files("resources") / "sounds" / "alert.wav")))


def _play() -> bool:
    """Begin to play; False if nothing here can."""
    if sys.platform == "win32":  # pragma: no cover - only there
        import winsound

        winsound.PlaySound(_file(), winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT)
        return True
    found = command(sys.platform, QStandardPaths.findExecutable)
    if found is None:
        return False
    program, told = found
    started = QProcess.startDetached(program, [*told, _file()])
    return bool(started[0] if isinstance(started, tuple) else started)


class AlertSound:
    """The one sound; `ring` is called as often as something wants to be heard."""

    def __init__(self, play: Callable[[], bool] = _play, clock: Callable[[], float] = monotonic) -> None:
        self._play, self._clock = play, clock
        self._last = float("-inf")

    def ring(self) -> bool:
        """Sound, unless it just did; return whether it does."""
        now = self._clock()
        if now - self._last < APART_S:
            return False
        self._last = now
        if not self._play():
            QApplication.beep()
        return True
