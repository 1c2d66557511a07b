"""Where one user's data lives, and the lock that lets one program write to it.

A profile is a directory: the database with the journal, the settings file, the logs, the imported
history. Paper accounts on a public exchange have a directory of their own in it, with their own database;
settings, layout and the like are shared (`Profile.venue`). Reading it needs no lock; `ProfileLock` is for the one
program that writes.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine.errors import InvalidInput, ProfileInUse, StorageUnavailable

APP_NAME = "crs-desktop"
VENUE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Profile:
    """The paths of one profile directory."""

    data_dir: Path
    shared: Path | None = None
    """The profile whose settings and files of the window hold here too; None: its own do."""

    @classmethod
    def default(cls) -> Profile:
        """Return the user's own profile, where this system keeps application data."""
        from platformdirs import user_data_path

        return cls(user_data_path(APP_NAME, appauthor=False))

    @classmethod
    def at(cls, directory: str | Path | None) -> Profile:
        """Return the profile in a directory, or the user's own if None."""
        return cls.default() if directory is None else cls(Path(directory).expanduser().absolute())

    def venue(self, name: str) -> Profile:
        """Return where the paper accounts on a public exchange live: their own database, alerts and backups.

        Raises:
            InvalidInput: that is no name of a venue.
        """
        if not VENUE_NAME.fullmatch(name):
            raise InvalidInput(f"{name!r} is no name of a venue; one is made of small letters, digits, - and _.")
        return Profile(self.common / "venues" / name, self.common)

    def replay(self, *, other: bool = False) -> Profile:
        """Return where the account lives that trades in a recording; each replay begins with a new one.

        While one replay takes the place of another they live in two places.
        """
        return Profile(self.common / ("replay-2" if other else "replay"), self.common)

    def venues(self) -> tuple[str, ...]:
        """Return the public exchanges on which there are paper accounts, by name; looks at the disk."""
        return tuple(sorted(found.parent.name for found in (self.common / "venues").glob("*/crs.sqlite")))

    @property
    def common(self) -> Path:
        """The directory of what all paper accounts of a user share."""
        return self.data_dir if self.shared is None else self.shared

    @property
    def database(self) -> Path:
        """The SQLite file with the journal and its projections."""
        return self.data_dir / "crs.sqlite"

    @property
    def alerts_file(self) -> Path:
        """The JSON file with the alerts."""
        return self.data_dir / "alerts.json"

    @property
    def choices_file(self) -> Path:
        """The JSON file with what was chosen for a venue: the account in use, the pairs that were followed."""
        return self.data_dir / "venue.json"

    @property
    def settings_file(self) -> Path:
        """The TOML file with the settings."""
        return self.common / "settings.toml"

    @property
    def layout_file(self) -> Path:
        """Where the window keeps its geometry, docks and last symbol."""
        return self.common / "layout.json"

    @property
    def lock(self) -> Path:
        """The file whose lock means that a program writes here."""
        return self.data_dir / "lock"

    @property
    def log_dir(self) -> Path:
        """Where logs and crash bundles go."""
        return self.common / "logs"

    @property
    def history_dir(self) -> Path:
        """Where imported history is kept."""
        return self.common / "history"

    @property
    def bars_dir(self) -> Path:
        """Where bars of public exchanges are kept, each fetched once."""
        return self.common / "bars"

    @property
    def recordings_dir(self) -> Path:
        """Where recordings of public markets are."""
        return self.common / "recordings"

    @property
    def wallet_dir(self) -> Path:
        """Where the DeFi wallet keeps keystores, accounts, and what it sent."""
        return self.common / "wallet"

    @property
    def practice_dir(self) -> Path:
        """Where the practice chain keeps its state."""
        return self.common / "practice"

    @property
    def indicator_dir(self) -> Path:
        """Where the user's own indicators are."""
        return self.common / "indicators"

    @property
    def studies_file(self) -> Path:
        """Where presets and favourites of indicators are kept."""
        return self.common / "studies.json"

    @property
    def watchlists_file(self) -> Path:
        """Where the window keeps its watchlists, and which venues it watches besides."""
        return self.common / "watchlists.json"

    @property
    def vault_file(self) -> Path:
        """The encrypted file with secrets, where the system has no keyring."""
        return self.common / "vault.json"

    @property
    def servers_file(self) -> Path:
        """Which CRS servers are known here, and what is remembered of accounts there."""
        return self.common / "servers.json"

    def server_dir(self, url: str) -> Path:
        """Where what belongs to one CRS server is kept: its alerts, what was chosen for its accounts."""
        return self.common / "servers" / "".join(c if c.isalnum() or c in ".-" else "_" for c in url)

    @property
    def exchanges_file(self) -> Path:
        """Which public exchanges were agreed to and used here, and which pairs were on show."""
        return self.data_dir / "exchanges.json"

    @property
    def backup_dir(self) -> Path:
        """Where the database is copied before it is migrated."""
        return self.data_dir / "backups"

    def create(self) -> None:
        """Make the directory if it is missing, readable by its owner only.

        Raises:
            StorageUnavailable: it cannot be made.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StorageUnavailable(
                f"The profile directory {self.data_dir} cannot be made: {error.strerror}. "
                f"{_advice(error, 'Choose another one with --profile-dir.')}"
            ) from error


@contextmanager
def temporary_profile() -> Iterator[Profile]:
    """Lend a profile in a new directory that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="crs-profile-", ignore_cleanup_errors=True) as directory:
        yield Profile(Path(directory))


