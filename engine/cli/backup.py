"""`crs backup`: copies of a profile's database, made while the desktop runs, and put back when it does not."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.confirm import confirm
from engine.cli.meter import Meter
from engine.cli.table import table
from engine.cli.where import add_venue, profile_of
from engine.errors import InvalidInput
from engine.profile import Profile, ProfileLock

if TYPE_CHECKING:
    from engine.adapters.sql.manifest import Backup

LATEST = "latest"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Copy the database of a profile, list the copies, put one back."
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="copy the database, also while it is in use, and check the copy")
    create.add_argument("--out", metavar="FILE", type=Path, help="where to (default: a name with the time, in backups)")
    listing = verbs.add_parser("list", help="list the backups of the profile, newest first")
    restore = verbs.add_parser("restore", help="put a backup in the place of the database, which is moved aside")
    restore.add_argument("file", metavar="FILE", help="a backup, by path or name; `latest` is the newest that is sound")
    restore.add_argument(
        "--salvage", action="store_true", help="add the sound records that a damaged database has after the backup"
    )
    restore.add_argument("--yes", action="store_true", help="do not ask")
    add_venue(parser, create, listing, restore)
    for verb in (create, listing, restore):  # after the verb, too
        verb.add_argument("--profile-dir", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    profile = profile_of(args)
    if args.verb == "create":
        return _create(profile, args.out)
    if args.verb == "list":
        return _list(profile)
    return _restore(profile, args.file, salvage=args.salvage, yes=args.yes)


def _create(profile: Profile, out: Path | None) -> int:
    from engine.adapters.sql.backup import create
    from engine.adapters.sql.manifest import Kind
    from engine.ports.clock import SystemClock

    with Meter("checking the backup") as meter:
        made = create(profile.database, Kind.MANUAL, SystemClock().wall(), out=out, progress=meter)
    print(f"Wrote {made.path}: {made.records:,} records, {made.size / 1e6:.1f} MB, checked.")
    print(f"The last record's hash is {made.last_hash}.")
    return 0


def _list(profile: Profile) -> int:
    from engine.adapters.sql.manifest import backups_in

    rows = [
        (each.made, each.kind, f"{each.records:,}", f"{each.size / 1e6:.1f}", each.path.name)
        for each in backups_in(profile.backup_dir)
    ]
    print(table(f"Backups in {profile.backup_dir}", ("time (UTC)", "made for", "records", "MB", "name"), rows))
    return 0


def _restore(profile: Profile, name: str, *, salvage: bool, yes: bool) -> int:
    from engine.bootstrap.rescue import carry_out, look_for_rescue

    ProfileLock(profile).release()  # refuse before anything is read, which may take a while
    backup = _chosen(profile, name)
    rescue = look_for_rescue(profile, salvage=salvage, backup=backup)
    if not confirm(f"{rescue.text} Put back {backup.path}?", yes=yes):
        print("Nothing was changed.")
        return 1
    with Meter("checking what is put back") as meter:
        said = carry_out(profile, rescue, meter)
    print(said)
    return 0


def _chosen(profile: Profile, name: str) -> Backup:
    from engine.adapters.sql.manifest import any_described
    from engine.adapters.sql.restore import last_good

    if name == LATEST:
        with Meter("looking for a sound backup") as meter:
            found = last_good(profile.backup_dir, progress=meter)
        if found is None:
            raise InvalidInput(f"There is no sound backup in {profile.backup_dir}. Give the path of one.")
        return found
    path = Path(name).expanduser()
    return any_described(path if path.exists() else profile.backup_dir / name)
