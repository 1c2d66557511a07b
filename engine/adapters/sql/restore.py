"""Putting a backup back in the place of a database, which is moved aside and never deleted.

The copy is made and checked first. From the moment it has its second name the restore will happen: if the program
is killed then, `finish` carries on at the next start. Whoever calls this holds the profile's lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from engine.adapters.sql.backup import STAMP, examine
from engine.adapters.sql.database import copy_whole, open_reading, sync_directory
from engine.adapters.sql.encrypted import errors
from engine.adapters.sql.manifest import Backup, backups_in, check_digest, discard
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import Progress
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import CrsError, InvalidInput, StorageUnavailable
from engine.observe.failpoint import reached

_STAGED = ".restored-"


class Restored(NamedTuple):
    """What a restore did."""

    aside: Path | None
    """Where the database is that was replaced; None if there was none."""
    records: int
    last_hash: str


def restore(
    database: Path,
    backup: Path,
    wall_ns: int,
    *,
    amend: Callable[[Path], object] | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Put a backup in the place of the database, at once or not at all.

    Args:
        database: what is replaced; it may be damaged.
        backup: what takes its place.
        wall_ns: now, for the name of what is moved aside.
        amend: may add to the copy before it is checked and takes its place.
        progress: told how much of the check is done.

    Raises:
        InvalidInput: the backup is the database, or is not there.
        StorageCorrupt, StorageTooNew: the backup cannot be trusted; nothing was changed.
        StorageUnavailable: the disk refuses; nothing was changed.
    """
    if not backup.is_file():
        raise InvalidInput(f"There is no backup {backup}. `crs backup list` names those that there are.")
    if database.exists() and backup.samefile(database):
        raise InvalidInput(f"{backup} is the database in use, not a backup of it.")
    check_digest(backup)
    stamp = _stamp(database, wall_ns)
    copy = database.with_name(database.name + ".restoring")
    try:
        copy_whole(backup, copy)
        if amend is not None:
            amend(copy)
        examine(copy, progress=progress)
        os.replace(copy, database.with_name(f"{database.name}{_STAGED}{stamp}"))
    except OSError as error:
        raise StorageUnavailable(f"The backup could not be put back: {error.strerror}. Nothing was changed.") from error
    finally:
        discard(copy)
    done = finish(database)
    assert done is not None, "its file has just been given its name"  # noqa: S101 - a promise between two functions
    return done


def finish(database: Path) -> Restored | None:
    """Carry out a restore that was decided; None if there is none.

    Raises:
        StorageUnavailable: the disk refuses; calling it again goes on.
    """
    staged = sorted(database.parent.glob(f"{database.name}{_STAGED}*"))
    if not staged:
        return None
    try:
        reached("restore.staged")
        aside = _move_aside(database, staged[-1].name.rpartition(_STAGED)[2])
        reached("restore.moved_aside")
        os.replace(staged[-1], database)
        sync_directory(database.parent)
    except OSError as error:
        raise StorageUnavailable(
            f"The restore of {database} was begun and could not be ended: {error.strerror}. Start again to end it."
        ) from error
    with Reader(database, older=True) as reader:
        tip = reader.tip()
    return Restored(aside, tip.seq, tip.hash)


def set_aside(database: Path, wall_ns: int) -> Path:
    """Move a damaged database out of the way, so that the next start opens a new account; return where it is now.

    Raises:
        StorageUnavailable: there is none, or the disk refuses.
    """
    if not database.exists():
        raise StorageUnavailable(f"There is no database {database} to move.")
    stamp = _stamp(database, wall_ns)
    try:
        _move_aside(database, stamp)
    except OSError as error:
        raise StorageUnavailable(f"The database {database} could not be moved: {error.strerror}.") from error
    return _aside(database, stamp)


def _stamp(database: Path, wall_ns: int) -> str:
    """Return a time under which nothing was moved aside before."""
    first = datetime.fromtimestamp(wall_ns // NANOS_PER_SECOND, UTC).strftime(STAMP)
    stamp, count = first, 1
    while any(_aside(database, stamp).with_name(_aside(database, stamp).name + end).exists() for end in ("", "-wal")):
        count += 1
        stamp = f"{first}-{count}"
    return stamp


def _aside(database: Path, stamp: str) -> Path:
    return database.parent / "backups" / f"replaced-{stamp}.sqlite"


def _move_aside(database: Path, stamp: str) -> Path | None:
    """Move a database and its log, the log first, so that neither is ever used without the other."""
    aside = _aside(database, stamp)
    aside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for suffix in ("-wal", ""):
        part = database.with_name(database.name + suffix)
        if part.exists():
            os.replace(part, aside.with_name(aside.name + suffix))
        if suffix:
            reached("restore.between_moves")
    database.with_name(database.name + "-shm").unlink(missing_ok=True)
    return aside if aside.exists() else None


def last_good(directory: Path, *, thorough: bool = True, progress: Progress | None = None) -> Backup | None:
    """Return the newest backup of a directory that is sound; None if there is none.

    Not `thorough` looks at the file and its hash only, which takes a second where every record takes a minute.
    """
    for backup in backups_in(directory):
        with suppress(CrsError):
            check_digest(backup.path)
            examine(backup.path, thorough=thorough, progress=progress)
            return backup
    return None


def lost_with(database: Path, backup: Backup, kept: int = 0) -> str:
    """Say in a sentence what would be lost by putting this backup in the place of the database, damaged or not.

    `kept` is the last record that is added to the backup from the database; 0 if none is.
    """
    kept = max(kept, backup.records)
    there = last_readable(database)
    after = "" if kept == backup.records else f" with the {kept - backup.records:,} sound records after it"
    whole = f"the backup of {backup.made}{after}"
    if not database.exists():
        return f"There is no database yet; {whole} holds {kept:,} records."
    if there is not None and there <= kept:
        return f"Nothing would be lost: {whole} holds all {kept:,} records."
    known = "" if there is None else f" (to record {there:,} at least)"
    return (
        f"Everything from record {kept + 1:,} on would be lost{known}: "
        f"{whole} ends with record {kept:,}. Deposits, orders and fills since then would be gone from the account."
    )


def last_readable(database: Path) -> int | None:
    """Return the number of the last record that can be read in a database; None if none can."""
    with suppress(OSError, *errors()), closing(open_reading(database)) as connection:
        row = connection.execute("SELECT seq FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        return int(row[0]) if row else 0
    return None
