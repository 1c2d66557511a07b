"""The figures of a server: read while somebody looks, marked where they are bad, old when they are not renewed."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from crs_desktop.viewmodels.server.metrics import COLUMNS, OLD_S, MetricsModel
from crs_desktop.viewmodels.words import NOTHING
from engine.errors import VenueUnavailable
from engine.wire.metrics import Check, Metrics, State
from tests.crs_desktop.server_figures import figures


class Server:
    """Answers with figures, or not."""

    def __init__(self) -> None:
        self.answer: Metrics | Exception = figures()
        self.asked = 0

    async def __call__(self) -> Metrics:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def made() -> tuple[MetricsModel, Server, list[float]]:
    server, now = Server(), [0.0]
    return MetricsModel(server, "demo.example.org", lambda: now[0]), server, now


async def test_before_the_first_answer_it_says_that_it_asks() -> None:
    model, _, _ = made()

    assert str(model.state[0]) == "Asking demo.example.org…"
    assert (model.groups(), model.rows(), model.reasons()) == ([], [], [])


async def test_the_state_and_its_reasons_are_shown_the_worst_first() -> None:
    model, server, _ = made()
    degraded = Check("redis", State.DEGRADED, "Redis does not answer.")
    critical = Check("journal", State.CRITICAL, "The disk is <full>.")
    server.answer = figures(State.CRITICAL, (degraded, critical))

    await model.read()

    assert (str(model.state[0]), model.state[1]) == ("CRITICAL", "error")
    assert [(str(text), tone) for text, tone in model.reasons()] == [
        ("journal: The disk is <full>.", "error"),
        ("redis: Redis does not answer.", "warn"),
    ]


async def test_every_operation_has_a_row_and_slow_or_failing_figures_stand_out() -> None:
    model, _, _ = made()
    await model.read()

    orders, account = model.rows()

    assert all(len(each.cells) == len(COLUMNS) for each in (orders, account))
    assert [str(cell.text) for cell in orders.cells] == [
        "POST /v1/orders", "33.0", "100,000", "300", "0", "2.1", "9.5", "140.2",
    ]  # fmt: skip
    assert (orders.cells[-1].tone, account.cells[-1].tone) == ("warn", "text")
    assert (orders.cells[4].tone, account.cells[4].tone) == ("muted", "error")


async def test_a_busy_machine_is_marked_and_sizes_are_read_as_people_do() -> None:
    model, _, _ = made()
    await model.read()

    machine = {str(each.title): (each.value, each.tone) for each in model.groups()[0].figures}

    assert machine["CPU"] == ("91%", "warn")
    assert machine["Memory"] == ("2.9 GB · 38%", "text")


async def test_what_cannot_be_renewed_stays_with_its_age_and_the_reason() -> None:
    model, server, now = made()
    await model.read()
    server.answer = VenueUnavailable("demo.example.org cannot be reached.")
    now[0] = OLD_S + 1

    await model.read()
    age = str(model.age)
    server.answer = figures()
    await model.read()

    assert age == "7.0 s old"
    assert (model.problem, model.age) == (NOTHING, NOTHING)


async def test_nobody_asks_while_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    model, server, _ = made()
    looks = iter([True, False, True])
    paused = 0

    async def pause(_seconds: float) -> None:
        nonlocal paused
        paused += 1
        if paused == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr("crs_desktop.viewmodels.server.metrics.asyncio.sleep", pause)
    with suppress(asyncio.CancelledError):
        await model.follow(lambda: next(looks))

    assert (server.asked, paused) == (2, 3)
