"""Real mouse and keys on a real chart, with the exchange behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.marks import CELL, visible_fills
from crs_desktop.charts.trading.hits import Act, Hit
from crs_desktop.charts.trading.offer_menu import offer_menu
from crs_desktop.charts.trading.tag import CROSS, Piece, row_width, wrapped
from crs_desktop.charts.viewport import Viewport
from crs_desktop.panes.chart import ChartPane
from crs_desktop.viewmodels.chart_amends import Phase
from crs_desktop.viewmodels.desk import WhyAsked
from crs_desktop.viewmodels.series import BarSeries
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, ListKind, OrderId, OrderType, Side
from tests.crs_desktop.charts.gallery import LEVEL, settle, walk
from tests.crs_desktop.viewmodels.charting import BTC, SECOND, Trader, trader

pytestmark = pytest.mark.gui
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Screen:
    """The chart pane of a trader, in a window."""

    def __init__(self, qtbot: QtBot, at: Trader) -> None:
        self.at = at
        self.pane = ChartPane(at.chart)
        at.model.close()
        at.model = self.model = self.pane.trading.model
        self.model._clock = self.model.amends._clock = self.model.buttons._clock = lambda: Nanos(at.now)
        self.chart, self.overlay = self.pane.chart, self.pane.trading.overlay
        self.pane.resize(1000, 600)
        qtbot.addWidget(self.pane)
        self.pane.show()

    async def look(self) -> None:
        await settle()
        self.pane.refresh()
        self.pane.grab()

    def y(self, price: float) -> int:
        return round(self.chart.view.y(price))

    def hit(self, act: Act, key: str | None = None) -> Hit:
        return next(each for each in reversed(self.overlay.hits) if each.act is act and key in (None, each.key))

    def press(self, x: float, y: float, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.chart, LEFT, held, QPoint(round(x), round(y)))

    def move(self, x: float, y: float) -> None:
        QTest.mouseMove(self.chart, QPoint(round(x), round(y)))

    def release(self, x: float, y: float, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseRelease(self.chart, LEFT, held, QPoint(round(x), round(y)))

    def click(self, hit: Hit) -> None:
        QTest.mouseClick(self.chart, LEFT, NONE, hit.rect.center().toPoint())

    def drag(self, x: float, y1: float, y2: float) -> None:
        self.press(x, y1)
        for part in (0.3, 0.7, 1.0):
            self.move(x, y1 + (y2 - y1) * part)
        self.release(x, y2)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.chart, key, held)


@pytest.fixture
async def screen(qtbot: QtBot) -> AsyncIterator[Screen]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    at = await trader()
    made = Screen(qtbot, at)
    await made.look()
    yield made
    made.pane.close()
    await at.end()


async def limit(screen: Screen, price: int = LEVEL - 9_000) -> OrderId:
    order = await screen.at.send(Side.BUY, OrderType.LIMIT, price=price)
    await screen.look()
    return order


async def test_a_line_that_is_dragged_and_dropped_is_amended_in_the_engine(screen: Screen) -> None:
    order = await limit(screen)
    left = screen.chart.view.left
    to = screen.y(LEVEL - 12_000)

    screen.drag(500, screen.y(LEVEL - 9_000), to)
    await screen.look()

    price = screen.at.floor.orders.record(order).order.price
    per_pixel = (screen.chart.view.high - screen.chart.view.low) / screen.chart.view.height
    assert price is not None
    assert abs(price - (LEVEL - 12_000)) <= 2 * per_pixel
    assert screen.chart.view.left == left, "the chart did not pan along"
    assert screen.chart.selected == order


async def test_while_the_venue_thinks_the_ghost_is_on_the_screen(screen: Screen) -> None:
    order = await limit(screen)
    gate = screen.at.answer_late()
    screen.drag(500, screen.y(LEVEL - 9_000), screen.y(LEVEL - 12_000))
    await screen.look()
    ghost = screen.model.amends.ghosts[order]
    assert ghost.phase is Phase.SENT
    image = screen.chart.grab().toImage()
    accent = theme.color("accent").name()
    row = round(screen.chart.view.y(ghost.at) * image.devicePixelRatio())
    seen = {image.pixelColor(x, row + d).name() for x in range(300, 800) for d in (-1, 0, 1)}
    assert accent in seen

    gate.set()
    await screen.look()
    assert screen.model.amends.ghosts == {}


async def test_escape_in_the_middle_of_a_drag_sends_nothing(screen: Screen) -> None:
    order = await limit(screen)
    sent = len(screen.at.floor.events)
    y = screen.y(LEVEL - 9_000)

    screen.press(500, y)
    screen.move(500, y + 30)
    assert screen.model.amends.ghosts[order].moved
    screen.key(Qt.Key.Key_Escape)
    screen.move(500, y + 60)
    screen.release(500, y + 60)
    await screen.look()

    assert screen.model.amends.ghosts == {}
    assert len(screen.at.floor.events) == sent


async def test_a_drag_beyond_the_edge_brings_further_prices_along(screen: Screen) -> None:
    order = await limit(screen)
    low, y = screen.chart.view.low, screen.y(LEVEL - 9_000)

    screen.press(500, y)
    for over in (0, 20, 40, 60):
        screen.move(500, screen.chart.frame.price_height + over)
    reached = screen.model.amends.ghosts[order].at
    screen.key(Qt.Key.Key_Escape)
    screen.release(500, screen.chart.frame.price_height + 60)

    assert screen.chart.view.low < low
    assert reached < low


async def test_a_press_without_a_move_only_chooses_and_beside_every_line_the_chart_pans(screen: Screen) -> None:
    order = await limit(screen)
    sent = len(screen.at.floor.events)

    screen.drag(500, screen.y(LEVEL - 9_000), screen.y(LEVEL - 9_000) + 2)
    assert screen.chart.selected == order
    left = screen.chart.view.left
    screen.press(500, screen.y(LEVEL - 9_000) - 60)
    screen.move(600, screen.y(LEVEL - 9_000) - 60)
    screen.release(600, screen.y(LEVEL - 9_000) - 60)
    await screen.look()

    assert screen.chart.view.left < left
    assert len(screen.at.floor.events) == sent


async def test_the_cross_on_a_tag_cancels_and_the_undo_on_it_moves_back(screen: Screen) -> None:
    order = await limit(screen)
    screen.drag(500, screen.y(LEVEL - 9_000), screen.y(LEVEL - 12_000))
    await screen.look()

    screen.click(screen.hit(Act.UNDO, order))
    await screen.look()
    assert screen.at.floor.orders.record(order).order.price == LEVEL - 9_000
    screen.click(screen.hit(Act.CANCEL, order))
    await screen.look()

    assert screen.at.floor.orders.open() == []


async def test_a_refusal_snaps_back_and_its_reason_stands_beside_the_line(screen: Screen) -> None:
    screen.at.floor.set("trading.confirm", "off")
    order = await screen.at.send(Side.BUY, OrderType.LIMIT, 50_000, price=LEVEL - 9_000)
    await screen.at.send(Side.BUY, OrderType.LIMIT, 27_700, price=LEVEL - 8_000)
    await screen.look()

    screen.drag(500, screen.y(LEVEL - 9_000), screen.y(LEVEL + 60_000))
    await screen.look()

    ghost = screen.model.amends.ghosts[order]
    assert ghost.phase is Phase.REFUSED
    assert str(ghost.says[0]).startswith("You need ")
    assert not ghost.moved
    screen.click(screen.hit(Act.NO, order))
    assert screen.model.amends.ghosts == {}


async def test_shift_and_ctrl_clicks_place_a_buy_and_a_sell_that_enter_sends(screen: Screen) -> None:
    screen.at.floor.give("BTC", "1")
    for held, at, side in ((SHIFT, LEVEL - 9_000, Side.BUY), (CTRL, LEVEL + 20_000, Side.SELL)):
        QTest.mouseClick(screen.chart, LEFT, held, QPoint(400, screen.y(at)))
        await screen.look()
        assert screen.model.draft is not None
        screen.key(Qt.Key.Key_Return)
        await screen.look()
        newest = screen.at.floor.orders.open()[-1]
        assert (newest.side, newest.order_type) == (side, OrderType.LIMIT)
        assert abs((newest.price or 0) - at) < 400

    assert len(screen.at.floor.orders.open()) == 2


async def test_a_stop_and_a_target_pulled_out_of_a_new_entry_make_a_bracket(screen: Screen) -> None:
    screen.model.place_at(Side.BUY, LEVEL - 3_000)
    await screen.look()
    for act, to in ((Act.PULL_STOP, LEVEL - 20_000), (Act.PULL_TARGET, LEVEL + 20_000)):
        start = screen.hit(act).rect.center()
        screen.press(start.x(), start.y())
        screen.move(start.x(), screen.y(to) + 5)
        screen.move(start.x(), screen.y(to))
        screen.release(start.x(), screen.y(to))
        await screen.look()
    screen.click(screen.hit(Act.SEND))
    await screen.look()

    assert {order.list_kind for order in screen.at.floor.orders.open()} == {ListKind.BRACKET}


async def test_handles_on_the_position_guard_it_with_an_oco_and_then_go_away(screen: Screen) -> None:
    await screen.at.send(Side.BUY, OrderType.MARKET)
    await screen.look()
    start = screen.hit(Act.PULL_STOP).rect.center()
    screen.press(start.x(), start.y())
    screen.move(start.x(), start.y() + 20)
    screen.move(start.x(), screen.y(LEVEL - 15_000))
    screen.release(start.x(), screen.y(LEVEL - 15_000))
    await screen.look()
    screen.click(screen.hit(Act.PULL_TARGET))
    await screen.look()
    screen.key(Qt.Key.Key_Return)
    await screen.look()

    assert {order.list_kind for order in screen.at.floor.orders.open()} == {ListKind.OCO}
    assert not any(hit.act is Act.PULL_STOP for hit in screen.overlay.hits)


async def test_reverse_and_close_ask_before_they_sell(screen: Screen) -> None:
    await screen.at.send(Side.BUY, OrderType.MARKET)
    await screen.look()
    screen.click(screen.hit(Act.REVERSE))
    await screen.look()
    screen.click(screen.hit(Act.NO))
    assert screen.model.position is not None

    screen.click(screen.hit(Act.CLOSE))
    screen.at.pass_time(SECOND)
    await screen.look()
    screen.click(screen.hit(Act.YES))
    await screen.look()

    assert screen.model.position is None


async def test_the_arrow_at_the_edge_counts_and_a_click_brings_the_order_into_view(screen: Screen) -> None:
    await limit(screen, LEVEL - 400_000)
    await limit(screen, LEVEL - 500_000)
    shown = [hit for hit in screen.overlay.hits if hit.act is Act.SHOW]
    assert len(shown) == 2
    assert screen.chart.view.low > LEVEL - 400_000

    screen.click(shown[-1])
    await screen.look()

    assert screen.chart.view.low < LEVEL - 400_000 < screen.chart.view.high
    assert len([hit for hit in screen.overlay.hits if hit.act is Act.SHOW]) == 1


async def test_the_keyboard_alone_chooses_moves_sends_and_cancels(screen: Screen) -> None:
    order = await limit(screen)
    assert "Up" not in str(screen.chart.property("ownKeys")).split(), "arrows are the ticket's until a line is chosen"

    screen.key(Qt.Key.Key_Down, CTRL)
    await screen.look()
    assert screen.chart.selected == order
    assert {"Up", "Shift+Down"} <= set(str(screen.chart.property("ownKeys")).split())
    screen.key(Qt.Key.Key_Down)
    screen.key(Qt.Key.Key_Down, SHIFT)
    assert screen.model.amends.ghosts[order].at == LEVEL - 9_011
    screen.key(Qt.Key.Key_Escape)
    assert screen.model.amends.ghosts == {}
    screen.key(Qt.Key.Key_Up)
    screen.key(Qt.Key.Key_Return)
    await screen.look()
    assert screen.at.floor.orders.record(order).order.price == LEVEL - 8_999
    screen.key(Qt.Key.Key_Z, CTRL)
    await screen.look()
    assert screen.at.floor.orders.record(order).order.price == LEVEL - 9_000
    screen.key(Qt.Key.Key_Delete)
    await screen.look()

    assert screen.at.floor.orders.open() == []


async def test_the_plus_at_the_crosshair_offers_what_fits_the_side_of_the_market(screen: Screen) -> None:
    await screen.look()
    y = screen.y(LEVEL - 9_000)
    screen.move(500, y)
    await screen.look()
    assert screen.hit(Act.PLUS).rect.right() <= screen.chart.frame.plot_width

    opened: list[float] = []
    screen.overlay.offer = lambda price, at: opened.append(price)  # type: ignore[method-assign]
    screen.click(screen.hit(Act.PLUS))
    assert opened == [pytest.approx(screen.chart.view.price(y), abs=400)]
    menu = offer_menu(screen.chart, screen.model, LEVEL - 9_000)
    menu.actions()[0].trigger()
    menu.close()

    assert screen.model.draft is not None
    assert screen.model.draft.form.price_text == "64160.00"


async def test_a_fill_tells_its_slippage_under_the_pointer_and_a_click_asks_why(screen: Screen) -> None:
    order = await screen.at.send(Side.BUY, OrderType.MARKET)
    await screen.look()
    asked: list[WhyAsked] = []
    link = screen.at.desk.on_why(asked.append)
    spot = next(each for each in screen.pane.trading.marks.spots if each.fill.order_id == order)

    screen.move(spot.x, spot.y + 3)
    await screen.look()
    await screen.look()
    story = [str(each) for each in screen.pane.trading.fills.story(spot.fill, 1)]
    QTest.mouseClick(screen.chart, LEFT, NONE, QPointF(spot.x, spot.y + 3).toPoint())
    link.close()

    assert "Against the arrival mid: 0.02 bps, 0.001 USDT worse" in story, "a dime above the mid, on a hundredth"
    assert asked == [WhyAsked(order, spot.fill.trade_id)]


@pytest.mark.parametrize("width", [120.0, 180.0, 300.0, 2_000.0])
def test_wrapped_rows_fit_and_lose_no_word_and_no_button(qapp: QApplication, width: float) -> None:
    picture = QPixmap(10, 10)
    painter = QPainter(picture)
    canvas = Canvas(painter, 1.0)
    rows = [
        [Piece("64,100.00"), Piece("+0.47% from the last price"), Piece("costs 12,922.91 USDT with the fee")],
        [Piece("Send (Enter)", act=Act.SEND), Piece("Stop", act=Act.PULL_STOP), Piece(CROSS, act=Act.NO)],
    ]

    found = wrapped(canvas, rows, width)
    fits = [row_width(canvas, row) <= width for row in found]
    painter.end()

    assert all(fits)
    words = " ".join(piece.text for row in found for piece in row)
    assert words == " ".join(piece.text for row in rows for piece in row)
    assert (len(found) == len(rows)) == (width > 1_000)


def test_however_many_fills_there_are_no_two_triangles_share_a_cell() -> None:
    rng = np.random.default_rng(5)
    series = BarSeries(60 * SECOND)
    series.extend(walk(200, 60 * SECOND))
    view = Viewport(width=800.0, height=400.0, left=float(series.first), bar_px=4.0, low=0.0, high=1000.0)
    start = series.start(series.first)
    fills = [
        OrderFilled(
            account=AccountId("A"), order_id=OrderId(str(n)), trade_id=n, symbol=BTC, side=list(Side)[n % 2],
            price=Ticks(int(price)), qty=Lots(1), fee=Units(0), liquidity=Liquidity.TAKER,
            left=Lots(0), at=Nanos(start + n * SECOND),
        )
        for n, price in enumerate(rng.integers(1, 1000, 8_000))
    ]  # fmt: skip

    spots = visible_fills(fills, series, view)

    cells = [(round(s.x / CELL), round(s.y / CELL), s.fill.side) for s in spots]
    assert len(set(cells)) == len(cells)
    assert sum(spot.count for spot in spots) == sum(
        1 for fill in fills if view.left - 1 <= series.index_at(fill.at) < view.right + 2
    )


async def test_with_more_orders_than_fit_the_nearest_have_tags_and_the_chosen_one_always(screen: Screen) -> None:
    ids = [await screen.at.send(Side.BUY, OrderType.LIMIT, 20, price=LEVEL - 400 - 100 * n) for n in range(60)]
    await screen.look()

    painted = [hit.key for hit in screen.overlay.hits if hit.act is Act.CANCEL]
    assert ids[0] in painted
    assert ids[-1] not in painted
    assert len(screen.chart.tags) == len(ids), "all can be chosen by key"
    screen.chart.selected = ids[-1]
    await screen.look()

    assert ids[-1] in [hit.key for hit in screen.overlay.hits if hit.act is Act.CANCEL]
    tags = sorted(hit.rect.top() for hit in screen.overlay.hits if hit.act is Act.CANCEL)
    assert min(b - a for a, b in pairwise(tags)) >= 16
