"""The scanner: 5,000 instruments, hundreds of new tickers with every frame, sorted again every tenth.

Counted is the CPU time of a refresh alone and of the frame with its painting. Before anything counts the order on the
screen is held against a plain sort of the exact prices.
"""

from __future__ import annotations

import sys

import numpy as np

from engine.cli.bench.frames import FRAME_MS
from engine.cli.bench.peers import Peer
from engine.cli.bench.rounds import Bar, Plan, Report, Spread

REFRESH_MS = 8.0


def scanner(plan: Plan) -> Report:
    """Return what refreshes and frames cost.

    Raises:
        CrsError: the rows are not in order, which ends the side that is measured.
    """
    refreshes: list[list[float]] = []
    frames: list[list[float]] = []
    with Peer("crs", [sys.executable, "-m", "crs_desktop.bench", "scanner"]) as side:
        side.start()
        proof = side.ask("proof")
        for _ in range(plan.rounds):
            said = side.ask(f"round {plan.events}")
            refreshes.append(said["refresh_ms"])
            frames.append(said["frames_ms"])
    bars = [
        Bar("refresh, median", _spread(refreshes, 50), unit="ms"),
        Bar("refresh p99", _spread(refreshes, 99), REFRESH_MS, at_least=False, unit="ms"),
        Bar("frame p95", _spread(frames, 95), FRAME_MS, at_least=False, unit="ms"),
    ]
    facts: dict[str, int | str] = {"rows": proof["rows"], "tickers_a_frame": proof["changed"], "rounds": plan.rounds}
    return Report("scanner", facts, bars, [])


def _spread(rounds: list[list[float]], percent: float) -> Spread:
    return Spread.of(float(np.percentile(each, percent)) for each in rounds)
