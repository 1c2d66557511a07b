"""The simulated past: real enough, anywhere at once, and always the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.exchange.calibration import judge_bars
from engine.market import stage
from engine.market.catalogue import PAIRS, PairSpec, spec_of
from engine.market.generator import KEPT_DAYS, BarGenerator
from engine.market.history import MINUTE_NANOS, PastBars
from engine.market.latent import LatentPath
from engine.market.noise import normal, stream, uniform, value_noise
from engine.market.stage import MINUTES

SHORT_SEEDS = (0, 1, 42)
BTC = PAIRS[0]


def generator(seed: int = 1, pair: int = 0) -> BarGenerator:
    return BarGenerator(PAIRS[pair], seed)


@pytest.mark.parametrize("seed", SHORT_SEEDS)
@pytest.mark.parametrize("spec", [PAIRS[0], PAIRS[-1]], ids=lambda spec: spec.symbol)
def test_bars_of_a_seed_keep_to_every_band_of_real_markets(seed: int, spec: PairSpec) -> None:
    assert [each for each in judge_bars(seed, spec) if not each.holds] == []


@pytest.mark.soak
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_bars_of_many_seeds_keep_to_every_band_of_real_markets(seed: int) -> None:
    assert [each for spec in PAIRS for each in judge_bars(seed, spec) if not each.holds] == []


def test_the_same_seed_makes_the_same_day_whatever_was_asked_before() -> None:
    warm = generator()
    for day in range(stage.START_DAY - KEPT_DAYS - 2, stage.START_DAY):
        warm.day(day)

    for ours, fresh in zip(warm.day(stage.START_DAY - 40), generator().day(stage.START_DAY - 40), strict=True):
        np.testing.assert_array_equal(ours, fresh)


def test_another_seed_makes_another_market() -> None:
    assert not np.array_equal(generator(1).day(20_000).close, generator(2).day(20_000).close)


@given(seed=st.integers(0, 2**32), day=st.integers(stage.FIRST_DAY, stage.START_DAY + 3_000), pair=st.integers(0, 5))
def test_any_day_is_sound_and_goes_on_from_the_day_before(seed: int, day: int, pair: int) -> None:
    bars = generator(seed, pair)
    today, before = bars.day(day), bars.day(day - 1)

    assert today.open[0] == before.close[-1]
    assert (today.open[1:] == today.close[:-1]).all()
    assert (today.high >= np.maximum(today.open, today.close)).all()
    assert (today.low <= np.minimum(today.open, today.close)).all()
    assert (today.low >= 1).all()
    assert (today.volume >= 1).all()
    assert len(today.close) == MINUTES


@pytest.mark.parametrize("spec", PAIRS, ids=lambda spec: spec.symbol)
def test_a_pair_opens_near_its_catalogued_price_and_stays_plausible_for_years(spec: PairSpec) -> None:
    bars = BarGenerator(spec, 7)

    opening = bars.day(stage.START_DAY).open[0]
    years = [bars.day(day).open[0] for day in range(stage.FIRST_DAY, stage.START_DAY + 2_000, 97)]

    assert abs(opening - spec.start_price) <= 1
    assert max(years) < 5 * spec.start_price
    assert min(years) > spec.start_price / 5


def test_landmarks_lie_apart_in_the_three_months_before_the_start() -> None:
    for seed in range(200):
        marks = stage.landmarks(seed)
        assert marks.rally >= stage.START_DAY - 90
        assert marks.rally + stage.RALLY_DAYS < marks.crash
        assert marks.crash + 10 < marks.calm
        assert marks.calm + stage.CALM_DAYS < stage.START_DAY - 3


@given(seed=st.integers(0, 500), minute=st.integers(0, 3 * MINUTES - 3), pair=st.integers(0, 5))
def test_seconds_inside_minutes_add_up_to_the_minutes(seed: int, minute: int, pair: int) -> None:
    past = PastBars(LatentPath(generator(seed, pair)))
    first = Nanos((stage.START_DAY * MINUTES + minute) * MINUTE_NANOS)
    last = Nanos(first + 3 * MINUTE_NANOS)

    seconds = past.span(Timeframe.S1, first, last)
    minutes = past.span(Timeframe.M1, first, last)

    assert len(seconds) == 180
    assert (seconds.open.reshape(3, 60)[:, 0] == minutes.open).all()
    assert (seconds.close.reshape(3, 60)[:, -1] == minutes.close).all()
    assert (seconds.high.reshape(3, 60).max(axis=1) == minutes.high).all()
    assert (seconds.low.reshape(3, 60).min(axis=1) == minutes.low).all()
    assert (seconds.volume.reshape(3, 60).sum(axis=1) == minutes.volume).all()
    before, closed = seconds.close[:-1], seconds.close[1:]  # a second opens at its first print, on the way to its close
    assert (seconds.open[1:] >= np.minimum(before, closed)).all()
    assert (seconds.open[1:] <= np.maximum(before, closed)).all()
    assert (seconds.high >= np.maximum(seconds.open, seconds.close)).all()
    assert (seconds.low <= np.minimum(seconds.open, seconds.close)).all()


@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1])
def test_longer_bars_are_the_minutes_they_consist_of(timeframe: Timeframe) -> None:
    past = PastBars(LatentPath(generator()))
    first = stage.day_start(stage.START_DAY - 3)
    last = stage.day_start(stage.START_DAY)
    per_bar = timeframe.seconds // 60

    bars, minutes = past.span(timeframe, first, last), past.span(Timeframe.M1, first, last)

    rows = (-1, per_bar)
    assert (bars.open == minutes.open.reshape(rows)[:, 0]).all()
    assert (bars.high == minutes.high.reshape(rows).max(axis=1)).all()
    assert (bars.low == minutes.low.reshape(rows).min(axis=1)).all()
    assert (bars.close == minutes.close.reshape(rows)[:, -1]).all()
    assert (bars.volume == minutes.volume.reshape(rows).sum(axis=1)).all()


def test_an_empty_span_has_no_bars() -> None:
    past = PastBars(LatentPath(generator()))

    assert len(past.span(Timeframe.M1, stage.LIVE_START, stage.LIVE_START)) == 0


def test_noise_is_standard_normal_and_uniform_and_forgets_itself() -> None:
    index = np.arange(200_000)
    numbers, evens = normal(stream("test"), index), uniform(stream("test"), index)
    waves = value_noise(stream("wave"), index.astype(float), 10.0)

    assert abs(numbers.mean()) < 0.01
    assert abs(numbers.std() - 1) < 0.01
    assert abs(evens.mean() - 0.5) < 0.005
    assert 0 < evens.min() < evens.max() < 1
    assert abs(waves.std() - 1) < 0.02
    assert abs(np.corrcoef(waves[:-40], waves[40:])[0, 1]) < 0.05


def test_every_catalogued_pair_is_found_by_its_symbol_and_shares_one_quote() -> None:
    assert [spec_of(spec.symbol) for spec in PAIRS] == list(PAIRS)
    assert spec_of("ABC/XYZ") is None
    assert len({id(spec.pair.quote) for spec in PAIRS}) == 1
    assert len(PAIRS) >= 6
