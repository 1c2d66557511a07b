import asyncio
from collections.abc import Callable
from typing import TypeVar

from crs_desktop.viewmodels.amend import Amend
from crs_desktop.viewmodels.balances import BalancesModel
from crs_desktop.viewmodels.columns import Cell, Column, Row, to_csv
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.fills import FillsModel
from crs_desktop.viewmodels.history import HistoryModel
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.viewmodels.positions import PositionsModel
from crs_desktop.viewmodels.table import AT_ONCE, KeptRows, TableModel
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.timeline import Timeline
from engine.domain.market import Timeframe
from engine.domain.order import OrderType, Side, TimeInForce
from engine.errors import StorageUnavailable
from tests.crs_desktop.trading_floor import Floor

M = TypeVar("M", bound=TableModel)


def make(model: Callable[[Desk], M]) -> tuple[Floor, Ticket, M]:
    floor = Floor()
    desk = floor.desk()
    floor.stock()
    return floor, Ticket(desk), model(desk)


def send(
    ticket: Ticket,
    order_type: OrderType,
    size: str,
    *,
    side: Side = Side.BUY,
    price: str = "",
    stop: str = "",
    tif: TimeInForce = TimeInForce.GTC,
) -> Timeline:
    ticket.set_side(side)
    ticket.set_type(order_type)
    ticket.set_tif(tif)
    ticket.set_price(price)
    ticket.set_stop(stop)
    ticket.set_size(Lead.BASE, size)
    timeline = asyncio.run(ticket.submit())
    assert timeline is not None, str(ticket.problem)
    return timeline


def texts(model: TableModel, key: str | None = None) -> dict[str, str]:
    row = next(row for row in model.rows() if key in (None, row.key))
    return {column.field: str(cell.text) for column, cell in zip(model.columns, row.cells, strict=True)}


def begun(model: OrdersModel, key: str) -> Amend:
    """Open the editor of an order."""
    model.begin_amend(key)
    assert model.amending is not None
    return model.amending


def is_amending(model: OrdersModel) -> bool:
    return model.amending is not None


def held(floor: Floor) -> int:
    position = floor.portfolio.position("BTC/USDT")
    return position.qty if position is not None else 0


async def settled(call: Callable[..., object], *arguments: object) -> None:
    call(*arguments)
    for _ in range(6):
        await asyncio.sleep(0)


def test_an_open_order_shows_what_it_locks_and_what_is_filled() -> None:
    _floor, ticket, model = make(OrdersModel)
    assert str(model.empty.sentence) == "No open orders. Press B, then J to bid with a limit order."
    send(ticket, OrderType.LIMIT, "0.03", price="64250.10")

    row = texts(model)

    assert (row["side"], row["type"], row["price"], row["stop"]) == ("▲ Buy", "Limit", "64,250.10", "\u2013")
    assert (row["qty"], row["filled"], row["value"]) == ("0.03000", "0.02000 (66%)", "642.50")
    assert row["locked"] == "643.14 USDT"
    assert row["status"] == "Next in line, 66% filled"


def test_cancel_takes_one_order_or_all_and_shows_a_failure() -> None:
    floor, ticket, model = make(OrdersModel)
    for price in ("60000", "60001", "60002"):
        send(ticket, OrderType.LIMIT, "0.01", price=price)

    asyncio.run(settled(model.cancel_last))
    assert [order.price for order in floor.orders.open()] == [6_000_000, 6_000_100]
    floor.venue.error = StorageUnavailable("The disk is full.")
    asyncio.run(settled(model.cancel, floor.orders.open()[0].order_id))
    assert str(model.notice) == "The disk is full."
    asyncio.run(settled(model.cancel, "nobody"))
    assert "nobody" in str(model.notice)
    floor.venue.error = StorageUnavailable("The disk is full.")
    asyncio.run(settled(model.cancel_symbol))
    assert str(model.notice) == "The disk is full."
    asyncio.run(settled(model.cancel_all))
    assert (floor.orders.open(), model.notice) == ([], None)
    model.cancel_last()


