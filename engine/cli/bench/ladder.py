"""The ladder: 200 rows, an update of some 46 levels before every frame, beside Qt's own tables with the same texts.

The tables show sizes and prices and nothing else, and are told which cells changed. Ours draws bars, touch, volume by
price and own orders besides.
"""

from __future__ import annotations

import sys

from engine.cli.bench.frames import duel
from engine.cli.bench.rounds import Plan, Report

SIDES = ("crs", "QTableWidget", "QTableView")


def ladder(plan: Plan) -> Report:
    """Return our frames, and the tables' CPU time in multiples of ours.

    Raises:
        WrongAnswerError: a side shows other prices or sizes than the market has.
    """
    bars = duel(SIDES, [sys.executable, "-m", "crs_desktop.bench", "ladder"], plan)
    return Report("ladder", {"rows": 200, "frames": plan.events, "rounds": plan.rounds}, bars, [])
