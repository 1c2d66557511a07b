"""Volume profile, footprint and cumulative delta on a chart, worked as a user would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.delta_pane import DeltaPane
from crs_desktop.charts.flow_text import cell_texts, scaled_text
from crs_desktop.charts.footprint_curve import LEAST_PX
from crs_desktop.viewmodels.chart_style import BarKind
from crs_desktop.viewmodels.flow.profile import DAY
from crs_desktop.viewmodels.flow.style import DeltaKind, FlowStyle, ProfileSpan
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from tests.crs_desktop.charts.gallery import LEVEL, Archive, close_floor, floor_with, settle
from tests.crs_desktop.panes.chart_stage import Stage

pytestmark = pytest.mark.gui


@pytest.fixture
async def stage(qtbot: QtBot) -> AsyncIterator[Stage]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    archive = Archive()
    made = Stage(qtbot, await floor_with(archive), archive)
    await made.open()
    yield made
    made.pane.close()
    close_floor(made.floor)
    await settle()
    assert made.floor.bus.subscriber_count == 0


async def trade(stage: Stage, *prints: tuple[int, int, Side]) -> None:
    """Let others trade at prices, in ticks from the level; the named side takes."""
    for away, lots, side in prints:
        stage.floor.other(side.opposite, "BTC/USDT", LEVEL + away, lots)
        stage.floor.other(side, "BTC/USDT", LEVEL + away, lots)
    await stage.refresh()


def legend_of(stage: Stage, key: str, index: int | None = None) -> str:
    chart = stage.chart
    parts: list[Any] = [*chart.curves, *chart.subpanes]
    found = next(each for each in parts if each.key == key)
    return " ".join(text for text, _ in found.legend(chart.shown.stop - 1 if index is None else index))


def actions(menu: QMenu, *path: str) -> dict[str, Any]:
    for name in path:
        menu = next(cast(Any, act).menu() for act in menu.actions() if act.text() == name)
    return {act.text(): act for act in menu.actions() if not act.isSeparator()}


def changed_pixels(stage: Stage, before: QImage, x1: float, x2: float) -> int:
    """Count pixels of the price pane between two shares of its width that are others than before."""
    now, frame = stage.image(), stage.chart.frame
    left = stage.chart.x()
    xs = range(left + int(x1 * frame.plot_width), left + int(x2 * frame.plot_width))
    ys = range(60, int(frame.price_height))
    return sum(now.pixel(x, y) != before.pixel(x, y) for x in xs for y in ys)


async def test_the_profile_of_the_view_stands_at_the_right_and_at_the_left_if_wanted(stage: Stage) -> None:
    stage.pane.flow.toggle_profile(ProfileSpan.VISIBLE)
    right = stage.image()
    stage.pane.flow.choose(left=True)

    parts = [(0.0, 0.25), (0.3, 0.7), (0.75, 1.0)]
    changed = [changed_pixels(stage, right, *part) for part in parts]
    assert changed[1] < 50  # words of the legend
    assert min(changed[0], changed[2]) > 5_000
    board = stage.pane.flow.board
    assert board is not None
    first, stop, _ = stage.chart._window()
    volume = stage.model.series.between(first, stop).volume.sum()
    assert board.profile.model.shown[0].rows.total == volume
    assert "POC" in legend_of(stage, "volume profile")
    assert "spread over ranges" in legend_of(stage, "volume profile")


async def test_the_legend_tells_the_row_under_the_crosshair(stage: Stage) -> None:
    stage.pane.flow.toggle_profile(ProfileSpan.VISIBLE)
    board = stage.pane.flow.board
    assert board is not None
    profile = board.profile.model.shown[0]
    stage.chart.hover = (300.0, stage.chart.view.y(profile.price(profile.poc + 0.5)))

    assert "here" in legend_of(stage, "volume profile")


async def test_panning_and_zooming_bring_the_profile_along(stage: Stage) -> None:
    stage.pane.flow.toggle_profile(ProfileSpan.VISIBLE)
    board = stage.pane.flow.board
    assert board is not None
    for _ in range(3):
        stage.keys.pan(300.0)
        stage.keys.zoom(0.5)
        await stage.refresh()
        first, stop, _ = stage.chart._window()
        assert not board.profile.model.pending
        total = board.profile.model.shown[0].rows.total
        assert total == stage.model.series.between(first, stop).volume.sum()


async def test_each_day_gets_a_profile(stage: Stage) -> None:
    stage.model.link.set_timeframe(Timeframe.M15)
    await stage.refresh()
    stage.pane.flow.toggle_profile(ProfileSpan.SESSION)
    await stage.refresh()
    board = stage.pane.flow.board
    assert board is not None

    first, stop, _ = stage.chart._window()
    series = stage.model.series
    days = {series.start(index) // DAY for index in range(max(first, series.first), min(stop, series.stop))}
    assert len(board.profile.model.shown) == len(days) > 1
    before = stage.image()
    stage.pane.flow.toggle_profile(ProfileSpan.SESSION)
    assert changed_pixels(stage, before, 0.0, 1.0) > 5_000


async def test_a_stretch_is_dragged_and_dragging_it_does_not_pan(stage: Stage) -> None:
    stage.pane.flow.pick_range()
    assert "drag over" in legend_of(stage, "volume profile")
    left = stage.chart.view.left
    stage.drag(200, 150, 400, 200)

    style, series, view = stage.pane.flow.style, stage.model.series, stage.chart.view
    assert view.left == left
    assert style.profile is ProfileSpan.FIXED
    assert (style.since, style.until) == (series.start(int(view.bar(200))), series.start(int(view.bar(400)) + 1))
    assert stage.chart.overlays == [each for each in stage.chart.overlays if type(each).__name__ != "RangePicker"]
    stage.drag(200, 150, 300, 150)
    assert view.left != left


async def test_a_stretch_is_chosen_by_keys(stage: Stage) -> None:
    stage.pane.flow.pick_range()
    stage.press(Qt.Key.Key_Left)
    newest = stage.model.series.stop - 1
    stage.press(Qt.Key.Key_Return)
    for _ in range(4):
        stage.press(Qt.Key.Key_Left)
    stage.press(Qt.Key.Key_Return)

    board, series = stage.pane.flow.board, stage.model.series
    assert board is not None
    assert [(each.first, each.stop) for each in board.profile.model.shown] == [(newest - 4, newest + 1)]
    assert series.stop == newest + 1
    stage.pane.flow.pick_range()
    stage.press(Qt.Key.Key_Escape)
    assert stage.pane.flow.style.profile is ProfileSpan.NONE


async def test_footprints_take_the_place_of_candles_and_give_it_back(stage: Stage) -> None:
    await trade(stage, (0, 40, Side.BUY), (0, 10, Side.SELL), (3, 50, Side.BUY))
    narrow = stage.chart.view.bar_px
    stage.pane.flow.toggle_footprint()
    assert stage.chart.view.bar_px >= LEAST_PX
    assert stage.chart.scene.bare
    warn = stage.colours(0, 0, 1, 1)[QColor(theme.color("warn")).name()]
    assert warn > 40  # the frame of the row with the most volume
    said = legend_of(stage, "footprint")
    assert "Δ +0.0208" in said
    assert "prints since" in said
    assert "no prints of this bar" in legend_of(stage, "footprint", stage.model.series.stop - 3)

    stage.keys.zoom(0.2)
    assert not stage.chart.scene.bare
    assert "zoom in" in legend_of(stage, "footprint")
    stage.keys.zoom(5.0)
    stage.pane.flow.toggle_footprint()
    assert not stage.chart.scene.bare
    assert stage.chart.view.bar_px == pytest.approx(narrow)
    assert stage.chart.curves == []


async def test_a_fresh_chart_with_footprints_begins_wide_enough(stage: Stage) -> None:
    stage.pane.flow.toggle_footprint()
    stage.model.link.set_timeframe(Timeframe.M5)
    await stage.refresh()

    assert stage.chart.scene.bare


async def test_footprint_rows_are_as_high_as_asked_for(stage: Stage) -> None:
    await trade(stage, (0, 40, Side.BUY), (3, 10, Side.BUY), (9, 5, Side.BUY))
    stage.pane.flow.choose(footprint=True, cells=1_000)
    stage.pane.flow.board.reveal()  # type: ignore[union-attr]

    assert stage.chart.curves[0].group == 1_000  # type: ignore[attr-defined]
    assert "10.00" in legend_of(stage, "footprint")


async def test_cumulative_delta_tells_what_is_known_and_what_is_estimated(stage: Stage) -> None:
    stage.pane.flow.toggle_delta()
    stage.floor.now = Nanos(stage.floor.now + 60 * NANOS_PER_SECOND)
    await trade(stage, (0, 40, Side.BUY), (0, 15, Side.SELL))
    pane = stage.chart.subpanes[-1]
    assert isinstance(pane, DeltaPane)

    newest = pane.model.row(stage.model.series.stop - 1)
    assert newest is not None
    assert stage.model.series.row(stage.model.series.stop - 1).volume == 55  # type: ignore[union-attr]
    assert (newest.delta, newest.exact) == (25, True)
    assert "estimated" not in legend_of(stage, pane.key)
    assert "estimated" in legend_of(stage, pane.key, stage.model.series.stop - 5)
    for kind in (DeltaKind.CANDLES, DeltaKind.LINE):
        stage.pane.flow.choose(delta=kind)
        area = next(area for each, area in stage.chart.scene.panes if each is pane)
        before = stage.image()
        stage.pane.flow.choose(delta=DeltaKind.NONE)
        assert before != stage.image()
        assert area.low < newest.close < area.high
        stage.pane.flow.choose(delta=kind)
        pane = cast(DeltaPane, stage.chart.subpanes[-1])


async def test_the_day_begins_the_sum_anew_or_not(stage: Stage) -> None:
    stage.pane.flow.choose(delta=DeltaKind.LINE, daily=True)
    daily = cast(DeltaPane, stage.chart.subpanes[-1]).model
    stage.pane.flow.choose(daily=False)
    running = cast(DeltaPane, stage.chart.subpanes[-1]).model

    assert running is not daily
    series = stage.model.series
    day = series.start(series.stop - 1) // DAY * DAY
    first = daily.row(series.index_at(day))
    assert first is not None
    assert first.open == 0
    other = running.row(0)
    assert other is not None
    assert other.open == 0


async def test_bricks_have_no_order_flow(stage: Stage) -> None:
    stage.pane.flow.choose(footprint=True, profile=ProfileSpan.VISIBLE, delta=DeltaKind.LINE)
    stage.pane.restyle(kind=BarKind.RENKO)
    stage.image()

    assert stage.chart.scene.curves == ()
    assert not stage.chart.scene.bare


async def test_the_menu_says_what_is_on_and_does_it(stage: Stage) -> None:
    def menu() -> QMenu:
        return stage.pane.menu(QPoint(300, 200))

    actions(menu(), "Order flow", "Volume profile")["Of each day (UTC)"].trigger()
    actions(menu(), "Order flow", "Volume profile")["50 rows"].trigger()
    actions(menu(), "Order flow", "Footprint")["Footprint"].trigger()
    actions(menu(), "Order flow", "Cumulative delta")["As candles"].trigger()

    wanted = FlowStyle(profile=ProfileSpan.SESSION, rows=50, footprint=True, delta=DeltaKind.CANDLES)
    assert stage.pane.flow.style == wanted
    on = [name for name, act in actions(menu(), "Order flow", "Volume profile").items() if act.isChecked()]
    assert on == ["Of each day (UTC)", "50 rows"]


async def test_a_height_of_rows_is_asked_for_in_the_quote_asset(stage: Stage) -> None:
    from crs_desktop.panes.flow_menu import _take_height

    stage.pane.flow.toggle_profile(ProfileSpan.VISIBLE)
    assert "in steps of 0.01 USDT" in str(_take_height(stage.pane, "group", "nonsense"))
    assert not _take_height(stage.pane, "group", "12.50").source
    assert stage.pane.flow.style.group == 1_250
    assert not _take_height(stage.pane, "group", " ").source
    assert stage.pane.flow.style.group == 0


async def test_a_chart_remembers_its_order_flow(stage: Stage, qtbot: QtBot) -> None:
    stage.pane.flow.choose(footprint=True, profile=ProfileSpan.SESSION, delta=DeltaKind.CANDLES, daily=False)
    state = stage.pane.remembered()
    stage.pane.flow.choose(footprint=False, profile=ProfileSpan.NONE, delta=DeltaKind.NONE)

    stage.pane.restore(state)

    assert stage.pane.flow.style == FlowStyle(
        footprint=True, profile=ProfileSpan.SESSION, delta=DeltaKind.CANDLES, daily=False
    )
    assert {each.key for each in stage.chart.curves} == {"footprint", "volume profile"}


@pytest.mark.parametrize(
    ("lots", "texts"),
    [
        ([0, 123_456], ["0", "1.23"]),
        ([1, 123_456_700], ["~0", "1.23K"]),
        ([250, 99], ["0.0025", "0.0010"]),
        ([1_500_000, 20_000], ["15.0", "0.2"]),
    ],
)
async def test_cells_are_written_in_one_unit(stage: Stage, lots: list[int], texts: list[str]) -> None:
    assert cell_texts(stage.model.pair, lots) == texts
    assert cell_texts(stage.model.pair, [-lots[1]], signed=True)[0].startswith("−")  # noqa: RUF001 - a minus


@pytest.mark.parametrize(
    ("lots", "step", "text"),
    [(23_750_000, 50_000, "+237.5"), (-23_710_000, 10_000, "−237.1"), (0, 10_000, "0.0"), (300_000_000, 1e6, "+3.00K")],  # noqa: RUF001
)
async def test_sums_are_written_as_finely_as_the_axis_shows(stage: Stage, lots: int, step: float, text: str) -> None:
    assert scaled_text(stage.model.pair, lots, step) == text