def test_amending_keeps_the_editor_open_with_the_reason_until_it_works() -> None:
    floor, ticket, model = make(OrdersModel)
    send(ticket, OrderType.LIMIT, "0.01", price="60000")
    key = model.rows()[0].key
    model.begin_amend("nobody")
    assert not is_amending(model)
    amend = begun(model, key)
    assert [(each.name, each.text) for each in amend.fields] == [("qty", "0.01000"), ("price", "60000.00")]
    qty, price = amend.fields

    for text, reason in (("", "Enter a limit price."), ("60000.001", "Price must be a multiple of 0.01.")):
        price.text = text
        model.apply_amend()
        assert str(amend.problem) == reason
    price.text = "60100.00"
    for text, reason in (
        ("x", "'x' is not a number such as 0.25."),
        ("0.000001", "Amount must be a multiple of 0.00001."),
    ):
        qty.text = text
        model.apply_amend()
        assert str(amend.problem) == reason
    qty.text = "100"
    asyncio.run(settled(model.apply_amend))
    assert "more" in str(amend.problem)
    assert model.amending is amend
    qty.text = "0.02"
    model.step_amend(qty.key, -100)
    model.step_amend(price.key, 5)
    model.step_amend("nobody", 5)
    asyncio.run(settled(model.apply_amend))
    assert not is_amending(model)
    (order,) = floor.orders.open()
    assert (order.qty, order.price) == (1900, 6_010_005)
    amend = begun(model, key)
    floor.venue.error = StorageUnavailable("The disk is full.")
    amend.of("price").text = "60200"
    asyncio.run(settled(model.apply_amend))
    assert str(amend.problem) == "The disk is full."
    model.end_amend()
    model.apply_amend()
    model.step_amend(qty.key, 1)
    assert not is_amending(model)


def test_a_waiting_order_is_amended_by_its_stop() -> None:
    floor, ticket, model = make(OrdersModel)
    floor.give("BTC", "1")
    send(ticket, OrderType.STOP, "0.5", side=Side.SELL, stop="60000")
    assert texts(model)["status"] == "Waits for its trigger"
    amend = begun(model, model.rows()[0].key)
    amend.of("stop_price").text = ""
    model.apply_amend()
    assert str(amend.problem) == "Enter a stop price."
    amend.of("stop_price").text = "61000"
    asyncio.run(settled(model.apply_amend))
    assert floor.orders.open()[0].stop_price == 6_100_000


def test_a_click_on_locked_money_shows_the_orders_that_lock_it() -> None:
    floor, ticket, balances = make(BalancesModel)
    model = OrdersModel(balances.desk)
    floor.give("BTC", "1")
    send(ticket, OrderType.LIMIT, "0.01", price="60000")
    send(ticket, OrderType.LIMIT, "0.25", side=Side.SELL, price="70000")

    row = texts(balances, "BTC")
    balances.show_locked("BTC")

    assert (row["total"], row["free"], row["locked"], row["orders"]) == (
        "1.00000000",
        "0.75000000",
        "0.25000000",
        "1 order",
    )
    assert (row["value"], row["source"][:27]) == ("64,250.00", "SIMULATED last 64,250.00, 0")
    assert [each.order.side for group in model.groups() for each in group.records] == [Side.SELL]
    balances.show_locked("ETH")
    assert str(model.empty.sentence) == "No open order locks ETH."
    model.empty_action()
    assert len(model.rows()) == 2
    assert texts(balances, "USDT")["source"] == "1 by definition"
    floor.give("ETH", "1")
    assert (texts(balances, "ETH")["value"], texts(balances, "ETH")["source"]) == ("\u2013", "No price")
    send(ticket, OrderType.LIMIT, "0.01", price="60000")
    assert texts(balances, "USDT")["orders"] == "2 orders"


def test_the_empty_order_table_starts_a_limit_order() -> None:
    _, ticket, model = make(OrdersModel)
    model.empty_action()
    assert (ticket.form.order_type, ticket.form.price_text) == (OrderType.LIMIT, "64249.90")


def test_the_empty_tables_lead_to_the_ticket() -> None:
    for kind in (FillsModel, PositionsModel):
        _, ticket, model = make(kind)
        ticket.set_side(Side.SELL)
        asked: list[str] = []
        ticket.on_focus(asked.append)
        model.empty_action()
        assert (ticket.form.side, asked) == (Side.BUY, ["ticket"])


def test_fills_have_trade_fee_and_role_and_are_made_once() -> None:
    _floor, ticket, model = make(FillsModel)
    assert str(model.empty.sentence) == "No fills. Press B to buy at the best ask."
    send(ticket, OrderType.MARKET, "0.05")
    first = model.rows()
    send(ticket, OrderType.MARKET, "0.01")

    rows = model.rows()

    assert rows[1] is first[0]
    row = texts(model, first[0].key)
    assert (row["side"], row["price"], row["qty"], row["liquidity"]) == ("▲ Buy", "64,250.20", "0.03000", "Taker")
    assert (row["value"], row["fee"]) == ("1,927.50", "1.927506")


