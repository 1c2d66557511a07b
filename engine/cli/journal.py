"""`crs journal`: verify or export the journal of a profile. Works while the desktop runs."""

from __future__ import annotations

import argparse
import sys

from engine.adapters.sql.logtail import read_tail
from engine.adapters.sql.reader import Reader
from engine.cli.meter import Meter
from engine.cli.where import add_venue, profile_of
from engine.errors import StorageCorrupt
from engine.profile import Profile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "The journal is the append-only record from which every account follows."
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("verify", help="check the file, every record's hash, the books and the tables")
    export = actions.add_parser("export", help="print every record")
    export.add_argument("--format", choices=("jsonl",), default="jsonl", help="one JSON object per line")
    export.add_argument("--after", type=int, default=0, metavar="SEQ", help="only records after this number")
    add_venue(parser, check, export)
    for each in (check, export):
        each.add_argument("--profile-dir", metavar="DIR", default=argparse.SUPPRESS, help="where the data lives")


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    profile = profile_of(args)
    if args.action == "verify":
        return _verify(profile)
    with Reader(profile.database) as reader:
        return _export(reader, args.after)


def _verify(profile: Profile) -> int:
    from engine.adapters.paper.past import Past
    from engine.adapters.sql.verify import verify

    meter = Meter("checking the journal")
    try:
        read_tail(profile.database)
        with Reader(profile.database) as reader:
            found = verify(reader, meter, Past())
    except StorageCorrupt as error:
        from engine.bootstrap.rescue import look_for_rescue

        raise StorageCorrupt(f"{error} {look_for_rescue(profile).text}") from error
    finally:
        meter.close()
    accounts = "1 account" if found.accounts == 1 else f"{found.accounts} accounts"
    print(f"Sound: {found.records:,} records, {accounts}, {found.rows:,} rows that follow from them.")
    if found.records:
        print(f"The last record's hash is {found.last_hash}.")
    return 0


def _export(reader: Reader, after: int) -> int:
    from engine.adapters.sql.codec import entry_line

    for entry in reader.entries(max(0, after)):
        sys.stdout.write(entry_line(entry))
    return 0
