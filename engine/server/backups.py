"""Backups of a server's databases and putting them back: two files beside each other, or one dump of PostgreSQL.

The keys in the data directory are in none of them: a backup alone signs nobody in.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from engine.adapters.paper.past import Past
from engine.adapters.sql.backup import STAMP, create
from engine.adapters.sql.database import copy_whole
from engine.adapters.sql.manifest import Kind
from engine.adapters.sql.postgres.dump import described, dump, load
from engine.adapters.sql.restore import restore, set_aside
from engine.adapters.sql.verify import Progress
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput, StorageCorrupt
from engine.server.databases import Databases

ACCOUNTS = ".accounts.sqlite"
"""How the users' file of a backup is called, after the name of the exchange's."""


class Backed(NamedTuple):
    """What was written or put back."""

    files: list[str]
    records: int
    last_hash: str
    notes: list[str]


def back_up(databases: Databases, out: Path | None, wall_ns: int, progress: Progress | None = None) -> Backed:
    """Copy everything while the server runs, and check the copy.

    Raises:
        InvalidInput: `out` exists, or a program of PostgreSQL's is missing.
        StorageCorrupt: what would be copied is damaged.
        StorageUnavailable: there is nothing, or the disk or the database refuses.
    """
    directory = databases.data_dir / "backups"
    if databases.postgres is not None:
        _check_whole(databases)
        stamp = datetime.fromtimestamp(wall_ns // NANOS_PER_SECOND, UTC).strftime(STAMP)
        file = out.absolute() if out else directory / f"crs-{stamp}.dump"
        made = dump(databases.postgres, file, wall_ns, keeper=Past(), progress=progress)
        return Backed([str(made.path)], made.records, made.last_hash, [])
    done = create(databases.data_dir / "crs.sqlite", Kind.MANUAL, wall_ns, out=out, progress=progress)
    files = [str(done.path)]
    accounts = databases.users_dir / "accounts.sqlite"
    if accounts.exists():
        copy = _beside(done.path)
        copy_whole(accounts, copy)
        copy.chmod(0o600)
        _check(copy)
        files.append(str(copy))
    _let_go_of_orphans(directory)
    return Backed(files, done.records, done.last_hash, [])


def would_replace(databases: Databases, file: Path) -> str:
    """Return the question that is asked before a backup is put back.

    Raises:
        InvalidInput: there is no such backup.
        StorageCorrupt: it was changed since it was written.
    """
    if databases.postgres is not None:
        found = described(file)
        return (
            f"The backup of {found.made} with {found.records:,} records goes into the empty database "
            f"{databases.store.name}. Go on?"
        )
    if not file.is_file():
        raise InvalidInput(f"There is no backup {file}.")
    users = " and users" if _beside(file).exists() else ""
    return f"The backup {file} takes the place of the exchange{users} in {databases.data_dir}, which is kept. Go on?"


def put_back(databases: Databases, file: Path, wall_ns: int, progress: Progress | None = None) -> Backed:
    """Put a backup in the place of the files, or into an empty PostgreSQL database, and check it.

    Raises:
        ProfileInUse: a server runs.
        InvalidInput: there is no such backup, or the PostgreSQL database is not empty.
        StorageCorrupt, StorageTooNew: the backup cannot be trusted.
        StorageUnavailable: the disk or the database refuses.
    """
    if databases.postgres is not None:
        _check_whole(databases)
        databases.postgres.make()
        with databases.alone():
            found = load(databases.postgres, file.absolute(), keeper=Past(), progress=progress)
        return Backed([str(file)], found.records, found.last_hash, [])
    files, notes = [str(file)], []
    with databases.alone():
        users = _beside(file.absolute())
        if users.exists():
            _check(users)
        done = restore(databases.data_dir / "crs.sqlite", file.absolute(), wall_ns, progress=progress)
        if done.aside is not None:
            notes.append(f"The exchange that was there is now {done.aside}.")
        if users.exists():
            accounts = databases.users_dir / "accounts.sqlite"
            if accounts.exists():
                notes.append(f"The users that were there are now {set_aside(accounts, wall_ns)}.")
            copy_whole(users, accounts)
            accounts.chmod(0o600)
            files.append(str(users))
        else:
            notes.append(f"There is no {users.name} beside it: the users stay as they are.")
    return Backed(files, done.records, done.last_hash, notes)


def _check_whole(databases: Databases) -> None:
    """Refuse to back up a part of a PostgreSQL database, which is always copied whole.

    Raises:
        InvalidInput: a part was asked for.
    """
    if databases.data_dir != databases.users_dir:
        raise InvalidInput("A backup of a PostgreSQL database holds all markets; leave out --venue.")


def _beside(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(".sqlite") + ACCOUNTS)


def _check(file: Path) -> None:
    """Let SQLite look through a file of users.

    Raises:
        StorageCorrupt: it is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise StorageCorrupt(f"{file} is damaged ({error}).") from error
    if said != "ok":
        raise StorageCorrupt(f"{file} is damaged ({said}).")


def _let_go_of_orphans(directory: Path) -> None:
    """Remove files of users whose exchange's file was let go of."""
    for each in directory.glob(f"crs-*{ACCOUNTS}"):
        if not each.with_name(each.name.removesuffix(ACCOUNTS) + ".sqlite").exists():
            with suppress(OSError):
                os.unlink(each)
