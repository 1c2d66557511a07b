import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_preview import preview_lines
from crs_desktop.viewmodels.timeline import Stage, Timeline
from engine.domain.event import OrderFilled
from engine.domain.market import FeedState
from engine.domain.number import Nanos, Ticks
from engine.domain.order import Liquidity, OrderId, OrderType, SelfTrade, Side, TimeInForce
from engine.errors import InvalidInput, StorageUnavailable
from tests.crs_desktop.trading_floor import Floor

MIDDLE = 6_425_000


class Time:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = Nanos(10**12)

    def __call__(self) -> Nanos:
        return self.now


def make(*, usdt: int = 10_000, btc: str = "", stock: bool = True) -> tuple[Floor, Ticket, Time]:
    floor = Floor(usdt=usdt)
    if stock:
        floor.stock()
    if btc:
        floor.give("BTC", btc)
    time = Time()
    return floor, Ticket(floor.desk(), clock=time), time


def fills_of(floor: Floor) -> list[OrderFilled]:
    return [e for e in floor.events if isinstance(e, OrderFilled) and e.account == "PAPER"]


def sent(ticket: Ticket) -> Timeline:
    """Send what the form says; it must be possible."""
    timeline = asyncio.run(ticket.submit())
    assert timeline is not None, str(ticket.problem)
    return timeline


def asked(ticket: Ticket) -> str:
    """What the ticket asks."""
    return str(ticket.question.text) if ticket.question is not None else ""


def test_the_ticket_opens_on_a_market_buy_of_the_default_size() -> None:
    _, ticket, _ = make()

    assert (ticket.form.side, ticket.form.order_type) == (Side.BUY, OrderType.MARKET)
    assert ticket.sized.value == 100
    assert ticket.can_submit


def test_enter_sends_and_the_timeline_tells_until_filled() -> None:
    floor, ticket, _ = make()
    seen = []
    ticket.outbox.on_sent(lambda line: seen.append((line.stage, str(line.title))))
    ticket.outbox.on_progress(lambda line: seen.append((line.stage, str(line.text))))

    timeline = sent(ticket)

    assert timeline.stage is Stage.FILLED
    assert seen[0] == (Stage.SENT, "Buy 0.00155 BTC at market")
    assert seen[-1][1].startswith("Filled at 64,250.10, fee 0.09")
    assert [fill.qty for fill in fills_of(floor)] == [155]


@pytest.mark.no_cover
@given(
    side=st.sampled_from(list(Side)),
    order_type=st.sampled_from([OrderType.MARKET, OrderType.LIMIT]),
    lots=st.integers(1, 60_000),
    offset=st.integers(-300, 300),
    tif=st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK]),
)
def test_the_preview_says_what_the_exchange_then_does(
    side: Side, order_type: OrderType, lots: int, offset: int, tif: TimeInForce
) -> None:
    floor, ticket, _ = make(usdt=100_000, btc="2")
    pair = ticket.pair
    ticket.set_side(side)
    ticket.set_type(order_type)
    ticket.set_tif(tif)
    ticket.set_price(pair.price_text(MIDDLE + offset))
    ticket.set_size(Lead.BASE, pair.qty_text(lots))
    seen, problem = ticket.seen, ticket.problem
    held = ticket.base.total // pair.lot_unit

    if problem is not None:
        assert asyncio.run(ticket.submit()) is None
        return
    timeline = sent(ticket)

    assert seen is not None
    assert timeline.stage is not Stage.REFUSED, timeline.note
    fills = [fill for fill in fills_of(floor) if fill.liquidity is Liquidity.TAKER]
    assert sum(fill.qty for fill in fills) == seen.taken.qty
    assert sum(fill.qty * fill.price for fill in fills) == seen.taken.tick_lots
    assert sum(fill.fee for fill in fills) == seen.taker_fee
    assert sum(pair.notional(f.price, f.qty) for f in fills) == seen.taken.notional
    assert sum(order.left for order in floor.orders.open()) == seen.rests
    if not seen.rests:
        assert floor.portfolio.balances()["BTC"].total // pair.lot_unit == seen.position
        assert seen.position - held == (seen.taken.qty if side is Side.BUY else -seen.taken.qty)


