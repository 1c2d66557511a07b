"""The door to where alerts are kept."""

from __future__ import annotations

from typing import Protocol


class AlertStore(Protocol):
    """Keeps one text; a save is there whole or not at all."""

    def load(self) -> bytes | None:
        """Return what was kept, None if nothing was.

        Raises:
            StorageUnavailable: it cannot be read.
        """
        ...

    def save(self, data: bytes) -> None:
        """Replace what is kept; durable when it returns.

        Raises:
            StorageUnavailable: the disk refuses; what was kept before is still there.
        """
        ...

    def set_aside(self) -> str:
        """Move what cannot be understood out of the way and return its new name."""
        ...
