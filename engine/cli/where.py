"""Which accounts a command is about: those of the offline market, or those on a public exchange (`--venue`)."""

from __future__ import annotations

import argparse

from engine.errors import InvalidInput
from engine.profile import Profile

DEST = "accounts_on"
"""Not `venue`, which is another thing to commands about market data."""


def add_venue(parser: argparse.ArgumentParser, *verbs: argparse.ArgumentParser) -> None:
    """Declare `--venue`, before and after the verbs."""
    said = "the paper accounts on a public exchange, e.g. binance (default: those of the offline market)"
    parser.add_argument("--venue", dest=DEST, metavar="NAME", help=said)
    for verb in verbs:
        verb.add_argument("--venue", dest=DEST, metavar="NAME", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def profile_of(args: argparse.Namespace) -> Profile:
    """Return where the accounts are that the command is about.

    Raises:
        InvalidInput: there are no accounts on that venue; names those that have some.
    """
    profile, venue = Profile.at(args.profile_dir), getattr(args, DEST, None)
    if venue is None:
        return profile
    found, known = profile.venue(venue), profile.venues()
    if venue not in known and not found.backup_dir.exists():
        have = f"there are some on {', '.join(known)}" if known else "there are none on any public exchange"
        raise InvalidInput(f"There are no paper accounts on {venue} in {profile.data_dir}; {have}.")
    return found
