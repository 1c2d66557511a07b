"""`crs export`: everything a profile holds, as files that other programs read. Works while the desktop runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.meter import Meter
from engine.cli.where import add_venue, profile_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Write journal, tables, settings, layout and the list of imported history, with their hashes."
    add_venue(parser)
    parser.add_argument(
        "--out", metavar="DIR|FILE.zip", type=Path, required=True, help="a new directory, or a new file ending in .zip"
    )


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    from engine.adapters.files.export import export

    out, meter = args.out.expanduser().absolute(), Meter("exporting")
    try:
        done = export(profile_of(args), out, meter)
    finally:
        meter.close()
    print(f"Wrote {out}: {done.files} files, {done.records:,} records, the last one's hash is {done.last_hash}.")
    return 0
