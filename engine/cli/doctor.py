"""`crs doctor`: what is installed, what is missing, where the data is, and whether it is sound."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from engine.errors import CrsError
from engine.profile import Profile, ProfileLock

NEEDED = ("PySide6-Essentials", "qasync", "numpy", "sqlalchemy", "alembic", "msgspec", "platformdirs", "psutil")
OPTIONAL = (
    ("pyarrow", "import of Parquet history", "parquet"),
    ("keyring", "secrets of exchanges and wallets, in later versions", ""),
)
"""Package, what it is for, and the extra that brings it."""

GOOD, NOTE, BAD = "ok", "note", "PROBLEM"


class Finding(NamedTuple):
    """One line of the report."""

    state: str
    subject: str
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Say what is installed, what is missing, where the data is, and whether it is sound."


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status: 1 if anything needed is missing or broken."""
    profile = Profile.at(args.profile_dir)
    bad = False
    for check in (system, packages, resources, display, storage, settings, journal, venues):
        for finding in check(profile):
            print(f"{finding.state:8}{finding.subject:21}{finding.text}")
            bad |= finding.state == BAD
    print("Something above needs attention." if bad else "All is well.")
    return 1 if bad else 0


Check = Callable[[Profile], Iterator[Finding]]


def system(_: Profile) -> Iterator[Finding]:
    """Look at Python and SQLite."""
    good = sys.version_info >= (3, 11)
    yield Finding(
        GOOD if good else BAD, "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    yield Finding(GOOD, "SQLite", sqlite3.sqlite_version)


def packages(_: Profile) -> Iterator[Finding]:
    """Look for the packages, without importing them."""
    for name in NEEDED:
        found = _version(name)
        yield Finding(GOOD if found else BAD, name, found or "missing; install the program again")
    for name, purpose, extra in OPTIONAL:
        found = _version(name)
        how = f'; pip install "crs-desktop[{extra}]"' if extra else ""
        yield Finding(GOOD if found else NOTE, name, found or f"not installed; only needed for {purpose}{how}")


def resources(_: Profile) -> Iterator[Finding]:
    """Look for the files that come with the program."""
    spec = find_spec("resources")
    roots = [Path(each) for each in (spec.submodule_search_locations or ())] if spec else []
    for name in ("fonts", "icons", "market"):
        found = any((root / name).is_dir() and any((root / name).iterdir()) for root in roots)
        yield Finding(GOOD if found else BAD, name, "found" if found else "missing; install the program again")


def display(_: Profile) -> Iterator[Finding]:
    """Ask whether a window could be opened here."""
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if sys.platform.startswith("linux") and not chosen:
        where = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
        text = where or "none: crs-desktop needs a desktop session, or QT_QPA_PLATFORM=offscreen"
        yield Finding(GOOD if where else NOTE, "display", text)
    else:
        yield Finding(GOOD, "display", chosen or "the system's own")


def storage(profile: Profile) -> Iterator[Finding]:
    """Look at the profile directory and who uses it."""
    directory = profile.data_dir
    if not directory.exists():
        yield Finding(NOTE, "data", f"{directory} does not exist yet; crs-desktop makes it")
        return
    size = sum(each.stat().st_size for each in directory.rglob("*") if each.is_file())
    yield Finding(GOOD, "data", f"{directory} ({size / 1e6:.1f} MB)")
    if not profile.lock.exists():
        return
    try:
        ProfileLock(profile).release()
    except CrsError as error:
        yield Finding(NOTE, "in use", str(error))


def settings(profile: Profile) -> Iterator[Finding]:
    """Read the settings."""
    from engine.settings import load

    try:
        load(profile.settings_file)
    except CrsError as error:
        yield Finding(BAD, "settings", str(error))
    else:
        there = profile.settings_file.exists()
        yield Finding(GOOD, "settings", str(profile.settings_file) if there else "the built-in ones; no file yet")


def journal(profile: Profile) -> Iterator[Finding]:
    """Check the journal and everything that follows from it."""
    if not profile.database.exists():
        yield Finding(NOTE, "journal", "none yet; crs-desktop opens the first account")
        return
    from engine.adapters.paper.past import Past
    from engine.adapters.sql.manifest import backups_in
    from engine.adapters.sql.reader import Reader
    from engine.adapters.sql.verify import verify

    try:
        with Reader(profile.database) as reader:
            found = verify(reader, keeper=Past())
    except CrsError as error:
        yield Finding(BAD, "journal", str(error))
    else:
        yield Finding(GOOD, "journal", f"sound, {found.records:,} records, {found.rows:,} rows follow from them")
    backups = backups_in(profile.backup_dir)
    said = f"{len(backups)}, the newest of {backups[0].made}" if backups else "none yet; `crs backup create` makes one"
    yield Finding(GOOD if backups else NOTE, "backups", said)


def venues(profile: Profile) -> Iterator[Finding]:
    """Check the paper accounts on public exchanges."""
    for name in profile.venues():
        for finding in journal(profile.venue(name)):
            yield finding._replace(subject=f"{finding.subject} of {name}")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
