"""Ladder, heatmap, depth and tape by real clicks and keys, the real exchange behind them."""

from __future__ import annotations

import asyncio
import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QEnterEvent, QImage, QRegion, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from crs_desktop.charts.heat_colours import table
from crs_desktop.charts.heat_pixels import HeatPixels
from crs_desktop.panes.base import Pane
from crs_desktop.panes.depth import DepthPane
from crs_desktop.panes.heatmap import HeatmapPane
from crs_desktop.panes.ladder import LadderPane
from crs_desktop.panes.tape import TapePane
from crs_desktop.viewmodels.depth import DepthModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.heat_ring import shades_of
from crs_desktop.viewmodels.heatmap import HeatmapModel
from crs_desktop.viewmodels.ladder import LadderModel
from crs_desktop.viewmodels.ladder_rows import changed_rows
from crs_desktop.viewmodels.tape import TapeModel
from crs_desktop.widgets.ladder_columns import Column, Columns
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.domain.order import OrderType, Side
from tests.crs_desktop.trading_floor import SECOND, Floor
from tests.crs_desktop.viewmodels.test_book import rest

pytestmark = pytest.mark.gui

MIDDLE = 6_425_000
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


async def seated(ladder: str = "safe") -> tuple[Floor, Desk]:
    floor = Floor()
    floor.set("trading.ladder", ladder)
    desk = await floor.sit()
    floor.stock()
    return floor, desk


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


def shown(qtbot: QtBot, pane: Pane, width: int, height: int) -> None:
    qtbot.addWidget(pane)
    pane.resize(width, height)
    with qtbot.waitExposed(pane):
        pane.show()
    pane.refresh()


def turn_wheel(widget: QWidget, turn: QPoint, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at, QPointF(widget.mapToGlobal(at.toPoint())), QPoint(), turn, Qt.MouseButton.NoButton, held,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


class Hands:
    """A ladder pane and the places of its cells."""

    def __init__(self, qtbot: QtBot, desk: Desk, width: int = 300) -> None:
        self.model = LadderModel(desk)
        self.model.set_grouping(10)
        self.pane = LadderPane(self.model)
        shown(qtbot, self.pane, width, 640)
        self.pane.ladder.setFocus()

    def cell(self, column: Column, price: int) -> QPoint:
        self.pane.refresh()
        picture = self.model.picture(self.pane.ladder.rows)
        assert picture is not None
        row = int(picture.prices[0] - price) // picture.ticks
        return self.pane.ladder.rect_of(column, row).center()

    def click(self, column: Column, price: int, button: Qt.MouseButton = LEFT, ctrl: bool = False) -> None:
        held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(self.pane.ladder, button, held, self.cell(column, price))
        self.pane.refresh()

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.pane.ladder, key)
        self.pane.refresh()


async def test_an_armed_ladder_trades_cancels_and_stops_by_clicks(qtbot: QtBot) -> None:
    floor, desk = await seated()
    floor.give("BTC", "1")
    hands = Hands(qtbot, desk)
    assert not hands.model.armed
    qtbot.mouseClick(hands.pane.arm, LEFT)
    hands.pane.refresh()
    assert hands.pane.arm.text() == "Armed"
    hands.pane.presets.button(1).click()

    hands.click(Column.BID, MIDDLE - 40)
    hands.click(Column.ASK, MIDDLE + 40)
    hands.click(Column.BID, MIDDLE + 60, ctrl=True)
    await settle()

    assert [(each.side, each.price, each.stop_price, each.qty, each.order_type) for each in floor.orders.open()] == [
        (Side.BUY, MIDDLE - 40, None, 200, OrderType.LIMIT),
        (Side.SELL, MIDDLE + 40, None, 200, OrderType.LIMIT),
        (Side.BUY, None, MIDDLE + 60, 200, OrderType.STOP),
    ]
    hands.click(Column.ASK, MIDDLE + 40, RIGHT)
    hands.click(Column.PRICE, MIDDLE - 40, Qt.MouseButton.MiddleButton)
    await settle()
    assert [each.order_type for each in floor.orders.open()] == [OrderType.STOP]
    hands.click(Column.OWN_SELL, MIDDLE + 40, RIGHT)
    assert hands.pane.note.text() == "No order of yours stands there."
    hands.pane.dispose()


