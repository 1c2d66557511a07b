"""A small file of the profile that holds one struct as JSON: read once, written whole or not at all.

A file that cannot be understood is set aside under another name; one that cannot even be set aside is left alone, and
nothing is written over it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class KeptFile(Generic[T]):
    """One such file; without a path (in tests) nothing is kept."""

    def __init__(self, path: Path | None, kind: type[T]) -> None:
        """`kind` is made without arguments where there is no file."""
        self._path, self._kind = path, kind
        self.aside: Path | None = None
        """Where the file was set aside when it was read."""
        self.refused = ""
        """Why it could neither be read nor set aside: the disk's own words."""

    @property
    def name(self) -> str:
        """The file's name, for a sentence."""
        return "" if self._path is None else self._path.name

    def read(self) -> T:
        """Return what is kept; see `aside` and `refused` for what went wrong."""
        if self._path is None:
            return self._kind()
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=self._kind)
        except FileNotFoundError:
            return self._kind()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._set_aside(self._path)
        return self._kind()

    def write(self, value: T) -> str:
        """Keep something instead; return why that cannot be, in the disk's own words, or nothing."""
        if self._path is None:
            return self.refused
        temporary = self._path.with_suffix(".part")
        try:
            with temporary.open("wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError as error:
            return error.strerror or "the disk refuses"
        return ""

    def _set_aside(self, path: Path) -> None:
        aside = path.with_suffix(".damaged.json")
        try:
            path.replace(aside)
        except OSError as error:
            self._path = None  # what cannot be read must not be overwritten
            self.refused = error.strerror or "the disk refuses"
        else:
            self.aside = aside