def test_history_says_how_each_order_ended() -> None:
    _floor, ticket, model = make(HistoryModel)
    assert "No finished orders" in str(model.empty.sentence)
    send(ticket, OrderType.MARKET, "0.05")
    send(ticket, OrderType.LIMIT, "0.05", price="64250.20", tif=TimeInForce.IOC)
    send(ticket, OrderType.LIMIT, "0.05", price="60000", tif=TimeInForce.IOC)
    send(ticket, OrderType.LIMIT, "0.05", price="60000")
    asyncio.run(ticket.desk.orders.cancel_all())

    outcomes = [str(row.cells[8].text) for row in model.rows()]

    assert outcomes == [
        "Cancelled by you",
        "Cancelled at once (IOC)",
        "Partly filled, rest cancelled at once (IOC)",
        "Filled",
    ]
    assert str(model.rows()[3].cells[5].text) == "64,250.16"
    assert [row.key for row in model.rows()] == [row.key for row in model.rows()]


def test_a_position_has_cost_with_fees_and_both_results() -> None:
    _floor, ticket, model = make(PositionsModel)
    assert str(model.empty.sentence) == "No positions. Press B to buy at the best ask."
    send(ticket, OrderType.MARKET, "0.02")

    row = texts(model)

    assert (row["qty"], row["last"]) == ("0.02000", "64,250.10")
    assert row["average"] == "64,314.35"
    assert row["fees"] == "1.2850"
    assert row["unrealised"].startswith("\u2212")
    assert row["flatten"] == "Flatten"


def test_a_result_below_a_cent_does_not_read_as_nothing() -> None:
    _, ticket, model = make(PositionsModel)
    send(ticket, OrderType.MARKET, "0.00009")

    row = texts(model)

    assert (row["unrealised"], row["percent"], row["realised"]) == ("\u22120.0057", "\u22120.10%", "0.00")


def test_flatten_asks_cancels_the_orders_and_sells_all() -> None:
    floor, ticket, model = make(PositionsModel)
    model.ask_flatten()
    assert str(model.notice) == "You hold no BTC to sell."
    send(ticket, OrderType.MARKET, "0.02")
    send(ticket, OrderType.LIMIT, "0.01", side=Side.SELL, price="70000")
    model.ask_flatten()
    assert str(model.question) == "Cancel the orders of BTC/USDT and sell 0.02000 BTC at market?"
    model.dismiss()
    assert model.question is None
    asyncio.run(settled(model.confirm))
    assert held(floor) == 2000
    model.ask_flatten("BTC/USDT")
    floor.venue.error = StorageUnavailable("The disk is full.")
    asyncio.run(settled(model.confirm))
    assert str(model.notice) == "The disk is full."
    model.ask_flatten("BTC/USDT")
    asyncio.run(settled(model.confirm))
    assert held(floor) == 0
    assert floor.orders.open() == []
    assert texts(model)["flatten"] == ""


def test_csv_has_plain_numbers_and_no_formulas() -> None:
    columns = (Column("Pair", "pair", "left"), Column("Price", "price"), Column("", "act", "left", action=True))
    rows = [Row("1", (Cell("=HYPERLINK(1)"), Cell("64,250.00", raw="64250.00"), Cell("Cancel")))]
    rows.append(Row("2", (Cell("-x"), Cell("-1.5"), Cell(""))))

    assert to_csv(columns, rows) == "Pair,Price\n'=HYPERLINK(1),64250.00\n'-x,-1.5\n"


def test_tables_and_desk_leave_nothing_open() -> None:
    floor = Floor()
    desk = floor.desk()
    assert desk.services is floor
    before = floor.bus.subscriber_count
    models = [kind(desk) for kind in (OrdersModel, FillsModel, HistoryModel, PositionsModel, BalancesModel)]
    assert desk.link_count
    changes = []
    link = desk.on_change(lambda changed: changes.append(changed.timeframe))
    desk.set_timeframe(Timeframe.H1)
    desk.set_timeframe(Timeframe.H1)
    link.close()
    link.close()
    for model in models:
        model.empty_action()
        model.close()

    assert changes == [Timeframe.H1]
    assert (floor.bus.subscriber_count, desk.link_count) == (before, 0)


def test_a_long_past_is_made_some_rows_at_a_time_and_each_row_once() -> None:
    made: list[int] = []

    def make(key: str, thing: int) -> Row:
        made.append(thing)
        return Row(key, (Cell(key),))

    rows, things = KeptRows(str, make), list(range(2 * AT_ONCE + 1))

    lengths = []
    for _ in range(4):
        lengths.append(len(rows.of(things)))
        if rows.complete:
            break
    assert lengths == [AT_ONCE, 2 * AT_ONCE, 2 * AT_ONCE + 1]
    assert [row.key for row in rows.of([-1, *things])] == [str(each) for each in [-1, *things]]
    assert made == [*things, -1]
    assert rows.of([]) == []
