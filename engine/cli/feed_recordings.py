"""`crs feed recordings`: what was recorded of public exchanges, and what of it can go."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from engine.cli.confirm import confirm
from engine.cli.table import instant, table
from engine.errors import InvalidInput
from engine.profile import Profile

NAME = "recordings"
MB, GB = 1_000_000, 1_000_000_000


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    recordings = verbs.add_parser(NAME, help="list recordings, delete one", allow_abbrev=False)
    recordings.description = "List what was recorded (the default), newest first, or delete a recording by its name."
    recordings.add_argument("what", choices=("list", "remove"), nargs="?", default="list")
    recordings.add_argument("name", metavar="NAME", nargs="?", help="as the list has it")
    recordings.add_argument("--yes", action="store_true", help="delete without asking")
    recordings.add_argument("--profile-dir", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Run the verb; 1 if a recording cannot be read."""
    from engine.adapters.recordings.library import Library

    profile = Profile.at(args.profile_dir)
    library = Library(profile.recordings_dir)
    if args.what == "remove":
        if args.name is None:
            raise InvalidInput("Name the recording to delete; `crs feed recordings` lists them.")
        if confirm(f"Delete the recording {args.name}? It cannot be brought back.", yes=args.yes):
            library.remove(args.name)
            print(f"Deleted {args.name}.")
        return 0
    if args.name is not None:
        raise InvalidInput("`crs feed recordings list` takes no name.")
    return _list(library, profile)


def _list(library: Any, profile: Profile) -> int:  # noqa: ANN401 - imported where it is needed
    from engine.settings import load

    found, damaged = library.found()
    rows = [
        (each.venue, each.symbol, instant(each.started), _length(each.ended - each.started), f"{each.bytes / MB:.2f}",
         each.name)
        for each in found
    ]  # fmt: skip
    print(table("Recordings", ("venue", "pair", "from", "length", "MB", "name"), rows))
    used, room = sum(each.bytes for each in found), load(profile.settings_file).recordings.total_gb
    print(f"{used / GB:.3f} GB of {room} GB used in {library.directory}")
    for error in damaged:
        print(f"crs: {error}", file=sys.stderr)
    return 1 if damaged else 0


def _length(nanos: int) -> str:
    minutes, seconds = divmod(max(0, nanos) // 1_000_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
