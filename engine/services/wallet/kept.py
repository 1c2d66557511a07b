"""Small files of a wallet: replaced whole, durable when the call returns, readable by their owner only.

Every function blocks on the disk: call it off the loop.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from engine.errors import StorageUnavailable
from engine.observe.failpoint import reached

PARTIAL = ".part"


def write_whole(path: Path, data: bytes, what: str) -> None:
    """Replace a file; after a crash it is the old one or the new one, never a piece.

    `what` is how it is called in a sentence ("The address book").

    Raises:
        StorageUnavailable: the disk refuses; the file is as it was.
    """
    partial = path.with_name(path.name + PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileNotFoundError):
            partial.unlink()
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        reached("wallet.before_rename")
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageUnavailable(f"{what} could not be saved: {error.strerror}. What was there stays.") from error
    try:
        sync_folder(path.parent)
    except OSError as error:
        raise StorageUnavailable(f"{what} is saved, but may not outlast a power cut: {error.strerror}.") from error


def set_aside(path: Path) -> Path:
    """Move a file that cannot be understood out of the way, without covering an earlier one, and return its new name.

    Raises:
        StorageUnavailable: the disk refuses; the file is as it was.
    """
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        raise StorageUnavailable(f"{path.name} is damaged and cannot be set aside: {error.strerror}.") from error
    return aside


def sync_folder(folder: Path) -> None:
    """Make a rename durable, where the system has that notion."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