async def test_a_refusal_and_a_question_stand_below_the_ladder_and_keys_answer(qtbot: QtBot) -> None:
    floor, desk = await seated("armed")
    hands = Hands(qtbot, desk)
    hands.click(Column.ASK, MIDDLE + 40)
    assert hands.pane.note.text() == "You hold no BTC to sell. Spot has no short positions."
    hands.press(Qt.Key.Key_Escape)
    assert hands.pane.note.text().startswith("Armed: a click sends")

    floor.set("trading.confirm", "always")
    hands.click(Column.BID, MIDDLE - 40)
    assert hands.pane.note.text() == "Send this order of 64.25 USDT? Enter: yes. Esc: no."
    hands.press(Qt.Key.Key_Escape)
    await settle()
    assert floor.orders.open() == []
    hands.pane.dispose()


async def test_keys_move_place_and_cancel_and_c_goes_back(qtbot: QtBot) -> None:
    floor, desk = await seated("armed")
    hands = Hands(qtbot, desk)
    for _ in range(5):
        hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Plus)
    hands.press(Qt.Key.Key_B)
    await settle()
    (order,) = floor.orders.open()
    assert (order.price, order.qty) == (hands.model.cursor, 110)
    assert hands.pane.ladder.accessibleDescription().startswith("64,249.60: bid 0.")

    hands.press(Qt.Key.Key_X)
    await settle()
    assert floor.orders.open() == []
    turn_wheel(hands.pane.ladder, QPoint(0, 1200))
    hands.pane.refresh()
    assert not hands.pane.auto.isChecked()
    scrolled = hands.model.centre.at
    hands.press(Qt.Key.Key_C)
    for _ in range(30):
        hands.pane.refresh()
    assert (hands.pane.auto.isChecked(), hands.model.centre.at) == (True, (scrolled or 0) - 30)
    hands.press(Qt.Key.Key_Right)
    assert (hands.model.grouping, hands.pane.groups.checkedId()) == (50, 50)
    hands.pane.dispose()


async def test_dragging_an_own_order_amends_it(qtbot: QtBot) -> None:
    floor, desk = await seated("armed")
    rest(floor, Side.BUY, MIDDLE - 40, 300, "m1")
    hands = Hands(qtbot, desk, 460)
    begin, end = hands.cell(Column.OWN_BUY, MIDDLE - 40), hands.cell(Column.OWN_BUY, MIDDLE - 90)

    QTest.mousePress(hands.pane.ladder, LEFT, Qt.KeyboardModifier.NoModifier, begin)
    QTest.mouseMove(hands.pane.ladder, end)
    hands.pane.ladder.repaint()
    QTest.mouseRelease(hands.pane.ladder, LEFT, Qt.KeyboardModifier.NoModifier, end)
    await settle()

    (order,) = floor.orders.open()
    assert order.price == MIDDLE - 90
    QTest.mousePress(hands.pane.ladder, LEFT, Qt.KeyboardModifier.NoModifier, hands.cell(Column.OWN_BUY, MIDDLE - 90))
    hands.press(Qt.Key.Key_Escape)
    QTest.mouseRelease(hands.pane.ladder, LEFT, Qt.KeyboardModifier.NoModifier, begin)
    await settle()
    assert floor.orders.open()[0].price == MIDDLE - 90
    QTest.mouseMove(hands.pane.ladder, hands.cell(Column.BID, MIDDLE - 90))
    assert "ahead of it" in hands.pane.note.text()
    hands.pane.dispose()


