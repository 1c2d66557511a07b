"""`crs bench`: how fast matching, the paper exchange, durable orders and indicators are on this machine.

Every measurement first proves that the answers are right. What is reported is the median of several rounds with its
spread, in CPU time (durability: in wall time, for waiting for the disk is the point). Compare ratios on one
machine, never seconds between machines. Other programs to compare with run in environments of their own; see
`tests/perf/README.md` of the source.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from engine.cli.bench.rounds import Plan, Report
from engine.errors import InvalidInput


class Measure(NamedTuple):
    """A benchmark: module `engine.cli.bench.<name>`, with a function of that name."""

    name: str
    purpose: str
    events: int
    """Size of a round, unless another is asked for."""
    rounds: int = 5
    """How often it is measured at least; 1 = it is one long run."""


MEASURES = (
    Measure("matching", "a crossing book alone: adds, cancels and marketable orders", 300_000),
    Measure("paper", "risk gate, exchange, accounts and events, without a disk", 30_000),
    Measure("durability", "an order's durable acknowledgement against a bare write", 200),
    Measure("churn", "adding and cancelling: memory, and the cost of the last tenth", 1_000_000, rounds=1),
    Measure("replay", "folding a journal against matching it live", 1_000_000, rounds=1),
    Measure("simulate", "`crs simulate`: speed, memory, and the same bytes twice", 1_000_000, rounds=1),
    Measure("indicators", "every indicator over whole columns and bar by bar", 1_000_000),
    Measure("start", "starting, and what an import loads", 1),
    Measure("chart", "the candle chart: first paint, pan, zoom, live update, memory", 0),
    Measure("ladder", "a ladder of 200 rows, beside Qt's own tables", 200),
    Measure("tape", "a tape of 150 prints a second, beside Qt's own table", 100),
    Measure("heatmap", "a heatmap of 2,000 x 500, beside pyqtgraph's image", 100),
    Measure("server", "a whole server: orders, streams, limits and sign-in, beside bare peers", 3_000),
    Measure("orders", "orders over HTTP to a whole server, beside a bare handler", 3_000),
    Measure("streams", "WebSocket clients (N of them) at five messages a second, beside a bare broadcast", 1_000),
    Measure("limiter", "counting a request in memory, when it passes and when it does not", 200_000),
    Measure("signin", "refusing known and unknown users: whether the time tells them apart", 200),
    Measure("feed", "frames of a public exchange parsed and applied, beside ccxt.pro", 2_000),
    Measure("burst", "the busiest seconds of an exchange on five pairs, into the real window", 2, rounds=3),
    Measure("scanner", "a scanner of 5,000 instruments, sorted and filtered live", 100),
    Measure("defi", "quotes of pools and routes among 1,000 of them, held against contracts and trying all", 2_000),
    Measure("screen", "ladder, heatmap and three charts at once, and the burst of an exchange", 200),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Measure this machine; every measurement proves its answers first."
    purposes = "; ".join(f"{each.name}: {each.purpose}" for each in MEASURES)
    parser.add_argument("what", choices=[each.name for each in MEASURES], help=purposes)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=0, metavar="N", help="rounds, at least 5 (long runs: at least 1)")
    parser.add_argument(
        "--events", "--bars", type=int, default=0, metavar="N", help="size of a round (default: as documented)"
    )
    parser.add_argument(
        "--peers",
        metavar="DIR",
        help="environments of programs to compare with (default: build/perf of a checkout, if it is there)",
    )


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    measure = next(each for each in MEASURES if each.name == args.what)
    rounds = args.rounds or measure.rounds
    if rounds < measure.rounds:
        raise InvalidInput(
            f"A median of fewer than {measure.rounds} rounds says little; ask for at least {measure.rounds}."
        )
    if args.events < 0:
        raise InvalidInput(f"A round cannot have {args.events} events; leave --events out for the documented size.")
    plan = Plan(rounds, args.events or measure.events, Path(args.peers) if args.peers else None)
    report: Report = getattr(import_module(f"engine.cli.bench.{measure.name}"), measure.name)(plan)
    print(json.dumps(report.plain()) if args.json else report.text())
    return 0
