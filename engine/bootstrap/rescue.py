"""What can be done about a damaged database: put back the newest sound backup with what came after it, or start anew.

Nothing is done before somebody said yes to the sentence that says what would be lost, and the damaged database is
always kept. Everything here reads or writes the disk and belongs off the loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.adapters.paper.salvage import add_sound, last_sound
from engine.adapters.sql.chain import Tip
from engine.adapters.sql.database import REVISION
from engine.adapters.sql.manifest import Backup
from engine.adapters.sql.restore import last_good, lost_with, restore, set_aside
from engine.adapters.sql.verify import Progress
from engine.ports.clock import SystemClock
from engine.profile import Profile, ProfileLock

_KEPT = "The database that is there would be moved to the backups and kept."


@dataclass(frozen=True, slots=True)
class Rescue:
    """The best that can be done, and what it costs."""

    backup: Backup | None
    """None: there is no sound one."""
    kept: int
    """The last record that the account would have."""
    text: str
    """A sentence that says what would be lost, for whoever decides."""


def look_for_rescue(profile: Profile, *, salvage: bool = True, backup: Backup | None = None) -> Rescue:
    """Return what could be done; changes nothing.

    Args:
        profile: whose database is damaged.
        salvage: keep the sound records that came after the backup.
        backup: which one to put back; None takes the newest that is sound.
    """
    found = backup or last_good(profile.backup_dir, thorough=False)
    if found is None:
        return Rescue(
            None,
            0,
            f"There is no sound backup in {profile.backup_dir}. A new account can be opened; everything from record 1 "
            f"on would be gone from it. {_KEPT}",
        )
    kept = _last_kept(profile, found) if salvage else found.records
    said = lost_with(profile.database, found, kept)
    return Rescue(found, kept, f"{said} {_KEPT}" if profile.database.exists() else said)


def carry_out(profile: Profile, rescue: Rescue, progress: Progress | None = None) -> str:
    """Do it, and return a sentence that says what was done.

    Raises:
        ProfileInUse: another program holds the profile.
        StorageUnavailable, StorageCorrupt, StorageTooNew: it could not be done; nothing was changed.
    """
    lock = ProfileLock(profile)
    try:
        if rescue.backup is None:
            aside = set_aside(profile.database, SystemClock().wall())
            return f"The damaged database is now {aside}. The next start opens a new account."
        more = rescue.kept > rescue.backup.records
        amend = partial(_add_sound, profile.database) if more else None
        done = restore(profile.database, rescue.backup.path, SystemClock().wall(), amend=amend, progress=progress)
    finally:
        lock.release()
    where = f" The database that was there is now {done.aside}." if done.aside is not None else ""
    return f"Restored the backup of {rescue.backup.made}: the account goes on after record {done.records:,}.{where}"


def _add_sound(damaged: Path, copy: Path) -> None:
    add_sound(damaged, copy)


def _last_kept(profile: Profile, backup: Backup) -> int:
    if backup.revision != REVISION or not profile.database.exists():
        return backup.records
    return last_sound(profile.database, Tip(backup.records, backup.last_hash))
