"""The alerts of a profile: one small file, replaced atomically."""

from __future__ import annotations

import os
from pathlib import Path

from engine.errors import StorageUnavailable
from engine.observe.failpoint import reached


class AlertFile:
    """Keeps the alerts in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> bytes | None:
        """Return the file's content, None if there is none.

        Raises:
            StorageUnavailable: it cannot be read.
        """
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageUnavailable(f"The alerts in {self._path.name} cannot be read: {error.strerror}.") from error

    def save(self, data: bytes) -> None:
        """Replace the file; durable when it returns.

        Raises:
            StorageUnavailable: the disk refuses; the file is as it was.
        """
        temporary = self._path.with_suffix(".part")
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            reached("alerts.before_rename")
            temporary.replace(self._path)
            _sync_directory(self._path.parent)
        except OSError as error:
            raise StorageUnavailable(
                f"The alerts cannot be saved: {error.strerror}. They go on until the program ends."
            ) from error

    def set_aside(self) -> str:
        """Move a file that cannot be understood out of the way and return its new name."""
        number = 1
        while (aside := self._path.with_suffix(f".unreadable-{number}")).exists():
            number += 1
        self._path.replace(aside)
        return aside.name


def _sync_directory(directory: Path) -> None:
    """Make a rename durable, where the system has that notion."""
    if os.name == "nt":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
