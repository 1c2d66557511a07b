"""Backups of a PostgreSQL database: its own `pg_dump`, of the very state whose records were checked.

A backup is one file in pg_dump's custom format and a manifest beside it (`….json`). The state is held by a
transaction that is exported to `pg_dump`, so what the manifest says is exactly what is in the file, however busy the
server is. Passwords go to the programs by their environment, never by their arguments.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from engine.adapters.sql.books import Keeper
from engine.adapters.sql.database import sync_directory
from engine.adapters.sql.postgres.reading import PostgresReading
from engine.adapters.sql.postgres.store import PostgresStore
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import Progress, verify
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput, StorageCorrupt, StorageUnavailable

FORMAT = "crs-dump-1"


class Dump(NamedTuple):
    """A backup that was made or found."""

    path: Path
    made: str
    revision: str
    records: int
    last_hash: str
    size: int
    """Bytes."""


def dump(
    store: PostgresStore, out: Path, wall_ns: int, *, keeper: Keeper | None = None, progress: Progress | None = None
) -> Dump:
    """Write a backup of the whole database, while it is in use, after checking every record and row.

    Args:
        store: what to copy.
        out: the file; it must not be there.
        wall_ns: now.
        keeper: as in `verify`.
        progress: told how much of the check is done.

    Raises:
        InvalidInput: the file exists, or pg_dump is not installed.
        StorageCorrupt: what would be copied is damaged; no file was made.
        StorageUnavailable: the database or the disk refuses; no file was made.
    """
    if out.exists():
        raise InvalidInput(f"{out} exists already. Choose another name with --out.")
    program, partial = _program("pg_dump"), out.with_name(out.name + ".partial")
    try:
        out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with Reader(store) as reader:
            found = verify(reader, progress, keeper)
            snapshot = _exported(reader)
            with partial.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                _run(store, [program, "--format=custom", "--no-owner", f"--snapshot={snapshot}"], stdout=file)
                os.fsync(file.fileno())
        os.replace(partial, out)
        sync_directory(out.parent)
        made = datetime.fromtimestamp(wall_ns // NANOS_PER_SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        result = Dump(out, made, reader.revision, found.records, found.last_hash, out.stat().st_size)
        _write_manifest(result)
    except OSError as error:
        raise StorageUnavailable(f"No backup was made: {error}.") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return result


def load(store: PostgresStore, file: Path, *, keeper: Keeper | None = None, progress: Progress | None = None) -> Dump:
    """Put a backup into an empty database, whole or not at all, and check every record and row of it.

    Raises:
        InvalidInput: there is no such backup, the database is not empty, or pg_restore is not installed.
        StorageCorrupt: the backup is not what was written; the database was left or made empty of it.
        StorageUnavailable: the database refuses; nothing was changed.
    """
    wanted = described(file)
    if store.revision() is not None:
        raise InvalidInput(
            f"The database {store.name} is not empty. Restore into a new one (createdb NAME, or `--database` with a "
            "new name), look at it with `crs server db verify`, then let the server use it."
        )
    program = _program("pg_restore")
    flags = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname="]
    _run(store, [program, *flags, str(file)])
    with Reader(store) as reader:
        found = verify(reader, progress, keeper)
    if (found.records, found.last_hash) != (wanted.records, wanted.last_hash):
        raise StorageCorrupt(
            f"After the restore the journal of {store.name} ends with record {found.records:,}, and the manifest says "
            f"{wanted.records:,}. Do not use this database; choose another backup."
        )
    return wanted


def described(file: Path) -> Dump:
    """Return what the manifest of a backup says, after checking that the file is the one that was written.

    Raises:
        InvalidInput: there is no such backup.
        StorageCorrupt: it was changed.
    """
    if not file.is_file():
        raise InvalidInput(f"There is no backup {file}.")
    manifest = _manifest_of(file)
    try:
        data = json.loads(manifest.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise InvalidInput(f"{manifest} is of another kind of backup.")
        records, last_hash, size = int(data["records"]), str(data["last_hash"]), int(data["bytes"])
        found = Dump(file, str(data["made"]), str(data["revision"]), records, last_hash, size)
        digest = str(data["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"The manifest {manifest} cannot be read; a backup is put back with its manifest."
        ) from error
    if _digest(file) != digest:
        raise StorageCorrupt(f"The backup {file} was changed since it was written; choose another one.")
    return found


def _exported(reader: Reader) -> str:
    reading = reader.reading
    assert isinstance(reading, PostgresReading), "it is of a PostgreSQL database"  # noqa: S101 - the caller's promise
    return reading.exported()


def _run(store: PostgresStore, command: list[str], **options: Any) -> None:  # noqa: ANN401 - of `subprocess.run`
    """Run one of PostgreSQL's programs against the database."""
    environment = {**os.environ, **_environment(store)}
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, without a shell
        command, env=environment, stderr=subprocess.PIPE, check=False, **options
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        what = said[-1] if said else f"status {done.returncode}"
        raise StorageUnavailable(f"{Path(command[0]).name} failed for the database {store.name}: {what}")


def _environment(store: PostgresStore) -> dict[str, str]:
    """Return the variables by which PostgreSQL's programs connect as we do."""
    from psycopg.pq import Conninfo

    names = {each.keyword.decode(): (each.envvar or b"").decode() for each in Conninfo.get_defaults()}
    return {names[key]: str(value) for key, value in store.address.parameters.items() if names.get(key)}


def _program(name: str) -> str:
    """Return where a program is: on the PATH, or the newest where Debian keeps them."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: each.parent.name.zfill(4))
    found = [each / name for each in folders if (each / name).exists()]
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise InvalidInput(f"{name} is not installed. Install PostgreSQL's client programs on this machine.")
    return path


def _write_manifest(made: Dump) -> None:
    data = {
        "format": FORMAT,
        "made": made.made,
        "revision": made.revision,
        "records": made.records,
        "last_hash": made.last_hash,
        "bytes": made.size,
        "sha256": _digest(made.path),
    }
    manifest = _manifest_of(made.path)
    partial = manifest.with_name(manifest.name + ".partial")
    partial.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, manifest)


def _manifest_of(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()
