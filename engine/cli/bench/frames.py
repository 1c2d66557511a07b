"""Frames of one pane beside those of others: sides are asked in turn, and must show what is right to count."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np

from engine.cli.bench.peers import Peer
from engine.cli.bench.rounds import Bar, Plan, Spread, WrongAnswerError

FRAME_MS = 16.0
"""A frame may take so long."""


class Seen(NamedTuple):
    """What one side's rounds found."""

    first_ms: float
    rss_mb: float
    rounds: list[list[float]]

    def middle(self, number: int) -> float:
        """Return the median frame of one round, ms."""
        return float(np.median(self.rounds[number]))


def first(side: Peer) -> Seen:
    """Let a side build its pane and paint it."""
    said = side.ask("first")
    return Seen(1e3 * said["cpu_s"], said["rss_mb"], [])


def take_turns(sides: Sequence[Peer], seen: dict[str, Seen], plan: Plan) -> None:
    """Ask for the rounds, one side after the other."""
    for _ in range(plan.rounds):
        for side in sides:
            seen[side.name].rounds.append(side.ask(f"round {plan.events}")["frames_ms"])


def prove_texts(side: Peer) -> list[list[str]]:
    """Return the texts that a side shows.

    Raises:
        WrongAnswerError: they are not those that the market means.
    """
    said = side.ask("shown")
    rows, truth = said["rows"], said["truth"]
    if not rows or len(rows) != len(truth):
        raise WrongAnswerError(f"{side.name} shows {len(rows)} rows instead of {len(truth)}.")
    for number, (got, want) in enumerate(zip(rows, truth, strict=True)):
        if got != want:
            raise WrongAnswerError(
                f"Row {number} of {side.name} says {got} instead of {want}; the speed of wrong figures is not measured."
            )
    found: list[list[str]] = rows
    return found


def duel(names: Sequence[str], command: Sequence[str], plan: Plan) -> list[Bar]:
    """Let our pane (the first name) and plain ones take turns, once all show the same, and the right, texts.

    Raises:
        WrongAnswerError: one of them does not.
    """
    with ExitStack() as stack:
        sides = [stack.enter_context(Peer(name, [*command, name])) for name in names]
        seen: dict[str, Seen] = {}
        shown: list[Any] = []
        for side in sides:
            side.start()
            seen[side.name] = first(side)
            side.ask(f"round {plan.events}")
            shown.append(prove_texts(side))
        if any(each != shown[0] for each in shown):
            raise WrongAnswerError(f"{' and '.join(names)} do not show the same.")
        take_turns(sides, seen, plan)
        for side in sides:
            prove_texts(side)
    return bars_of(seen, names[0])


def bars_of(seen: dict[str, Seen], ours: str) -> list[Bar]:
    """Return our frames, and those of others in multiples of ours."""
    own = seen[ours]
    worst = Spread.of(float(np.percentile(each, 95)) for each in own.rounds)
    found = [
        Bar("first paint", Spread.of([own.first_ms]), unit="ms"),
        Bar("memory", Spread.of([own.rss_mb]), unit="MB"),
        Bar("frame, median", Spread.of(own.middle(each) for each in range(len(own.rounds))), unit="ms"),
        Bar("frame p95", worst, FRAME_MS, at_least=False, unit="ms"),
    ]
    for name, other in seen.items():
        if name != ours:
            ratio = Spread.of(other.middle(each) / own.middle(each) for each in range(len(own.rounds)))
            found += [
                Bar(f"first paint of {name}", Spread.of([other.first_ms / own.first_ms]), unit="x ours"),
                Bar(f"memory of {name}", Spread.of([other.rss_mb]), unit="MB"),
                Bar(f"frame of {name}", ratio, unit="x ours"),
            ]
    return found
