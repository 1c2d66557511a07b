"""The full paper path without a disk, beside another trading engine."""

from __future__ import annotations

from engine.cli.bench.peers import compare, peers_for
from engine.cli.bench.rounds import Plan, Report
from engine.cli.bench.script import beside_a_market

PEERS = ("nautilus_trader",)
DEMAND = 12.0
"""How many times our CPU time the peer should take at least."""


def paper(plan: Plan) -> Report:
    """Return commands per CPU second, and the peer's CPU time in multiples of ours."""
    script, peers = beside_a_market(plan.events), peers_for(PEERS, plan)
    bars = compare("paper", peers, script, plan, DEMAND)
    facts: dict[str, int | str] = {"events": plan.events, "fills": len(script.fills), "rounds": plan.rounds}
    return Report("paper", facts, bars, peers.notes)
