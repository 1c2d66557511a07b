"""Backups of a database: made while it may be in use, checked after writing, bounded in number.

A backup is one SQLite file, named after its instant, and a manifest beside it (`….json`) with what is in it.
Files that were not named by this module are never removed.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from engine.adapters.sql.database import REVISION, copy_whole
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import Progress, verify
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput, StorageCorrupt, StorageUnavailable
from engine.observe.failpoint import reached

FORMAT = "crs-backup-1"
"""Of the manifest."""

STAMP = "%Y%m%dT%H%M%SZ"

DAY_NS = 86_400 * NANOS_PER_SECOND

SPARE_BYTES = 200_000_000
"""What a daily backup leaves free on the disk at least."""

STALE_S = 3_600
"""A copy that was not ended for so long never will be."""


class Kind(StrEnum):
    """What a backup was made for."""

    MANUAL = "manual"
    DAILY = "daily"
    """By the program itself, at most once a day."""
    MIGRATION = "migration"
    """Before the tables were changed."""


KEPT = {Kind.MANUAL: 20, Kind.DAILY: 5, Kind.MIGRATION: 5}
"""How many of a kind stay when a newer one was made."""


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


def create(
    database: Path,
    kind: Kind,
    wall_ns: int,
    *,
    out: Path | None = None,
    thorough: bool = True,
    progress: Progress | None = None,
) -> Backup:
    """Copy a database, whole, while it may be in use, and check the copy.

    Args:
        database: what to copy.
        kind: what it is made for.
        wall_ns: now, for its name.
        out: where to; None takes a name in `backups` beside the database and removes the oldest of its kind.
        thorough: check every record and row, not only the file and where the journal ends.
        progress: told how much of that is done.

    Raises:
        InvalidInput: `out` exists.
        StorageUnavailable: there is no database, or no room for a copy; nothing was changed.
        StorageCorrupt: what was copied is damaged; the copy was removed.
    """
    if not database.exists():
        raise StorageUnavailable(f"There is no account in {database.parent} yet, so there is nothing to back up.")
    made = datetime.fromtimestamp(wall_ns // NANOS_PER_SECOND, UTC)
    path = _free_name(database.parent / "backups", made, kind) if out is None else out.absolute()
    if path.exists():
        raise InvalidInput(f"{path} exists already. Choose another name with --out.")
    _sweep(path.parent)
    copy_whole(database, path)
    try:
        examine(path, thorough=thorough, progress=progress)
        found = _describe(path, made, kind)
    except BaseException as error:
        discard(path)
        if isinstance(error, StorageCorrupt):
            raise StorageCorrupt(f"No backup was made, because the database is damaged. {error}") from error
        raise
    if out is None:
        for old in [each for each in backups_in(path.parent) if each.kind == kind][KEPT[kind] :]:
            discard(old.path)
    return found


def create_daily(database: Path, wall_ns: int) -> Backup | None:
    """Make the day's backup; None if the last one is younger than a day, or the disk has too little room to spare.

    Raises:
        StorageUnavailable, StorageCorrupt: as `create`.
    """
    before = datetime.fromtimestamp((wall_ns - DAY_NS) // NANOS_PER_SECOND, UTC)
    made = [each.made for each in backups_in(database.parent / "backups")]
    if any(each > _instant(before) for each in made) or not _has_room(database):
        return None
    return create(database, Kind.DAILY, wall_ns, thorough=False)


def _has_room(database: Path) -> bool:
    """Whether a copy fits beside the database and leaves it room to grow."""
    with suppress(OSError):
        return shutil.disk_usage(database.parent).free > 2 * database.stat().st_size + SPARE_BYTES
    return False


def examine(path: Path, *, thorough: bool = True, progress: Progress | None = None) -> None:
    """Check that a copy can be trusted: the file, and if `thorough` every record and what follows from them.

    Raises:
        StorageCorrupt: something is wrong with it; says what.
        StorageUnavailable, StorageTooNew: it cannot be read.
    """
    with Reader(path, older=True) as reader:
        if thorough and reader.revision == REVISION:
            verify(reader, progress)
            return
        damage = reader.damage()
        if damage is not None:
            raise StorageCorrupt(f"SQLite finds {path} damaged: {damage}.")
        if thorough:
            for _ in reader.entries():
                pass


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
    made = _instant(datetime.fromtimestamp(status.st_mtime, UTC))
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


def _sweep(directory: Path) -> None:
    """Remove copies that a program began and did not live to end."""
    for partial in directory.glob("crs-*.partial"):
        with suppress(OSError):
            if time.time() - partial.stat().st_mtime > STALE_S:
                partial.unlink()


def _free_name(directory: Path, made: datetime, kind: Kind) -> Path:
    names = (f"crs-{made.strftime(STAMP)}-{kind}{suffix}.sqlite" for suffix in _suffixes())
    return next(path for name in names if not (path := directory / name).exists())


def _suffixes() -> Iterator[str]:
    yield ""
    count = 2
    while True:
        yield f"-{count}"
        count += 1


def _describe(path: Path, made: datetime, kind: Kind) -> Backup:
    """Write the manifest of a checked copy."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(names)}  # noqa: S608
        last = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    data: dict[str, Any] = {
        "format": FORMAT,
        "made": _instant(made),
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


def _instant(made: datetime) -> str:
    return made.strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
