from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.frame import Zone
from crs_desktop.viewmodels.chart import ChartState
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.domain.order import OrderType, Side
from tests.crs_desktop.charts.gallery import LEVEL, Archive, close_floor, floor_with, settle
from tests.crs_desktop.panes.chart_stage import Stage
from tests.crs_desktop.trading_floor import SECOND

pytestmark = pytest.mark.gui


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
async def stage(qtbot: QtBot, archive: Archive) -> AsyncIterator[Stage]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    made = Stage(qtbot, await floor_with(archive), archive)
    yield made
    made.pane.close()
    close_floor(made.floor)
    await settle()
    assert made.floor.bus.subscriber_count == 0


async def test_candles_of_both_colours_fill_the_price_pane_and_volume_the_bottom(stage: Stage) -> None:
    await stage.open()
    tokens = theme.current()

    prices, volumes = stage.colours(0.0, 0.1, 0.9, 0.82), stage.colours(0.0, 0.84, 0.9, 1.0)

    assert prices[tokens.up] > 500
    assert prices[tokens.down] > 500
    assert volumes[tokens.surface] > 0
    assert sum(count for colour, count in volumes.items() if colour not in (tokens.surface, tokens.grid)) > 500
    assert stage.model.series.bars >= 300


async def test_nothing_is_drawn_right_of_the_newest_candle_but_grid_and_last_price(stage: Stage) -> None:
    await stage.open()
    newest = stage.chart.view.x(stage.model.series.stop) / stage.chart.frame.plot_width

    colours = stage.colours(newest + 0.02, 0.84, 0.99, 0.99)

    assert set(colours) <= {theme.current().surface, theme.current().grid, theme.current().border}


async def test_a_hole_is_hatched_and_holds_no_candle(qtbot: QtBot) -> None:
    archive = Archive(holes=[(120, 90)])
    made = Stage(qtbot, await floor_with(archive), archive)
    await made.open()
    view, (hole,) = made.chart.view, made.model.series.holes(0, 99_999)
    width = made.chart.frame.plot_width
    left, right = view.x(hole.first) / width, view.x(hole.stop) / width

    inside = made.colours(left + 0.005, 0.15, right - 0.005, 0.6)

    assert inside[theme.current().up] == inside[theme.current().down] == 0
    assert inside[theme.current().surface] < 0.5 * sum(inside.values())
    made.pane.close()
    close_floor(made.floor)
    await settle()


async def test_a_live_tick_repaints_the_newest_candle_over_the_kept_layer(stage: Stage) -> None:
    await stage.open()
    stage.image()
    before, painted = stage.image(), stage.chart.layer.painted

    stage.floor.other(Side.SELL, "BTC/USDT", LEVEL + 5, 2_000)
    stage.floor.other(Side.BUY, "BTC/USDT", LEVEL + 5, 2_000)
    await stage.refresh()

    assert stage.image() != before
    assert stage.chart.layer.painted == painted
    assert stage.model.last is not None
    assert stage.model.last.close == LEVEL + 5
    assert "64,250.05" in stage.chart.accessibleDescription()


async def test_the_wheel_zooms_at_the_pointer(stage: Stage) -> None:
    await stage.open()
    view = stage.chart.view
    under, width = view.bar(300), view.bar_px

    stage.wheel(300, 200, 240)

    assert view.bar_px > width
    assert view.bar(300) == pytest.approx(under)

    left = view.left
    stage.wheel(300, 200, 120, Qt.KeyboardModifier.ShiftModifier)
    assert view.left < left


async def test_dragging_pans_and_scrolling_back_loads_older_candles(stage: Stage) -> None:
    await stage.open()
    view = stage.chart.view
    left, bars = view.left, stage.model.series.bars

    stage.drag(200, 200, 500, 220)
    assert view.left == pytest.approx(left - 300 / view.bar_px)

    stage.press(Qt.Key.Key_Home)
    assert stage.model.loading_older
    shown = [stage.model.series.start(i) for i in range(int(view.left) + 50, int(view.left) + 90)]
    where = view.left
    await stage.refresh()
    assert stage.model.series.bars > bars
    assert view.left == where, "what is on screen stays"
    assert [stage.model.series.start(i) for i in range(int(view.left) + 50, int(view.left) + 90)] == shown

    stage.press(Qt.Key.Key_End)
    assert view.right > stage.model.series.stop


