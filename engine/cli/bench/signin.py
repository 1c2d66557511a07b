"""Refusing a sign-in: whether somebody who measures how long it takes learns who is registered, and what it costs.

Wall time as whoever asks sees it, without a network, which only adds noise; the two kinds of tries take turns.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError

if TYPE_CHECKING:
    from engine.server.auth.identity import Identity

KNOWN, UNKNOWN = "known@example.org", "unknown@example.org"
PASSWORD = "nine correct horses battery"  # noqa: S105 - of a user of the measurement
WARM_UP = 3
APART = 0.10
"""How far the medians may be apart."""


def signin(plan: Plan) -> Report:
    """Return by how much the medians of refusing known and unknown users differ."""
    with tempfile.TemporaryDirectory(prefix="crs-bench-") as directory:
        rounds = asyncio.run(_measured(Path(directory), plan))
    pairs = [(statistics.median(known), statistics.median(unknown)) for known, unknown in rounds]
    bars = [
        Bar("medians apart", Spread.of(abs(1 - b / a) for a, b in pairs), APART, at_least=False, unit="of the time"),
        Bar("a known user refused", Spread.of(a * 1e3 for a, _ in pairs), unit="ms"),
        Bar("an unknown user refused", Spread.of(b * 1e3 for _, b in pairs), unit="ms"),
    ]
    return Report("signin", {"tries": plan.events, "rounds": plan.rounds}, bars, [])


async def _measured(directory: Path, plan: Plan) -> list[tuple[list[float], list[float]]]:
    from engine.bus import Bus
    from engine.ports.clock import SystemClock
    from engine.server.auth.identity import open_identity
    from engine.server.auth.staff import Staff
    from engine.server.settings import load_settings

    identity = await open_identity(load_settings(directory / "server"), Bus(), SystemClock())
    try:
        Staff(identity.parts).add_user(KNOWN, PASSWORD)
        found = []
        for tries in (WARM_UP, *[plan.events] * plan.rounds):
            timed = [(await _try(identity, KNOWN), await _try(identity, UNKNOWN)) for _ in range(tries)]
            found.append(([known for known, _ in timed], [unknown for _, unknown in timed]))
        return found[1:]
    finally:
        await identity.close()


async def _try(identity: Identity, email: str) -> float:
    """Return the seconds that it takes to refuse a wrong password."""
    from engine.server.auth.signin import SignIn
    from engine.server.refusal import Refusal
    from engine.wire.auth import Device, Login

    shown = Login(email=email, password="not this one", device=Device(name="bench", public_key=""))  # noqa: S106
    begun = time.perf_counter()
    try:
        await SignIn(identity).login(shown, "127.0.0.1")
    except Refusal as refusal:
        spent = time.perf_counter() - begun
        if refusal.word == "bad_login":
            return spent
        raise WrongAnswerError(f"The sign-in was refused otherwise: {refusal.word}.") from refusal
    raise WrongAnswerError("A wrong password was let in.")
