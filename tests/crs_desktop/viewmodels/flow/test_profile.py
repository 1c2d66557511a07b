import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.flow.profile import DAY, MOST_SESSIONS, ProfileModel
from crs_desktop.viewmodels.flow.style import FlowStyle, ProfileSpan
from tests.crs_desktop.viewmodels.flow.market import STEP, Market, Told

told = st.lists(
    st.tuples(st.integers(0, 90), st.integers(90, 130), st.integers(1, 999), st.booleans()), min_size=1, max_size=40
)


def profiles_of(market: Market, style: FlowStyle) -> ProfileModel:
    model = ProfileModel(lambda: market.series, lambda: market.log)
    model.style = style
    return model


def volume_of(market: Market, first: int, stop: int) -> float:
    return float(market.series.between(first, stop).volume.sum())


@given(told, st.integers(0, 30), st.integers(-40, 20), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_a_profile_holds_the_volume_of_the_bars_in_view(rows: list[Told], older: int, first: int, bars: int) -> None:
    market = Market()
    model = profiles_of(market, FlowStyle(profile=ProfileSpan.VISIBLE))
    for row in rows:
        market.tell(*row)
        model.update(first, first + bars, 400)  # live: print by print
    market.older(older, seed=older)
    model.update(first, first + bars, 400)

    total = sum(profile.rows.total for profile in model.shown)

    assert total == volume_of(market, first, first + bars)
    batch = profiles_of(market, model.style)
    batch.update(first, first + bars, 400)
    assert len(batch.shown) == len(model.shown)
    for one, other in zip(batch.shown, model.shown, strict=True):
        assert np.array_equal(one.rows.up, other.rows.up)
        assert (one.poc, one.low, one.high) == (other.poc, other.low, other.high)


@given(told, st.integers(0, 90))
@settings(max_examples=30, deadline=None)
def test_days_divide_the_volume_between_them(rows: list[Told], older: int) -> None:
    market = Market()
    market.older(older, seed=1)
    for row in rows:
        market.tell(*row)
    model = profiles_of(market, FlowStyle(profile=ProfileSpan.SESSION))
    series = market.series

    model.update(series.first, series.stop, 400)

    assert sum(each.rows.total for each in model.shown) == volume_of(market, series.first, series.stop)
    for each in model.shown:
        days = {series.start(index) // DAY for index in range(each.first, each.stop)}
        assert len(days) == 1


def test_a_day_cut_by_the_edge_of_the_view_is_told_whole() -> None:
    market = Market()
    market.older(100, seed=2)
    model = profiles_of(market, FlowStyle(profile=ProfileSpan.SESSION))

    model.update(60, 70, 400)

    assert model.shown
    for each in model.shown:
        assert market.series.start(each.first) % DAY == 0 or each.first == market.series.first


def test_too_many_days_are_not_told_apart() -> None:
    market = Market()
    market.older(24 * (MOST_SESSIONS + 5), seed=2)
    model = profiles_of(market, FlowStyle(profile=ProfileSpan.SESSION))
    model.update(market.series.first, market.series.stop, 400)

    assert model.crowded
    assert model.shown == []


def test_a_chosen_stretch_stays_whatever_is_in_view() -> None:
    market = Market()
    market.older(50, seed=3)
    series = market.series
    since = series.start(10)
    model = profiles_of(market, FlowStyle(profile=ProfileSpan.FIXED, since=since, until=since + 7 * STEP))

    for first, stop in ((0, 50), (40, 45)):
        model.update(first, stop, 400)
        assert [(each.first, each.stop) for each in model.shown] == [(10, 17)]
        assert model.shown[0].rows.total == volume_of(market, 10, 17)


def test_rows_are_as_high_as_asked_for() -> None:
    market = Market()
    market.older(300, seed=4)
    for style, group in ((FlowStyle(group=7), 7), (FlowStyle(rows=24), 5), (FlowStyle(rows=200), 1)):
        model = profiles_of(market, FlowStyle(profile=ProfileSpan.VISIBLE, group=style.group, rows=style.rows))
        model.update(0, 300, 400)

        assert model.group == group
        assert all(each.rows.group == group for each in model.shown)


def test_prints_place_the_volume_exactly() -> None:
    market = Market()
    for price, lots in ((100, 5), (110, 7), (100, 3)):
        market.tell(1, price, lots, True)
    model = profiles_of(market, FlowStyle(profile=ProfileSpan.VISIBLE, group=1))
    model.update(0, 1, 400)

    profile = model.shown[0]

    assert profile.rows.exact == profile.rows.total == 15
    assert profile.rows.volume.tolist() == [8, *[0] * 9, 7]
    assert profile.price(profile.poc) == 100
    assert (profile.row_at(110.4), profile.row_at(99)) == (10, None)
