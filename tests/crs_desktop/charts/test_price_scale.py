from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crs_desktop.charts.price_scale import percent_text, price_ticks, scaled_text
from crs_desktop.charts.scale import NumberGrid
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.chart_style import Scale

GRID = NumberGrid(2)


@st.composite
def views(draw: st.DrawFn) -> Viewport:
    low = draw(st.floats(100, 1e9))
    high = low * draw(st.floats(1.0001, 1e4)) + 10
    view = Viewport(
        height=draw(st.floats(80, 1_500)), scale=draw(st.sampled_from(list(Scale))), inverted=draw(st.booleans())
    )
    view.top_px = draw(st.floats(0, 60))
    view.fit(low, high, exact=True)
    return view


@given(views(), st.floats(0, 1))
def test_pixels_and_prices_lead_back_to_each_other_one_by_one_and_in_columns(view: Viewport, share: float) -> None:
    y = share * view.height
    price = view.price(y)

    assume(price > 1)
    assert view.y(price) == pytest.approx(y, abs=1e-3)
    assert view.ys(np.array([price]))[0] == pytest.approx(view.y(price), abs=1e-6)


@given(st.floats(1, 1e9), st.floats(0, 1e9), st.sampled_from(list(Scale)), st.booleans(), st.floats(100, 1_000))
def test_what_is_fitted_is_in_view_below_the_legend_and_stays_until_it_leaves(
    low: float, more: float, scale: Scale, inverted: bool, height: float
) -> None:
    view = Viewport(height=height, scale=scale, inverted=inverted, top_px=40)
    view.fit(low, low + more)

    ys = sorted((view.y(low), view.y(low + more)))
    assert ys[0] >= min(40, 0.4 * height) - 3
    assert ys[1] <= height
    before = (view.low, view.high)
    assert not view.fit(low, low + more)
    assert (view.low, view.high) == before


@given(views(), st.floats(15, 60))
def test_ticks_are_in_view_apart_and_ascending(view: Viewport, spacing: float) -> None:
    base = view.price(view.height / 2)

    ticks = price_ticks(view, spacing, GRID, base)

    values = [tick.value for tick in ticks]
    assert values == sorted(values)
    for one, other in pairwise(values):
        assert abs(view.y(one) - view.y(other)) >= spacing * 0.999
    for value in values:
        assert -1 <= view.y(value) <= view.height + 1
    assert len({tick.text for tick in ticks}) == len(ticks)


@given(st.integers(0, 6), st.integers(2, 5))
def test_a_wide_logarithmic_scale_has_the_powers_of_ten(start: int, decades: int) -> None:
    view = Viewport(height=600, scale=Scale.LOG, low=float(10**start), high=float(10 ** (start + decades)))

    found = {round(tick.value) for tick in price_ticks(view, 24, NumberGrid(0), 0)}

    assert {10**n for n in range(start, start + decades + 1)} <= found
    assert all(str(value)[0] in "125" and set(str(value)[1:]) <= {"0"} for value in found)


def test_percent_ticks_are_round_percents_of_the_base() -> None:
    view = Viewport(height=400, scale=Scale.PERCENT, low=8_999, high=11_001)

    ticks = price_ticks(view, 30, GRID, 10_000)

    assert [tick.text for tick in ticks][::2] == ["−10.00%", "−6.00%", "−2.00%", "+2.00%", "+6.00%", "+10.00%"]  # noqa: RUF001
    assert ticks[0].value == pytest.approx(9_000)
    assert scaled_text(view, 10_125, GRID, 10_000) == "+1.25%"
    assert scaled_text(view, 10_125, GRID, 0) == "101.25"
    assert percent_text(0) == "0.00%"


@given(views(), st.floats(0.2, 4), st.floats(0, 1))
def test_stretching_keeps_the_price_under_the_pointer(view: Viewport, factor: float, share: float) -> None:
    y = share * view.height
    price = view.price(y)
    assume(price > 1)

    view.stretch(factor, y)

    assert view.y(price) == pytest.approx(y, abs=1e-3)
    view.lift(25.0)
    assert view.y(price) == pytest.approx(y + 25.0, abs=1e-2)
