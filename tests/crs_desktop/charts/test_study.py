"""How studies are drawn and read: extremes are a brute force's, nothing is left out, figures read well."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.study_paint import paint_study, strip_of_output, study_extremes
from crs_desktop.charts.study_text import number, places, study_parts, value_ticks
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.indicators.setup import Look, first_setup
from crs_desktop.viewmodels.indicators.study import Study
from crs_desktop.viewmodels.value_column import ValueColumn
from crs_desktop.viewmodels.words import NOTHING, say
from engine.indicators.registry import find
from engine.market.catalogue import PAIRS

PAIR = PAIRS[0].pair


def study_with(name: str, columns: list[list[float]], first: int = 0) -> Study:
    indicator = find(name)
    study = Study(1, indicator, first_setup(indicator, "1"), 1.0)
    filled = []
    for values in columns:
        column = ValueColumn()
        column.replace(first, np.array(values))
        filled.append(column)
    study.fill(tuple(filled))
    return study


VALUES = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=80)


@settings(max_examples=80, deadline=None)
@given(VALUES, st.integers(-50, 50), st.integers(-60, 90), st.integers(1, 90), st.sampled_from([1, 2, 8, 16]))
def test_extremes_equal_a_brute_force(values: list[float], first: int, begin: int, count: int, size: int) -> None:
    study = study_with("rsi", [values], first)

    found = study_extremes(study, begin, begin + count, size)

    low, high = begin // size * size, -(-(begin + count) // size) * size  # groups are whole
    there = [v for at, v in enumerate(values, first) if low <= at < high and v == v]
    inside = [v for at, v in enumerate(values, first) if begin <= at < begin + count and v == v]
    if found is None:
        assert not inside
    else:
        assert there
        assert min(there) <= found[0] <= min(inside, default=found[0])
        assert max(there) >= found[1] >= max(inside, default=found[1])


@given(VALUES, st.integers(-50, 50), st.floats(0.05, 12.0), st.floats(-90, 90))
def test_closed_and_live_part_together_are_the_whole(
    values: list[float], first: int, bar_px: float, left: float
) -> None:
    study = study_with("rsi", [values], first)
    view = Viewport(width=200.0, height=100.0, left=left, bar_px=bar_px)
    area = PaneArea(view, 0.0, 200.0, 100.0, 0.0, 1.0)

    closed, live = (strip_of_output(study, 0, area, 1.0, live=each) for each in (False, True))

    newest = first + len(values) - 1
    seen = set()
    for part in (closed, live):
        for group in range(len(part)):
            seen |= set(range(part.first + group * part.size, part.first + (group + 1) * part.size))
    visible = {at for at in range(first, newest + 1) if view.left <= at + 0.5 <= view.right}
    assert visible <= seen
    assert closed.first + len(closed) * closed.size <= max(newest // closed.size * closed.size, closed.first)


def test_a_cloud_is_drawn_ahead_of_its_bars() -> None:
    study = study_with("ichimoku", [[1.0, 1.0], [1.0, 1.0], [5.0, 6.0], [2.0, 3.0]])
    area = PaneArea(Viewport(width=400.0, left=0.0, bar_px=4.0), 0.0, 400.0, 100.0, 0.0, 10.0)

    ahead = strip_of_output(study, 2, area, 1.0, live=True)
    here = strip_of_output(study, 0, area, 1.0, live=True)

    assert (ahead.first + len(ahead) - 1, here.first + len(here) - 1) == (1 + 26, 1)
    assert study_extremes(study, 20, 40, 1) == (2.0, 6.0)


def image_of(study: Study, live: bool = False) -> QImage:
    image = QImage(200, 100, QImage.Format.Format_ARGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    area = PaneArea(Viewport(width=200.0, height=100.0, left=0.0, bar_px=10.0), 0.0, 200.0, 100.0, -10.0, 10.0)
    paint_study(Canvas(painter, 1.0), area, study, live)
    painter.end()
    return image


@pytest.mark.usefixtures("qapp")
def test_a_histogram_has_two_colours_and_fades_towards_zero() -> None:
    up, down = [4.0, 8.0, 6.0, 0.0], [-4.0, -8.0, -6.0, 0.0]
    nothing = [float("nan")] * 8
    study = study_with("macd", [nothing, nothing, up + down])

    image = image_of(study)

    full_up, full_down = theme.color("up").name(), theme.color("down").name()
    colours = [QColor(image.pixel(at * 10 + 5, 45 if at < 4 else 55)).name() for at in range(7)]
    assert [colours[0], colours[1], colours[4], colours[5]] == [full_up, full_up, full_down, full_down]
    assert colours[2] not in (full_up, "#000000")
    assert colours[6] not in (full_down, "#000000")


@pytest.mark.usefixtures("qapp")
def test_an_area_lies_between_the_bands_only() -> None:
    study = study_with("bbands", [[8.0] * 10, [5.0] * 10, [2.0] * 10])

    image = image_of(study)

    black = "#000000"
    assert QColor(image.pixel(50, 30)).name() != black
    assert (QColor(image.pixel(50, 5)).name(), QColor(image.pixel(50, 45)).name()) == (black, black)


@pytest.mark.usefixtures("qapp")
def test_what_is_hidden_is_not_drawn() -> None:
    study = study_with("rsi", [[5.0] * 10])
    blank = QImage(200, 100, QImage.Format.Format_ARGB32)
    blank.fill(QColor("black"))
    shown = image_of(study)
    study.hide(True)
    hidden = image_of(study)
    study.hide(False)
    study.take(study.indicator, replace(study.setup, looks=(Look("series_1", 1.5, False),)), 1.0)

    assert shown != blank
    assert hidden == blank
    assert image_of(study) == blank
    assert study_extremes(study, 0, 10, 1) is None


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.5678, 2, "1,234.57"),
        (0.00001234, 8, "0.00001234"),
        (-3.0, 1, "\u22123.0"),
        (12_345_678.0, 2, "12.3M"),
        (float("nan"), 2, "\u2013"),
    ],
)
def test_figures_are_written_without_exponents(value: float, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


@pytest.mark.parametrize(("reach", "decimals"), [(50.0, 1), (1.0, 2), (0.01, 4), (1e5, 0), (0.0, 2), (1e-30, 10)])
def test_decimals_follow_the_size(reach: float, decimals: int) -> None:
    assert places(reach) == decimals


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.floats(20, 400))
def test_ticks_are_round_apart_and_inside(low: float, span: float, height: float) -> None:
    span += abs(low) * 1e-6  # less cannot be told apart in an axis's figures
    high = low + span
    ticks = value_ticks(low, high, height, 20.0)

    values = [each.value for each in ticks]
    assert values == sorted(values)
    slack = span * 1e-6 + abs(low) * 1e-12
    assert all(low - slack <= each <= high + slack for each in values)
    assert all(b - a >= 20.0 * span / height * 0.999 for a, b in pairwise(values))
    assert all("e" not in each.text for each in ticks)
    assert len({each.text for each in ticks}) == len(ticks)


def test_the_legend_says_what_is_wrong() -> None:
    study = study_with("rsi", [[50.0]])

    parts = study_parts(study, 0, PAIR, say("my.py, line {line}: oops", line=3))
    study.busy = True

    assert parts == [("RSI 14", "text_muted"), ("50.0", "series_1"), ("my.py, line 3: oops", "error")]
    assert study_parts(study, 0, PAIR, NOTHING)[-1] == ("computing…", "text_faint")
