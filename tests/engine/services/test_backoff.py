from __future__ import annotations

import random

import pytest

from engine.services.backoff import FIRST_S, MOST_S, Backoff


def test_the_first_try_comes_at_once_and_the_pauses_double_up_to_half_a_minute() -> None:
    longest = Backoff(lambda _low, high: high)

    assert [longest.next() for _ in range(10)] == [0, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_each_pause_is_drawn_from_nothing_to_its_bound() -> None:
    seen: list[tuple[float, float]] = []
    backoff = Backoff(lambda low, high: seen.append((low, high)) or 0.0)  # type: ignore[func-returns-value]
    for _ in range(9):
        backoff.next()

    assert {low for low, _ in seen} == {0.0}
    assert (seen[0][1], seen[-1][1]) == (FIRST_S, MOST_S)


def test_a_thousand_clients_do_not_come_back_together() -> None:
    draw = random.Random(7).uniform  # noqa: S311 - no secret
    waits = []
    for _ in range(1_000):
        backoff = Backoff(draw)
        waits.append(sum(backoff.next() for _ in range(6)))

    busiest = max(sum(at <= wait < at + 0.25 for wait in waits) for at in range(16))
    assert busiest < 100


def test_what_a_server_asked_for_is_waited_at_least() -> None:
    backoff = Backoff(lambda _low, _high: 0.0)

    assert [backoff.next(12.0), backoff.next(12.0)] == [12.0, 12.0]


def test_success_begins_anew() -> None:
    backoff = Backoff(lambda _low, high: high)
    for _ in range(5):
        backoff.next()
    backoff.reset()

    assert (backoff.next(), backoff.next()) == pytest.approx((0, FIRST_S))
