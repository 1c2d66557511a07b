"""Pools off the chain: what a quote costs. Every row has first been held against what real contracts answer."""

from __future__ import annotations

from engine.cli.bench.quotes import quote_bars
from engine.cli.bench.rounds import Plan, Report


def defi(plan: Plan) -> Report:
    """Return the CPU time of quotes."""
    bars = quote_bars(plan)
    return Report("defi", {"quotes": plan.events, "rounds": plan.rounds}, bars, [])
