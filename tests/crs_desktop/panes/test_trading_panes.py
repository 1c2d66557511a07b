"""Real panes, real keys and clicks, the real exchange behind them."""

import asyncio

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from crs_desktop.panes.balances import BalancesPane
from crs_desktop.panes.base import Pane
from crs_desktop.panes.book import BookPane
from crs_desktop.panes.fills import FillsPane
from crs_desktop.panes.history import HistoryPane
from crs_desktop.panes.orders import OrdersPane
from crs_desktop.panes.positions import PositionsPane
from crs_desktop.panes.tape import TapePane
from crs_desktop.panes.ticket import TicketPane
from crs_desktop.panes.watchlist import WatchlistPane
from crs_desktop.viewmodels.balances import BalancesModel
from crs_desktop.viewmodels.book import BookModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.fills import FillsModel
from crs_desktop.viewmodels.history import HistoryModel
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.viewmodels.positions import PositionsModel
from crs_desktop.viewmodels.tape import TapeModel
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import Kind
from crs_desktop.viewmodels.ticket_price import Unit
from crs_desktop.viewmodels.watchlist import WatchlistModel
from engine.domain.market import FeedState
from engine.domain.number import Ticks
from engine.domain.order import OrderType, Side, TimeInForce
from tests.crs_desktop.trading_floor import Floor

pytestmark = pytest.mark.gui

WIDTHS = {"watchlist": 220, "book": 260, "tape": 260, "ticket": 300}


async def seated() -> tuple[Floor, Desk]:
    floor = Floor()
    desk = await floor.sit()
    floor.stock()
    floor.stock("SHIB/USDT", middle=24_870, qty=900_000_000)
    return floor, desk


async def settle() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


def shown(qtbot: QtBot, pane: Pane, width: int = 900, height: int = 500) -> Pane:
    qtbot.addWidget(pane)
    pane.resize(width, height)
    with qtbot.waitExposed(pane):
        pane.show()
    pane.refresh()
    return pane


async def test_enter_in_the_ticket_buys(qtbot: QtBot) -> None:
    floor, desk = await seated()
    model = Ticket(desk)
    pane = TicketPane(model)
    shown(qtbot, pane, 300)
    model.focus_side(Side.BUY)

    assert pane.submit.text() == "Buy 0.00155 BTC at market"
    qtbot.keyClick(pane.total, Qt.Key.Key_Return)
    await settle()

    assert [fill.qty for fill in floor.orders.fills()] == [155]
    pane.dispose()


