"""`crs bench`: how fast matching, the paper exchange and durable orders are on this machine.

Every measurement first proves that the answers are right, then takes the median of several rounds of
CPU time (durability: wall time, because waiting for the disk is the point). Compare ratios on one
machine, never seconds between machines.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from engine.errors import InvalidInput

ROUNDS = 5
"""At least so many; the median is reported."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Measure this machine; every measurement proves its answers first."
    parser.add_argument("what", choices=("matching", "paper", "durability"), help="what to measure")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"rounds, at least {ROUNDS}")
    parser.add_argument("--events", type=int, default=0, metavar="N", help="size of a round (default: as documented)")


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    if args.rounds < ROUNDS:
        raise InvalidInput(f"A median of fewer than {ROUNDS} rounds says little; ask for at least {ROUNDS}.")
    if args.what == "durability":
        from engine.cli.bench_durability import durability

        found = durability(args.rounds, args.events or 200)
    else:
        from engine.cli.bench_matching import matching, paper

        measure: Callable[[int, int], dict[str, Any]] = matching if args.what == "matching" else paper
        found = measure(args.rounds, args.events or (300_000 if args.what == "matching" else 30_000))
    if args.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name.replace('_', ' '):32}{value:,.3f}" if isinstance(value, float) else f"{name:32}{value}")
    return 0
