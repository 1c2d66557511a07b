"""SIGTERM and SIGINT close the program in order, also while Qt waits for events."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QSocketNotifier, QTimer

NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
WAKE_MS = 250
"""How often Windows is woken to notice a signal."""


class Signals:
    """Calls `heard` on the GUI thread when a signal asks the program to end; `close` gives the old handlers back."""

    def __init__(self, heard: Callable[[], None]) -> None:
        self._before = {}
        for name in NAMES:
            number = getattr(signal, name, None)
            if number is not None:
                self._before[number] = signal.signal(number, lambda *_: heard())
        self._timer = QTimer()
        self._sockets: tuple[socket.socket, ...] = ()
        self._notifier: QSocketNotifier | None = None
        if os.name == "posix":
            ours, theirs = socket.socketpair()
            self._sockets = (ours, theirs)
            for each in self._sockets:
                each.setblocking(False)
            self._fd_before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
            self._notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read)
            self._notifier.activated.connect(self._drain)
        else:  # pragma: no cover - Python hears a signal there only when something wakes it
            self._timer.timeout.connect(lambda: None)
            self._timer.start(WAKE_MS)

    def close(self) -> None:
        """Hear nothing more."""
        self._timer.stop()
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier = None
            signal.set_wakeup_fd(self._fd_before)
        for each in self._sockets:
            each.close()
        self._sockets = ()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _drain(self, *_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._sockets and self._sockets[0].recv(64):
                pass
