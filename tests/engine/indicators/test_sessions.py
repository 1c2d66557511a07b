"""Sessions: where they begin, and sums that begin anew with them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from engine.errors import InvalidInput
from engine.indicators.sessions import opens, running_sum, session_of
from engine.indicators.spec import InstantParam


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize("lengths", [[50, 3, 1, 20], [1] * 40, [2, 1, 3] * 15, [7]], ids=str)
def test_a_running_sum_begins_anew_with_each_session(lengths: list[int]) -> None:
    values = np.random.default_rng(5).normal(size=sum(lengths))
    begins = np.cumsum([0, *lengths[:-1]])

    found = running_sum(values, begins)

    parts = np.split(values, begins[1:])
    assert found.tolist() == [total for part in parts for total in np.add.accumulate(part).tolist()]


def test_weeks_begin_on_monday_and_days_at_midnight_utc() -> None:
    starts = np.array([_at("2026-11-28T23:00"), _at("2026-11-29T00:00"), _at("2026-11-29T23:59"), _at("2026-11-30")])

    assert (opens(starts, "none").tolist(), opens(starts, "day").tolist()) == ([0], [0, 1, 3])
    assert opens(starts, "week").tolist() == [0, 3]
    assert [session_of(int(start), "week") for start in starts] == [2969, 2969, 2969, 2970]


@pytest.mark.parametrize(
    "given", ["2026-11-29T12:00:00.000001Z", "2026-11-29T13:00:00.000001+01:00", "2026-11-29 12:00:00.000001"]
)
def test_an_instant_is_read_from_text_and_is_utc_unless_it_says_otherwise(given: str) -> None:
    assert InstantParam("anchor", 0).read(given) == _at("2026-11-29T12:00") + 1_000


def test_an_instant_is_read_from_whole_nanoseconds_and_from_nothing_else() -> None:
    param = InstantParam("anchor", 0)

    assert (param.read(17), param.read("-17")) == (17, -17)
    for wrong in ("yesterday", 1.5, ""):
        with pytest.raises(InvalidInput, match="anchor must be an instant"):
            param.read(wrong)
