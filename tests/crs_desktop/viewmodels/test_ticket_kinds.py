"""Every kind of order through the ticket, against the real exchange."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_fields import fields
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import ENTRIES, FIRST_CHIPS, KINDS, Kind, Leg, Recent
from crs_desktop.viewmodels.ticket_price import Level, Unit
from crs_desktop.viewmodels.timeline import Stage
from engine.domain.number import Ticks
from engine.domain.order import OrderId, OrderStatus, Side, TimeInForce
from engine.errors import StorageUnavailable
from tests.crs_desktop.viewmodels.ticketing import BTC, MIDDLE, bracket, lines, make, oco, sent

SINGLE = [kind for kind in Kind if kind not in (Kind.OCO, Kind.OTO, Kind.BRACKET)]


@pytest.mark.no_cover
@given(
    kind=st.sampled_from(list(Kind)),
    entry=st.sampled_from(ENTRIES),
    then=st.sampled_from(list(Leg)),
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
    kind: Kind, entry: Kind, then: Leg, side: Side, tif: TimeInForce, lots: int, prices: list[int], display: int,
    trail: tuple[str, Unit], flags: tuple[bool, bool, bool],
) -> None:  # fmt: skip
    floor, ticket = make(usdt=20_000, btc="0.3")
    pair, (post_only, reduce_only, with_limit) = ticket.pair, flags
    ticket.set_side(side)
    ticket.set_kind(kind)
    ticket.set_entry(entry)
    ticket.set_then(then)
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
