"""`crs defi`: exchanges and farms on chains, and the practice chain to try them on."""

from __future__ import annotations

import argparse

from engine.cli import defi_pools, defi_positions, defi_quote, defi_sandbox, defi_stake, defi_swap
from engine.cli.wallet_open import check_installed

VERBS = (defi_quote, defi_swap, defi_pools, defi_positions, defi_stake, defi_sandbox)
"""Modules with a NAME, `add_arguments(verbs)` and `run(args)`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of the subcommand."""
    parser.description = "Trade on decentralised exchanges, and practise it."
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for each in VERBS:
        each.add_arguments(verbs)


def run(args: argparse.Namespace) -> int:
    """Run a verb and return its exit status."""
    check_installed()
    chosen = next(each for each in VERBS if args.verb == each.NAME)
    status: int = chosen.run(args)
    return status
