"""What a database error means to a person, in one sentence, and which of our errors it is."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from engine.errors import CrsError, StorageCorrupt, StorageUnavailable

_DAMAGE = ("malformed", "not a database", "could not decode")


def advice(path: Path) -> str:
    """Return what to do about a damaged database."""
    return (
        "It was left as it is. Close the desktop and put back a backup with `crs backup restore latest --salvage` "
        f"(from {path.parent / 'backups'}), or move the file away to start anew."
    )


def explained(error: BaseException, path: Path) -> CrsError:
    """Return the failure of a database as one of ours, with what to do next."""
    origin = getattr(error, "orig", None) or error
    text = str(origin).lower()
    name = getattr(origin, "sqlite_errorname", "") or ""
    if isinstance(origin, OSError) and not isinstance(origin, sqlite3.Error):
        return _of_the_system(origin, path)
    if name.startswith("SQLITE_FULL") or "disk is full" in text:
        return StorageUnavailable(
            f"The disk with {path.parent} is full. Nothing acknowledged is lost; free some space and trading resumes."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return StorageUnavailable(f"Another program has locked the database {path}. Trading resumes when it lets go.")
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")) or "readonly" in text:
        return StorageUnavailable(
            f"The directory {path.parent} cannot be written. "
            "Make it writable, or choose another profile with --profile-dir."
        )
    if name.startswith("SQLITE_CANTOPEN") or "unable to open" in text:
        return StorageUnavailable(
            f"The database {path} cannot be opened. Check that {path.parent} exists and can be written."
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or any(each in text for each in _DAMAGE):
        return StorageCorrupt(f"The database {path} is damaged ({origin}). {advice(path)}")
    return StorageUnavailable(f"The disk refuses the database {path}: {origin}.")


def _of_the_system(error: OSError, path: Path) -> CrsError:
    if error.errno == errno.ENOSPC:
        return StorageUnavailable(f"The disk with {path.parent} is full. Free some space and try again.")
    return StorageUnavailable(f"The database {path} cannot be used: {error.strerror or error}.")
