"""Pools off the chain: what a quote and a route cost.

Every quote has first been held against what real contracts answer, every path against trying all paths.
"""

from __future__ import annotations

from engine.cli.bench.quotes import quote_bars
from engine.cli.bench.rounds import Plan, Report
from engine.cli.bench.routes import route_bars


def defi(plan: Plan) -> Report:
    """Return the CPU time of quotes and routes."""
    bars = quote_bars(plan) + route_bars(plan)
    return Report("defi", {"quotes": plan.events, "rounds": plan.rounds}, bars, [])