async def test_typing_a_size_and_a_price_and_clicking_sends_a_limit_order(qtbot: QtBot) -> None:
    floor, desk = await seated()
    model = Ticket(desk)
    pane = TicketPane(model)
    shown(qtbot, pane, 300)

    qtbot.mouseClick(pane.types.button(1), Qt.MouseButton.LeftButton)
    pane.refresh()
    pane.price.selectAll()
    qtbot.keyClicks(pane.price, "64000")
    qtbot.keyClick(pane.price, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    pane.amount.selectAll()
    qtbot.keyClicks(pane.amount, "0.01")
    qtbot.mouseClick(pane.post_only, Qt.MouseButton.LeftButton, pos=QPoint(6, pane.post_only.height() // 2))
    pane.refresh()
    assert pane.total.text() == "640.00"
    qtbot.mouseClick(pane.submit, Qt.MouseButton.LeftButton)
    await settle()

    (order,) = floor.orders.open()
    assert (order.qty, order.price, order.post_only) == (1000, 6_400_010, True)
    pane.dispose()


async def test_the_reason_stands_under_the_disabled_button_and_the_question_is_answered_by_keys(qtbot: QtBot) -> None:
    floor, desk = await seated()
    floor.set("trading.confirm", "always")
    now = [10**12]
    model = Ticket(desk, clock=lambda: now[0])  # type: ignore[arg-type, return-value]
    pane = TicketPane(model)
    shown(qtbot, pane, 300)
    qtbot.mouseClick(pane.sides.button(1), Qt.MouseButton.LeftButton)
    pane.refresh()
    assert not pane.submit.isEnabled()
    assert pane.reason.text() == "You hold no BTC to sell. Spot has no short positions."

    qtbot.mouseClick(pane.sides.button(0), Qt.MouseButton.LeftButton)
    pane.refresh()
    qtbot.keyClick(pane, Qt.Key.Key_Return)
    assert pane.submit.text() == "Yes, buy"
    assert "Enter: yes" in pane.reason.text()
    qtbot.keyClick(pane, Qt.Key.Key_Escape)
    assert pane.submit.text().startswith("Buy 0.00155")
    qtbot.keyClick(pane, Qt.Key.Key_Return)
    now[0] += 10**9
    qtbot.keyClick(pane, Qt.Key.Key_Return)
    await settle()
    assert len(floor.orders.fills()) == 1
    qtbot.keyClick(pane, Qt.Key.Key_Plus)
    qtbot.keyClick(pane, Qt.Key.Key_Underscore)
    assert model.form.size_text == "10"
    pane.fold.click()
    assert not pane.self_trade.isHidden()
    pane.dispose()


@pytest.mark.no_cover
@pytest.mark.parametrize("symbol", ["BTC/USDT", "SHIB/USDT"])
@pytest.mark.parametrize("kind", list(Kind))
async def test_the_ticket_fits_its_column_with_every_text_whole(qtbot: QtBot, symbol: str, kind: Kind) -> None:
    _, desk = await seated()
    model = Ticket(desk)
    desk.select(symbol)
    model.set_kind(kind)
    model.set_size(Lead.QUOTE, "9000")
    pane = TicketPane(model)
    shown(qtbot, pane, 300, 470)
    pane.refresh()
    QApplication.processEvents()

    assert pane.minimumSizeHint().width() <= 300
    assert pane.roll.verticalScrollBar().maximum() == 0, "470 px is the height that is left at 1280x720"
    for label in pane.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width() + 1, label.text()
    for button in pane.findChildren(QPushButton):
        if button.isVisible():
            assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width(), button.text()
    pane.dispose()


async def test_the_longest_names_fit_side_by_side(qtbot: QtBot) -> None:
    _, desk = await seated()
    model = Ticket(desk)
    for kind in (Kind.TAKE_PROFIT, Kind.STOP_LIMIT, Kind.TAKE_PROFIT_LIMIT):
        model.set_kind(kind)
    pane = TicketPane(model)
    shown(qtbot, pane, 300, 470)

    assert {pane.types.button(number).text() for number in range(3)} == {"Take-profit", "Stop-limit", "TP-limit"}
    assert pane.kinds.minimumSizeHint().width() <= 284
    pane.dispose()


async def test_the_fold_and_a_date_fit_the_column_and_what_is_too_high_scrolls(qtbot: QtBot) -> None:
    _, desk = await seated()
    model = Ticket(desk)
    pane = TicketPane(model)
    shown(qtbot, pane, 300, 470)
    pane.kinds.more.menu().actions()[-2].trigger()
    assert model.form.kind is Kind.BRACKET
    qtbot.mouseClick(pane.kinds.entries.button(3), Qt.MouseButton.LeftButton)
    pane.fold.click()
    pane.refresh()
    QApplication.processEvents()
    assert pane.roll.verticalScrollBar().maximum() > 0
    assert pane.submit.isVisible()
    qtbot.mouseClick(pane.levels["target"].unit, Qt.MouseButton.LeftButton)
    pane.refresh()
    assert (model.form.target.unit, pane.levels["target"].unit.text()) == (Unit.PRICE, "USDT")
    model.set_kind(Kind.LIMIT)
    pane.refresh()
    qtbot.mouseClick(pane.options.tif_chips[TimeInForce.GTD], Qt.MouseButton.LeftButton)
    pane.options.spans.activated.emit(pane.options.spans.findData("at"))
    pane.refresh()
    QApplication.processEvents()
    assert pane.options.date.isVisible()
    assert pane.form.minimumSizeHint().width() <= 300
    pane.options.date.selectAll()
    qtbot.keyClicks(pane.options.date, "2030-01-01 00:00")
    assert model.reading.expires == 1_893_456_000 * 10**9
    pane.options.reduce_only.click()
    pane.fold.click()
    pane.refresh()
    assert pane.options.reduce_only.isVisible(), "what is in force stays in sight"
    assert pane.reason.text() == "Reduce-only: on spot a buy never reduces what you hold."
    pane.dispose()


async def test_a_click_or_a_key_in_the_book_prices_the_ticket(qtbot: QtBot) -> None:
    _, desk = await seated()
    model, ticket = BookModel(desk), Ticket(desk)
    pane = BookPane(model)
    shown(qtbot, pane, 260, 500)
    ladder = pane.ladder
    ladder.grab()
    best_bid = ladder.rect_of(-1).center()

    qtbot.mouseMove(ladder, best_bid)
    qtbot.mouseClick(ladder, Qt.MouseButton.LeftButton, pos=best_bid)
    assert ticket.form.price_text == "64249.90"
    ladder.setFocus()
    qtbot.keyClick(ladder, Qt.Key.Key_Up)
    assert ladder.cursor_price == 6_425_010
    qtbot.keyClick(ladder, Qt.Key.Key_Up)
    qtbot.keyClick(ladder, Qt.Key.Key_Return)
    assert ticket.form.price_text == "64250.20"
    assert ladder.accessibleDescription() == "0.04000 at 64,250.20"
    for _ in range(3):
        qtbot.keyClick(ladder, Qt.Key.Key_PageUp)
    pane.refresh()
    ladder.grab()
    qtbot.keyClick(ladder, Qt.Key.Key_Home)
    assert ladder.cursor_price is None
    qtbot.keyClick(ladder, Qt.Key.Key_Right)
    assert model.grouping == 2
    qtbot.keyClick(ladder, Qt.Key.Key_Left)
    qtbot.keyClick(ladder, Qt.Key.Key_Left)
    assert model.grouping == 1
    pane.chips.button(10).click()
    assert model.grouping == 10
    for _ in range(40):
        qtbot.keyClick(ladder, Qt.Key.Key_PageDown)
    wheel(ladder, -120)
    wheel(ladder, 1200)
    ladder.leaveEvent(None)
    pane.dispose()
    ticket.close()


def wheel(widget: QWidget, angle: int) -> None:
    """Turn the mouse wheel over a widget."""
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, middle, QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    widget.wheelEvent(event)


async def test_a_book_that_is_not_synced_is_hatched_and_says_why(qtbot: QtBot) -> None:
    floor, desk = await seated()
    pane = BookPane(BookModel(desk))
    shown(qtbot, pane, 260, 300)
    trusted = pane.ladder.grab().toImage()

    floor.feed_state(FeedState.STALE)
    pane.refresh()

    assert pane.ladder.grab().toImage() != trusted
    desk.select("ETH/USDT")
    pane.refresh()
    pane.ladder.grab()
    pane.dispose()


async def test_the_tape_scrolls_and_its_prices_go_to_the_ticket(qtbot: QtBot) -> None:
    floor, desk = await seated()
    for number in range(40):
        floor.other(Side.BUY, "BTC/USDT", 6_425_010, 50 + number)
    pane = TapePane(TapeModel(desk))
    shown(qtbot, pane, 260, 200)
    picked: list[Ticks] = []
    desk.on_price(picked.append)
    view = pane.view
    view.grab()

    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(20, 30))
    assert picked == [6_425_010]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
        qtbot.keyClick(view, key)
    assert view.skip > 0
    pane.refresh()
    view.setFocus()
    view.grab()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.skip == 0
    wheel(view, -120)
    assert view.skip == 3
    qtbot.keyClick(view, Qt.Key.Key_B)
    desk.select("ETH/USDT")
    pane.refresh()
    view.grab()
    pane.dispose()


async def test_keys_and_clicks_in_the_watchlist_change_the_market(qtbot: QtBot) -> None:
    floor, desk = await seated()
    pane = WatchlistPane(WatchlistModel(desk))
    shown(qtbot, pane, 220, 300)
    floor.other(Side.BUY, "BTC/USDT", 6_425_010, 500)
    pane.refresh()
    pane.list.grab()

    qtbot.keyClick(pane.list, Qt.Key.Key_Down)
    assert desk.symbol == "ETH/USDT"
    qtbot.keyClick(pane.list, Qt.Key.Key_End)
    assert desk.symbol == "SHIB/USDT"
    qtbot.keyClick(pane.list, Qt.Key.Key_Home)
    qtbot.mouseMove(pane.list, QPoint(50, 20 + 40 * 2 + 5))
    qtbot.mouseClick(pane.list, Qt.MouseButton.LeftButton, pos=QPoint(50, 20 + 40 * 2 + 5))
    assert desk.symbol == "SOL/USDT"
    qtbot.keyClick(pane.list, Qt.Key.Key_B)
    pane.list.leaveEvent(None)
    pane.list.setFocus()
    pane.list.grab()
    pane.dispose()


async def test_orders_are_cancelled_by_delete_and_amended_by_enter(qtbot: QtBot) -> None:
    floor, desk = await seated()
    ticket, model = Ticket(desk), OrdersModel(desk)
    pane = OrdersPane(model)
    shown(qtbot, pane)
    pane.empty.button.click()
    for price in ("60000", "60001", "60002"):
        ticket.set_price(price)
        await ticket.submit()
    pane.refresh()

    pane.table.focus_first()
    qtbot.keyClick(pane.table, Qt.Key.Key_Return)
    pane.refresh()
    field = pane.amend.field("price")
    assert field.text() == "60000.00"
    field.selectAll()
    qtbot.keyClicks(field, "60500")
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    await settle()
    pane.refresh()
    assert floor.orders.open()[0].price == 6_050_001
    assert pane.amend.isHidden()
    pane.table.acted.emit(floor.orders.open()[0].order_id, "amend")
    pane.refresh()
    qtbot.keyClick(pane.amend, Qt.Key.Key_Escape)
    qtbot.keyClick(pane.amend, Qt.Key.Key_B)
    assert model.amending is None
    pane.refresh()
    qtbot.keyClick(pane.table, Qt.Key.Key_Delete)
    await settle()
    assert len(floor.orders.open()) == 2
    pane.table.acted.emit(floor.orders.open()[0].order_id, "cancel")
    await settle()
    desk.pick_asset("USDT")
    pane.refresh()
    assert pane.filtered.text() == "Orders that lock USDT"
    pane.show_all.click()
    pane.cancel_all.click()
    await settle()
    pane.refresh()
    assert (floor.orders.open(), pane.cancel_all.isEnabled()) == ([], False)
    pane.cancel_pair.click()
    model.warn("The disk is full.")
    pane.refresh()
    assert pane.notice.label.text() == "The disk is full."
    pane.notice.no.click()
    pane.refresh()
    assert pane.notice.isHidden()
    pane.dispose()
    ticket.close()


async def test_a_position_is_closed_after_a_question(qtbot: QtBot) -> None:
    floor, desk = await seated()
    ticket, model = Ticket(desk), PositionsModel(desk)
    await ticket.submit()
    pane = PositionsPane(model)
    shown(qtbot, pane)
    pane.table.focus_first()

    qtbot.keyClick(pane.table, Qt.Key.Key_Delete)
    pane.refresh()
    assert "sell 0.00155 BTC" in pane.question.label.text()
    qtbot.keyClick(pane, Qt.Key.Key_Escape)
    pane.refresh()
    assert pane.question.isHidden()
    pane.table.acted.emit("BTC/USDT", "flatten")
    pane.refresh()
    qtbot.keyClick(pane, Qt.Key.Key_B)
    qtbot.keyClick(pane, Qt.Key.Key_Return)
    await settle()
    position = floor.portfolio.position("BTC/USDT")
    assert position is not None
    assert position.qty == 0
    qtbot.keyClick(pane, Qt.Key.Key_B)
    pane.empty_clicked()
    pane.dispose()
    ticket.close()


async def test_the_order_table_fits_the_bottom_of_a_small_window(qtbot: QtBot) -> None:
    floor, desk = await seated()
    floor.give("BTC", "1")
    ticket = Ticket(desk)
    ticket.set_side(Side.SELL)
    ticket.set_type(OrderType.STOP_LIMIT)
    ticket.set_stop("60000")
    ticket.set_price("59990")
    ticket.set_size(Lead.BASE, "0.4")
    await ticket.submit()
    pane = OrdersPane(OrdersModel(desk))
    shown(qtbot, pane, 712, 190)

    assert pane.table.horizontalScrollBar().maximum() == 0
    pane.dispose()
    ticket.close()


async def test_a_bracket_and_a_trailing_stop_fit_the_bottom_of_a_small_window_with_their_status(qtbot: QtBot) -> None:
    floor, desk = await seated()
    floor.give("BTC", "1")
    ticket = Ticket(desk)
    ticket.set_kind(Kind.BRACKET)
    await ticket.submit()
    ticket.set_side(Side.SELL)
    ticket.set_kind(Kind.TRAILING_STOP)
    ticket.set_size(Lead.BASE, "0.4")
    await ticket.submit()
    pane = OrdersPane(OrdersModel(desk))
    shown(qtbot, pane, 712, 190)
    titles = [column.field for column in pane.table.row_model.columns]

    assert pane.table.horizontalScrollBar().maximum() == 0
    assert not pane.table.isColumnHidden(titles.index("status"))
    assert pane.table.isColumnHidden(titles.index("display")), "nothing stands in it"
    pane.dispose()
    ticket.close()


async def test_every_pane_ends_without_a_trace(qtbot: QtBot) -> None:
    floor, desk = await seated()
    ticket = Ticket(desk)
    await ticket.submit()
    ticket.close()
    before = floor.bus.subscriber_count
    panes: list[Pane] = [
        FillsPane(FillsModel(desk)),
        HistoryPane(HistoryModel(desk)),
        BalancesPane(BalancesModel(desk)),
        PositionsPane(PositionsModel(desk)),
        OrdersPane(OrdersModel(desk)),
        BookPane(BookModel(desk)),
        TapePane(TapeModel(desk)),
        WatchlistPane(WatchlistModel(desk)),
        TicketPane(Ticket(desk)),
    ]
    for pane in panes:
        shown(qtbot, pane, WIDTHS.get(pane.name, 900))
        assert pane.accessibleName()
        assert pane.minimumSizeHint().width() <= WIDTHS.get(pane.name, 900)
        pane.grab()
        pane.theme_changed()
        pane.close()

    assert (floor.bus.subscriber_count, desk.link_count) == (before, 0)
