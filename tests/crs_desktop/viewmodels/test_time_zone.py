"""Wall clocks against zoneinfo, through both changes of the year."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.charts.scale import calendar_ticks, instant_text, span_text
from crs_desktop.viewmodels.time_zone import choose, chosen, zone_of
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput

NAMES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Beirut")
SECOND = NANOS_PER_SECOND


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


CHANGES = {
    "Europe/Berlin": (at(2026, 3, 29, 1), at(2026, 10, 25, 1)),
    "America/New_York": (at(2026, 3, 8, 7), at(2026, 11, 1, 6)),
    "Australia/Lord_Howe": (at(2026, 4, 4, 15), at(2026, 10, 3, 15, 30)),
}


@given(st.sampled_from(NAMES), st.integers(at(2015, 1, 1), at(2035, 1, 1)))
def test_the_wall_clock_is_that_of_zoneinfo_and_leads_back(name: str, seconds: int) -> None:
    zone, expected = zone_of(name), datetime.fromtimestamp(seconds, ZoneInfo(name))

    moment = zone.moment(seconds * SECOND)

    assert moment.replace(tzinfo=None) == expected.replace(tzinfo=None)
    assert zone.offset(seconds * SECOND) == expected.utcoffset().total_seconds()  # type: ignore[union-attr]
    back = zone.instant(moment.replace(tzinfo=None)) // SECOND
    assert back == seconds or (expected.fold and 0 < seconds - back <= 3_600), "the first of two equal readings"


@given(
    st.sampled_from(NAMES),
    st.integers(at(2025, 12, 1), at(2027, 1, 1)),
    st.integers(1, 400 * 86_400),
)
def test_steady_spans_cover_everything_with_the_right_offset(name: str, since: int, length: int) -> None:
    zone, until = zone_of(name), since + length

    spans = list(zone.steady(since, until))

    assert spans[0][0] == since
    assert spans[-1][1] == until
    assert all(one[1] + 1 == other[0] and one[2] != other[2] for one, other in pairwise(spans))
    for first, last, offset in spans:
        for seconds in {first, last, (first + last) // 2}:
            assert zone.offset(seconds * SECOND) == offset


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("which", [0, 1])
def test_hours_on_the_axis_are_the_wall_clocks_with_one_missing_or_twice(name: str, which: int) -> None:
    zone, change = zone_of(name), CHANGES[name][which]
    since, until = change - 6 * 3_600, change + 6 * 3_600

    ticks = calendar_ticks(since * SECOND, until * SECOND, 1_800, lambda instant: instant / SECOND, 1.0, zone)

    local = ZoneInfo(name)
    expected = [s for s in range(since, until + 1, 900) if datetime.fromtimestamp(s, local).minute in (0, 30)]
    assert [int(tick.bar) for tick in ticks] == expected
    for tick in ticks:
        wall = datetime.fromtimestamp(tick.bar, local)
        if wall.hour or wall.minute:
            assert tick.text == f"{wall:%H:%M}"
    texts = [tick.text for tick in ticks]
    doubled = len(texts) - len(set(texts))
    back = zone.offset((change + 1) * SECOND) < zone.offset((change - 1) * SECOND)
    assert (doubled > 0) == back, "the doubled time is there twice, and only then"


@pytest.mark.parametrize("name", NAMES)
def test_days_begin_at_local_midnight(name: str) -> None:
    zone, local = zone_of(name), ZoneInfo(name)
    since, until = at(2026, 3, 20), at(2026, 4, 10)

    ticks = calendar_ticks(since * SECOND, until * SECOND, 86_400, lambda instant: instant / SECOND, 1.0, zone)

    assert len(ticks) in (20, 21, 22)
    for tick in ticks:
        before, after = (datetime.fromtimestamp(tick.bar + each, local).date() for each in (-1, 0))
        assert before < after
        assert tick.text in (str(after.day), "Apr")


def test_words_are_in_the_zone() -> None:
    summer, winter = (datetime(2026, month, 1, 12, tzinfo=UTC).timestamp() for month in (7, 12))
    berlin, kathmandu = zone_of("Europe/Berlin"), zone_of("Asia/Kathmandu")

    assert instant_text(int(summer) * SECOND, 60 * SECOND, berlin) == "1 Jul 2026  14:00"
    assert [berlin.label(int(each) * SECOND) for each in (summer, winter)] == ["UTC+2", "UTC+1"]
    assert kathmandu.label(0 + int(winter) * SECOND) == "UTC+5:45"
    assert zone_of("America/New_York").label(int(winter) * SECOND) == "UTC-5"
    assert span_text(int(winter) * SECOND, int(winter + 60) * SECOND, berlin).startswith("13:00:00")


def test_this_machines_zone_is_that_of_its_clock() -> None:
    now = datetime.now(UTC).timestamp()

    assert zone_of("local").offset(int(now) * SECOND) == datetime.now().astimezone().utcoffset().total_seconds()  # type: ignore[union-attr]


def test_an_unknown_zone_is_refused_and_on_the_screen_becomes_utc() -> None:
    with pytest.raises(InvalidInput, match="no time zone 'Mars/Olympus'"):
        zone_of("Mars/Olympus")
    with pytest.raises(InvalidInput):
        zone_of("../etc/passwd")
    choose("Asia/Tokyo")
    assert chosen().name == "Asia/Tokyo"
    choose("Mars/Olympus")
    assert chosen().name == "UTC"
