"""Whatever is said, the exchange answers line by line what the naive exchange answers.

Only the free text of a refusal and the hash of a state are not compared. A failure prints the smallest
session that still tells both apart; `session(seed)` makes the whole one.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from contextlib import redirect_stderr
from functools import lru_cache
from itertools import zip_longest
from typing import Any

import pytest

from engine.cli.simulate import simulate
from tests.engine.exchange.naive import REASONS, Entry
from tests.engine.exchange.naive_text import NaiveText
from tests.engine.exchange.naive_text import run as naive
from tests.engine.exchange.sessions import Session, session
from tests.engine.exchange.shrinking import shrunk

SHORT, LONG = 240, 20_000


short = lru_cache(SHORT)(session)
"""The sessions that more than one test looks at."""


def real(lines: list[str]) -> tuple[int, list[Entry]]:
    """Return the exit status and what `crs simulate --state` prints, texts and hash aside."""
    return _real("\n".join(lines))


@lru_cache(SHORT)
def _real(text: str) -> tuple[int, list[Entry]]:
    target = io.BytesIO()
    with redirect_stderr(io.StringIO()):
        status = simulate(io.BytesIO(text.encode()), target, state=True)
    printed = [json.loads(line) for line in target.getvalue().splitlines()]
    return status, [{key: value for key, value in each.items() if key not in ("text", "hash")} for each in printed]


def difference(lines: list[str]) -> tuple[Any, Any] | None:
    """Return what the exchange and the naive one print where they first differ."""
    (status, printed), (expected_status, expected) = real(lines), naive(lines)
    for ours, theirs in zip_longest(printed, expected):
        if ours != theirs or (ours["type"] != "state" and list(ours) != list(theirs)):
            return ours, theirs
    return None if status == expected_status else (status, expected_status)


def agree(lines: list[str]) -> None:
    if difference(lines) is None:
        return
    sound = real(lines)[0] == 0  # then a line that is not well formed is no smaller failure
    smallest = shrunk(lines, lambda fewer: difference(fewer) is not None and (real(fewer)[0] == 0) == sound)
    ours, theirs = difference(smallest) or (None, None)
    pytest.fail("\n".join([*smallest, f"printed:  {json.dumps(ours)}", f"expected: {json.dumps(theirs)}"]))


@pytest.mark.parametrize("first", range(0, SHORT, 40))
def test_random_sessions_are_answered_as_the_naive_exchange_answers_them(first: int) -> None:
    for seed in range(first, first + 40):
        agree(short(seed))


@pytest.mark.no_cover
def test_random_sessions_see_everything_happen() -> None:
    seen: Counter[str] = Counter()
    for seed in range(SHORT):
        for event in real(short(seed))[1]:
            seen[event["type"] + " " + event.get("reason", "")] += 1

    kinds = [f"rejected {reason}" for reason in REASONS]
    kinds += [f"cancelled {reason}" for reason in ("user", "ioc", "no_liquidity", "stp", "oco", "insufficient_funds")]
    kinds += ["accepted ", "trade ", "triggered ", "amended ", "expired "]
    assert {kind: seen[kind] for kind in kinds if seen[kind] < 5} == {}


@pytest.mark.soak
@pytest.mark.parametrize("first", range(SHORT, SHORT + LONG, 500))
def test_many_random_sessions_are_answered_as_the_naive_exchange_answers_them(first: int) -> None:
    for seed in range(first, first + 500):
        agree(session(seed, steps=300 if seed % 5 == 0 else 70))


def test_a_line_that_is_not_well_formed_ends_both_at_the_same_place() -> None:
    for seed in range(60):
        made = Session(seed, NaiveText().answer)
        for _ in range(8):
            made.step()
        for _ in range(10):
            agree([*made.lines, made.malformed()])


def trades_twice(lines: list[str]) -> bool:
    return len([event for event in naive(lines)[1] if event["type"] == "trade"]) >= 2


def test_a_failing_session_is_made_as_small_as_it_can_be() -> None:
    lines = next(lines for seed in range(100) if trades_twice(lines := session(seed, steps=100)))

    smallest = shrunk(lines, trades_twice)

    assert trades_twice(smallest)
    assert len(smallest) <= 8 < len(lines)
    for number in range(len(smallest)):
        assert not trades_twice(smallest[:number] + smallest[number + 1 :])
