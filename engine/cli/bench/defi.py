"""Pools off the chain: what a quote and a route cost; and on the practice chain: what a swap does.

Every quote has first been held against what real contracts answer, every path against trying all paths, every swap
against what was quoted.
"""

from __future__ import annotations

from engine.cli.bench.quotes import quote_bars
from engine.cli.bench.rounds import Plan, Report
from engine.cli.bench.routes import FULL, route_bars
from engine.cli.bench.swapping import swapping_bars


def defi(plan: Plan) -> Report:
    """Return the CPU time of quotes, routes and swaps."""
    bars, notes = quote_bars(plan) + route_bars(plan), list[str]()
    if plan.events >= FULL:
        found, notes = swapping_bars(plan)
        bars += found
    return Report("defi", {"quotes": plan.events, "rounds": plan.rounds}, bars, notes)
