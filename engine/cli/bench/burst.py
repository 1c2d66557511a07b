"""The busiest seconds of a recorded exchange on five pairs at once, into the real window over a public feed.

Three processes: the venue (`burstside`: REST and sockets on this machine), the window with five charts, book, ladder,
tape, depth and heatmap and resting paper orders (`crs_desktop.bench.burst`), and this one, which compares what one sent
with what the other has. Ages are of this machine's clock, from the venue's event to the paint that first shows it. Of a
machine on which others work they say little; so beside them stand, where the system tells how long a thread waited for
a processor (Linux), the ages without that and without the venue's own lateness.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from engine.cli.bench.peers import Peer
from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError

AGE_MS, STALL_MS = 100.0, 50.0

Said = dict[str, Any]


def burst(plan: Plan) -> Report:
    """Return how old the book on the screen was and how long the loop stalled; `events` is stretches in a row.

    Raises:
        WrongAnswerError: a frame or a print was lost, or a book is not the venue's.
        CrsError: a side stopped.
    """
    measured: list[tuple[Said, Said]] = []
    with Peer("the venue", [sys.executable, "-m", "engine.cli.bench.burstside"]) as venue:
        about = venue.start()
        command = [sys.executable, "-m", "crs_desktop.bench", "burst", about["url"], ",".join(about["pairs"])]
        with Peer("the window", command) as window:
            window.start()
            for _ in range(plan.rounds):
                window.ask(f"watch {about['monotonic']} {about['market_at']}")
                before = venue.ask(f"go {plan.events}")["frames"]
                sent = venue.ask("end")
                seen = window.ask(f"end {','.join(map(str, sent['late_s']))} {sent['frames']}")
                prove(sent, seen)
                measured.append((sent, seen))
    seen_all = [seen for _, seen in measured]
    facts: dict[str, int | str] = {
        "frames_a_round": measured[-1][0]["frames"] - before,
        "prints_in_the_busiest_second": about["prints_a_s"] * len(about["pairs"]),
        "seconds_a_round": about["seconds"] * plan.events,
        "lost": 0,
        "rounds": plan.rounds,
    }
    late = Spread.of(1e3 * float(np.percentile(sent["late_s"], 99)) for sent, _ in measured)
    bars = [*_bars(seen_all), Bar("the venue's own lateness, p99", late, unit="ms")]
    return Report("burst", facts, bars, [])


def prove(sent: Said, seen: Said) -> None:
    """Raise unless everything came through and every book is the venue's.

    Raises:
        WrongAnswerError: something is not.
    """
    if sent["frames"] != seen["frames"]:
        raise WrongAnswerError(f"{sent['frames']} frames were sent, {seen['frames']} were heard.")
    if seen["gaps"]:
        raise WrongAnswerError(f"{seen['gaps']} gaps were found where there was none.")
    for symbol, told in sent["pairs"].items():
        if seen["pairs"].get(symbol) != told:
            raise WrongAnswerError(f"Diffs, prints or the book of {symbol} are not what the venue sent.")


def _bars(seen: list[Said]) -> list[Bar]:
    def bar(name: str, of: str, percent: float, demand: float | None = None) -> Bar:
        spread = Spread.of(float(np.percentile(each[of], percent)) for each in seen)
        return Bar(name, spread, demand, at_least=False, unit="ms")

    unhindered = [
        bar(f"{pane}: age if nobody else worked here, {word}", f"{pane}_unhindered_age_ms", percent, AGE_MS)
        for pane in ("book", "ladder")
        for word, percent in (("median", 50), ("p99", 99), ("greatest", 100))
        if all(each[f"{pane}_unhindered_age_ms"] for each in seen)
    ]
    return [
        *unhindered,
        *(
            bar(f"{pane}: age on the screen, {word}", f"{pane}_age_ms", percent, demand)
            for pane in ("book", "ladder")
            for word, percent, demand in (("median", 50, None), ("p99", 99, AGE_MS), ("greatest", 100, AGE_MS))
        ),
        bar("book: from the frame's reading to the paint, p99", "book_heard_age_ms", 99, AGE_MS),
        bar("loop stall, median", "stalls_ms", 50),
        bar("loop stall p95", "stalls_ms", 95),
        bar("loop stall p99", "stalls_ms", 99, STALL_MS),
        bar("loop stall, greatest", "stalls_ms", 100),
        bar("own CPU between two turns of the loop, p99", "stalls_cpu_ms", 99, STALL_MS),
        bar("own CPU between two turns of the loop, greatest", "stalls_cpu_ms", 100),
        bar("frame, p95", "paints_ms", 95),
        Bar("waiting for a processor", Spread.of(100 * each["waited_s"] / each["wall_s"] for each in seen), unit="%"),
        Bar("CPU of the window", Spread.of(100 * each["cpu_s"] / each["wall_s"] for each in seen), unit="% of a core"),
    ]