async def test_the_price_axis_scales_by_hand_until_a_double_click(stage: Stage) -> None:
    await stage.open()
    view, frame = stage.chart.view, stage.chart.frame
    axis = int(frame.plot_width) + 20
    span = view.high - view.low

    stage.drag(axis, 100, axis, 200)
    assert not view.auto
    assert view.high - view.low > span * 1.3
    stage.wheel(axis, 150, 120)
    high = view.high
    stage.drag(300, 100, 300, 140)
    assert view.high > high, "a free scale follows the pointer up and down"

    QTest.mouseDClick(stage.chart, Qt.MouseButton.LeftButton, pos=QPoint(axis, 150))
    assert view.auto
    assert view.high - view.low == pytest.approx(span, rel=0.3)


async def test_the_time_axis_zooms_and_a_double_click_starts_afresh(stage: Stage) -> None:
    await stage.open()
    view, low = stage.chart.view, int(stage.chart.frame.time_top) + 8
    width, left = view.bar_px, view.left

    stage.drag(200, low, 300, low)
    assert view.bar_px > width

    QTest.mouseDClick(stage.chart, Qt.MouseButton.LeftButton, pos=QPoint(200, low))
    assert (view.bar_px, view.left) == (width, left)


async def test_the_crosshair_follows_pointer_and_arrows(stage: Stage) -> None:
    await stage.open()
    plain = stage.image()

    QTest.mouseMove(stage.chart, QPoint(400, 200))
    assert stage.chart.hover == (400, 200)
    assert stage.image() != plain
    QTest.mouseMove(stage.chart, QPoint(400, int(stage.chart.frame.time_top) - 20))
    hover = stage.chart.hover
    assert hover is not None
    assert stage.chart.frame.zone(hover[0], hover[1]) is Zone.SUBPANE
    stage.image()
    stage.press(Qt.Key.Key_Escape)
    assert stage.chart.hover is None

    stage.press(Qt.Key.Key_Left)
    assert stage.chart.hover is not None
    x = stage.chart.hover[0]
    stage.press(Qt.Key.Key_Left)
    assert stage.chart.hover[0] == pytest.approx(x - stage.chart.view.bar_px)
    for _ in range(40):
        stage.press(Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    stage.press(Qt.Key.Key_Right)
    assert 0 <= stage.chart.hover[0] < stage.chart.view.width


async def test_plus_and_minus_zoom(stage: Stage) -> None:
    await stage.open()
    width = stage.chart.view.bar_px

    stage.press(Qt.Key.Key_Plus)
    assert stage.chart.view.bar_px == pytest.approx(width * 1.25)
    stage.press(Qt.Key.Key_Minus)
    assert stage.chart.view.bar_px == pytest.approx(width)


async def test_zoomed_out_over_the_whole_history_the_chart_still_paints(stage: Stage) -> None:
    await stage.open()
    for _ in range(30):
        stage.press(Qt.Key.Key_Minus)
        await stage.refresh()

    colours = stage.colours(0.0, 0.1, 0.9, 0.82)

    assert stage.model.series.bars > 20_000
    assert stage.chart.view.size(1.0) >= 16
    assert colours[theme.current().up] > 300


async def test_an_order_line_can_be_chosen_and_cancelled_from_the_keyboard(stage: Stage) -> None:
    await stage.open()
    low = await stage.send(Side.BUY, OrderType.LIMIT, LEVEL - 900)
    high = await stage.send(Side.BUY, OrderType.LIMIT, LEVEL - 300)
    stage.image()
    assert [tag.order_id for tag in stage.chart.tags] == [low, high]

    stage.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert stage.chart.selected == high
    stage.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert stage.chart.selected == low
    stage.image()
    stage.press(Qt.Key.Key_Delete)
    await stage.refresh()

    assert [order.order_id for order in stage.model.orders] == [high]


async def test_a_click_on_a_tag_chooses_its_order_and_elsewhere_lets_go(stage: Stage) -> None:
    await stage.open()
    order_id = await stage.send(Side.BUY, OrderType.LIMIT, LEVEL - 300)
    stage.image()
    at = stage.chart.tags[0].rect.center().toPoint()

    QTest.mouseClick(stage.chart, Qt.MouseButton.LeftButton, pos=at)
    assert stage.chart.selected == order_id
    QTest.mouseClick(stage.chart, Qt.MouseButton.LeftButton, pos=QPoint(500, 80))
    assert stage.chart.selected is None


async def test_a_fill_is_a_triangle_with_its_story_under_the_pointer(stage: Stage) -> None:
    await stage.open()
    order_id = await stage.send(Side.BUY, OrderType.MARKET)
    await stage.send(Side.SELL, OrderType.MARKET)
    stage.image()

    spots = stage.pane.trading.marks.spots
    assert {spot.fill.side for spot in spots} == {Side.BUY, Side.SELL}
    bought = next(spot for spot in spots if spot.fill.order_id == order_id)
    before = stage.image()
    QTest.mouseMove(stage.chart, QPoint(round(bought.x), round(bought.y) + 3))
    assert stage.image() != before


async def test_an_order_far_away_keeps_a_tag_at_the_edge(stage: Stage) -> None:
    await stage.open()
    await stage.send(Side.BUY, OrderType.LIMIT, LEVEL // 2)
    stage.image()

    rect = stage.chart.tags[0].rect
    assert rect.bottom() <= stage.chart.frame.price_height
    assert rect.width() > 150, "it tells its price"


async def test_the_countdown_asks_for_a_frame_each_second_of_the_venue(stage: Stage) -> None:
    await stage.open()
    stage.image()
    stage.chart.flash = ""
    assert not stage.chart.needs_frame

    stage.floor.now = Nanos(stage.floor.now + SECOND)
    assert stage.chart.needs_frame
    assert stage.pane.dirty


async def test_a_failure_shows_its_sentence_and_a_retry_button(qtbot: QtBot) -> None:
    archive = Archive()
    floor = await floor_with(archive)
    archive.broken = "The history cannot be read now."
    made = Stage(qtbot, floor, archive)
    await made.open()
    assert made.pane.retry.isVisible()
    made.image()

    archive.broken = ""
    QTest.mouseClick(made.pane.retry, Qt.MouseButton.LeftButton)
    await made.refresh()
    assert made.model.state is ChartState.READY
    assert not made.pane.retry.isVisible()
    made.pane.close()
    close_floor(floor)
    await settle()


async def test_another_timeframe_starts_a_fresh_view(stage: Stage) -> None:
    await stage.open()
    stage.press(Qt.Key.Key_Home)

    stage.desk.set_timeframe(Timeframe.H4)
    stage.pane.refresh()
    stage.image()
    await stage.refresh()

    assert stage.chart.view.right > stage.model.series.stop
    assert "4h" in stage.chart.accessibleDescription()


async def test_the_menu_offers_a_price_for_the_ticket(stage: Stage) -> None:
    await stage.open()
    picked: list[int] = []
    link = stage.desk.on_price(picked.append)

    menu = stage.pane.menu(QPoint(300, 200))
    menu.actions()[0].trigger()
    link.close()

    assert picked == [round(stage.chart.view.price(200))]
    items = {action.text(): action for action in menu.actions() if action.text()}
    assert {"Newest candle", "Oldest candle", "Scale prices automatically", "Reset the view"} < set(items)
    stage.press(Qt.Key.Key_Home)
    items["Reset the view"].trigger()
    assert stage.chart.view.right > stage.model.series.stop


@pytest.mark.no_cover
async def test_both_themes_and_a_large_font_draw_their_own_colours(stage: Stage) -> None:
    await stage.open()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    narrow = stage.chart.frame.axis_width

    theme.apply(app, "light", "colour-blind", 1.6)
    stage.pane.refresh()
    colours = stage.colours(0.0, 0.1, 0.9, 0.8)

    assert colours[theme.current().surface] > 1_000
    assert colours[theme.current().up] > 300
    assert stage.chart.frame.axis_width > narrow
    theme.apply(app)


async def test_leaving_the_chart_takes_the_crosshair_away(stage: Stage) -> None:
    await stage.open()
    QTest.mouseMove(stage.chart, QPoint(400, 200))

    QApplication.sendEvent(stage.chart, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    from PySide6.QtCore import QEvent

    QApplication.sendEvent(stage.chart, QEvent(QEvent.Type.Leave))

    assert stage.chart.hover is None


async def test_the_strip_of_tools_gives_way_in_a_narrow_chart_and_comes_back(stage: Stage) -> None:
    await stage.open()

    shown: dict[int, list[bool]] = {}
    for width in (600, 250, 600):
        stage.pane.resize(width, 400)
        shown.setdefault(width, []).append(stage.pane.drawing.isVisible())

    assert shown == {600: [True, True], 250: [False]}