@pytest.mark.no_cover
@given(
    side=st.sampled_from(list(Side)),
    order_type=st.sampled_from([OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LIMIT]),
    percent=st.integers(1, 100),
    usdt=st.integers(10, 2_000_000),
    price=st.integers(MIDDLE - 10_000, MIDDLE + 10_000),
)
def test_a_share_of_the_funds_is_on_the_lot_and_always_affordable_with_its_fee(
    side: Side, order_type: OrderType, percent: int, usdt: int, price: int
) -> None:
    floor, ticket, _ = make(usdt=usdt, btc="0.12345678")
    floor.set("risk.max_price_deviation_bps", None)
    pair = ticket.pair
    ticket.set_side(side)
    ticket.set_type(order_type)
    ticket.set_price(pair.price_text(price))
    ticket.set_stop(pair.price_text(price))
    ticket.set_percent(percent)

    timeline = asyncio.run(ticket.submit())

    assert "more" not in str(ticket.problem)
    assert "hold" not in str(ticket.problem)
    if timeline is not None:
        assert timeline.stage is not Stage.REFUSED, timeline.note


@pytest.mark.no_cover
@given(st.integers(1, 10**7), st.sampled_from([OrderType.MARKET, OrderType.LIMIT]))
def test_a_value_buys_the_most_whole_lots_that_are_not_worth_more(cents: int, order_type: OrderType) -> None:
    _, ticket, _ = make(usdt=10**6)
    pair = ticket.pair
    ticket.set_type(order_type)
    ticket.set_price("64250.10")
    value = Decimal(cents) / 100
    ticket.set_size(Lead.QUOTE, str(value))

    lots = ticket.sized.lots

    if lots == 0:
        assert ticket.problem is not None
        return
    assert ticket.form.size_text == str(value)
    best = Decimal("64250.10")
    assert ticket.seen is not None
    worth = pair.qty(lots) * best if order_type is OrderType.LIMIT else pair.quote.amount(ticket.seen.taken.notional)
    assert worth <= value
    if order_type is OrderType.LIMIT:
        assert pair.qty(lots + 1) * best > value


def test_the_three_faces_of_the_size_follow_the_one_that_was_typed() -> None:
    _, ticket, _ = make(btc="1")
    ticket.set_type(OrderType.LIMIT)
    ticket.set_price("50000.00")

    ticket.set_size(Lead.BASE, "0.1")
    assert (ticket.sized.quote_text, ticket.sized.percent_text) == ("5000.00", "50.0")
    ticket.set_percent(25)
    assert ticket.sized.base_text == "0.04995"
    ticket.set_side(Side.SELL)
    assert (ticket.sized.base_text, ticket.sized.quote_text) == ("0.25000", "12500.00")


def test_what_is_rounded_down_is_said() -> None:
    _, ticket, _ = make()
    ticket.set_size(Lead.BASE, "0.123456789")
    assert str(ticket.sized.rounding) == "Rounded down: 0.12345"
    ticket.set_size(Lead.QUOTE, "100")
    assert str(ticket.sized.rounding) == "Rounded down: 99.58"


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda t: t.set_size(Lead.BASE, ""), "Enter a size."),
        (lambda t: t.set_size(Lead.BASE, "abc"), "'abc' is not a number such as 0.25."),
        (lambda t: t.set_size(Lead.BASE, "0"), "The size must be above zero."),
        (lambda t: t.set_size(Lead.BASE, "0.000001"), "The smallest step is 0.00001 BTC."),
        (lambda t: t.set_size(Lead.QUOTE, "0.1"), "0.1 USDT is less than the smallest step, 0.00001 BTC."),
        (lambda t: t.set_percent(101), "There is no more than 100%."),
        (lambda t: t.set_size(Lead.BASE, "0.00002"), "The smallest order is 5.00 USDT; this one is 1.28."),
        (
            lambda t: t.set_size(Lead.BASE, "1"),
            "You need 54,314.93 USDT more: 64,314.93 with the fee, 10,000.00 available.",
        ),
        (lambda t: t.set_side(Side.SELL), "You hold no BTC to sell. Spot has no short positions."),
        (lambda t: (t.set_type(OrderType.LIMIT), t.set_price("")), "Enter a limit price."),
        (lambda t: (t.set_type(OrderType.LIMIT), t.set_price("0")), "A price must be above zero."),
        (lambda t: (t.set_type(OrderType.LIMIT), t.set_price("1.005")), "Price must be a multiple of 0.01."),
        (lambda t: (t.set_type(OrderType.STOP), t.set_stop("")), "Enter a stop price."),
        (
            lambda t: (t.set_type(OrderType.LIMIT), t.set_price("64250.20"), t.set_post_only(True)),
            "Post-only: this would trade at once; the best ask is 64,250.10.",
        ),
        (
            lambda t: (t.set_type(OrderType.LIMIT), t.set_price("64250.00"), t.set_tif(TimeInForce.FOK)),
            "Fill or kill: the book does not hold 0.00155 at this price.",
        ),
    ],
)
def test_the_disabled_button_says_why(prepare: Callable[[Ticket], object], reason: str) -> None:
    _, ticket, _ = make()
    prepare(ticket)

    assert not ticket.can_submit
    assert str(ticket.reason) == reason
    assert asyncio.run(ticket.submit()) is None


