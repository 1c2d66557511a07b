"""`crs database`: which version the tables of a profile have, and moving them to another one."""

from __future__ import annotations

import argparse

from engine.adapters.sql.database import KNOWN, REVISION, check_revision
from engine.cli.confirm import confirm
from engine.cli.where import add_venue, profile_of
from engine.errors import InvalidInput, StorageUnavailable
from engine.profile import Profile, ProfileLock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Show the version of a profile's tables, or move it. A backup is made before it is moved."
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = verbs.add_parser("show", help="print the version of the tables and the one this program writes")
    upgrade = verbs.add_parser("upgrade", help="move the tables to this program's version, as every start does")
    downgrade = verbs.add_parser("downgrade", help="move the tables to an older version, for an older program")
    downgrade.add_argument("--to", metavar="VERSION", default=KNOWN[0], help=f"the version (default: {KNOWN[0]})")
    downgrade.add_argument("--yes", action="store_true", help="do not ask")
    aside = verbs.add_parser(
        "set-aside", help="move a damaged database away, so that the next start opens a new account"
    )
    aside.add_argument("--yes", action="store_true", help="do not ask")
    forget = verbs.add_parser("forget-snapshots", help="have the next start fold the whole journal")
    encrypt = verbs.add_parser("encrypt", help="encrypt the accounts with a key that the keyring or a vault keeps")
    decrypt = verbs.add_parser("decrypt", help="make the accounts readable without a key again")
    add_venue(parser, show, upgrade, downgrade, aside, forget, encrypt, decrypt)
    for verb in (show, upgrade, downgrade, aside, forget, encrypt, decrypt):  # after the verb, too
        verb.add_argument("--profile-dir", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    profile = profile_of(args)
    if args.verb in ("encrypt", "decrypt"):
        from engine.cli import database_key

        return database_key.encrypt(profile) if args.verb == "encrypt" else database_key.decrypt(profile)
    if args.verb == "set-aside":
        return _set_aside(profile, yes=args.yes)
    stored = check_revision(profile.database)
    if stored is None:
        raise StorageUnavailable(f"There is no account in {profile.data_dir} yet. Start crs-desktop once to open one.")
    if args.verb == "show":
        print(f"{profile.database} has version {stored}; this program writes version {REVISION}.")
        return 0
    if args.verb == "forget-snapshots":
        return _forget_snapshots(profile)
    to = REVISION if args.verb == "upgrade" else args.to
    if to not in KNOWN:
        raise InvalidInput(f"There is no version {to!r}; there are {', '.join(KNOWN)}.")
    if to == stored or (to < stored) == (args.verb == "upgrade"):
        print(f"Nothing to do: the tables have version {stored}.")
        return 0
    question = f"The tables go from version {stored} to {to}, and this program's next start brings them back. Go on?"
    if args.verb == "downgrade" and not confirm(question, yes=args.yes):
        print("Nothing was changed.")
        return 1
    return _move(profile, stored, to)


def _move(profile: Profile, stored: str, to: str) -> int:
    from engine.adapters.sql.tables import move
    from engine.ports.clock import SystemClock

    lock = ProfileLock(profile)
    try:
        backup = move(profile.database, to, SystemClock().wall())
    finally:
        lock.release()
    if backup is not None:
        print(f"The tables have version {to} now; before that, {backup.path} was written.")
    if unreadable := _newer_records(profile, to) if to < stored else 0:
        print(f"{unreadable:,} records are of kinds that came later; a program of version {to} will refuse them.")
    return 0


def _forget_snapshots(profile: Profile) -> int:
    from engine.adapters.sql.tables import forget_snapshots

    lock = ProfileLock(profile)
    try:
        count = forget_snapshots(profile.database)
    finally:
        lock.release()
    print(f"{count} snapshots of the accounts are forgotten; the next start folds the whole journal.")
    return 0


def _set_aside(profile: Profile, *, yes: bool) -> int:
    from engine.adapters.sql.restore import set_aside
    from engine.ports.clock import SystemClock

    lock = ProfileLock(profile)
    try:
        if not confirm(f"Every account in {profile.database} would be gone from the program. Go on?", yes=yes):
            print("Nothing was changed.")
            return 1
        aside = set_aside(profile.database, SystemClock().wall())
    finally:
        lock.release()
    print(f"The database is now {aside}. The next start opens a new account.")
    return 0


LATER = {"0001": ("SubmitList", "LegStarted", "FillExplained", "SetLotMethod"), "0002": ("MarketReopened",)}
"""The kinds of record that came after a version of the tables."""


def _newer_records(profile: Profile, to: str) -> int:
    """Count the records of kinds that a program of a version does not know."""
    from engine.adapters.sql.reader import Reader

    kinds = ", ".join(f"'{kind}'" for version, later in LATER.items() if version >= to for kind in later)
    with Reader(profile.database, older=True) as reader:
        return int(next(iter(reader.rows(f"SELECT count(*) FROM journal WHERE kind IN ({kinds})")))[0])  # noqa: S608
