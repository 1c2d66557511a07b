"""What is painted, pixel by pixel, against a brute-force reduction of the bars under each pixel column."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.bars import BarPainter, ClosePainter
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.chart_style import BarKind, Scale
from crs_desktop.viewmodels.series import BarSeries, Row
from crs_desktop.viewmodels.shown_bars import ShownBars
from tests.crs_desktop.charts.gallery import walk

pytestmark = pytest.mark.gui
STEP = 60_000_000_000
WIDTH, HEIGHT = 160, 120
slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def zoomed_out(draw: st.DrawFn) -> tuple[BarSeries, Viewport]:
    count = draw(st.integers(400, 6_000))
    series = BarSeries(STEP)
    series.extend(walk(count, STEP, seed=draw(st.integers(0, 99))))
    series.columns(0, count, 512)
    last = series.row(series.stop - 1)
    assert last is not None
    spike = draw(st.sampled_from([-60_000.0, 60_000.0]))
    high, low = max(last.high, last.close + spike), min(last.low, last.close + spike)
    series.append(series.start(series.stop), Row(last.close, high, low, last.close + spike, 9.0))
    view = Viewport(width=WIDTH, height=HEIGHT, bar_px=draw(st.floats(0.02, 0.9)), inverted=draw(st.booleans()))
    view.scale = draw(st.sampled_from([Scale.LINEAR, Scale.LOG]))
    view.left = series.stop - view.bars * draw(st.floats(0.6, 1.0))
    columns = series.columns(int(view.left // 1), int(view.right // 1) + 1, view.size(1.0))
    view.fit(*(columns.extremes() or (0.0, 1.0)))
    return series, view


def painted(series: BarSeries, view: Viewport, kind: BarKind) -> np.ndarray:
    """Return which pixels got ink, shape (HEIGHT, WIDTH)."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    canvas = Canvas(painter, 1.0)
    area = PaneArea(view, 0, WIDTH, HEIGHT, view.low, view.high, of_price=True)
    bars = ShownBars(series, kind)
    bars.sync()
    columns = bars.series.columns(int(view.left // 1), int(-(-view.right // 1)), view.size(1.0))
    for live in (False, True):
        if bars.closes is not None:
            ClosePainter().paint(canvas, area, bars.closes.values, filled=False, live=live)
        else:
            BarPainter().paint(canvas, area, columns, bars.series, kind, live=live)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(HEIGHT, image.bytesPerLine() // 4, 4)
    ink: np.ndarray = pixels[:, :WIDTH, :3].max(axis=2) > 30
    return ink


def groups_in_columns(series: BarSeries, view: Viewport) -> list[tuple[int, list[Row]]]:
    """Return for each pixel column the bars of the groups that stand in it, slowly."""
    size = view.size(1.0)
    found: dict[int, list[Row]] = {}
    first = int(view.left // size) * size
    for begin in range(first, int(view.right) + size, size):
        rows = [row for i in range(begin, begin + size) if (row := series.row(i)) is not None]
        x = int(view.x(begin) // 1)
        if rows and 0 <= x < WIDTH:
            found.setdefault(x, []).extend(rows)
    return sorted(found.items())


@slow
@given(zoomed_out(), st.sampled_from([BarKind.CANDLES, BarKind.HOLLOW, BarKind.OHLC]))
def test_each_pixel_column_spans_the_true_high_and_low_of_its_bars(
    qtbot: QtBot, scene: tuple[BarSeries, Viewport], kind: BarKind
) -> None:
    series, view = scene
    ink = painted(series, view, kind)

    for x, rows in groups_in_columns(series, view):
        ys = sorted((view.y(max(row.high for row in rows)), view.y(min(row.low for row in rows))))
        lit = np.flatnonzero(ink[:, x])
        assert lit.size
        assert lit[0] == min(max(round(ys[0]), 0), HEIGHT - 1)
        assert lit[-1] in (min(round(ys[1]), HEIGHT - 1), min(round(ys[0]), HEIGHT - 1))
    newest = int(view.x(series.stop - 1) // 1)
    assert ink[:, max(newest - 1, 0) : newest + 2].any(), "the newest bar is there"


@slow
@given(zoomed_out())
def test_a_line_spans_the_true_closes_of_each_group(qtbot: QtBot, scene: tuple[BarSeries, Viewport]) -> None:
    series, view = scene
    ink = painted(series, view, BarKind.LINE)

    for x, rows in groups_in_columns(series, view):
        ys = sorted(view.y(row.close) for row in rows)
        near = ink[:, max(x - 1, 0) : x + 3].max(axis=1)
        for y in (ys[0], ys[-1]):
            if 2 <= y < HEIGHT - 2:
                assert near[int(y) - 1 : int(y) + 3].any()


def test_theme_colours_are_bright_enough_for_these_tests() -> None:
    assert min(QColor(theme.current().up).value(), QColor(theme.current().down).value()) > 60
