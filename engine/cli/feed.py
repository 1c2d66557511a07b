"""`crs feed`: markets of public exchanges: recorded, played again, graded, and served for development."""

from __future__ import annotations

import argparse

from engine.cli import feed_realism, feed_record, feed_recordings, feed_replay, feed_serve

VERBS = {each.NAME: each for each in (feed_record, feed_recordings, feed_replay, feed_realism, feed_serve)}
"""By name; each has `add_arguments(verbs)` and `run(args) -> int`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Record public exchanges, play recordings and captures, and be an exchange on this machine."
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS.values():
        verb.add_arguments(verbs)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    status: int = VERBS[args.verb].run(args)
    return status
