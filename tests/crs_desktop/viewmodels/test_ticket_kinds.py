"""Every kind of order through the ticket, against the real exchange."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_fields import fields
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import ENTRIES, FIRST_CHIPS, KINDS, Kind, Recent
from crs_desktop.viewmodels.ticket_preview import preview_lines
from crs_desktop.viewmodels.ticket_price import Level, Unit
from crs_desktop.viewmodels.timeline import Stage, Timeline
from engine.domain.account import OpenOrder
from engine.domain.number import Ticks
from engine.domain.order import ListKind, OrderId, OrderStatus, OrderType, Side, TimeInForce
from engine.errors import StorageUnavailable
from tests.crs_desktop.trading_floor import Floor

BTC = "BTC/USDT"
MIDDLE = 6_425_000
SINGLE = [kind for kind in Kind if kind not in (Kind.OCO, Kind.BRACKET)]


def make(*, usdt: int = 10_000, btc: str = "") -> tuple[Floor, Ticket]:
    floor = Floor(usdt=usdt)
    floor.set("risk.max_price_deviation_bps", None)
    floor.stock()
    if btc:
        floor.give("BTC", btc)
    return floor, Ticket(floor.desk())


def sent(ticket: Ticket) -> Timeline:
    timeline = asyncio.run(ticket.submit())
    assert timeline is not None, str(ticket.problem)
    return timeline


def lines(ticket: Ticket) -> dict[str, str]:
    return {key: str(line.value) for key, line in preview_lines(ticket).items() if not line.hidden}


def locked(floor: Floor, asset: str) -> int:
    return floor.portfolio.balances()[asset].locked


def bracket(ticket: Ticket, *, size: str = "0.01", target: str = "66000", loss: str = "63000") -> None:
    ticket.set_kind(Kind.BRACKET)
    ticket.set_entry(Kind.MARKET)
    ticket.set_size(Lead.BASE, size)
    for name, text in (("loss", loss), ("target", target)):
        ticket.set_unit(name, Unit.PRICE)
        ticket.set_field(name, text)


def oco(ticket: Ticket, *, target: str, loss: str) -> None:
    ticket.set_side(Side.SELL)
    ticket.set_kind(Kind.OCO)
    ticket.form.target, ticket.form.loss = Level(target), Level(loss)


def by_status(floor: Floor) -> dict[OrderStatus, list[OpenOrder]]:
    found: dict[OrderStatus, list[OpenOrder]] = {}
    for order in floor.orders.open():
        found.setdefault(order.status, []).append(order)
    return found


@given(
    kind=st.sampled_from(list(Kind)),
    entry=st.sampled_from(ENTRIES),
    side=st.sampled_from(list(Side)),
    tif=st.sampled_from(list(TimeInForce)),
    lots=st.integers(1, 60_000),
    prices=st.lists(st.integers(MIDDLE - 40_000, MIDDLE + 40_000), min_size=4, max_size=4),
    display=st.integers(1, 100_000),
    trail=st.sampled_from(
        [("0.01", Unit.PERCENT), ("99.99", Unit.PERCENT), ("150", Unit.PERCENT), ("500", Unit.PRICE)]
    ),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_what_the_ticket_lets_through_the_venue_takes(
    kind: Kind, entry: Kind, side: Side, tif: TimeInForce, lots: int, prices: list[int], display: int,
    trail: tuple[str, Unit], flags: tuple[bool, bool, bool],
) -> None:  # fmt: skip
    floor, ticket = make(usdt=20_000, btc="0.3")
    pair, (post_only, reduce_only, with_limit) = ticket.pair, flags
    ticket.set_side(side)
    ticket.set_kind(kind)
    ticket.set_entry(entry)
    ticket.set_tif(tif)
    ticket.set_post_only(post_only)
    ticket.set_reduce_only(reduce_only)
    ticket.form.trail = Level(*trail)
    price, stop, target, loss = (pair.price_text(each) for each in prices)
    ticket.form.target, ticket.form.loss = Level(target), Level(loss)
    ticket.set_price(price)
    ticket.set_stop(stop)
    if with_limit:
        ticket.set_field("loss_limit", loss)
    if kind is Kind.ICEBERG or reduce_only:
        ticket.set_field("display", pair.qty_text(display))
    ticket.set_size(Lead.BASE, pair.qty_text(lots))
    problem, lock = ticket.problem, ticket.lock
    before = {asset: each.locked for asset, each in floor.portfolio.balances().items()}

    timeline = asyncio.run(ticket.submit())

    if problem is not None:
        assert timeline is None
        return
    assert timeline is not None
    assert timeline.stage is not Stage.REFUSED, timeline.note
    waits = all(order.filled == 0 for order in floor.orders.open()) and not floor.orders.fills()
    if waits and not floor.orders.history():
        asset = pair.quote.code if side is Side.BUY else pair.base.code
        assert floor.portfolio.balances()[asset].locked - before[asset] == lock


@pytest.mark.parametrize("kind", SINGLE)
@pytest.mark.parametrize("side", list(Side))
def test_every_kind_can_be_sent_as_it_is_offered(kind: Kind, side: Side) -> None:
    floor, ticket = make(btc="1")
    ticket.set_side(side)
    ticket.set_kind(kind)

    assert ticket.warning is None
    timeline = sent(ticket)

    assert timeline.is_working or timeline.stage is Stage.FILLED
    assert [order.order_type for order in floor.orders.open()] == (
        [] if kind is Kind.MARKET else [KINDS[kind].order_type]
    )


def test_a_trailing_stop_shows_where_it_would_fire_and_that_it_only_follows() -> None:
    floor, ticket = make(btc="1")
    ticket.set_side(Side.SELL)
    ticket.set_kind(Kind.TRAILING_STOP)
    ticket.set_field("trail", "2")

    assert lines(ticket)["trigger"] == "at 62,965.00 (\u22122.00% from now)"
    assert lines(ticket)["follows"] == "rises with each new high, never falls"
    ticket.set_unit("trail", Unit.PRICE)
    assert ticket.form.trail == Level("1285.00", Unit.PRICE)
    ticket.next_unit("trail")
    assert ticket.form.trail == Level("2.00", Unit.PERCENT)
    sent(ticket)
    floor.other(Side.BUY, BTC, MIDDLE + 10, 100)
    (order,) = floor.orders.open()
    assert floor.venue.trail_mark(order.order_id) == MIDDLE + 10
    ticket.set_side(Side.BUY)
    assert lines(ticket)["trigger"].startswith("at 65,535.1")
    assert lines(ticket)["follows"] == "falls with each new low, never rises"


def test_an_iceberg_shows_its_slices_and_pays_its_fee_by_slice() -> None:
    floor, ticket = make()
    ticket.set_kind(Kind.ICEBERG)
    ticket.set_size(Lead.BASE, "0.1")
    assert ticket.form.display_text == "0.01000"
    ticket.set_price("64249.95")
    ticket.set_field("display", "0.03")
    assert lines(ticket)["slices"] == "4 slices of 0.03000"
    seen = ticket.seen
    assert seen is not None
    sent(ticket)
    assert floor.exchange.book(BTC).levels(Side.BUY, 1)[0] == (6_424_995, 3_000)

    for qty in (3_000, 3_000, 3_000, 1_000):
        floor.other(Side.SELL, BTC, 6_424_995, qty)

    assert floor.orders.open() == []
    assert sum(fill.fee for fill in floor.orders.fills()) == seen.maker_fee
    ticket.set_field("display", "0.1")
    assert lines(ticket)["slices"] == "all of it: 0.10000"
    ticket.set_field("display", "0.2")
    assert str(ticket.problem) == "It cannot show more than there is of it: 0.10000 BTC."
    ticket.set_field("display", "")
    assert str(ticket.problem) == "Enter how much of it to show."


def test_a_bracket_says_what_target_and_stop_bring_to_the_last_unit() -> None:
    floor, ticket = make()
    bracket(ticket)
    assert ticket.exits is not None
    gain = ticket.exits.target.profit
    before = floor.portfolio.balances()["USDT"].total
    timeline = sent(ticket)
    assert (timeline.stage, str(timeline.text)) == (
        Stage.STARTED,
        "Entry filled at 64,250.10; target and stop are alive.",
    )
    assert str(timeline.title) == "Bracket: buy 0.01000 BTC, target 66,000.00, stop 63,000.00"

    for price in range(1, 61):  # somebody buys all that is offered below the target
        floor.other(Side.BUY, BTC, MIDDLE + 10 * price, 2_000 * price)
    floor.other(Side.BUY, BTC, 6_600_000, 1_000)

    assert str(timeline.text) == "Target filled at 66,000.00."
    assert floor.orders.open() == []
    assert floor.portfolio.balances()["USDT"].total - before == gain
    assert [str(each.note) for each in floor.orders.history()] == ["oco", "", ""]


def test_the_legs_of_a_bracket_are_pending_until_the_entry_fills() -> None:
    floor, ticket = make()
    bracket(ticket)
    ticket.set_entry(Kind.LIMIT)
    ticket.set_price("64000")
    assert lines(ticket)["lock"] == "640.64 USDT for the entry"
    timeline = sent(ticket)

    assert str(timeline.text) == "The entry is working; target and stop start when it fills."
    assert [len(orders) for orders in by_status(floor).values()] == [1, 2]
    floor.other(Side.SELL, BTC, 6_400_000, 4_000_000)
    assert {order.order_type for order in floor.orders.open()} == {OrderType.LIMIT, OrderType.STOP}
    assert {order.list_kind for order in floor.orders.open()} == {ListKind.BRACKET}
    assert timeline.stage is Stage.STARTED


def test_a_bracket_whose_entry_ends_unfilled_ends_whole() -> None:
    floor, ticket = make()
    bracket(ticket)
    ticket.set_entry(Kind.LIMIT)
    ticket.set_price("64000")
    timeline = sent(ticket)

    asyncio.run(ticket.undo(timeline))

    assert floor.orders.open() == []
    assert (timeline.stage, timeline.is_working) == (Stage.CANCELLED, False)


def test_an_oco_reckons_with_what_the_position_cost_and_locks_it_once() -> None:
    floor, ticket = make()
    ticket.set_size(Lead.BASE, "0.02")
    sent(ticket)
    oco(ticket, target="66000", loss="63000")
    ticket.set_size(Lead.BASE, "0.02")
    ticket.recompute()
    shown = lines(ticket)
    assert shown["target"] == "+32.39 USDT · 66,000.00"
    assert shown["loss"] == "\u221227.54 USDT · 63,000.00"
    assert shown["reward"] == "1.18 R, fees included"
    assert shown["lock"] == "0.02000000 BTC, once for both"

    timeline = sent(ticket)

    assert locked(floor, "BTC") == ticket.pair.base_units(2_000)
    assert str(timeline.text) == "Target and stop are alive; the first to trade cancels the other."
    for price in range(1, 61):
        floor.other(Side.SELL, BTC, MIDDLE - 10 * price, 2_000 * price)
    floor.other(Side.BUY, BTC, 6_290_000, 5_000)
    floor.other(Side.SELL, BTC, 6_290_000, 10)
    assert str(timeline.text) == "Stop filled at 62,900.00."
    assert floor.orders.open() == []


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (lambda t: (t.set_side(Side.SELL), t.set_kind(Kind.STOP), t.set_stop("65000")),
         "It would fire at once: the last price is 64,250.00."),
        (lambda t: (t.set_side(Side.SELL), t.set_kind(Kind.TAKE_PROFIT), t.set_stop("64000")),
         "It would fire at once: the last price is 64,250.00."),
        (lambda t: (t.set_kind(Kind.STOP), t.set_size(Lead.BASE, "1")),
         "It would be cancelled when it fires: it needs about 64,957.39 USDT, 10,000.00 are free."),
        (lambda t: (t.set_kind(Kind.TRAILING_STOP), t.set_size(Lead.BASE, "1")),
         "It would be cancelled when it fires: it needs about 64,957.39 USDT, 10,000.00 are free."),
        (lambda t: bracket(t, loss="65000"),
         "The stop is on the wrong side of the entry, 64,250.10: it would fire at once."),
        (lambda t: bracket(t, target="64000"),
         "The target is on the wrong side of the entry, 64,250.10: it would trade at once."),
        (lambda t: oco(t, target="66000", loss="65000"),
         "The stop would fire at once: the last price is 64,250.00."),
        (lambda t: oco(t, target="64000", loss="63000"),
         "The target would trade at once: the book is at 64,249.90."),
    ],
)  # fmt: skip
def test_what_would_go_off_at_once_is_said_and_may_be_sent(prepare: Callable[[Ticket], object], text: str) -> None:
    _, ticket = make(btc="1")
    prepare(ticket)
    ticket.recompute()

    assert ticket.can_submit, str(ticket.problem)
    assert str(ticket.reason) == text
    assert sent(ticket).stage is not Stage.REFUSED


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda t: t.set_reduce_only(True), "Reduce-only: on spot a buy never reduces what you hold."),
        (lambda t: (t.set_side(Side.SELL), t.set_reduce_only(True), t.set_size(Lead.BASE, "0.7")),
         "Reduce-only: it would sell 0.70000 BTC, you hold 0.50000."),
        (lambda t: (t.set_side(Side.SELL), t.set_kind(Kind.OCO), t.set_reduce_only(True),
                    t.set_size(Lead.BASE, "0.7")),
         "Reduce-only: it would sell 0.70000 BTC, you hold 0.50000."),
        (lambda t: (t.set_side(Side.SELL), t.set_kind(Kind.OCO), t.set_size(Lead.BASE, "0.7")),
         "You hold 0.50000 BTC, not 0.70000. Spot has no short positions."),
        (lambda t: (t.set_kind(Kind.OCO), t.set_size(Lead.BASE, "1")),
         "You need 53,027.97 USDT more: 63,027.97 with the fee, 10,000.00 available."),
        (lambda t: bracket(t, size="0.00008", loss="1000"),
         "The smallest order is 5.00 USDT; at 1,000.00 this one is 0.08."),
        (lambda t: (t.set_kind(Kind.TAKE_PROFIT), t.set_stop("")), "Enter a trigger price."),
        (lambda t: (t.set_kind(Kind.TRAILING_STOP), t.set_field("trail", "")), "Enter how far the stop trails."),
        (lambda t: (t.set_kind(Kind.TRAILING_STOP), t.set_field("trail", "0")), "The figure must be above zero."),
        (lambda t: (t.set_side(Side.SELL), t.set_kind(Kind.TRAILING_STOP), t.set_field("trail", "100")),
         "A sell trails by less than the whole price."),
        (lambda t: (t.set_side(Side.SELL), t.set_kind(Kind.TRAILING_STOP), t.set_unit("trail", Unit.PRICE),
                    t.set_field("trail", "70000")),
         "A sell trails by less than the whole price."),
        (lambda t: (t.set_kind(Kind.BRACKET), t.set_field("loss", "")), "Enter the price of the stop."),
        (lambda t: (t.set_kind(Kind.BRACKET), t.set_field("target", "")), "Enter the price of the target."),
        (lambda t: (t.set_kind(Kind.BRACKET), t.set_field("loss", "150")),
         "That far below there is no price any more."),
        (lambda t: (t.set_kind(Kind.BRACKET), t.set_field("loss_limit", "1.005")), "Price must be a multiple of 0.01."),
        (lambda t: (t.set_kind(Kind.BRACKET), t.set_unit("loss", Unit.TICKS), t.set_field("loss", "x")),
         "'x' is not a number such as 0.25."),
        (lambda t: (t.set_kind(Kind.ICEBERG), t.set_field("display", "0.000001")),
         "Amount must be a multiple of 0.00001."),
        (lambda t: (t.set_kind(Kind.LIMIT), t.set_tif(TimeInForce.GTD), t.set_expiry_text("soon")),
         "Enter when it expires, such as 2025-06-15 16:06 (UTC)."),
        (lambda t: (t.set_kind(Kind.LIMIT), t.set_tif(TimeInForce.GTD), t.set_expiry_text("2020-01-01 00:00")),
         "The instant of expiry must be in the future."),
    ],
)  # fmt: skip
def test_the_disabled_button_says_why(prepare: Callable[[Ticket], object], reason: str) -> None:
    _, ticket = make(btc="0.5")
    prepare(ticket)

    assert not ticket.can_submit
    assert str(ticket.reason) == reason


def test_a_good_till_date_order_says_how_long_it_lives_and_expires() -> None:
    floor, ticket = make()
    ticket.set_kind(Kind.LIMIT)
    ticket.set_tif(TimeInForce.GTD)
    for key, left in (("5m", "in 5 min"), ("day", "in 8 h 53 min"), ("1w", "in 7 d 0 h")):
        ticket.set_expiry(key)
        assert lines(ticket)["expires"].endswith(left)
    ticket.set_expiry("5m")
    ticket.set_expiry("at")
    assert ticket.form.expiry.text == "2025-06-15 15:11"
    ticket.set_expiry("5m")
    timeline = sent(ticket)

    floor.now = type(floor.now)(floor.now + 301 * 10**9)
    floor.other(Side.SELL, BTC, 7_000_000, 10)

    assert (timeline.stage, str(timeline.text)) == (Stage.EXPIRED, "Expired.")
    assert [each.status for each in floor.orders.history()] == [OrderStatus.EXPIRED]


def test_a_distance_keeps_its_meaning_in_every_unit() -> None:
    _, ticket = make()
    bracket(ticket, target="66000", loss="63000")
    target, loss = ticket.reading.target, ticket.reading.loss
    for unit in (Unit.PERCENT, Unit.TICKS, Unit.PRICE):
        ticket.set_unit("loss", unit)
        assert ticket.reading.loss is not None
        assert loss is not None
        assert abs(ticket.reading.loss - loss) <= 6_425_010 * 0.00005
    ticket.set_unit("target", Unit.RISK)
    assert ticket.form.target.text == "1.40"
    assert ticket.reading.target is not None
    assert target is not None
    assert abs(ticket.reading.target - target) <= 125_010 * 0.005
    ticket.form.loss = Level("65000")
    ticket.recompute()
    ticket.set_unit("loss", Unit.PERCENT)
    assert ticket.form.loss.text == "", "above the entry it has no distance below"
    ticket.set_unit("target", Unit.TICKS)
    assert ticket.form.target.text == ""


def test_arrows_step_each_field_in_its_unit() -> None:
    _, ticket = make(btc="1")
    ticket.set_kind(Kind.BRACKET)
    ticket.step_field("loss", 1)
    ticket.step_field("target", -5)
    assert (ticket.form.loss.text, ticket.form.target.text) == ("1.1", "1.5")
    ticket.step_field("loss", -100)
    assert ticket.form.loss.text == "0.1"
    ticket.set_unit("loss", Unit.TICKS)
    before = int(ticket.form.loss.text)
    ticket.step_field("loss", 10)
    assert int(ticket.form.loss.text) == before + 10
    ticket.set_unit("loss", Unit.PRICE)
    ticket.step_field("loss", 1)
    ticket.set_field("loss", "x")
    ticket.step_field("loss", 1)
    assert ticket.form.loss.text == "x"
    ticket.set_unit("loss", Unit.PERCENT)
    ticket.step_field("loss", 1)
    assert ticket.form.loss.text == ""
    ticket.set_kind(Kind.ICEBERG)
    ticket.set_field("display", "0.00100")
    ticket.step_field("display", 1)
    assert ticket.form.display_text == "0.00110"
    ticket.set_field("display", "")
    ticket.step_field("display", 1)


def test_a_price_from_the_book_goes_where_it_means_most() -> None:
    _, ticket = make(btc="1")
    ticket.set_side(Side.SELL)
    ticket.set_kind(Kind.OCO)
    ticket.pick_price(Ticks(6_600_000))
    ticket.pick_price(Ticks(6_300_000))
    assert (ticket.form.target, ticket.form.loss) == (Level("66000.00"), Level("63000.00"))
    ticket.set_kind(Kind.TRAILING_STOP)
    ticket.pick_price(Ticks(6_400_000))
    assert ticket.form.trail == Level("250.00")
    ticket.set_kind(Kind.BRACKET)
    ticket.set_entry(Kind.MARKET)
    ticket.pick_price(Ticks(6_400_000))
    assert (ticket.form.kind, ticket.form.entry, ticket.form.price_text) == (Kind.BRACKET, Kind.LIMIT, "64000.00")


def test_what_was_offered_follows_the_side_and_what_was_typed_stays() -> None:
    _, ticket = make(btc="1")
    ticket.set_kind(Kind.STOP_LIMIT)
    assert (ticket.form.stop_text, ticket.form.price_text) == ("64892.50", "64957.39")
    ticket.set_side(Side.SELL)
    assert (ticket.form.stop_text, ticket.form.price_text) == ("63607.50", "63543.90")
    ticket.set_stop("63000")
    ticket.set_side(Side.BUY)
    assert ticket.form.stop_text == "63000"


def test_the_chips_keep_their_places_until_one_is_the_longest_unused() -> None:
    recent = Recent()
    assert recent.chips == list(FIRST_CHIPS)
    for kind in (Kind.BRACKET, Kind.MARKET, Kind.BRACKET, Kind.OCO):
        recent.use(kind)

    assert recent.chips == [Kind.MARKET, Kind.OCO, Kind.BRACKET]


def test_rare_fields_are_folded_away_unless_they_say_something() -> None:
    _, ticket = make()
    ticket.set_kind(Kind.BRACKET)
    assert list(fields(ticket, more=False)) == ["price", "target", "loss"]
    assert list(fields(ticket, more=True)) == ["price", "target", "loss", "loss_limit", "display"]
    ticket.set_field("loss_limit", "60000")
    assert "loss_limit" in fields(ticket, more=False)
    ticket.set_kind(Kind.ICEBERG)
    assert str(fields(ticket, more=False)["display"].label) == "Show"
    ticket.set_kind(Kind.LIMIT)
    assert ticket.form.display_text == "", "an iceberg that was left shows all of itself"


def test_a_refused_list_keeps_the_form_and_shows_the_reason() -> None:
    floor, ticket = make()
    bracket(ticket)
    ticket.desk.orders.new_id = lambda: OrderId("same")
    timeline = sent(ticket)
    assert timeline.stage is Stage.REFUSED
    assert "used before" in str(ticket.reason)
    floor.venue.error = StorageUnavailable("The disk is full.")
    assert str(sent(ticket).text) == "The disk is full."
    assert ticket.form.target.text == "66000"
