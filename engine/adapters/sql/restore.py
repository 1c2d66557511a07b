"""Putting a backup back in the place of a database, which is moved aside and never deleted.

The copy is made and checked first. From the moment it has its second name the restore will happen: if the program
is killed then, `finish` carries on at the next start. Whoever calls this holds the profile's lock.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from engine.adapters.sql.backup import STAMP, Backup, backups_in, check_digest, discard, examine
from engine.adapters.sql.database import copy_whole, open_reading, sync_directory
from engine.adapters.sql.reader import Reader
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


def restore(database: Path, backup: Path, wall_ns: int) -> Restored:
    """Put a backup in the place of the database, at once or not at all.

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
    stamp = datetime.fromtimestamp(wall_ns // NANOS_PER_SECOND, UTC).strftime(STAMP)
    copy = database.with_name(database.name + ".restoring")
    try:
        copy_whole(backup, copy)
        examine(copy)
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


def _move_aside(database: Path, stamp: str) -> Path | None:
    """Move a database and its log, the log first, so that neither is ever used without the other."""
    aside = database.parent / "backups" / f"replaced-{stamp}.sqlite"
    aside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for suffix in ("-wal", ""):
        part = database.with_name(database.name + suffix)
        if part.exists():
            os.replace(part, aside.with_name(aside.name + suffix))
        if suffix:
            reached("restore.between_moves")
    database.with_name(database.name + "-shm").unlink(missing_ok=True)
    return aside if aside.exists() else None


def last_good(directory: Path) -> Backup | None:
    """Return the newest backup of a directory that passes every check; None if there is none."""
    for backup in backups_in(directory):
        with suppress(CrsError):
            check_digest(backup.path)
            examine(backup.path)
            return backup
    return None


def lost_with(database: Path, backup: Backup) -> str:
    """Say in a sentence what would be lost by putting this backup in the place of the database, damaged or not."""
    first = backup.records + 1
    there = _last_readable(database)
    if there is None:
        known = "how many that are cannot be read"
    elif there < first:
        return f"Nothing would be lost: the backup of {backup.made} holds all {backup.records:,} records."
    else:
        known = f"at least records {first:,} to {there:,}" if there > first else f"at least record {first:,}"
    return (
        f"Everything from record {first:,} on would be lost ({known}): "
        f"all deposits, orders and fills after the backup of {backup.made}."
    )


def _last_readable(database: Path) -> int | None:
    with suppress(sqlite3.Error, OSError), closing(open_reading(database)) as connection:
        row = connection.execute("SELECT seq FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        return int(row[0]) if row else 0
    return None
