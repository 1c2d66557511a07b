"""`crs wallet`: accounts of chains, their keys, what they have, and sending it."""

from __future__ import annotations

import argparse

from engine.cli import (
    wallet_add,
    wallet_balance,
    wallet_chain,
    wallet_import,
    wallet_list,
    wallet_new,
    wallet_phrase,
    wallet_practise,
    wallet_send,
    wallet_token,
)
from engine.cli.wallet_open import check_installed

VERBS = (
    wallet_list,
    wallet_new,
    wallet_phrase,
    wallet_import,
    wallet_add,
    wallet_balance,
    wallet_send,
    wallet_chain,
    wallet_token,
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
    check_installed()
    chosen = next(each for each in VERBS if args.verb == each.NAME)
    status: int = chosen.run(args)
    return status
