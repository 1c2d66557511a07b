"""The law of studies: once nothing is under way, what is shown equals the batch over all bars, row by row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.indicators import run as runs
from crs_desktop.viewmodels.indicators.bars import Cut, Units
from crs_desktop.viewmodels.indicators.run import LocalRun, OwnRun
from crs_desktop.viewmodels.indicators.setup import first_setup
from crs_desktop.viewmodels.indicators.study import Study
from crs_desktop.viewmodels.series import BarSeries, Row
from engine.bus import Bus
from engine.indicators.host import Host
from engine.indicators.message import Reply, Request, Trouble
from engine.indicators.registry import find
from engine.indicators.spec import Columns, Floats, Stream, Value
from engine.indicators.warm import pushed
from engine.ports.feed import BarArrays
from engine.services.indicators import Indicators
from engine.services.own_files import OwnFile
from engine.services.own_indicator import OwnIndicator

STEP = 60_000_000_000
UNITS = Units(0.01, 0.001)
MEAN = """
from engine.indicators.own import OwnIndicator, line, whole
class Mean(OwnIndicator):
    over_candles = True
    period = whole(3)
    mean = line()
    def start(self):
        self.closes = []
    def push(self, bar):
        self.closes = [*self.closes, bar.close][-self.period:]
        return sum(self.closes) / self.period if len(self.closes) == self.period else None
"""


class InProcess:
    """A worker without a process."""

    def __init__(self) -> None:
        self._host = Host()

    def ask(self, request: Request) -> Reply:
        return self._host.answer(request)

    def close(self) -> None:
        self._host = Host()


class SlowIndicators(Indicators):
    """Computes where it is, but takes its time."""

    async def outputs(self, name: str, values: dict[str, Value], columns: Columns) -> tuple[Floats, ...] | Trouble:
        await asyncio.sleep(0.002)
        return find(name).compute(columns, values)

    async def stream(
        self, name: str, values: dict[str, Value], columns: Columns
    ) -> tuple[tuple[Floats, ...], Stream] | Trouble:
        await asyncio.sleep(0.002)
        stream = find(name).stream(values)
        return pushed(stream, columns, len(find(name).outputs)), stream


class Market:
    """A series that grows as charts' series do."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.series = BarSeries(STEP)
        self.newest, self.oldest, self.price = 1_000, 1_000, 10_000.0

    def row(self) -> Row:
        self.price = max(self.price + float(self.random.integers(-30, 31)), 100.0)
        reach = float(self.random.integers(0, 20))
        body = float(self.random.integers(-10, 11))
        volume = float(self.random.integers(0, 50))
        opened, closed = self.price, self.price + body
        return Row(opened, max(opened, closed) + reach, min(opened, closed) - reach, closed, volume)

    def bars(self, begin: int, count: int) -> BarArrays:
        rows = [self.row() for _ in range(count)]
        starts = (begin + np.arange(count)) * STEP
        return BarArrays(starts, *(np.array(column) for column in zip(*rows, strict=True)))

    def append(self) -> None:
        self.newest += 1
        self.series.append(self.newest * STEP, self.row())

    def tick(self) -> None:
        self.series.append(self.newest * STEP, self.row())

    def skip(self) -> None:
        self.newest += 4
        self.append()

    def extend(self) -> None:
        self.series.extend(self.bars(self.newest + 1, 12))
        self.newest += 12

    def prepend(self) -> None:
        self.oldest -= 9
        self.series.prepend(self.bars(self.oldest, 9))


OPERATIONS = ("append", "tick", "skip", "extend", "prepend", "follow", "wait")
NAMES = ("ema", "macd", "rsi", "obv", "bbands", "supertrend", "vwap")
STORIES = st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=30)


def study_of(name: str) -> Study:
    indicator = find(name)
    setup = first_setup(indicator, "price")
    small = {each: 3 for each in setup.values if "period" in each}
    return Study(1, indicator, replace(setup, values={**setup.values, **small}), UNITS.price)


def expected(study: Study, series: BarSeries) -> list[Floats]:
    """The batch over every bar of the series, laid out by hand."""
    there = [at for at in range(series.first, series.stop) if series.row(at) is not None]
    bars = [UNITS.bar(series.start(at), row) for at in there if (row := series.row(at)) is not None]
    start, *rest = zip(*bars, strict=True)
    columns = Columns(np.array(start, np.int64), *(np.array(each) for each in rest))
    laid = []
    for output in study.indicator.compute(columns, study.setup.values):
        column = np.full(len(series), np.nan)
        column[np.array(there) - series.first] = output
        laid.append(column)
    return laid


def assert_shown(study: Study, series: BarSeries, want: list[Floats]) -> None:
    for at, column in enumerate(want):
        shown = [study.value(at, index) for index in range(series.first, series.stop)]
        np.testing.assert_allclose(shown, column, rtol=1e-9, atol=1e-9)


