"""Streams: a thousand WebSocket clients at five messages a second, beside the bare broadcast of the library.

Both servers run in processes of their own, their clients here; rounds in turns: bare, ours, and ours again with one
more client that never reads. Delays are from before a message is encoded to its being read; CPU is the server's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from typing import Any, NamedTuple

from engine.cli.bench.listeners import Crowd, deaf
from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError


class Pace(NamedTuple):
    """What a client is sent in a round."""

    messages: int
    hz: int


PACE, TRIAL = Pace(25, 5), Pace(5, 50)

CROWD = 100
"""Clients from which on it is a measurement; with fewer it is a quick trial."""


class Round(NamedTuple):
    """What one round showed; milliseconds, and CPU microseconds per message and client."""

    p50: float
    p95: float
    p99: float
    cpu_us: float


class Sides(NamedTuple):
    """All rounds of each kind, in turns."""

    bare: list[Round]
    ours: list[Round]
    stalled: list[Round]


class Side:
    """A server in a process of its own, and its clients."""

    def __init__(self, what: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "engine.cli.bench.streamside", what], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self.port = int(self._answer()["port"])
        self.crowd = Crowd(self.port)

    async def round(self, clients: int) -> Round:
        """Let a round be sent and return what it showed."""
        pace = pace_of(clients)
        self._ask(f"go {pace.messages} {pace.hz}")
        told = await asyncio.to_thread(self._answer)
        late = sorted(await self.crowd.heard(told["last"]))
        p50, p95, p99 = (late[int(len(late) * share)] / 1e6 for share in (0.5, 0.95, 0.99))
        return Round(p50, p95, p99, told["cpu_s"] / (pace.messages * clients) * 1e6)

    def counts(self) -> dict[str, int]:
        """Return what the server counted."""
        self._ask("counts")
        return self._answer()

    def close(self) -> None:
        """End it."""
        self.crowd.close()
        self._process.kill()
        self._process.communicate()

    def _ask(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - likewise
        found: dict[str, Any] = json.loads(self._process.stdout.readline() or "{}")
        if not found:
            raise WrongAnswerError("A server of the measurement ended.")
        return found


def streams(plan: Plan) -> Report:
    """Return delays and CPU of fan-out; `events` is the number of clients."""
    import uvloop

    from engine.server.descriptors import allow_many_files

    allow_many_files()
    sides = uvloop.run(_measure(plan))
    ours, bare, stalled = sides.ours, sides.bare, sides.stalled
    bars = [
        Bar("from server to client, p50", Spread.of(each.p50 for each in ours), unit="ms"),
        Bar("…p95", Spread.of(each.p95 for each in ours), unit="ms"),
        Bar("…p99", Spread.of(each.p99 for each in ours), 100, at_least=False, unit="ms"),
        Bar("bare broadcast, p99", Spread.of(each.p99 for each in bare), unit="ms"),
        Bar("p99 with one that never reads", _ratio(stalled, ours, "p99"), 1.2, at_least=False, unit="x"),
        Bar("CPU of a message", Spread.of(each.cpu_us for each in ours), unit="us"),
        Bar("CPU of a bare broadcast's", Spread.of(each.cpu_us for each in bare), unit="us"),
        Bar("CPU beside the bare broadcast", _ratio(ours, bare, "cpu_us"), 1.5, at_least=False, unit="x"),
    ]
    pace = pace_of(plan.events)
    facts: dict[str, int | str] = {"clients": plan.events, "messages": pace.messages, "rounds": plan.rounds}
    return Report("streams", facts, bars, [f"{pace.hz} messages a second to every client."])


def pace_of(clients: int) -> Pace:
    """Return the pace for a crowd."""
    return PACE if clients >= CROWD else TRIAL


async def _measure(plan: Plan) -> Sides:
    sides = Sides([], [], [])
    with contextlib.ExitStack() as stack:
        bare, ours = Side("bare"), Side("ours")
        stack.callback(bare.close)
        stack.callback(ours.close)
        for side in (bare, ours):
            await side.crowd.gather(plan.events)
            await side.round(plan.events)  # warms up
        for _ in range(plan.rounds):
            sides.bare.append(await bare.round(plan.events))
            sides.ours.append(await ours.round(plan.events))
            before = ours.counts()
            end = await deaf(ours.port)
            sides.stalled.append(await ours.round(plan.events))
            end()
            if ours.counts()["conflated"] == before["conflated"]:
                raise WrongAnswerError("The client that does not read was not behind.")
    return sides


def _ratio(above: list[Round], below: list[Round], field: str) -> Spread:
    pairs = zip(above, below, strict=True)
    return Spread.of(getattr(one, field) / getattr(other, field) for one, other in pairs)
