"""Indicators beside TA-Lib, whole columns at a time, and beside talipp, bar by bar.

Each indicator that a peer has by the same definition is compared, once its values are shown equal; the others are
measured alone. Sides are processes of their own that read the same file of bars and take turns.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from engine.cli.bench.peers import Peer, peers_for
from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError
from engine.indicators.registry import BUILT_IN
from engine.indicators.spec import Floats

PUSHED = 20_000
"""Bars that are pushed one by one, at most."""
BATCH_RATIO, PUSH_RATIO = 10.0, 0.5
"""What ours may cost, in multiples of TA-Lib's and talipp's CPU time."""
LIMIT, PATH_LIMIT = 400.0, 1_500.0
"""What a million bars may cost in ms; the second for those of which each row needs the row before."""
PATH_DEPENDENT = frozenset({"sar", "supertrend", "zigzag"})
CLOSE_ENOUGH = 1e-9
RESIDUE = 1e-10
"""Of the largest value: what a running sum leaves where there should be zero."""
CONVERGED = 0.75
"""From this part of the bars on an indicator that begins otherwise must say the same (talipp)."""


def indicators(plan: Plan) -> Report:
    """Return CPU time of every indicator in both forms, and its ratio to the peers'."""
    found, notes = peers_for(("ta_lib", "talipp"), plan)
    talib, talipp = ([each for each in found if each.name == name] for name in ("ta_lib", "talipp"))
    bars = walk(plan.events)
    pushed = min(plan.events, PUSHED)
    rows = _form("batch", bars, talib, plan.rounds) + _form("push", bars[:, :pushed], talipp, plan.rounds)
    facts: dict[str, int | str] = {"bars": plan.events, "pushed": pushed, "rounds": plan.rounds}
    return Report("indicators", facts, rows, notes)


def walk(length: int) -> Floats:
    """Return open, high, low, close and volume of a seeded random walk of 0.1 % a bar, shape (5, length)."""
    random = np.random.default_rng(1)
    close = 30_000.0 * np.exp(np.cumsum(random.normal(0.0, 0.001, length)))
    opened = np.concatenate((close[:1], close[:-1]))
    high = np.maximum(opened, close) * (1.0 + 0.0005 * random.random(length))
    low = np.minimum(opened, close) * (1.0 - 0.0005 * random.random(length))
    return np.array((opened, high, low, close, 1.0 + 100.0 * random.random(length)))


def _form(form: str, bars: Floats, peers: list[Peer], rounds: int) -> list[Bar]:
    """Return the rows of one form of all indicators."""
    ours = Peer("our side", [sys.executable, "-m", "engine.cli.bench.columns", form])
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crs-bench-")))
        bars.tofile(directory / "bars")
        for side in (ours, *peers):
            stack.enter_context(side).start(directory / "bars")
        known = {peer.name: set(peer.ask("names")["names"]) for peer in peers}
        found: list[Bar] = []
        for name in BUILT_IN:
            peer = next((each for each in peers if name in known[each.name]), None)
            found += _measured(form, name, bars.shape[1], ours, peer, directory, rounds)
        return found


def _measured(
    form: str, name: str, length: int, ours: Peer, peer: Peer | None, directory: Path, rounds: int
) -> list[Bar]:
    """Return the rows of one indicator: what ours costs, and that in multiples of the peer's."""
    values, _ = _values(ours, name, directory, length)
    if peer is not None:
        prove(form, name, values, *_values(peer, name, directory, length))
    own: list[float] = []
    ratios: list[float] = []
    for _ in range(rounds):
        own.append(float(ours.ask(f"round {name}")["cpu_s"]))
        if peer is not None:
            ratios.append(own[-1] / max(float(peer.ask(f"round {name}")["cpu_s"]), 1e-9))
    cost = _cost(form, name, length, own)
    if peer is None:
        return [cost]
    demand = PUSH_RATIO if form == "push" else None if name in PATH_DEPENDENT else BATCH_RATIO
    return [cost, Bar(f"{name}, ours / {peer.name} {peer.version}", Spread.of(ratios), demand, False, "x")]


def _cost(form: str, name: str, length: int, own: list[float]) -> Bar:
    """Return what our side costs."""
    if form == "push":
        return Bar(f"{name}, push", Spread.of(1e6 * each / length for each in own), unit="us a bar")
    limit = PATH_LIMIT if name in PATH_DEPENDENT else LIMIT
    return Bar(f"{name}, whole", Spread.of(1e9 * each / length for each in own), limit, False, "ms for 1M bars")


def _values(side: Peer, name: str, directory: Path, length: int) -> tuple[Floats, list[int]]:
    """Return what a side computes, one row per output, and which outputs of ours these are."""
    file = directory / "values"
    outputs = side.ask(f"values {name} {file}")["outputs"]
    return np.fromfile(file).reshape(len(outputs), length), outputs


def prove(form: str, name: str, ours: Floats, theirs: Floats, outputs: list[int]) -> None:
    """Check a peer's values against ours: every row of whole columns, the last quarter of what was pushed.

    Raises:
        WrongAnswerError: they differ; names the first row that does.
    """
    first = int(ours.shape[1] * CONVERGED) if form == "push" else 0
    for place, column in zip(outputs, theirs[:, first:], strict=True):
        mine = ours[place, first:]
        floor = RESIDUE * float(np.nanmax(np.abs(column), initial=0.0))
        wrong = np.flatnonzero(~np.isclose(mine, column, rtol=CLOSE_ENOUGH, atol=floor, equal_nan=True))
        if len(wrong):
            at = int(wrong[0])
            raise WrongAnswerError(
                f"Row {first + at} of {name} is {float(mine[at])!r} on our side and {float(column[at])!r} on the "
                f"peer's ({len(wrong):,} rows differ); the speed of wrong answers is not measured."
            )