class ProfileLock:
    """The right to write to a profile; the system drops it when the process ends, however it ends.

    `share` lends it to another engine of this program, so that one can be opened before the other is closed.

    Raises:
        ProfileInUse: another program holds it (names its process id).
        StorageUnavailable: the directory cannot be written.
    """

    def __init__(self, profile: Profile) -> None:
        profile.create()
        try:
            self._file = _opened(profile.lock)
        except OSError as error:
            raise StorageUnavailable(
                f"The profile directory {profile.data_dir} cannot be written: {error.strerror}. "
                f"{_advice(error, 'Make it writable or choose another one with --profile-dir.')}"
            ) from error
        try:
            _lock(self._file)
        except OSError as error:
            holder = _holder(self._file)
            self._file.close()
            raise ProfileInUse(
                f"CRS Desktop already runs on this profile{holder}. "
                "Use its window, or choose another profile with --profile-dir."
            ) from error
        self._file.seek(_PID_AT)
        self._file.truncate()
        self._file.write(str(os.getpid()).encode())
        self._file.flush()
        self._holders = {self}

    def share(self) -> ProfileLock:
        """Return the same right for one more engine of this program; the profile is free when all gave it back."""
        other = object.__new__(ProfileLock)
        other._file, other._holders = self._file, self._holders
        self._holders.add(other)
        return other

    def release(self) -> None:
        """Give the profile free, if nobody else of this program has it; safe to call twice."""
        self._holders.discard(self)
        if not self._holders and not self._file.closed:
            with suppress(OSError):
                _unlock(self._file)
            self._file.close()


_PID_AT = 1
"""Byte 0 is what is locked; the process id follows, so that others can read it on every system."""


def _opened(path: Path) -> IO[bytes]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    file = os.fdopen(descriptor, "r+b")
    if path.stat().st_size == 0:
        file.write(b"\n")
        file.flush()
    return file


def _advice(error: OSError, otherwise: str) -> str:
    return "Free some space and try again." if error.errno == errno.ENOSPC else otherwise


def _holder(file: IO[bytes]) -> str:
    with suppress(OSError, ValueError):
        file.seek(_PID_AT)
        return f" (process {int(file.read(20))})"
    return ""


if sys.platform == "win32":  # pragma: no cover - the other branch runs where this one does not
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
