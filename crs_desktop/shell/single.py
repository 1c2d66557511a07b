"""One window per profile: a second start brings the first one to the front."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from PySide6.QtNetwork import QLocalServer, QLocalSocket

from engine.profile import Profile

PATIENCE_MS = 500


def _name(profile: Profile) -> str:
    digest = hashlib.sha256(str(profile.data_dir).encode()).hexdigest()[:16]
    return f"crs-desktop-{digest}"


class FirstInstance:
    """Listens for second starts on a profile; `close` ends it."""

    def __init__(self, profile: Profile, raise_window: Callable[[], None]) -> None:
        self._server = QLocalServer()
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._raise = raise_window
        self._server.newConnection.connect(self._called)
        name = _name(profile)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # left over by a process that was killed; we hold the profile's lock
            self._server.listen(name)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _called(self) -> None:
        connection = self._server.nextPendingConnection()
        if connection is not None:
            connection.disconnected.connect(connection.deleteLater)
            connection.disconnectFromServer()
        self._raise()


def raise_first(profile: Profile) -> bool:
    """Ask the first window to come to the front; False if nobody answers."""
    socket = QLocalSocket()
    socket.connectToServer(_name(profile))
    if not socket.waitForConnected(PATIENCE_MS):
        return False
    socket.waitForDisconnected(PATIENCE_MS)
    return True
