"""Why an order filled, or did not, as the window says it; the real exchange keeps the record."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from crs_desktop.viewmodels.columns import Row
from crs_desktop.viewmodels.desk import Desk, WhyAsked
from crs_desktop.viewmodels.fills import FillsModel
from crs_desktop.viewmodels.history import HistoryModel
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.viewmodels.queue import distance_sentence, place_sentence, queue_cell
from crs_desktop.viewmodels.table import TableModel
from crs_desktop.viewmodels.why import WhyModel
from crs_desktop.viewmodels.why_page import Page, fill_page, span
from engine.domain.command import CancelOrder, SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import OrderId, OrderType, Side, TimeInForce
from engine.domain.why import Place, PrintUsed
from engine.errors import StorageUnavailable
from engine.services.stories import OrderTold
from tests.crs_desktop.trading_floor import ME, SECOND, Floor

BTC = "BTC/USDT"
MIDDLE = 6_425_000


async def seated() -> tuple[Floor, Desk]:
    floor = Floor(usdt=100_000)
    desk = await floor.sit()
    floor.stock(levels=6)
    return floor, desk


def send(floor: Floor, qty: int, price: int | None = None, **more: Any) -> OrderId:  # noqa: ANN401 - fields of an order
    """Send a buy of ours; a market order if there is no price."""
    fields = {"order_type": OrderType.MARKET, **more}
    if price is not None:
        fields |= {"order_type": OrderType.LIMIT, "price": Ticks(price)}
    order_id = floor.orders.new_id()
    floor.apply(SubmitOrder(account=ME, order_id=order_id, symbol=BTC, side=Side.BUY, qty=Lots(qty), **fields))
    return order_id


async def asked(desk: Desk, order_id: OrderId, trade_id: int | None = None) -> WhyModel:
    model = WhyModel(desk, WhyAsked(order_id, trade_id))
    model.ask()
    await settled(model)
    return model


async def settled(model: WhyModel) -> None:
    for _ in range(200):
        await asyncio.sleep(0.001)
        if not model.busy:
            return
    raise AssertionError("it never answered")


def facts(page: Page) -> dict[str, str]:
    return {str(fact.label): str(fact.value) for fact in page.facts}


def column(rows: Sequence[Row], at: int) -> list[str]:
    return [str(row.cells[at].text) for row in rows]


async def test_a_maker_is_told_its_wait_and_the_prints_that_took_the_queue_before_it() -> None:
    floor, desk = await seated()
    order_id = send(floor, 500, MIDDLE - 10)  # behind 2,000
    floor.now = Nanos(floor.now + 12 * SECOND)
    floor.other(Side.SELL, BTC, MIDDLE - 10, 1_500)
    floor.other(Side.SELL, BTC, MIDDLE - 10, 1_000)
    model = await asked(desk, order_id)

    page = model.page()

    assert str(model.title) == "Why did it fill?"
    assert str(page.headline) == (
        "Filled 0.00500 BTC at 64,249.90 as maker after 12.0 s in the queue: "
        "0.02000 was ahead of it, and 3 prints worked through to it."
    )
    assert str(page.detail) == "It was next in line at its price, and a trade came."
    told = facts(page)
    assert (told["Role"], told["Ahead at first"], told["In the queue for"]) == ("Maker", "0.02000 BTC", "12.0 s")
    assert told["Bid / ask it met"] == "64,249.90 / 64,250.10"
    assert told["Arrival mid"] == "64,250.00"
    assert told["Slippage"] == "0.02 bps, 0.0005 USDT better"
    assert page.course is not None
    assert ([step.ahead for step in page.course.steps], page.course.end) == ([2_000, 500, 0], "filled")
    assert column(page.prints, 3) == ["0.01500", "0.00500", "0.00500"]
    model.close()


async def test_a_taker_is_told_the_book_it_met_and_what_it_took_of_each_level() -> None:
    floor, desk = await seated()
    order_id = send(floor, 5_000)
    model = await asked(desk, order_id, floor.orders.fills()[-1].trade_id)

    first = model.page()
    model.turn(1)
    second = model.page()

    assert str(first.headline) == "Filled 0.02000 BTC at 64,250.10 as taker the moment it was sent."
    assert column(first.book, 0)[:2] == ["▸ 64,250.10", "64,250.20"]
    assert column(second.book, 0)[:2] == ["64,250.10", "▸ 64,250.20"]
    assert column(first.book, 3) == ["0.02000", "0.03000", "", "", ""]
    assert (first.course, first.prints) == (None, ())
    assert str(first.note) == "It never stood in a queue: it traded when it came to the book."
    assert facts(second)["Slippage"].endswith("worse")
    assert facts(first)["Fee"] == "1.285002 USDT (0.1%)"
    assert (str(model.place), model.count) == ("Fill 2 of 2", 2)
    model.turn(5)
    assert model.at == 1
    model.close()


async def test_an_open_order_shows_its_place_now_and_goes_over_to_its_fill() -> None:
    floor, desk = await seated()
    order_id = send(floor, 500, MIDDLE - 20)
    model = await asked(desk, order_id)

    page = model.page()

    assert str(model.title) == "Why has it not filled yet?"
    assert str(page.headline) == "0.04000 BTC ahead of it and 0.00000 behind, of 0.04500 at its price."
    assert str(page.detail) == "The best ask is 64,250.10, 0.30 (0.05 bps) away."
    assert str(page.note) == "No print has come to its price yet."
    assert model.poll
    floor.other(Side.SELL, BTC, MIDDLE - 20, 3_000)
    page = model.page()
    assert facts(page)["Ahead now"] == "0.03000 BTC"
    assert page.course is not None
    assert ([step.ahead for step in page.course.steps], page.course.end) == ([4_000, 3_000], "now")

    floor.other(Side.SELL, BTC, MIDDLE - 20, 3_200)
    await settled(model)
    assert (model.count, str(model.place)) == (2, "What has not filled")
    model.turn(-1)
    assert str(model.place) == "Fill 1 of 1"
    floor.other(Side.SELL, BTC, MIDDLE - 20, 300)
    await settled(model)
    assert (str(model.place), model.poll) == ("Fill 1 of 2", 0.0)
    model.close()


@pytest.mark.parametrize(
    ("order", "headline"),
    [
        ({"price": MIDDLE - 10}, "It was cancelled as asked."),
        (
            {"price": MIDDLE - 10, "tif": TimeInForce.IOC},
            "It was immediate-or-cancel: what did not trade at once was cancelled.",
        ),
        ({"price": MIDDLE + 10, "post_only": True}, "It was refused: "),
        ({"price": MIDDLE - 10, "tif": TimeInForce.GTD, "expire_ts": 1}, "It was refused: "),
    ],
)
async def test_an_order_that_ended_unfilled_says_why(order: dict[str, Any], headline: str) -> None:
    floor, desk = await seated()
    order_id = send(floor, 500, **order)
    if floor.orders.records():
        floor.apply(CancelOrder(ME, order_id))
    model = await asked(desk, order_id)

    page = model.page()

    assert str(model.title) == "Why did it not fill?"
    assert str(page.headline).startswith(headline)
    assert (page.tone == "error") == headline.startswith("It was refused")
    assert model.text()
    model.close()


async def test_an_order_that_expired_or_waits_says_until_when_or_for_what() -> None:
    floor, desk = await seated()
    gone = send(floor, 500, MIDDLE - 10, tif=TimeInForce.GTD, expire_ts=Nanos(floor.now + SECOND))
    stop = send(floor, 500, order_type=OrderType.STOP, stop_price=Ticks(MIDDLE + 100))
    trail = send(floor, 500, order_type=OrderType.TRAILING_STOP, trail=Ticks(500))
    floor.now = Nanos(floor.now + 2 * SECOND)
    floor.other(Side.BUY, BTC, MIDDLE - 500, 1)

    models = [await asked(desk, each) for each in (gone, stop, trail)]

    pages = [model.page() for model in models]
    assert "which came before the market reached it" in str(pages[0].headline)
    assert str(pages[1].headline).startswith("It waits until the last price reaches 64,251.00;")
    assert str(pages[1].detail) == "The last price is 64,250.00, 1.00 (0.16 bps) away."
    assert str(pages[2].headline).startswith("It waits until the last price reaches 64,255.00;")
    for model in models:
        model.close()


async def test_an_order_that_was_cancelled_still_shows_how_far_it_came() -> None:
    floor, desk = await seated()
    order_id = send(floor, 500, MIDDLE - 10)
    floor.other(Side.SELL, BTC, MIDDLE - 10, 800)
    floor.now = Nanos(floor.now + SECOND)
    floor.apply(CancelOrder(ME, order_id))
    model = await asked(desk, order_id)

    page = model.page()

    assert str(page.headline) == "It was cancelled as asked."
    assert str(page.detail) == "The best ask is 64,250.10, 0.20 (0.03 bps) away."
    told = facts(page)
    assert (told["Ahead at first"], told["Ahead at last"], told["Lived for"]) == ("0.02000 BTC", "0.01200 BTC", "1.0 s")
    assert page.course is not None
    assert ([step.ahead for step in page.course.steps], page.course.end) == ([2_000, 1_200], "ended")
    assert (column(page.prints, 3), str(page.note)) == (["0.00800"], "")
    model.close()


async def test_what_is_not_remembered_is_read_and_what_cannot_be_read_is_a_sentence() -> None:
    floor, desk = await seated()
    order_id = send(floor, 100)
    record, fill = floor.orders.record(order_id), floor.orders.fills()[0]
    floor.archive.error = StorageUnavailable("The disk is away.")
    model = await asked(desk, OrderId("old"))
    assert (str(model.state), model.page().facts) == ("The disk is away.", ())

    floor.archive.error = None
    floor.archive.told[OrderId("old")] = OrderTold(OrderId("old"), record, ((fill, None),), None)
    model.ask()
    await settled(model)

    assert (str(model.state), str(model.page().headline)) == ("", "Filled 0.00100 BTC at 64,250.10.")
    assert str(model.page().detail) == "An earlier version made this fill and kept no record of why."
    nobody = await asked(desk, OrderId("nobody"))
    assert "never sent an order nobody" in str(nobody.state)
    assert nobody.page().headline.source == ""
    for each in (model, nobody):
        each.close()


async def test_the_page_can_be_copied_as_text() -> None:
    floor, desk = await seated()
    order_id = send(floor, 500, MIDDLE - 10)
    floor.other(Side.SELL, BTC, MIDDLE - 10, 2_500)
    model = await asked(desk, order_id)

    text = model.text()

    assert text.startswith(
        f"Why did it fill?\n{BTC} · Simulated · ▲ Buy · 0.00500 BTC · Limit · 64,249.90 · GTC · {order_id}\n\nFilled"
    )
    for part in ("The book it met\nPrice\tDisplayed", "Ahead of it in the queue\n", "Prints that shortened the queue"):
        assert part in text
    model.close()


async def test_tables_ask_why_of_their_rows() -> None:
    floor, desk = await seated()
    heard: list[WhyAsked] = []
    link = desk.on_why(heard.append)
    done, waits = send(floor, 100), send(floor, 100, MIDDLE - 10)
    makers: list[tuple[Callable[[Desk], TableModel], OrderId]] = [
        (FillsModel, done), (HistoryModel, done), (OrdersModel, waits),
    ]  # fmt: skip
    for make, _ in makers:
        model = make(desk)
        assert isinstance(model, FillsModel | HistoryModel | OrdersModel)
        model.ask_why(model.rows()[0].key)
        model.close()
    link.close()

    trade = floor.orders.fills()[0].trade_id
    assert heard == [WhyAsked(done, trade), WhyAsked(done), WhyAsked(waits)]


async def test_open_orders_show_their_place_and_look_again_by_themselves_only_while_one_works() -> None:
    floor, desk = await seated()
    model = OrdersModel(desk)
    send(floor, 100, order_type=OrderType.STOP, stop_price=Ticks(MIDDLE + 100))
    at = [each.field for each in model.columns].index("status")
    assert (str(model.rows()[0].cells[at].text), model.poll) == ("Waits for its trigger", 0.0)
    send(floor, 500, MIDDLE - 10)
    cell = model.rows()[1].cells[at]
    assert (str(cell.text), cell.raw) == ("0.02000 ahead", "0.02000")
    assert model.poll > 0
    model.dirty = False
    assert not model.dirty
    model.poll = 1e-9
    assert model.dirty
    model.close()


async def test_an_estimate_is_marked_and_an_unknown_place_says_so() -> None:
    floor, desk = await seated()
    send(floor, 500, MIDDLE - 10)
    pair = desk.pair
    place = Place(Lots(320), Lots(40), Lots(860), is_estimate=True)

    assert str(queue_cell(pair, place).text) == "≈ 0.00320 ahead"
    assert str(place_sentence(pair, place)).startswith("By estimate 0.00320 BTC ahead of it and 0.00040 behind")
    assert str(queue_cell(pair, place, 66).text) == "≈ 0.00320 ahead, 66% filled"
    gone = place._replace(level_qty=Lots(100))
    assert str(place_sentence(pair, gone)).endswith("as last seen: the feed does not show its price now.")
    unknown = place._replace(ahead=None)
    assert str(queue_cell(pair, unknown).text) == "Queue not seen"
    assert "nobody knows" in str(place_sentence(pair, unknown))
    first = place._replace(ahead=Lots(0))
    assert str(queue_cell(pair, first).text) == "≈ Next in line"
    assert str(place_sentence(pair, first)).startswith("By estimate it is next in line")
    assert str(place_sentence(pair, first._replace(is_estimate=False))).startswith("It is next in line")
    assert str(distance_sentence(pair, buys=False, price=100, best=None)) == "Nobody stands on the other side now."
    assert "would trade now" in str(distance_sentence(pair, buys=False, price=100, best=100))
    assert str(distance_sentence(pair, buys=False, price=110, best=100)) == (
        "The best bid is 1.00, 0.10 (909.09 bps) away."
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("through", "after 0 ms: the market traded at 64,240.00, beyond its price."),
        ("displayed", "after 0 ms: the other side came to stand at its price."),
        ("queue", "after 0 ms in the queue; nobody knows what was ahead of it at first."),
    ],
)
async def test_every_rule_of_the_shadow_matcher_has_its_sentence(rule: str, words: str) -> None:
    floor, desk = await seated()
    order_id = send(floor, 500, MIDDLE - 10)
    floor.other(Side.SELL, BTC, MIDDLE - 10, 2_500)
    ((fill, why),) = (await floor.stories.tell(order_id)).fills
    assert why is not None
    used = PrintUsed(fill.at, Ticks(6_424_000), Lots(9_999), Lots(500))
    told = replace(
        why, rule=rule, arrival=replace(why.arrival, ahead=None, at=fill.at, bid=None), queue=(), prints=(used,)
    )

    page = fill_page(desk.pair, fill, told)

    assert str(page.headline).endswith(words)
    assert facts(page)["Slippage"].startswith("not known")


def test_a_span_has_the_precision_that_matters() -> None:
    spans = (0, 45_000_000, 1_500, 12_340_000_000, 185 * SECOND, 7_500 * SECOND)
    assert [span(each) for each in spans] == ["0 ms", "45 ms", "0.0015 ms", "12.3 s", "3 min 5 s", "2 h 5 min"]
