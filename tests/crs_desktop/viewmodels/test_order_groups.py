"""Lists in the open orders, against the real exchange: groups, changed together, cancelled with what hangs on them."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from crs_desktop.viewmodels.amend import Amend
from crs_desktop.viewmodels.breakeven import Move, move_stop, stop_to_move
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_lines import lines_of
from crs_desktop.viewmodels.log import EventLog
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import Kind
from crs_desktop.viewmodels.ticket_price import Level, Unit
from crs_desktop.viewmodels.words import Sentence
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, ListKind, OrderId, OrderType, Side, TimeInForce
from engine.errors import StorageUnavailable
from engine.ports.venue import AccountSelected
from tests.crs_desktop.trading_floor import ME, Floor

BTC = "BTC/USDT"
MIDDLE = 6_425_000


def make(*, btc: str = "") -> tuple[Floor, Ticket, OrdersModel]:
    floor = Floor(usdt=20_000)
    floor.set("risk.max_price_deviation_bps", None)
    floor.stock()
    if btc:
        floor.give("BTC", btc)
    desk = floor.desk()
    return floor, Ticket(desk), OrdersModel(desk)


def bracket(ticket: Ticket, *, entry: str = "", limit: str = "") -> None:
    """Send a bracket of 0.01 BTC, at the market or with a limit entry."""
    ticket.set_kind(Kind.BRACKET)
    ticket.set_entry(Kind.LIMIT if entry else Kind.MARKET)
    ticket.set_price(entry)
    ticket.form.target, ticket.form.loss = Level("66000"), Level("63000")
    ticket.form.loss_limit_text = limit
    ticket.set_size(Lead.BASE, "0.01")
    assert asyncio.run(ticket.submit()) is not None, str(ticket.problem)


def shown(model: OrdersModel) -> list[tuple[str, str, str]]:
    """Type, stop or price, and status of each row."""
    at = {column.field: number for number, column in enumerate(model.columns)}
    return [
        (str(row.cells[at["type"]].text), str(row.cells[at["price"]].text), str(row.cells[at["status"]].text))
        for row in model.rows()
    ]


def cell(model: OrdersModel, row: int, field: str) -> str:
    number = next(number for number, column in enumerate(model.columns) if column.field == field)
    return str(model.rows()[row].cells[number].text)


def begun(model: OrdersModel, row: int = 0) -> Amend:
    model.begin_amend(model.rows()[row].key)
    assert model.amending is not None
    return model.amending


def left(model: OrdersModel) -> tuple[object, object]:
    """What is still asked and what is still being changed."""
    return model.doubt, model.amending


async def settled(call: Callable[..., object], *arguments: object) -> None:
    call(*arguments)
    for _ in range(20):
        await asyncio.sleep(0)


def prices(floor: Floor) -> dict[str, tuple[int | None, int | None]]:
    return {order.order_type.value: (order.price, order.stop_price) for order in floor.orders.open()}


def test_a_bracket_is_a_group_whose_legs_say_what_they_wait_for() -> None:
    floor, ticket, model = make()
    bracket(ticket, entry="64000")
    assert shown(model) == [
        ("Bracket", "", "Entry working"),
        ("└ Entry", "64,000.00", "Next in line"),
        ("└ Target", "66,000.00", "Once the entry fills"),
        ("└ Stop", "\u2013", "Once the entry fills"),
    ]
    assert [cell(model, row, "locked") for row in range(4)] == [
        "640.64 USDT", "640.64 USDT", "0.00000000 BTC", "0.00000000 BTC",
    ]  # fmt: skip

    floor.other(Side.SELL, BTC, 6_400_000, 4_000_000)

    assert shown(model) == [
        ("Bracket", "", "One cancels the other"),
        ("└ Target", "66,000.00", "Next in line"),
        ("└ Stop", "\u2013", "Waits for its trigger"),
    ]
    assert cell(model, 0, "locked") == "0.01000000 BTC"
    assert cell(model, 1, "amend") == "", "the list is changed as a whole"


def test_all_prices_of_a_bracket_are_changed_together_the_stop_first() -> None:
    floor, ticket, model = make()
    bracket(ticket, entry="64000", limit="62900")
    amend = begun(model)
    assert [(str(each.label), each.text) for each in amend.fields] == [
        ("Amount", "0.01000"), ("Entry", "64000.00"), ("Target", "66000.00"), ("Stop", "63000.00"),
        ("Limit", "62900.00"),
    ]  # fmt: skip
    for each, text in zip(amend.fields, ("0.02", "64000.5", "66500", "63500", "63400"), strict=True):
        each.text = text

    asyncio.run(settled(model.apply_amend))

    assert model.amending is None, str(amend.problem)
    assert amend.changed == ["stop", "target", "entry"]
    assert prices(floor) == {"limit": (6_650_000, None), "stop_limit": (6_340_000, 6_350_000)}
    entry = floor.orders.records()[0].order
    assert (entry.price, entry.qty) == (6_400_050, 2_000)


def test_a_refused_leg_leaves_what_was_changed_before_it_and_says_so() -> None:
    floor, ticket, model = make()
    bracket(ticket, entry="64000")
    amend = begun(model)
    amend.of("stop_price").text = "63500"
    amend.of("qty").text = "5"  # the entry cannot pay for that

    asyncio.run(settled(model.apply_amend))

    assert str(amend.problem).startswith("Changed: stop. The entry was not: You need ")
    assert model.amending is amend
    assert floor.orders.records()[2].order.stop_price == 6_350_000
    amend.of("qty").text = "0.02"
    asyncio.run(settled(model.apply_amend))
    assert model.amending is None
    assert amend.changed == ["stop", "entry"], "the stop was not sent again"


def test_a_first_leg_that_fails_names_itself() -> None:
    floor, ticket, model = make()
    bracket(ticket)
    amend = begun(model, 1)
    assert [each.name for each in amend.fields] == ["price", "stop_price"], "a leg's quantity belongs to its list"
    amend.of("stop_price").text = "62000"
    floor.venue.error = StorageUnavailable("The disk is full.")
    asyncio.run(settled(model.apply_amend))
    assert str(amend.problem) == "The stop was not changed: The disk is full."


@pytest.mark.parametrize(
    ("row", "entry", "text"),
    [
        (1, "", "Cancels the stop, too. 0.01000 BTC stay without a stop."),
        (2, "", "Cancels the target, too. 0.01000 BTC stay without a stop."),
        (1, "64000", "Cancels the whole list: the entry, and what would have started after it."),
        (3, "64000", "Cancels the whole list: the entry, and what would have started after it."),
    ],
)
def test_cancelling_a_leg_says_first_what_goes_with_it(row: int, entry: str, text: str) -> None:
    floor, ticket, model = make()
    bracket(ticket, entry=entry)
    key = model.rows()[row].key

    model.cancel(key)

    assert model.doubt is not None
    assert str(model.doubt.text) == text
    model.dismiss()
    model.confirm()
    assert floor.orders.open()
    model.cancel(key)
    asyncio.run(settled(model.confirm))
    assert floor.orders.open() == []
    assert (str(model.doubt), str(model.notice)) == ("None", "None")


def test_cancelling_a_partly_filled_entry_starts_its_legs() -> None:
    floor, ticket, model = make()
    bracket(ticket, entry="64249.95")
    floor.other(Side.SELL, BTC, 6_424_995, 400)
    assert shown(model)[0] == ("Bracket", "", "Entry partly filled")
    model.cancel(model.rows()[1].key)
    assert model.doubt is not None
    assert str(model.doubt.text) == "Cancels the rest of the entry; target and stop start with what it filled."

    asyncio.run(settled(model.confirm))

    assert {order.qty for order in floor.orders.open()} == {400}


def test_the_row_of_the_list_and_the_hotkey_cancel_all_of_it_without_a_question() -> None:
    floor, ticket, model = make()
    for cancel in (lambda: model.cancel(model.rows()[0].key), model.cancel_last):
        bracket(ticket, entry="64000")
        asyncio.run(settled(cancel))
        assert (floor.orders.open(), model.doubt) == ([], None)


def test_a_buying_oco_and_other_lists_are_named_by_their_roles() -> None:
    floor, ticket, model = make()
    ticket.set_kind(Kind.OCO)
    ticket.form.target, ticket.form.loss = Level("63000"), Level("66000")
    ticket.set_size(Lead.BASE, "0.01")
    assert asyncio.run(ticket.submit()) is not None, str(ticket.problem)
    assert [row[0] for row in shown(model)] == ["OCO", "└ Target", "└ Stop"]
    model.cancel(model.rows()[2].key)
    assert model.doubt is not None
    assert str(model.doubt.text) == "Cancels the target, too."
    asyncio.run(settled(model.cancel_last))
    orders = (entry_of("e", Side.BUY), entry_of("t", Side.SELL))
    asyncio.run(floor.orders.submit_list(SubmitList(ME, OrderId("L"), ListKind.OTO, orders)))
    assert [row[0] for row in shown(model)] == ["OTO", "└ Entry", "└ Then"]


def entry_of(name: str, side: Side) -> SubmitOrder:
    return SubmitOrder(
        account=ME, order_id=OrderId(name), symbol=BTC, side=side, order_type=OrderType.LIMIT, qty=Lots(100),
        price=Ticks(6_000_000),
    )  # fmt: skip


def test_trailing_iceberg_and_dated_orders_have_columns_of_their_own() -> None:
    floor, ticket, model = make(btc="1")
    ticket.set_side(Side.SELL)
    ticket.set_kind(Kind.TRAILING_STOP)
    ticket.set_size(Lead.BASE, "0.1")
    asyncio.run(ticket.submit())
    ticket.set_unit("trail", Unit.PRICE)
    ticket.set_field("trail", "100")
    asyncio.run(ticket.submit())
    ticket.set_side(Side.BUY)
    ticket.set_kind(Kind.ICEBERG)
    ticket.set_price("60000")
    ticket.set_field("display", "0.02")
    ticket.set_tif(TimeInForce.GTD)
    ticket.set_reduce_only(False)
    asyncio.run(ticket.submit())

    assert [cell(model, row, "trail") for row in range(3)] == ["1%", "100.00", ""]
    assert [cell(model, row, "stop") for row in range(3)] == ["63,607.50", "64,150.00", "\u2013"]
    assert (cell(model, 2, "display"), cell(model, 2, "expires")) == ("0.02000", "in 59 min")
    assert cell(model, 0, "status") == "Follows the price"
    model.pace, model.dirty = 0.0, False
    floor.other(Side.BUY, BTC, MIDDLE + 10, 100)
    assert model.dirty
    assert cell(model, 1, "stop") == "64,150.10"
    amend = begun(model, 1)
    amend.of("trail").text = "200"
    asyncio.run(settled(model.apply_amend))
    assert cell(model, 1, "trail") == "200.00"
    assert cell(model, 1, "stop") == "64,050.10"
    with pytest.raises(KeyError):
        amend.of("stop_price")


def test_what_has_ended_by_itself_is_neither_changed_nor_asked_about() -> None:
    floor, ticket, model = make()
    bracket(ticket, entry="64000")
    legs = floor.orders.records()
    model.cancel(legs[1].order.order_id)
    begun(model)
    assert model.doubt is not None

    asyncio.run(floor.orders.cancel(legs[0].list_id or OrderId("")))

    assert left(model) == (None, None)
    assert "has ended" in str(model.notice)


def test_another_account_leaves_neither_editor_nor_question_behind() -> None:
    floor, ticket, model = make()
    bracket(ticket, entry="64000")
    model.cancel(floor.orders.records()[1].order.order_id)
    begun(model)
    assert model.doubt is not None

    floor.bus.publish(AccountSelected(AccountId("PAPER-2")))

    assert left(model) == (None, None)


def test_breakeven_moves_the_stop_of_the_bracket_to_the_average_cost() -> None:
    floor, ticket, _ = make()
    desk = ticket.desk
    assert str(stop_to_move(desk)) == "You hold no position in BTC/USDT."
    ticket.set_size(Lead.BASE, "0.01")
    asyncio.run(ticket.submit())
    assert "No stop protects" in str(stop_to_move(desk))
    asyncio.run(floor.orders.flatten(BTC, Lots(1000)))
    bracket(ticket, limit="62900")
    assert "is not above your average cost, 64,314.36" in str(stop_to_move(desk))
    for price in range(1, 61):
        floor.other(Side.BUY, BTC, MIDDLE + 10 * price, 2_000 * price)
    floor.other(Side.SELL, BTC, 6_500_000, 100)
    floor.other(Side.BUY, BTC, 6_500_000, 100)

    found = stop_to_move(desk)
    assert isinstance(found, Move)
    said = asyncio.run(move_stop(desk, found))

    assert str(said) == "The stop is at 64,314.36 now, your average cost."
    assert prices(floor)["stop_limit"] == (6_421_436, 6_431_436), "the limit moved along"
    again = stop_to_move(desk)
    assert isinstance(again, Sentence)
    assert str(again) == "The stop is at your average cost already, 64,314.36."
    stop = found.record.order.order_id
    asyncio.run(floor.orders.amend(stop, stop_price=Ticks(6_450_000), price=Ticks(6_440_000)))
    assert str(stop_to_move(desk)) == "The stop is above your average cost already: 64,500.00, not 64,314.36."
    asyncio.run(floor.orders.cancel_all())
    assert str(asyncio.run(move_stop(desk, found))).startswith("No open order")


def test_the_log_tells_every_step_of_a_list_in_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "crs.events")
    floor, ticket, _ = make()
    log = EventLog(ticket.desk)
    bracket(ticket, entry="64000")
    stop = floor.orders.records()[2].order.order_id
    asyncio.run(floor.orders.amend(stop, stop_price=Ticks(6_310_000)))
    floor.other(Side.SELL, BTC, 6_400_000, 4_000_000)
    asyncio.run(floor.orders.cancel(stop))
    ticket.set_kind(Kind.LIMIT)
    ticket.set_price("60000")
    ticket.set_tif(TimeInForce.GTD)
    asyncio.run(ticket.submit())
    floor.now = Nanos(floor.now + 3_601 * 10**9)
    floor.other(Side.SELL, BTC, 7_000_000, 10)
    text = caplog.text

    for sentence in (
        "Accepted: Buy 0.01000 BTC at 64,000.00 (",
        ", starts when ",
        " is now 0.01000 at 63,100.00; it keeps its place.",
        " is alive with 0.01000, which its entry filled.",
        "by you.",
        ", with its list.",
        "reached its date.",
    ):
        assert sentence in text
    log.close()


async def test_the_chart_draws_a_trailing_stop_where_it_would_fire_now_and_legs_before_they_start() -> None:
    floor = Floor(usdt=20_000)
    desk = await floor.sit()
    floor.stock()
    floor.give("BTC", "1")
    ticket, chart = Ticket(desk), ChartModel(desk)
    ticket.set_side(Side.SELL)
    ticket.set_kind(Kind.TRAILING_STOP)
    await ticket.submit()
    ticket.set_side(Side.BUY)
    ticket.set_kind(Kind.BRACKET)
    ticket.set_price("64000")
    await ticket.submit()

    def drawn() -> dict[str, int]:
        chart.fold()
        return {str(line.title): line.at for line in lines_of(desk, desk.pair)}

    assert drawn() == {
        "Sell Trailing 0.00157": 6_360_750,
        "Buy Limit 0.00156": 6_400_000,
        "Sell Target 0.00156, once the entry fills": 6_528_000,
        "Sell Stop 0.00156, once the entry fills": 6_336_000,
    }
    floor.other(Side.BUY, BTC, MIDDLE + 10, 100)
    assert drawn()["Sell Trailing 0.00157"] == (MIDDLE + 10) * 99 // 100
    chart.close()
    ticket.close()
    floor.market_data.close()
    await asyncio.sleep(0)
