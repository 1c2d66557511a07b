"""Tells that the screen was locked, or that the machine goes to sleep, where the system says so.

Desktops on Linux say it over D-Bus: their screen saver on the session's bus, logind on the system's. Elsewhere, and
where there is no bus, nothing is told; whoever depends on it has to have another way as well (the wallet looks at the
clocks, and locks itself when nobody was there).

Source: the interfaces org.freedesktop.ScreenSaver, org.gnome.ScreenSaver and org.freedesktop.login1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

SAVERS = (
    ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
)
"""Path and interface of those that say `ActiveChanged`."""
SAVER, SLEEP, SESSION = "1saver_changed(bool)", "1sleep_changed(bool)", "1session_locked()"
"""The slots below, as Qt's macro SLOT writes them; PySide6 wants them as text, its types say bytes."""
LOGIND = "org.freedesktop.login1"


class ScreenLock(QObject):
    """Listens from its making until it is closed."""

    def __init__(self, tell: Callable[[str], None], parent: QObject | None = None) -> None:
        """`tell` is given what happened, in words that end a sentence."""
        super().__init__(parent)
        self._tell = tell
        self.listens = sys.platform == "linux" and self._listen()
        """Whether anybody could say it."""

    def _listen(self) -> bool:
        from PySide6.QtDBus import QDBusConnection

        session, system = QDBusConnection.sessionBus(), QDBusConnection.systemBus()
        heard = False  # no service is named: its owner would be asked for, and waited for
        if session.isConnected():
            for path, interface in SAVERS:
                heard |= session.connect("", path, interface, "ActiveChanged", self, SAVER)  # type: ignore[call-overload]
        if system.isConnected():
            manager, each = f"{LOGIND}.Manager", f"{LOGIND}.Session"
            heard |= system.connect("", "", manager, "PrepareForSleep", self, SLEEP)  # type: ignore[call-overload]
            heard |= system.connect("", "", each, "Lock", self, SESSION)  # type: ignore[call-overload]
        return heard

    def close(self) -> None:
        """Tell nothing any more."""
        self._tell = _nobody
        self.deleteLater()

    @Slot(bool)
    def saver_changed(self, is_active: bool) -> None:
        """The screen saver came or went."""
        if is_active:
            self._tell("the screen was locked.")

    @Slot(bool)
    def sleep_changed(self, begins: bool) -> None:
        """The machine goes to sleep, or woke."""
        if begins:
            self._tell("the machine goes to sleep.")

    @Slot()
    def session_locked(self) -> None:
        """The session was locked."""
        self._tell("the screen was locked.")


def _nobody(_why: str) -> None:
    """Whom a closed one tells."""
