"""The tape: fifteen prints before every frame, the newest 500 kept, beside a `QTableWidget` with the same texts."""

from __future__ import annotations

import sys

from engine.cli.bench.frames import duel
from engine.cli.bench.rounds import Plan, Report

SIDES = ("crs", "QTableWidget")


def tape(plan: Plan) -> Report:
    """Return our frames, and the table's CPU time in multiples of ours.

    Raises:
        WrongAnswerError: a side shows other prints than there were.
    """
    bars = duel(SIDES, [sys.executable, "-m", "crs_desktop.bench", "tape"], plan)
    return Report("tape", {"prints_a_frame": 15, "frames": plan.events, "rounds": plan.rounds}, bars, [])
