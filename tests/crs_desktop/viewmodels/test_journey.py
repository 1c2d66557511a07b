from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels import journey as journey_module
from crs_desktop.viewmodels.chart import ChartModel, ChartState
from crs_desktop.viewmodels.journey import parse_when
from crs_desktop.viewmodels.time_zone import zone_of
from crs_desktop.viewmodels.words import NOTHING
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from tests.crs_desktop.charts.gallery import LEVEL, Archive, close_floor, desk_of, floor_with, settle
from tests.crs_desktop.trading_floor import START, Floor

MINUTE = 60 * NANOS_PER_SECOND
NOW = int(datetime(2026, 11, 29, 12, 0, tzinfo=UTC).timestamp()) * NANOS_PER_SECOND


@given(st.integers(int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()), NOW // NANOS_PER_SECOND), st.booleans())
def test_a_written_date_means_what_the_wall_clock_said(seconds: int, long: bool) -> None:
    zone = zone_of("Asia/Kathmandu")
    wall = zone.moment(seconds * NANOS_PER_SECOND)

    text = f"{wall:%Y-%m-%d %H:%M:%S}" if long else f" {wall:%Y-%m-%dT%H:%M:%S} "

    assert parse_when(text, NOW, zone) == (seconds * NANOS_PER_SECOND, NOTHING)


@pytest.mark.parametrize(
    ("text", "seconds"), [("-3d", 3 * 86_400), ("- 4 h", 4 * 3_600), ("-30M", 1_800), ("-2w", 14 * 86_400), ("-9s", 9)]
)
def test_spans_count_back_from_now(text: str, seconds: int) -> None:
    assert parse_when(text, NOW, zone_of("UTC")) == (NOW - seconds * NANOS_PER_SECOND, NOTHING)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2027-01-01", "1066-10-14", "-99y", "3d", "-3q"])
def test_what_is_no_date_in_the_past_is_told(text: str) -> None:
    instant, problem = parse_when(text, NOW, zone_of("UTC"))

    assert instant is None
    assert str(problem)


class Stage:
    """A chart model over a made history, loaded."""

    def __init__(self, floor: Floor, archive: Archive) -> None:
        self.floor, self.archive = floor, archive
        self.model = ChartModel(desk_of(floor))
        self.journey = self.model.journey

    async def settle(self) -> None:
        for _ in range(6):
            await settle()
            self.model.fold()

    def span(self) -> tuple[int, int]:
        series = self.model.series
        return series.start(series.first), series.start(series.stop - 1)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    archive = Archive(count=40_000)
    made = Stage(await floor_with(archive), archive)
    await made.settle()
    yield made
    made.model.close()
    close_floor(made.floor)
    await settle()
    assert made.floor.bus.subscriber_count == 0


async def test_a_near_date_is_reached_by_loading_what_lies_between(stage: Stage) -> None:
    newest = stage.span()[1]

    assert stage.journey.ask("-8d") == NOTHING
    assert stage.journey.target is not None
    await stage.settle()

    assert stage.journey.target is None
    assert stage.journey.arrived == stage.floor.now - 8 * 1_440 * MINUTE
    assert stage.span()[0] <= stage.journey.arrived
    assert stage.span()[1] == newest
    assert not stage.journey.detached
    assert not stage.model.series.holes(-99_999, 99_999)


async def test_a_far_date_gets_a_window_that_nothing_live_enters(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journey_module, "NEAR", 2_000)
    target = stage.floor.now - 15_000 * MINUTE

    stage.journey.go(target)
    await stage.settle()

    assert stage.journey.detached
    assert stage.journey.arrived == target
    since, until = stage.span()
    assert since < target < until < stage.floor.now - 10_000 * MINUTE
    assert stage.model.series.bars == journey_module.WINDOW
    stage.floor.now = Nanos(stage.floor.now + 3 * MINUTE)
    stage.floor.other(Side.BUY, "BTC/USDT", LEVEL, 10)
    await stage.settle()
    assert stage.span() == (since, until), "the market goes on without it"

    stage.model.reload()
    await stage.settle()
    assert not stage.journey.detached
    assert stage.span()[1] > START - 3 * MINUTE


async def test_scrolling_forward_from_the_past_comes_back_to_the_market(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journey_module, "NEAR", 2_000)
    stage.journey.go(stage.floor.now - 9_000 * MINUTE)
    await stage.settle()

    for _ in range(9):
        stage.journey.need_newer(stage.model.series.stop - 10, 200)
        await stage.settle()

    assert not stage.journey.detached
    assert stage.span()[1] >= START - 2 * MINUTE
    assert not stage.model.series.holes(-99_999, 99_999)


async def test_a_journey_can_be_ended_and_leaves_what_was_loaded(stage: Stage) -> None:
    stage.archive.gate = asyncio.Event()
    stage.journey.go(stage.floor.now - 20_000 * MINUTE)
    await stage.settle()
    assert stage.journey.target is not None

    stage.journey.cancel()
    stage.archive.gate.set()
    await stage.settle()

    assert stage.journey.target is None
    assert stage.journey.arrived is None
    assert stage.model.series.bars < 2_000


async def test_before_the_first_bar_the_oldest_is_shown_or_it_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.journey.go(stage.floor.now - 50_000 * MINUTE)
    await stage.settle()
    assert stage.journey.arrived == stage.span()[0]
    assert stage.model.series.bars >= 40_000

    stage.journey.arrived = None
    monkeypatch.setattr(journey_module, "NEAR", 2_000)
    stage.journey.go(stage.floor.now - 90_000 * MINUTE)
    await stage.settle()
    assert stage.journey.arrived is None
    assert "no data" in str(stage.model.notice)


async def test_a_date_that_is_loaded_is_simply_shown_and_a_broken_feed_is_told(stage: Stage) -> None:
    stage.journey.go(stage.floor.now - 300 * MINUTE)
    assert stage.journey.arrived == stage.floor.now - 300 * MINUTE
    assert stage.journey.target is None

    stage.archive.broken = "The history cannot be read now."
    stage.journey.go(stage.floor.now - 30_000 * MINUTE)
    await stage.settle()
    assert stage.journey.target is None
    assert "cannot be read" in str(stage.model.notice)


@pytest.mark.parametrize("failed", [False, True])
async def test_a_date_is_reached_before_the_first_bars_came_and_after_they_could_not(failed: bool) -> None:
    archive = Archive(count=40_000)
    stage = Stage(await floor_with(archive), archive)
    if failed:
        archive.broken = "The history cannot be read now."
        await stage.settle()
        archive.broken = ""
    target = stage.floor.now - 15_000 * MINUTE

    stage.journey.go(target)
    await stage.settle()

    assert (stage.model.state, str(stage.model.problem)) == (ChartState.READY, "")
    assert stage.journey.arrived == target
    assert stage.span()[1] < stage.floor.now - 10_000 * MINUTE
    assert not stage.model.series.holes(-99_999, 99_999)
    stage.model.close()
    assert stage.floor.bars.forming("BTC/USDT", stage.model.timeframe) is None
    close_floor(stage.floor)


async def test_scrolling_forward_crosses_a_hole_that_is_longer_than_what_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journey_module, "NEAR", 2_000)
    archive = Archive(count=40_000, holes=[(19_000, 6_000)])
    stage = Stage(await floor_with(archive), archive)
    await stage.settle()
    stage.journey.go(stage.floor.now - 20_000 * MINUTE)
    await stage.settle()

    for _ in range(9):
        stage.journey.need_newer(stage.model.series.stop - 10, 200)
        await stage.settle()

    assert not stage.journey.detached
    assert stage.span()[1] >= START - 2 * MINUTE
    stage.model.close()
    close_floor(stage.floor)