async def test_a_click_that_is_not_armed_asks_for_the_ticket(qtbot: QtBot) -> None:
    floor, desk = await seated()
    hands = Hands(qtbot, desk)
    asked: list[object] = []
    price, side = desk.on_price(asked.append), desk.on_side(asked.append)

    hands.click(Column.ASK, MIDDLE + 40)
    await settle()

    assert (asked, floor.orders.open()) == ([MIDDLE + 40, Side.SELL], [])
    price.close()
    side.close()
    hands.pane.dispose()


@pytest.mark.parametrize("width", [240, 300, 520])
def test_columns_divide_any_width_without_gaps(width: int) -> None:
    columns = Columns.of(width, 70, 50)

    assert columns.edges[0] == 0
    assert columns.edges[-1] == width
    assert sorted(columns.edges) == list(columns.edges)
    for column in Column:
        cell = columns.rect(column, 0, 10)
        assert columns.at(cell.left()) is column
        assert columns.at(cell.right()) is column
    assert columns.rect(Column.PRICE, 0, 10).width() >= 70


async def test_a_ladder_that_cannot_be_trusted_is_hatched_and_says_why(qtbot: QtBot) -> None:
    floor, desk = await seated()
    hands = Hands(qtbot, desk)
    clean = hands.pane.ladder.grab().toImage()
    floor.feed_state(FeedState.STALE)
    hands.pane.refresh()
    assert str(hands.model.state) == "Stale: no update for a while."
    assert different(clean, hands.pane.ladder.grab().toImage()) > 0.05
    hands.pane.dispose()


def different(one: QImage, other: QImage) -> float:
    assert one.size() == other.size()
    planes = []
    for each in (one, other):
        plain = each.convertToFormat(QImage.Format.Format_RGB32)
        planes.append(np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), -1).copy())
    return float((planes[0] != planes[1]).mean())


