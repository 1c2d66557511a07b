"""Instants against the standard library, exact to the nanosecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.wire.instant import decimal_seconds, rfc3339
from engine.errors import Garbled

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(
    st.datetimes(datetime(1970, 1, 3), datetime(2200, 1, 1)),  # noqa: DTZ001 - zones are drawn beside
    st.integers(-23 * 60, 23 * 60),
)
def test_reads_what_the_standard_library_writes(at: datetime, minutes: int) -> None:
    moment = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = (moment - EPOCH) // timedelta(microseconds=1) * 1000
    assert rfc3339(moment.isoformat()) == expected
    assert rfc3339(moment.astimezone(UTC).isoformat().replace("+00:00", "Z")) == expected
    if expected < 9_999_999_999 * 10**9:
        assert decimal_seconds(f"{expected // 10**9}.{expected % 10**9:09d}") == expected


def test_keeps_nine_decimals() -> None:
    assert rfc3339("2023-10-04T16:25:00.000000001Z") == 1696436700000000001
    assert decimal_seconds("1688669597.8277369") == 1688669597827736900


@pytest.mark.parametrize(
    "text", ["", "2023-10-04", "2023-13-04T16:25:00Z", "2023-10-04T16:25:00", "1969-12-31T23:59:59Z", "٢٠٢٣", "1e5"]
)
def test_refuses_what_is_no_instant(text: str) -> None:
    with pytest.raises(Garbled):
        rfc3339(text)
    with pytest.raises(Garbled):
        decimal_seconds(text)