def test_a_sell_beyond_what_is_held_or_free_is_refused_with_the_figures() -> None:
    _, ticket, _ = make(btc="0.5")
    ticket.set_side(Side.SELL)
    ticket.set_size(Lead.BASE, "0.6")
    assert str(ticket.problem) == "You hold 0.50000 BTC, not 0.60000. Spot has no short positions."
    ticket.set_type(OrderType.LIMIT)
    ticket.set_price("65000")
    ticket.set_size(Lead.BASE, "0.4")
    sent(ticket)

    ticket.recompute()
    assert str(ticket.problem) == ("0.40000 of your 0.50000 BTC are locked by open orders; 0.10000 are free to sell.")


def test_a_limit_of_the_settings_disables_the_button_in_the_gates_words() -> None:
    floor, ticket, _ = make()
    floor.set("risk.max_order_value", 500)
    ticket.set_size(Lead.QUOTE, "600")
    assert "exceeds your limit of 500" in str(ticket.problem)
    ticket.set_size(Lead.QUOTE, "400")
    assert ticket.can_submit
    assert str(preview_lines(ticket)["room"].value).endswith("USDT below your limits")


def test_a_denied_order_keeps_the_form_and_shows_the_reason() -> None:
    _floor, ticket, _ = make()
    ticket.set_size(Lead.BASE, "0.1")
    ticket.desk.orders.new_id = lambda: OrderId("o1")
    sent(ticket)
    ticket.set_size(Lead.BASE, "0.01")

    timeline = sent(ticket)  # the same id with other content

    assert timeline.stage is Stage.REFUSED
    assert ticket.form.size_text == "0.01"
    assert str(ticket.reason) == str(timeline.note) != ""
    assert ticket.can_submit
    ticket.set_size(Lead.BASE, "0.02")
    assert ticket.reason is None


def test_a_disk_that_refuses_is_shown_and_nothing_is_lost() -> None:
    floor, ticket, _ = make()
    floor.venue.error = StorageUnavailable("The disk is full.")

    timeline = sent(ticket)

    assert (timeline.stage, str(ticket.reason)) == (Stage.REFUSED, "The disk is full.")
    assert not ticket.busy


async def entered(ticket: Ticket, *, skip_confirmation: bool = False) -> None:
    ticket.enter(skip_confirmation=skip_confirmation)
    for _ in range(4):
        await asyncio.sleep(0)


def test_the_same_order_within_half_a_second_is_asked_about_first() -> None:
    floor, ticket, time = make()

    asyncio.run(entered(ticket))
    time.now = Nanos(time.now + 200_000_000)
    asyncio.run(entered(ticket))

    assert len(fills_of(floor)) == 1
    assert "The same order was sent 0.2 s ago" in asked(ticket)
    time.now = Nanos(time.now + 100_000_000)
    asyncio.run(entered(ticket))
    assert len(fills_of(floor)) == 1, "a reflex is no answer"
    time.now = Nanos(time.now + 600_000_000)
    asyncio.run(entered(ticket))
    assert len(fills_of(floor)) == 2


def test_another_order_or_the_same_one_later_is_not_asked_about() -> None:
    floor, ticket, time = make()
    asyncio.run(entered(ticket))
    ticket.set_size(Lead.QUOTE, "101")
    asyncio.run(entered(ticket))
    time.now = Nanos(time.now + 600_000_000)
    asyncio.run(entered(ticket))

    assert len(fills_of(floor)) == 3