async def test_the_heatmap_paints_the_shades_that_it_recorded(qtbot: QtBot) -> None:
    floor, desk = await seated()
    model = HeatmapModel(desk)
    pane = HeatmapPane(model)
    model.bubbles = False
    for number in range(80):
        floor.now = Nanos(floor.now + SECOND // 10)
        floor.other(Side.BUY, "BTC/USDT", MIDDLE - 500, 70 + number)
    shown(qtbot, pane, 700, 300)
    view = pane.view
    picture = view.picture
    assert picture is not None
    assert picture.stop - picture.first > 60

    got = view.grab().toImage()

    ring, rows = model.ring, picture.high - picture.low
    assert ring is not None
    colours, height = table(model.scale()), int(view.frame.price_height)
    for price in range(MIDDLE - 600, MIDDLE + 600, 70):
        row = price // picture.step
        pixel = next(y for y in range(height) if picture.high - 1 - y * rows // height == row)
        size = ring.size_at(picture.stop - 5, row)
        assert size is not None
        if abs(price - MIDDLE) > 60:  # elsewhere bid and ask are drawn over it
            x = int(view.view.x(picture.stop - 5))
            assert got.pixel(x, pixel) == colours[int(shades_of(np.array([size]))[0])]
    pane.dispose()


async def test_a_heatmap_that_moves_along_is_the_one_that_is_made_anew(qtbot: QtBot) -> None:
    floor, desk = await seated()
    model = HeatmapModel(desk)
    pane = HeatmapPane(model)
    shown(qtbot, pane, 700, 300)
    for number in range(60):
        floor.now = Nanos(floor.now + SECOND // 10)
        floor.other(Side.BUY, "BTC/USDT", MIDDLE - 500 - number % 7, 70 + number)
        if number > 30:
            pane.refresh()
            pane.view.repaint()
    pixels, picture, ring = pane.view.pixels, pane.view.picture, model.ring
    assert picture is not None
    assert ring is not None
    assert pixels.made_anew < 15, "most columns only moved it along"

    fresh = HeatPixels()
    fresh.update(ring, picture, model.scale(), pane.view.view.bar_px, pixels.pixels.shape[::-1])

    assert (fresh.pixels == pixels.pixels).all()
    pane.dispose()


async def test_the_heatmap_is_read_paused_and_moved_by_mouse_and_keys(qtbot: QtBot) -> None:
    floor, desk = await seated()
    model = HeatmapModel(desk)
    pane = HeatmapPane(model)
    shown(qtbot, pane, 700, 300)
    for _ in range(300):
        floor.now = Nanos(floor.now + SECOND // 10)
        floor.other(Side.BUY, "BTC/USDT", MIDDLE - 500, 70)
    floor.other(Side.BUY, "BTC/USDT", MIDDLE + 10, 70)
    floor.now = Nanos(floor.now + SECOND)
    pane.refresh()
    pane.refresh()
    view, picture = pane.view, pane.view.picture
    assert picture is not None
    QTest.mouseMove(view, QPoint(int(view.view.x(picture.stop - 30)), int(view.view.y(MIDDLE - 500))))
    told = view.read(picture)
    assert told is not None
    assert told[2][0].endswith("BTC rest")
    view.grab()

    qtbot.mouseClick(pane.pause, LEFT)
    assert not model.is_live
    QTest.keyClick(view, Qt.Key.Key_End)
    assert model.is_live
    QTest.mousePress(view, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(300, 100))
    QTest.mouseMove(view, QPoint(360, 130))
    QTest.mouseRelease(view, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(360, 130))
    assert model.right == (model.ring.count if model.ring else 0) - 30
    assert not model.centre.auto
    before = model.column_px
    turn_wheel(view, QPoint(0, 120))
    assert model.column_px > before
    turn_wheel(view, QPoint(0, 120), Qt.KeyboardModifier.ControlModifier)
    assert model.visible_rows is not None
    turn_wheel(view, QPoint(0, 120), Qt.KeyboardModifier.ShiftModifier)
    pane.refresh()
    assert not pane.follow.isChecked()
    QTest.mouseDClick(view, LEFT)
    pane.refresh()
    assert pane.follow.isChecked()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_Plus, Qt.Key.Key_P):
        QTest.keyClick(view, key)
    qtbot.mouseClick(pane.bubbles, LEFT)
    pane.refresh()
    view.grab()
    pane.dispose()


async def test_an_empty_heatmap_says_that_it_records_from_now_on(qtbot: QtBot) -> None:
    floor = Floor()
    pane = HeatmapPane(HeatmapModel(await floor.sit()))
    shown(qtbot, pane, 500, 200)
    assert pane.view.picture is None
    pane.view.grab()
    pane.dispose()


async def test_the_depth_chart_reads_zooms_picks_and_fills_a_size(qtbot: QtBot) -> None:
    floor, desk = await seated()
    model = DepthModel(desk)
    pane = DepthPane(model)
    shown(qtbot, pane, 900, 260)
    view = pane.view
    QTest.mouseMove(view, QPoint(int(view.view.x(MIDDLE + 35)), 50))
    assert view.reading()[1] == "0.12000 BTC rest up to there"
    picked: list[object] = []
    link = desk.on_price(picked.append)
    qtbot.mouseClick(view, LEFT, pos=QPoint(int(view.view.x(MIDDLE + 35)), 50))
    assert abs(int(str(picked[0])) - (MIDDLE + 35)) < 3
    for side in Side:
        heights, depth = view.heights(side, 901), model.side(side)
        for column in range(0, 901, 50):
            price = view.view.left + (column + 0.5) * view.view.bars / 901
            beyond = price < depth.prices[-1] if side is Side.BUY else price > depth.prices[-1]
            plain = depth.up_to(math.ceil(price) if side is Side.BUY else int(price), side).lots
            assert (heights[column] == plain) if plain and not beyond else math.isnan(heights[column])

    pane.field.setFocus()
    qtbot.keyClicks(pane.field, "0.15")
    pane.refresh()
    assert pane.buy.text() == "Buy 64,250.27 (0.03 bps)"
    span = model.span_bps
    turn_wheel(view, QPoint(0, -120))
    assert (model.span_bps or 0) > (span or 0)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert model.span_bps == span
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.accessibleDescription()
    floor.feed_state(FeedState.GAP)
    pane.refresh()
    view.grab()
    assert "Cost to move, USDT" in pane.moves.text()
    link.close()
    desk.select("DOGE/USDT")
    pane.refresh()
    view.grab()
    assert view.reading() == []
    pane.dispose()


async def test_the_tape_is_held_under_the_pointer_and_its_chip_brings_what_waits(qtbot: QtBot) -> None:
    floor, desk = await seated()
    model = TapeModel(desk)
    pane = TapePane(model)
    shown(qtbot, pane, 260, 300)
    middle = QPointF(100, 100)
    QApplication.sendEvent(pane.view, QEnterEvent(middle, middle, QPointF(pane.view.mapToGlobal(QPoint(100, 100)))))
    for number in range(3):
        floor.other(Side.BUY, "BTC/USDT", MIDDLE + 10, 60 + number)
    pane.refresh()
    assert model.waiting == 3
    pane.view.grab()

    qtbot.mouseClick(pane.view, LEFT, pos=pane.view.chip().center())

    pane.refresh()
    assert (model.waiting, model.prints(1)[0].qty) == (0, "0.00062")
    QApplication.sendEvent(pane.view, QEvent(QEvent.Type.Leave))
    pane.dispose()


async def test_the_tape_filters_by_chips_and_fields(qtbot: QtBot) -> None:
    floor, desk = await seated()
    model = TapeModel(desk)
    pane = TapePane(model)
    shown(qtbot, pane, 260, 300)
    for qty in (60, 300):
        floor.other(Side.BUY, "BTC/USDT", MIDDLE + 10, qty)
        floor.other(Side.SELL, "BTC/USDT", MIDDLE - 10, qty)

    qtbot.mouseClick(pane.sides.button(2), LEFT)
    assert {each.side for each in model.prints(9)} == {Side.SELL}
    qtbot.mouseClick(pane.sizes, LEFT)
    pane.least.setFocus()
    qtbot.keyClicks(pane.least, "0.001")
    pane.refresh()
    assert [each.qty for each in model.prints(9)] == ["0.00300"]
    pane.large.setFocus()
    qtbot.keyClicks(pane.large, "0.002")
    qtbot.mouseClick(pane.together, LEFT)
    pane.refresh()
    assert [each.large for each in model.prints(9)] == [True]
    pane.view.grab()
    pane.least.selectAll()
    qtbot.keyClicks(pane.least, "...")
    pane.refresh()
    assert pane.least.toolTip()
    assert "bought" in pane.flow.toolTip()
    pane.dispose()


async def test_rows_that_changed_painted_alone_look_as_if_all_had_been_painted(qtbot: QtBot) -> None:
    floor, desk = await seated()
    pane = LadderPane(LadderModel(desk))
    shown(qtbot, pane, 320, 500)
    ladder = pane.ladder
    before, kept = ladder._picture, ladder.grab().toImage()

    floor.other(Side.BUY, "BTC/USDT", MIDDLE - 30, 7_000)
    floor.other(Side.SELL, "BTC/USDT", MIDDLE + 50, 1_000)
    pane.model.touch()  # type: ignore[union-attr]
    pane.refresh()
    after = ladder._picture
    assert after is not None
    rows = changed_rows(before, after)
    assert rows is not None
    assert 0 < int(rows.sum()) < len(rows) // 2

    region = QRegion()
    for row in np.flatnonzero(rows).tolist():
        region += QRect(0, ladder.head + row * ladder.row_height, ladder.width(), ladder.row_height)
    ladder.render(kept, region.boundingRect().topLeft(), region)

    whole = ladder.grab().toImage()
    assert kept.convertToFormat(whole.format()) == whole
