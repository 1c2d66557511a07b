from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.lines import line_points, paint_dots, paint_histogram, paint_line, paint_steps, strip_in_view
from crs_desktop.charts.pane_area import PaneArea, PaneScale
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.value_column import ValueColumn


def column_of(values: np.ndarray) -> ValueColumn:
    column = ValueColumn()
    column.replace(0, values)
    return column


def area_of(view: Viewport, low: float, high: float) -> PaneArea:
    return PaneArea(view, 10.0, view.width, 100.0, low, high)


@given(st.integers(0, 99), st.integers(1, 4_000), st.floats(0.05, 12), st.sampled_from([1.0, 2.0]))
def test_a_line_reaches_each_groups_true_least_and_greatest(seed: int, count: int, bar_px: float, ratio: float) -> None:
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.standard_normal(count))
    values[rng.random(count) < 0.05] = np.nan
    view = Viewport(width=300, bar_px=bar_px, left=float(rng.integers(0, count)) - 100)
    area = area_of(view, -50, 50)

    strip = strip_in_view(column_of(values), view, ratio)
    x, y = line_points(strip, area)

    assert len(x) <= 2 * (view.width * ratio + 6)
    for k in range(len(strip)):
        begin = strip.first + k * strip.size
        known = values[max(begin, 0) : begin + strip.size]
        known = known[~np.isnan(known)]
        ys = y[k : k + 1] if strip.size == 1 else y[2 * k : 2 * k + 2]
        assert len(known) == 0 if np.isnan(ys).any() else len(known) > 0
        if len(known):
            assert ys.min() == pytest.approx(area.y(known.max()))
            assert ys.max() == pytest.approx(area.y(known.min()))
    closed, newest = (strip_in_view(column_of(values), view, ratio, live=live) for live in (False, True))
    if len(newest) and len(closed):
        assert newest.first == closed.first + (len(closed) - 1) * closed.size, "they meet in one point"


def painted(paint: Callable[[Canvas], None]) -> QImage:
    image = QImage(300, 120, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    paint(Canvas(painter, 1.0))
    painter.end()
    return image


def lit(image: QImage, x: int) -> list[int]:
    return [y for y in range(image.height()) if QColor(image.pixel(x, y)).lightness() > 60]


@pytest.mark.gui
@pytest.mark.parametrize("paint", [paint_line, paint_steps, paint_dots])
def test_gaps_stay_empty_and_values_stand_at_their_height(qtbot: QtBot, paint: Callable[..., None]) -> None:
    values = np.array([0.0, 10.0, np.nan, np.nan, 20.0, 20.0])
    view = Viewport(width=300, bar_px=50)
    area = area_of(view, 0, 20)
    white = QColor("white")

    image = painted(lambda canvas: paint(canvas, area, strip_in_view(column_of(values), view, 1.0), white))

    assert not lit(image, 125)
    assert not lit(image, 175)
    assert any(abs(y - area.y(10.0)) <= 2 for y in lit(image, 74))
    assert any(abs(y - area.y(20.0)) <= 2 for y in lit(image, 225))


@pytest.mark.gui
def test_a_histogram_stands_on_its_base_in_two_colours(qtbot: QtBot) -> None:
    view = Viewport(width=300, bar_px=50)
    area = area_of(view, -20, 20)
    strip = strip_in_view(column_of(np.array([10.0, -10.0, 0.0])), view, 1.0)

    image = painted(lambda canvas: paint_histogram(canvas, area, strip, QColor("red"), QColor("blue")))

    assert QColor(image.pixel(25, 50)).name() == "#ff0000"
    assert QColor(image.pixel(75, 70)).name() == "#0000ff"
    assert not lit(image, 125)
    assert QColor(image.pixel(25, 70)).name() == "#000000"


def test_a_panes_scale_holds_still_until_it_must_move() -> None:
    scale = PaneScale()
    scale.fit(20.0, 80.0)
    kept = (scale.low, scale.high)
    assert scale.low < 20.0
    assert scale.high > 80.0

    scale.fit(22.0, 79.0)
    assert (scale.low, scale.high) == kept
    scale.fit(22.0, 99.0)
    assert scale.high > 99.0
    scale.fit(0.0, 7.0, exact=True)
    assert (scale.low, scale.high) == (0.0, 7.0)
    scale.fit(5.0, 5.0)
    assert scale.low < scale.high
