"""The candle chart beside other charts: first paint, pan, zoom, full range, live update and memory.

Every side is a process of its own in an environment of its own, shows the same bars in a widget of the same size and
is asked in turn. Before anything counts, each side's picture is held against the bars: every candle must reach from
its low to its high, in the colour of its direction. Ours runs as `python -m crs_desktop.bench chart`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.cli.bench.peers import Peer, peers_for
from engine.cli.bench.picture import prove_candles
from engine.cli.bench.rounds import Bar, Plan, Report, Spread

Rows = NDArray[np.float64]

PEERS = ("finplot", "vnpy", "pyqtgraph")
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
MOTIONS = ("pan", "full", "zoom", "live")
PROVED = 60
"""Bars in the picture that is held against them: wide enough to see each candle's ends."""


class Demand(NamedTuple):
    """How many times our CPU time a frame of a peer should take, at a number of bars."""

    peer: str
    motion: str
    bars: int
    times: float


DEMANDS = (
    Demand("finplot", "pan", 100_000, 4.0),
    Demand("vnpy", "pan", 100_000, 4.0),
    Demand("finplot", "pan", 1_000_000, 12.0),
    Demand("finplot", "full", 1_000_000, 25.0),
    Demand("finplot", "live", 1_000_000, 10.0),
)
FRAME_MS, FRAME_10M_MS, FIRST_MS, MOST_MB = 8.0, 12.0, 150.0, 1024.0


def chart(plan: Plan) -> Report:
    """Return our frames and the peers' CPU time in multiples of ours, per number of bars."""
    sizes = (plan.events,) if plan.events else SIZES
    peers = peers_for(PEERS, plan)
    bars: list[Bar] = []
    for size in sizes:
        bars += _at(size, [each.name for each in peers.found], plan)
    facts: dict[str, int | str] = {"bars": ", ".join(f"{each:,}" for each in sizes), "rounds": plan.rounds}
    return Report("chart", facts, bars, peers.notes)


def rows_of(size: int) -> Rows:
    """Return bars of a seeded random walk with two moving averages, in the order of `tests/perf/chart_drive.py`."""
    rng = np.random.default_rng(7)
    close = np.round(30_000 * np.exp(np.cumsum(rng.normal(0, 0.09 / size**0.5, size))), 2)
    opened = np.concatenate(([30_000.0], close[:-1]))
    high = np.round(np.maximum(opened, close) * (1 + np.abs(rng.normal(0, 2e-4, size))), 2)
    low = np.round(np.minimum(opened, close) * (1 - np.abs(rng.normal(0, 2e-4, size))), 2)
    start = 1.6e9 + 60.0 * np.arange(size)
    return np.column_stack(
        (start, opened, high, low, close, rng.exponential(3, size), _mean(close, 20), _mean(close, 50))
    )


def _mean(values: Rows, period: int) -> Rows:
    sums = np.cumsum(np.insert(values, 0, 0.0))
    found = np.full(len(values), np.nan)
    found[period - 1 :] = (sums[period:] - sums[:-period]) / period
    return found


class _Seen(NamedTuple):
    """What one side's rounds found."""

    first_ms: float
    rss_mb: float
    frames: dict[str, list[list[float]]]

    def middle(self, motion: str, number: int) -> float:
        """Return the median frame of one round, ms."""
        return float(np.median(self.frames[motion][number]))


def _at(size: int, names: Sequence[str], plan: Plan) -> list[Bar]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crs-bench-")))
        rows = rows_of(size)
        np.save(folder / "bars.npy", rows)
        sides = [Peer("crs", [sys.executable, "-m", "crs_desktop.bench", "chart"])]
        sides += [each for each in peers_for(names, plan).found if names]
        seen: dict[str, _Seen] = {}
        asked: list[Peer] = []
        for side in sides:
            stack.enter_context(side)
            if int(side.start(folder / "bars.npy").get("most", size)) < size:
                continue
            first = side.ask("first")
            seen[side.name] = _Seen(1e3 * first["cpu_s"], first["rss_mb"], {each: [] for each in MOTIONS})
            prove_candles(side, rows, folder / f"{side.name}.npy", size // 2, PROVED)
            asked.append(side)
        for _ in range(plan.rounds):
            for motion in MOTIONS:
                for side in asked:
                    seen[side.name].frames[motion].append(side.ask(f"round {motion}")["frames_ms"])
    return _bars(size, seen, plan.rounds)


def _bars(size: int, seen: dict[str, _Seen], rounds: int) -> list[Bar]:
    ours = seen["crs"]
    most = FRAME_10M_MS if size > 1_000_000 else FRAME_MS
    name = f"{size:,} bars"
    found = [
        Bar(
            f"{name}: first paint",
            Spread.of([ours.first_ms]),
            FIRST_MS if size == 1_000_000 else None,
            at_least=False,
            unit="ms",
        ),
        Bar(f"{name}: memory", Spread.of([ours.rss_mb]), MOST_MB, at_least=False, unit="MB"),
    ]
    for motion in MOTIONS:
        worst = Spread.of(float(np.percentile(each, 95)) for each in ours.frames[motion])
        found.append(Bar(f"{name}: {motion}, frame p95", worst, most, at_least=False, unit="ms"))
    for peer in (each for each in seen if each != "crs"):
        found += _ratios(name, size, peer, seen, rounds)
    return found


def _ratios(name: str, size: int, peer: str, seen: dict[str, _Seen], rounds: int) -> list[Bar]:
    ours, other = seen["crs"], seen[peer]
    wanted: dict[str, Any] = {each.motion: each.times for each in DEMANDS if (each.peer, each.bars) == (peer, size)}
    found = [
        Bar(f"{name}: first paint of {peer}", Spread.of([other.first_ms / ours.first_ms]), unit="x ours"),
        Bar(f"{name}: memory of {peer}", Spread.of([other.rss_mb]), unit="MB"),
    ]
    for motion in MOTIONS:
        ratio = Spread.of(other.middle(motion, each) / ours.middle(motion, each) for each in range(rounds))
        found.append(Bar(f"{name}: {motion} of {peer}", ratio, wanted.get(motion), unit="x ours"))
    return found