@pytest.mark.parametrize(
    ("confirm", "value", "asks"),
    [("off", "5000", False), ("over", "900", False), ("over", "5000", True), ("always", "10", True)],
)
def test_it_asks_first_as_the_settings_say(confirm: str, value: str, asks: bool) -> None:
    floor, ticket, time = make()
    floor.set("trading.confirm", confirm)
    ticket.set_size(Lead.QUOTE, value)

    asyncio.run(entered(ticket))

    assert (ticket.question is not None) == asks
    assert bool(fills_of(floor)) != asks
    if asks:
        time.now = Nanos(time.now + 200_000_000)
        asyncio.run(entered(ticket))
        assert fills_of(floor)


def test_a_question_ends_by_escape_by_an_edit_and_is_skipped_on_demand() -> None:
    floor, ticket, _ = make()
    floor.set("trading.confirm", "always")
    asyncio.run(entered(ticket))
    assert ticket.dismiss()
    assert not ticket.dismiss()
    asyncio.run(entered(ticket))
    ticket.set_side(Side.BUY)
    assert ticket.question is None
    asyncio.run(entered(ticket, skip_confirmation=True))
    assert len(fills_of(floor)) == 1


def test_orders_on_doubtful_prices_are_asked_about() -> None:
    floor, ticket, _ = make()
    floor.feed_state(FeedState.STALE)

    asyncio.run(entered(ticket))

    assert asked(ticket) == "Prices may be out of date. Send anyway?"


def test_undo_cancels_a_working_order_within_three_seconds() -> None:
    floor, ticket, time = make()
    ticket.set_type(OrderType.LIMIT)
    ticket.set_price("64000.00")
    timeline = sent(ticket)
    assert str(timeline.text) == "Working in the book."
    assert ticket.outbox.can_undo(timeline)

    async def undo() -> None:
        assert ticket.undo_last()
        for _ in range(4):
            await asyncio.sleep(0)

    asyncio.run(undo())
    assert (floor.orders.open(), timeline.stage, str(timeline.text)) == ([], Stage.CANCELLED, "Cancelled.")
    assert not ticket.undo_last()
    late = sent(ticket)
    time.now = Nanos(time.now + 4 * 10**9)
    assert not ticket.outbox.can_undo(late)


def test_an_undo_that_comes_too_late_says_so() -> None:
    floor, ticket, _ = make()
    timeline = sent(ticket)

    asyncio.run(ticket.undo(timeline))

    assert ticket.refusal is not None
    floor.venue.error = StorageUnavailable("Read-only disk.")
    asyncio.run(ticket.undo(timeline))
    assert str(ticket.refusal) == "Read-only disk."


def test_prices_come_from_the_book_by_one_key() -> None:
    _, ticket, _ = make()
    ticket.limit_at_best()
    assert (ticket.form.order_type, ticket.form.price_text) == (OrderType.LIMIT, "64250.10")
    ticket.join(Side.BUY)
    assert ticket.form.price_text == "64249.90"
    ticket.step_price(-10)
    assert ticket.form.price_text == "64249.80"
    ticket.desk.pick_price(Ticks(6_400_000))
    assert ticket.form.price_text == "64000.00"
    ticket.set_type(OrderType.STOP)
    ticket.desk.pick_price(Ticks(6_500_000))
    assert ticket.form.stop_text == "65000.00"
    ticket.step_price(1)
    assert ticket.form.stop_text == "65000.01"
    ticket.set_type(OrderType.MARKET)
    ticket.step_price(1)
    ticket.desk.pick_price(Ticks(6_400_000))
    assert ticket.form.order_type is OrderType.LIMIT


def test_size_steps_are_comfortable_in_each_face() -> None:
    _, ticket, _ = make()
    ticket.step_size(1)
    assert ticket.form.size_text == "110"
    ticket.step_size(-10)
    assert ticket.form.size_text == "10"
    ticket.set_size(Lead.BASE, "0.12345")
    ticket.step_size(1)
    assert ticket.form.size_text == "0.13000"
    ticket.set_percent(50)
    ticket.step_size(10)
    assert ticket.form.size_text == "100"


