"""The heatmap: 2,000 columns by 500 rows, a new column before every frame, beside pyqtgraph's `ImageItem`.

Ours folds the updates of the book, draws bid and ask, axes and a legend; the image is handed finished shades and draws
nothing else. Before anything counts, both pictures are held against the shades.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from engine.cli.bench.frames import Seen, bars_of, first, take_turns
from engine.cli.bench.peers import Peer, peers_for
from engine.cli.bench.rounds import Plan, Report, WrongAnswerError

PEERS = ("pyqtgraph",)
SAME = 0.97
"""Least share of pixels that have the colour of their shade: bid, ask and legend lie over the others."""


def heatmap(plan: Plan) -> Report:
    """Return our frames, and the image's CPU time in multiples of ours.

    Raises:
        WrongAnswerError: a side shows other sizes than the book had.
    """
    peers = peers_for(PEERS, plan, "heatmap.py")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crs-bench-")))
        ours = stack.enter_context(Peer("crs", [sys.executable, "-m", "crs_desktop.bench", "heatmap"]))
        ours.start()
        seen: dict[str, Seen] = {"crs": first(ours)}
        file = folder / "shades.npz"
        ours.ask(f"write {file}")
        sides = [ours]
        for peer in peers.found:
            stack.enter_context(peer).start(file)
            seen[peer.name] = first(peer)
            sides.append(peer)
        for side in sides:
            prove_shades(side, file, folder / f"{side.name}.npy")
        take_turns(sides, seen, plan)
        ours.ask(f"write {file}")
        prove_shades(ours, file, folder / "crs.npy")
    facts: dict[str, int | str] = {"columns": 2_000, "rows": 500, "frames": plan.events, "rounds": plan.rounds}
    return Report("heatmap", facts, bars_of(seen, "crs"), peers.notes)


def prove_shades(side: Peer, file: Path, picture: Path) -> None:
    """Hold a side's picture against the shades that it should show.

    Raises:
        WrongAnswerError: too many pixels have another colour.
    """
    side.ask(f"picture {picture}")
    with np.load(file) as held:
        wanted = held["colours"][held["shades"]]
    found = np.load(picture)
    same = float((found == wanted).all(axis=2).mean()) if found.shape == wanted.shape else 0.0
    if same < SAME:
        raise WrongAnswerError(
            f"{same:.1%} of the pixels of {side.name} have the colour of what rested there; "
            "the speed of wrong pictures is not measured."
        )
