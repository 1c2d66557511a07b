"""Backups of a database: made while it may be in use, checked after writing, bounded in number.

A backup is one SQLite file, named after its instant, and a manifest beside it (`….json`) with what is in it.
Files that were not named by this module are never removed.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from engine.adapters.sql.database import REVISION, copy_whole
from engine.adapters.sql.manifest import Backup, Kind, backups_in, describe, discard, instant
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import Progress, verify
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput, StorageCorrupt, StorageUnavailable

STAMP = "%Y%m%dT%H%M%SZ"

_OURS = re.compile(r"crs-\d{8}T\d{6}Z-[a-z]+(-\d+)?\.sqlite(\.partial)?")
"""Names that this module gives; nothing else is ever removed."""

DAY_NS = 86_400 * NANOS_PER_SECOND

SPARE_BYTES = 200_000_000
"""What a daily backup leaves free on the disk at least."""

STALE_S = 3_600
"""A copy that was not ended for so long never will be."""


KEPT = {Kind.MANUAL: 20, Kind.DAILY: 5, Kind.MIGRATION: 5}
"""How many of a kind stay when a newer one was made."""


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
    copy_whole(database, path)
    try:
        examine(path, thorough=thorough, progress=progress)
        found = describe(path, made, kind)
    except StorageCorrupt as error:
        discard(path)
        raise StorageCorrupt(f"No backup was made, because the database is damaged. {error}") from error
    except BaseException:
        discard(path)
        raise
    if out is None:
        _let_go_of_old(path.parent, kind)
    return found


def create_daily(database: Path, wall_ns: int) -> Backup | None:
    """Make the day's backup; None if the last one is younger than a day, or the disk has too little room to spare.

    Raises:
        StorageUnavailable, StorageCorrupt: as `create`.
    """
    before = datetime.fromtimestamp((wall_ns - DAY_NS) // NANOS_PER_SECOND, UTC)
    made = [each.made for each in backups_in(database.parent / "backups")]
    if any(each > instant(before) for each in made) or not _has_room(database):
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


def _let_go_of_old(directory: Path, kind: Kind) -> None:
    """Remove the oldest of a kind, and copies that a program began and did not live to end."""
    ours = [each for each in backups_in(directory) if each.kind == kind and _OURS.fullmatch(each.path.name)]
    for old in ours[KEPT[kind] :]:
        discard(old.path)
    for partial in directory.glob("crs-*.partial"):
        with suppress(OSError):
            if _OURS.fullmatch(partial.name) and time.time() - partial.stat().st_mtime > STALE_S:
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