def test_another_pair_takes_the_value_along_but_no_price_and_no_quantity() -> None:
    floor, ticket, _ = make()
    floor.stock("ETH/USDT", middle=331_800)
    ticket.set_type(OrderType.LIMIT)
    ticket.set_size(Lead.BASE, "0.1")

    ticket.desk.select("ETH/USDT")

    assert (ticket.form.lead, ticket.form.size_text) == (Lead.QUOTE, "100")
    assert ticket.form.price_text == "3317.90"
    with pytest.raises(InvalidInput, match="not listed"):
        ticket.desk.select("NO/PAIR")


async def test_another_market_or_date_takes_the_typed_prices_away() -> None:
    floor = Floor()
    floor.stock()
    ticket = Ticket(await floor.sit())
    ticket.set_type(OrderType.STOP_LIMIT)
    ticket.set_price("64000")
    ticket.set_stop("63900")
    floor.feed_state(FeedState.PAUSED)
    assert (ticket.form.price_text, ticket.form.stop_text) == ("64000", "63900")

    floor.feed_state(FeedState.SNAPSHOT)
    floor.feed_state(FeedState.SYNCED)
    await asyncio.sleep(0)
    ticket.recompute()

    assert (ticket.form.price_text, ticket.form.stop_text) == ("", "")
    assert str(ticket.reason) == "Enter a stop price."
    ticket.close()
    floor.market_data.close()


def test_a_stop_waits_for_its_trigger_and_says_so() -> None:
    _, ticket, _ = make(btc="1")
    ticket.focus_side(Side.SELL)
    ticket.set_type(OrderType.STOP_LIMIT)
    ticket.set_self_trade(SelfTrade.CANCEL_TAKER)
    ticket.set_stop("60000")
    ticket.set_price("59990")
    ticket.set_size(Lead.BASE, "0.4")

    lines = {key: str(line.value) for key, line in preview_lines(ticket).items()}
    timeline = sent(ticket)

    assert str(timeline.text) == "Waiting for its trigger."
    assert str(timeline.title) == "Sell 0.40000 BTC at 59,990.00 once 60,000.00 trades"
    assert lines["after"] == "0.60000 BTC (closes 0.40000)"
    assert lines["fill"] == "59,990.00, once it fires"


def test_the_preview_lines_tell_the_parts_of_an_order_that_takes_and_rests() -> None:
    _, ticket, _ = make(usdt=100_000)
    ticket.set_type(OrderType.LIMIT)
    ticket.set_price("64250.10")
    ticket.set_size(Lead.BASE, "0.05")
    lines = {key: str(line.value) for key, line in preview_lines(ticket).items()}
    assert lines["fill"] == "64,250.10, rest 64,250.10"
    assert "taker, then maker" in lines["fee"]
    ticket.set_tif(TimeInForce.IOC)
    assert "0.03000 unfilled" in str(preview_lines(ticket)["impact"].value)
    ticket.set_price("64000")
    assert str(preview_lines(ticket)["fill"].value) == "does not trade"
    ticket.set_tif(TimeInForce.GTC)
    assert str(preview_lines(ticket)["fill"].value) == "64,000.00, rests in the book"
    ticket.set_size(Lead.BASE, "")
    assert {str(line.value) for line in preview_lines(ticket).values()} == {"\u2013"}


def test_an_empty_book_is_said() -> None:
    _floor, ticket, _ = make(stock=False)
    assert str(ticket.problem) in ("Nobody sells now.", "100 USDT is less than the smallest step, 0.00001 BTC.")
    ticket.set_size(Lead.BASE, "0.1")
    assert str(ticket.problem) == "Nobody sells now."
    ticket.set_type(OrderType.LIMIT)
    assert str(ticket.problem) == "Enter a limit price."


def test_a_closed_ticket_leaves_no_subscription_and_no_link() -> None:
    floor, ticket, _ = make()
    for service in (
        floor.prints,
        floor.market_data,
        floor.bars,
        floor.orders,
        floor.portfolio,
        floor.lots,
        floor.stories,
    ):
        service.close()
    floor.alerts.stop()

    ticket.close()
    ticket.close()

    assert floor.bus.subscriber_count == 0
    assert ticket.desk.link_count == 0
