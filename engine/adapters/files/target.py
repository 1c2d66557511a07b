"""Where an export goes: a new directory or a new zip file, which is there whole or not at all.

It is written under another name beside it and renamed at the end. A zip file holds no instants, so that equal
content gives equal bytes.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from engine.errors import InvalidInput, StorageUnavailable

ZIP = ".zip"

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file can say."""


class Written(NamedTuple):
    """What is known of a file that was written."""

    size: int
    sha256: str


class Target(Protocol):
    """Takes files one after another."""

    files: dict[str, Written]
    """Those that are ended."""

    def file(self, name: str) -> AbstractContextManager[Counting]:
        """Open the next file for writing; names may have slashes."""
        ...


class Counting(io.BufferedIOBase):
    """Writes on to another file and knows how much that was, and its hash."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._size, self._hash = 0, sha256()

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - whatever holds bytes
        """Write some bytes."""
        self._raw.write(data)
        self._hash.update(data)
        self._size += len(memoryview(data))
        return len(memoryview(data))

    def written(self) -> Written:
        """Return what is known so far."""
        return Written(self._size, self._hash.hexdigest())


@contextmanager
def whole_target(out: Path) -> Iterator[Target]:
    """Lend a target; it gets its name when the block ends well, and is removed when it does not.

    Raises:
        InvalidInput: `out` exists.
        StorageUnavailable: the directory of `out` cannot be written.
    """
    if out.exists():
        raise InvalidInput(f"{out} exists already. Choose another name with --out.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise StorageUnavailable(f"{out.parent} cannot be written: {error.strerror}. Choose another --out.") from error
    try:
        if out.suffix.lower() == ZIP:
            whole = temporary / out.name
            with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
                yield _Archive(archive)
        else:
            whole = temporary / "whole"
            whole.mkdir()
            yield _Directory(whole)
        os.replace(whole, out)
    except OSError as error:
        raise StorageUnavailable(f"{out} could not be written: {error.strerror or error}. Nothing was left.") from error
    finally:
        with suppress(OSError):
            shutil.rmtree(temporary)


class _Directory:
    def __init__(self, root: Path) -> None:
        self._root = root
        self.files: dict[str, Written] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[Counting]:
        """Open the next file."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as raw:
            counting = Counting(raw)
            yield counting
        self.files[name] = counting.written()


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.files: dict[str, Written] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[Counting]:
        """Open the next file."""
        info = zipfile.ZipInfo(name, _NO_TIME)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        with self._archive.open(info, "w", force_zip64=True) as raw:
            counting = Counting(raw)
            yield counting
        self.files[name] = counting.written()
