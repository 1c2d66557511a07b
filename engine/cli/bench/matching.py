"""Matching alone, beside other books in Python."""

from __future__ import annotations

from engine.cli.bench.peers import compare, peers_for
from engine.cli.bench.rounds import Plan, Report
from engine.cli.bench.script import crossing

PEERS = ("lightmatchingengine", "pyorderbook")
DEMAND = 6.0
"""How many times our CPU time each peer should take at least."""


def matching(plan: Plan) -> Report:
    """Return acts per CPU second, and the peers' CPU time in multiples of ours."""
    script, peers = crossing(plan.events), peers_for(PEERS, plan)
    bars = compare("matching", peers, script, plan, DEMAND)
    facts: dict[str, int | str] = {"events": plan.events, "trades": len(script.fills), "rounds": plan.rounds}
    return Report("matching", facts, bars, peers.notes)
