"""A whole desk at once: a ladder of 200 rows at 50 updates a second, a full heatmap at ten, three charts.

It runs in real time under the program's own pulse; counted is the CPU time of each frame. Then the busiest second of a
recorded exchange is played on five pairs at once: after it, every book must be the market's, to the last lot, and
counted is how old the top of the book was when it was painted.
"""

from __future__ import annotations

import sys

import numpy as np

from engine.cli.bench.frames import FRAME_MS
from engine.cli.bench.peers import Peer
from engine.cli.bench.rounds import Bar, Plan, Report, Spread

AGE_MS = 100.0
RATE = 50
"""Updates a second; the size of a round is a number of updates."""


def screen(plan: Plan) -> Report:
    """Return the frames of the desk and the ages of the burst.

    Raises:
        CrsError: an update was dropped, which ends the side that is measured.
    """
    frames: list[list[float]] = []
    ages: list[list[float]] = []
    with Peer("crs", [sys.executable, "-m", "crs_desktop.bench", "desk"]) as side:
        side.start()
        for _ in range(plan.rounds):
            frames.append(side.ask(f"round {plan.events / RATE}")["frames_ms"])
            said = side.ask("burst")
            ages.append(said["ages_ms"])
    bars = [
        Bar("frame, median", _spread(frames, 50), unit="ms"),
        Bar("frame p95", _spread(frames, 95), FRAME_MS, at_least=False, unit="ms"),
        Bar("burst: age of the top of the book, p95", _spread(ages, 95), AGE_MS, at_least=False, unit="ms"),
        Bar("burst: greatest age", _spread(ages, 100), AGE_MS, at_least=False, unit="ms"),
    ]
    facts: dict[str, int | str] = {"updates_a_burst": said["updates"], "dropped": 0, "rounds": plan.rounds}
    return Report("screen", facts, bars, [])


def _spread(rounds: list[list[float]], percent: float) -> Spread:
    return Spread.of(float(np.percentile(each, percent)) for each in rounds)
