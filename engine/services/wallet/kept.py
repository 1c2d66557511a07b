"""Small files of a wallet: replaced whole, durable when the call returns, readable by their owner only.

Every function blocks on the disk: call it off the loop.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

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


class Struct(msgspec.Struct, frozen=True):
    """What a small file holds; a later format is not written over."""

    format: int = 1


T = TypeVar("T", bound=Struct)


class KeptFile(Generic[T]):
    """One small file with one struct as JSON; every method blocks.

    One that cannot be understood is set aside under another name, and said. One that cannot even be set aside, or that
    a newer program wrote, is left as it is: then nothing is written, and every attempt says why.
    """

    def __init__(self, path: Path, kind: type[T], what: str) -> None:
        """`kind` is made without arguments where there is no file; `what` is its name in a sentence."""
        self._path, self._kind, self._what = path, kind, what
        self._blocked = ""
        self.problem = ""
        """What was wrong with the file when it was read, in a sentence."""

    def read(self) -> T:
        """Return what is kept; see `problem`.

        Raises:
            StorageUnavailable: the disk cannot read it.
        """
        self.problem = self._blocked = ""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return self._kind()
        except OSError as error:
            raise StorageUnavailable(f"{self._what} cannot be read: {error.strerror}.") from error
        try:
            found = msgspec.json.decode(data, type=Struct)
            if found.format > self._kind().format:
                self.problem = self._blocked = (
                    f"{self._what} was written by a newer CRS Desktop; update to use it. It is left as it is."
                )
                return self._kind()
            return msgspec.json.decode(data, type=self._kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._set_aside()
            return self._kind()

    def write(self, value: T) -> None:
        """Keep something instead; durable when it returns.

        Raises:
            StorageUnavailable: the disk refuses, or what is there must not be written over; it is as it was.
        """
        if self._blocked:
            raise StorageUnavailable(self._blocked)
        write_whole(self._path, msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n", self._what)

    def _set_aside(self) -> None:
        try:
            aside = set_aside(self._path)
        except StorageUnavailable as error:
            self.problem = self._blocked = str(error)
        else:
            self.problem = f"{self._what} was damaged. What it held is kept as {aside.name}; it begins anew, empty."
