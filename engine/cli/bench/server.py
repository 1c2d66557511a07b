"""A whole server beside bare peers: orders, streams, limits and sign-in, one after the other.

Each is a measurement of its own, too, and says there what it does; `--events` is the number of orders in a round.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.cli.bench.limiter import limiter
from engine.cli.bench.orders import orders
from engine.cli.bench.rounds import Plan, Report
from engine.cli.bench.signin import signin
from engine.cli.bench.streams import streams

OTHERS: tuple[tuple[Callable[[Plan], Report], int], ...] = ((streams, 1_000), (limiter, 200_000), (signin, 200))
"""With the size that is documented for each."""


def server(plan: Plan) -> Report:
    """Return the figures of all four."""
    found = [orders(plan), *(each(plan._replace(events=size)) for each, size in OTHERS)]
    bars = [bar._replace(name=f"{report.what}: {bar.name}") for report in found for bar in report.bars]
    facts: dict[str, int | str] = {
        f"{report.what} {name}": value for report in found for name, value in report.facts.items()
    }
    return Report("server", facts, bars, [note for report in found for note in report.notes])
