from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.charts.candles import candle_boxes, volume_boxes
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.series import BarSeries, Row
from tests.crs_desktop.charts.gallery import walk

STEP = 60_000_000_000


@st.composite
def scenes(draw: st.DrawFn) -> tuple[BarSeries, Viewport, float]:
    count = draw(st.integers(1, 3_000))
    series = BarSeries(STEP)
    series.extend(walk(count, STEP, seed=draw(st.integers(0, 999))))
    view = Viewport(width=draw(st.floats(200, 900)), height=400, bar_px=draw(st.floats(0.05, 40)))
    view.left = draw(st.floats(-50, count))
    return series, view, draw(st.sampled_from([1.0, 1.25, 1.5, 2.0]))


@given(scenes())
def test_every_visible_pixel_column_reaches_the_true_high_and_low_of_its_bars(
    scene: tuple[BarSeries, Viewport, float],
) -> None:
    series, view, ratio = scene
    last = series.row(series.stop - 1)
    assert last is not None
    series.columns(series.first, series.stop, 64)
    series.append(series.start(series.stop - 1), Row(last.open, last.high + 9e4, last.low - 9e4, last.low, 5.0))
    columns = series.columns(int(np.floor(view.left)), int(np.ceil(view.right)), view.size(ratio))
    extremes = columns.extremes()
    if extremes is None:
        return
    view.fit(*extremes)

    boxes = candle_boxes(columns, view, ratio, 0, 0)

    assert len(boxes.wicks) == len(columns)
    for i in range(0, len(columns), max(1, len(columns) // 40)):
        begin = columns.first + i * columns.size
        rows = [row for j in range(begin, begin + columns.size) if (row := series.row(j)) is not None]
        high, low = max(row.high for row in rows), min(row.low for row in rows)
        left, top, right, bottom = boxes.wicks[i]
        assert top == round(view.y(high) * ratio)
        assert bottom == max(round(view.y(low) * ratio), top + max(1, round(ratio)) - 1)
        assert boxes.rising[i] == (rows[-1].close >= rows[0].open)
        assert left <= right


@given(scenes())
def test_candles_stand_side_by_side_and_bodies_enclose_wicks_evenly(scene: tuple[BarSeries, Viewport, float]) -> None:
    series, view, ratio = scene
    columns = series.columns(int(np.floor(view.left)), int(np.ceil(view.right)), view.size(ratio))

    boxes = candle_boxes(columns, view, ratio, 0, 0)

    bodies, wicks = boxes.bodies.astype(int), boxes.wicks.astype(int)
    assert (bodies[1:, 0] > bodies[:-1, 2]).all(), "no pixel column holds two candles"
    pitch = columns.size * view.bar_px * ratio
    if pitch >= 2:
        assert (wicks[:, 0] - bodies[:, 0] == bodies[:, 2] - wicks[:, 2]).all(), "the wick is in the middle"
    else:
        assert (bodies[1:, 0] == bodies[:-1, 2] + 1).all(), "narrow candles leave no gap"


def test_holes_draw_nothing() -> None:
    series = BarSeries(STEP)
    series.extend(walk(10, STEP))
    series.append(series.start(series.stop) + 5 * STEP, Row(100, 110, 90, 105, 7))
    view = Viewport(width=160, height=100, bar_px=10, low=0, high=10_000_000)

    boxes = candle_boxes(series.columns(0, 16, 1), view, 1.0, 0, 0)

    assert len(boxes.bodies) == 11


def test_volume_bars_stand_on_the_ground_in_proportion() -> None:
    series = BarSeries(STEP)
    for i, volume in enumerate((50.0, 100.0, 0.0, 0.01)):
        series.append(i * STEP, Row(10, 12, 9, 11 - i, volume))
    view = Viewport(width=400, height=100, bar_px=10)

    bars, rising = volume_boxes(series.columns(0, 4, 1), view, 1.0, 0, 200, 80, 100.0)

    assert [int(200 - top) for top in bars[:, 1]] == [40, 80, 1]
    assert (bars[:, 3] == 199).all()
    assert rising.tolist() == [True, True, False]


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_flat_candle_is_still_a_line(ratio: float) -> None:
    series = BarSeries(STEP)
    series.append(0, Row(100, 100, 100, 100, 0))
    view = Viewport(width=100, height=100, bar_px=20, low=50, high=150)

    boxes = candle_boxes(series.columns(0, 1, 1), view, ratio, 0, 0)

    _, top, _, bottom = boxes.bodies[0]
    assert bottom - top + 1 == max(1, round(ratio))
