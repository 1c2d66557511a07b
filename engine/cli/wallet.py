"""`crs wallet`: accounts of chains, their keys, what they have, and sending it."""

from __future__ import annotations

import argparse

from engine.cli import (
    wallet_add,
    wallet_balance,
    wallet_import,
    wallet_list,
    wallet_new,
    wallet_phrase,
    wallet_practise,
    wallet_send,
)
from engine.errors import InvalidInput

VERBS = (
    wallet_list,
    wallet_new,
    wallet_phrase,
    wallet_import,
    wallet_add,
    wallet_balance,
    wallet_send,
    wallet_practise,
)
"""Modules with a NAME, `add_arguments(verbs)` and `run(args)`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of the subcommand."""
    parser.description = (
        "Keep keys, look at what accounts have, and send it. A password, a phrase and a key are asked for or read from "
        "a file: they never stand on the command line."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for each in VERBS:
        each.add_arguments(verbs)


def run(args: argparse.Namespace) -> int:
    """Run a verb and return its exit status."""
    from importlib.util import find_spec

    missing = [each for each in ("eth_abi", "eth_account") if find_spec(each) is None]
    if missing:
        raise InvalidInput(
            f"The wallet is not installed ({missing[0]} is missing). Install it with: pip install crs-desktop[defi]"
        )
    chosen = next(each for each in VERBS if args.verb == each.NAME)
    status: int = chosen.run(args)
    return status
