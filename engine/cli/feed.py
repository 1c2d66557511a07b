"""`crs feed`: markets of public exchanges, from captures and for development."""

from __future__ import annotations

import argparse

from engine.cli import feed_realism, feed_replay, feed_serve

VERBS = {each.NAME: each for each in (feed_realism, feed_replay, feed_serve)}
"""By name; each has `add_arguments(verbs)` and `run(args) -> int`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Play captures of public exchanges, and be an exchange on this machine."
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS.values():
        verb.add_arguments(verbs)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    status: int = VERBS[args.verb].run(args)
    return status
