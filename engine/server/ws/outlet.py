"""The door from the hub to a socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

EXTENSION = "crs.outlet"
"""Where an ASGI scope's `extensions` hold the outlet of a WebSocket."""


class Outlet(Protocol):
    """One socket as the hub sees it. Nothing here waits."""

    full: bool
    """Whether more is buffered than should be; what is written now would be old when it arrives."""
    on_room: Callable[[], None]
    """Called when it is no longer full."""

    failed: int
    """The code with which the socket was ended because of what came over it, or did not come; 0 = it was not."""

    def write(self, frame: bytes) -> None:
        """Send a whole frame; nothing happens once the socket is closing."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Say goodbye and close, soon even if the other side reads nothing; the application's `receive` ends."""
        ...
