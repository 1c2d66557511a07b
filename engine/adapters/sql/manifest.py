"""The manifest beside a backup: what is in it, so that it can be listed and checked without being opened."""

from __future__ import annotations

import json
import os
from contextlib import closing, suppress
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from engine.adapters.sql.encrypted import connect_file
from engine.adapters.sql.reader import Reader
from engine.errors import InvalidInput, StorageCorrupt, StorageUnavailable
from engine.observe.failpoint import reached

FORMAT = "crs-backup-1"


class Kind(StrEnum):
    """What a backup was made for."""

    MANUAL = "manual"
    DAILY = "daily"
    """By the program itself, at most once a day."""
    MIGRATION = "migration"
    """Before the tables were changed."""


class Backup(NamedTuple):
    """A backup that was found or made."""

    path: Path
    made: str
    """The UTC instant, as `2026-11-24T18:41:33Z`."""
    kind: str
    revision: str
    """Version of the tables."""
    records: int
    last_hash: str
    size: int
    """Bytes."""


def backups_in(directory: Path) -> list[Backup]:
    """Return the backups in a directory, newest first; a file without its manifest, or that is none, is left out."""
    paths = directory.glob("*.sqlite") if directory.is_dir() else ()
    found = [backup for path in paths if (backup := described(path)) is not None]
    return sorted(found, key=lambda backup: (backup.made, backup.path.name), reverse=True)


def described(path: Path) -> Backup | None:
    """Return what the manifest beside a backup says; None if there is none that fits the file's size."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads(manifest_of(path).read_text(encoding="utf-8"))
        if data["format"] == FORMAT and path.stat().st_size == data["bytes"]:
            values = (str(data["made"]), str(data["kind"]), str(data["revision"]))
            return Backup(path, *values, int(data["records"]), str(data["last_hash"]), int(data["bytes"]))
    return None


def any_described(path: Path) -> Backup:
    """Return what a backup holds, also of a copy that has no manifest.

    Raises:
        InvalidInput: there is no such file.
        StorageCorrupt, StorageTooNew, StorageUnavailable: it is no database of this program.
    """
    if not path.is_file():
        raise InvalidInput(f"There is no backup {path}. `crs backup list` names those that there are.")
    known = described(path)
    if known is not None:
        return known
    with Reader(path, older=True) as reader:
        tip, revision = reader.tip(), reader.revision
    status = path.stat()
    made = instant(datetime.fromtimestamp(status.st_mtime, UTC))
    return Backup(path, made, str(Kind.MANUAL), revision, tip.seq, tip.hash, status.st_size)


def manifest_of(path: Path) -> Path:
    """Return where the manifest of a backup is."""
    return path.with_name(path.name + ".json")


def check_digest(path: Path) -> None:
    """Check a file against its manifest, if it has one.

    Raises:
        StorageCorrupt: it was changed since it was written.
    """
    manifest = manifest_of(path)
    if not manifest.exists():
        return
    try:
        wanted = json.loads(manifest.read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageCorrupt(f"The manifest {manifest} cannot be read. Delete it to use the backup without.") from error
    if _digest(path) != wanted:
        raise StorageCorrupt(f"The backup {path} was changed since it was written; choose another one.")


def discard(path: Path) -> None:
    """Remove a backup and its manifest."""
    for each in (path, manifest_of(path)):
        with suppress(OSError):
            each.unlink(missing_ok=True)


def describe(path: Path, made: datetime, kind: Kind) -> Backup:
    """Write the manifest of a checked copy.

    Raises:
        StorageUnavailable: the disk refuses.
    """
    with closing(connect_file(path, "ro")) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(names)}  # noqa: S608
        last = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    data: dict[str, Any] = {
        "format": FORMAT,
        "made": instant(made),
        "kind": str(kind),
        "revision": revision,
        "records": last[0],
        "last_hash": last[1],
        "tables": counts,
        "bytes": path.stat().st_size,
        "sha256": _digest(path),
    }
    manifest = manifest_of(path)
    partial = manifest.with_name(manifest.name + ".partial")
    try:
        reached("backup.before_manifest")
        partial.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        os.replace(partial, manifest)
    except OSError as error:
        raise StorageUnavailable(f"The manifest {manifest} cannot be written: {error.strerror}.") from error
    return Backup(path, data["made"], str(kind), revision, last[0], last[1], data["bytes"])


def instant(made: datetime) -> str:
    """Return a time as `2026-11-24T18:41:33Z`."""
    return made.strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