@pytest.mark.no_cover
@settings(max_examples=40, deadline=None)
@given(st.sampled_from(NAMES), STORIES, st.integers(0, 2**16))
def test_a_built_in_study_shows_the_batch_after_any_story(name: str, story: list[str], seed: int) -> None:
    market, study = Market(seed), study_of(name)
    market.append()
    run = LocalRun(study, lambda: None, None)

    for step in story:
        if step == "follow":
            run.follow(market.series, UNITS)
        elif step != "wait":
            getattr(market, step)()
    run.follow(market.series, UNITS)

    assert_shown(study, market.series, expected(study, market.series))


async def _told(market: Market, run: LocalRun | OwnRun, story: list[str], idle: Callable[[], bool]) -> None:
    for step in story:
        if step == "follow":
            run.follow(market.series, UNITS)
        elif step == "wait":
            await asyncio.sleep(0.001)
        else:
            getattr(market, step)()
    for _ in range(3_000):
        run.follow(market.series, UNITS)
        if idle():
            break
        await asyncio.sleep(0.001)
    run.follow(market.series, UNITS)
    for _ in range(3_000):
        if idle():
            return
        await asyncio.sleep(0.001)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(NAMES), STORIES, st.integers(0, 2**16))
def test_the_law_holds_when_long_series_are_computed_elsewhere(name: str, story: list[str], seed: int) -> None:
    market, study = Market(seed), study_of(name)
    market.append()

    async def live() -> None:
        run = LocalRun(study, lambda: None, SlowIndicators(Bus(), Path("none"), InProcess))
        await _told(market, run, story, lambda: not (study.busy or run.asking))
        run.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "INLINE", 4)
        patch.setattr(runs, "LONG", 20)
        asyncio.run(live())

    assert study.trouble.source == ""
    assert_shown(study, market.series, expected(study, market.series))


@settings(max_examples=25, deadline=None)
@given(STORIES, st.integers(0, 2**16))
def test_the_law_holds_for_an_own_indicator(story: list[str], seed: int) -> None:
    market = Market(seed)
    market.append()
    own = OwnIndicator("mean", InProcess)
    studies: list[Study] = []

    async def live() -> None:
        await own.take(OwnFile("mean", Path("mean.py"), (1, 1), MEAN))
        assert own.good is not None
        study = Study(1, own.good, first_setup(own.good, "price"), UNITS.price)
        studies.append(study)
        run = OwnRun(study, lambda: None, own)
        await _told(market, run, story, lambda: not (study.busy or run.asking))
        run.close()

    asyncio.run(live())

    (study,) = studies
    twin = study_of("sma")
    assert study.trouble.source == ""
    assert_shown(study, market.series, expected(twin, market.series))


def test_a_look_at_the_forming_bar_changes_nothing() -> None:
    market, study = Market(1), study_of("ema")
    market.extend()
    run = LocalRun(study, lambda: None, None)
    run.follow(market.series, UNITS)
    settled = [study.value(0, index) for index in range(market.series.first, market.series.stop - 1)]

    for _ in range(50):
        market.tick()
        run.follow(market.series, UNITS)

    assert [study.value(0, index) for index in range(market.series.first, market.series.stop - 1)][2:] == settled[2:]


def test_a_new_newest_bar_changes_what_is_closed() -> None:
    market, study = Market(1), study_of("ema")
    market.extend()
    run = LocalRun(study, lambda: None, None)
    run.follow(market.series, UNITS)
    before = study.version

    market.tick()
    run.follow(market.series, UNITS)
    same = study.version
    study.put(study.columns[0].stop, (1.0,), closed=False)

    assert same == before
    assert study.version > before


def test_another_series_begins_anew() -> None:
    market, other, study = Market(1), Market(2), study_of("ema")
    market.extend()
    other.extend()
    run = LocalRun(study, lambda: None, None)

    run.follow(market.series, UNITS)
    run.follow(other.series, UNITS)

    assert_shown(study, other.series, expected(study, other.series))


def test_a_pair_with_another_tick_is_drawn_in_its_own_ticks() -> None:
    market, other, study = Market(1), Market(1), study_of("sma")
    market.extend()
    other.extend()
    run = LocalRun(study, lambda: None, None)
    run.follow(market.series, UNITS)
    before = study.columns[0].values().copy()

    run.follow(other.series, Units(1e-9, 1.0))

    np.testing.assert_allclose(study.columns[0].values(), before)  # the same ticks, whatever one is worth
    assert study.value(0, other.series.stop - 1) == pytest.approx(before[-1] * 1e-9)


def test_a_cut_leaves_the_newest_bar_and_the_holes_out() -> None:
    market = Market(3)
    market.append()
    market.skip()
    market.append()

    cut = Cut.of(market.series, UNITS)

    assert len(cut) == len(market.series) - 1
    assert len(cut.columns().close) == market.series.bars - 1
    first = market.series.row(market.series.first)
    assert first is not None
    assert cut.columns().close[0] == pytest.approx(first.close * 0.01)
