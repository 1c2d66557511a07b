from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.charts.viewport import MARGIN_PX, MAX_BAR_PX, MOST_FUTURE, Viewport

COUNT = 100_000


@st.composite
def views(draw: st.DrawFn) -> Viewport:
    low = draw(st.floats(1, 1e8))
    return Viewport(
        width=draw(st.floats(100, 4_000)),
        height=draw(st.floats(50, 2_000)),
        left=draw(st.floats(0, COUNT * 0.9)),
        bar_px=draw(st.floats(0.05, MAX_BAR_PX)),
        low=low,
        high=low + draw(st.floats(10, 1e7)),
    )


@given(views(), st.floats(0, 1), st.floats(0, 1))
def test_pixels_and_prices_convert_both_ways(view: Viewport, across: float, down: float) -> None:
    x, y = across * view.width, down * view.height

    assert view.x(view.bar(x)) == pytest.approx(x, abs=1e-4)
    assert view.y(view.price(y)) == pytest.approx(y, abs=1e-4)


@given(views(), st.floats(0.3, 3.0), st.floats(0, 1))
def test_zooming_keeps_what_is_under_the_pointer(view: Viewport, factor: float, across: float) -> None:
    x = across * view.width
    under = view.bar(x)

    view.zoom(factor, x, 0, COUNT)

    few = min(5.0, view.bars / 2)
    future = (view.right - COUNT) * view.bar_px
    held = view.left == pytest.approx(few - view.bars) or future >= min(MARGIN_PX, view.width / 4) - 1e-3
    assert held or view.bar(x) == pytest.approx(under, abs=1e-6 * max(1.0, abs(under)))
    assert view.bar_px <= MAX_BAR_PX


@given(views(), st.lists(st.tuples(st.floats(0.3, 1.0), st.floats(0, 1)), max_size=12))
def test_zooming_out_never_fills_the_pane_with_empty_future(view: Viewport, zooms: list[tuple[float, float]]) -> None:
    view.show_latest(COUNT)
    margin = (view.right - COUNT) * view.bar_px

    for factor, across in zooms:
        view.zoom(factor, across * view.width, 0, COUNT)

    assert (view.right - COUNT) * view.bar_px <= margin + 1e-3 * view.width


@given(views(), st.floats(-1e6, 1e6))
def test_panning_leaves_at_least_half_of_the_pane_to_bars(view: Viewport, dx: float) -> None:
    view.pan(dx, 0, COUNT)

    assert view.right - COUNT <= view.bars * MOST_FUTURE + 1e-6 * COUNT


@given(views(), st.floats(0.5, 2.0), st.floats(0, 1))
def test_stretching_keeps_the_price_under_the_pointer_and_stops_following(
    view: Viewport, factor: float, down: float
) -> None:
    y = down * view.height
    under = view.price(y)

    view.stretch(factor, y)

    assert view.price(y) == pytest.approx(under, rel=1e-9)
    assert not view.auto or view.high - view.low < 8


@given(views(), st.floats(-1e6, 1e6))
def test_panning_never_loses_the_bars(view: Viewport, dx: float) -> None:
    view.pan(dx, 0, COUNT)

    assert view.left < COUNT
    assert view.right > 0


@given(views(), st.floats(1.0, 3.0))
def test_no_pixel_column_holds_two_candles(view: Viewport, ratio: float) -> None:
    size = view.size(ratio)

    assert size * view.bar_px * ratio >= 1.0
    assert size == 1 or size / 2 * view.bar_px * ratio < 1.0


@given(views(), st.floats(0, 400), st.floats(0, 1e7), st.floats(1, 1e7))
def test_a_fitted_scale_shows_all_prices_below_the_legend(view: Viewport, top: float, low: float, span: float) -> None:
    view.top_px = top
    view.fit(low, low + span)

    assert view.low <= low
    assert low + span <= view.high
    above = min(max(top / view.height, 0.0), 0.4) - 0.03
    assert view.y(low + span) >= above * view.height - 1e-6
    assert not view.fit(low, low + span), "fitting again changes nothing"


def test_the_scale_rests_while_prices_move_within_it() -> None:
    view = Viewport(height=400)
    view.fit(1_000, 2_000)
    before = (view.low, view.high)

    assert not view.fit(1_020, 2_010)
    assert not view.fit(1_150, 1_950)
    assert (view.low, view.high) == before
    assert view.fit(1_000, 2_400), "a price outside refits"
    assert view.fit(1_000, 1_100), "a narrow range refits"
    assert view.fit(1_001, 1_101, exact=True)


def test_following_moves_only_while_the_newest_bar_is_in_view() -> None:
    view = Viewport(width=300, bar_px=3)
    view.show_latest(1_000)
    margin = view.right - 1_000

    view.follow(1_000, 1_004)
    assert view.right - 1_004 == pytest.approx(margin)

    view.pan(600, 0, 1_004)
    left = view.left
    view.follow(1_004, 1_010)
    assert view.left == left


def test_the_ends_are_shown_with_a_margin() -> None:
    view = Viewport(width=600, bar_px=2)

    view.show_latest(500)
    assert view.x(500) == pytest.approx(600 - MARGIN_PX)
    view.show_oldest(-200)
    assert view.x(-200) == pytest.approx(MARGIN_PX)


def test_a_resize_keeps_the_right_edge() -> None:
    view = Viewport(width=600, bar_px=2, left=100)

    view.resize(800, 300)

    assert view.right == pytest.approx(400)


def test_prices_lift_with_the_pointer_on_a_scale_set_by_hand() -> None:
    view = Viewport(height=100, low=0, high=1_000)

    view.lift(10)

    assert (view.low, view.high) == (100, 1_100)
