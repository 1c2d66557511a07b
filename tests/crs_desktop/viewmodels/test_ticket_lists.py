"""Brackets, OTO and OCO through the ticket, against the real exchange."""

import asyncio

import pytest

from crs_desktop.viewmodels.order_groups import Group, consequence, group_status, groups
from crs_desktop.viewmodels.ticket_fields import fields
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import Kind, Leg
from crs_desktop.viewmodels.ticket_price import Level, Unit
from crs_desktop.viewmodels.timeline import Stage
from engine.domain.number import Lots
from engine.domain.order import ListKind, OrderType, Side
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.ticketing import BTC, MIDDLE, bracket, by_status, lines, locked, make, oco, oto, sent


def test_a_bracket_says_what_target_and_stop_bring_to_the_last_unit() -> None:
    floor, ticket = make()
    bracket(ticket)
    assert ticket.exits is not None
    assert ticket.exits.target is not None
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


@pytest.mark.parametrize(
    ("then", "text", "unit", "title", "end"),
    [
        (Leg.TARGET, "66000", Unit.PRICE, "then sell at 66,000.00", OrderType.LIMIT),
        (Leg.STOP, "63000", Unit.PRICE, "then a stop at 63,000.00", OrderType.STOP),
        (Leg.TRAIL, "1", Unit.PERCENT, "then a stop that trails by 1%", OrderType.TRAILING_STOP),
        (Leg.TRAIL, "600", Unit.PRICE, "then a stop that trails by 600.00 USDT", OrderType.TRAILING_STOP),
    ],
)
def test_an_oto_is_an_entry_and_what_starts_when_it_has_filled(
    then: Leg, text: str, unit: Unit, title: str, end: OrderType
) -> None:
    floor, ticket = make()
    oto(ticket, then, text, unit)
    assert {"target", "loss", "trail"} & set(fields(ticket, more=True)) == {then.value}
    timeline = sent(ticket)

    assert str(timeline.title) == f"OTO: buy 0.01000 BTC @ 64,000.00, {title}"
    assert str(timeline.text) == "The entry is working; the way out starts when it fills."
    floor.other(Side.SELL, BTC, 6_400_000, 4_000_000)
    (order,) = floor.orders.open()
    assert (order.order_type, order.side, order.list_kind, order.qty) == (end, Side.SELL, ListKind.OTO, 1_000)
    assert str(timeline.text) == "Entry filled at 64,000.00; the way out is alive."
    assert not timeline.can_undo(timeline.sent_at)


def test_an_oto_says_what_its_way_out_brings_to_the_last_unit() -> None:
    floor, ticket = make()
    oto(ticket, Leg.TARGET, "64100")
    shown = lines(ticket)
    assert "loss" not in shown
    assert "reward" not in shown
    assert ticket.exits is not None
    assert ticket.exits.target is not None
    gain, before = ticket.exits.target.profit, floor.portfolio.balances()["USDT"].total
    timeline = sent(ticket)
    floor.other(Side.SELL, BTC, 6_400_000, 4_000_000)
    floor.other(Side.BUY, BTC, 6_410_000, 4_000_000)

    assert str(timeline.text) == "Target filled at 64,100.00."
    assert floor.portfolio.balances()["USDT"].total - before == gain


def test_a_trailing_way_out_is_reckoned_from_the_entry() -> None:
    _, ticket = make()
    oto(ticket, Leg.TRAIL, "1", Unit.PERCENT)

    shown = lines(ticket)
    assert shown["loss"].endswith("63,360.00")  # 64,000 less 1 %
    assert shown["follows"] == "rises with each new high, never falls"
    assert "trigger" not in shown


def test_a_visit_to_an_oto_leaves_the_target_of_a_bracket_as_it_was() -> None:
    _, ticket = make()
    ticket.set_kind(Kind.BRACKET)
    ticket.set_field("target", "3")
    oto(ticket, Leg.TARGET, "66000")
    ticket.set_kind(Kind.BRACKET)

    assert ticket.form.target == Level("3", Unit.RISK)


def test_a_way_out_trails_from_the_entry_in_every_unit() -> None:
    _, ticket = make()
    oto(ticket, Leg.TRAIL, "10", Unit.PERCENT)
    ticket.set_price("32000")
    assert lines(ticket)["loss"].endswith("28,800.00")
    ticket.next_unit("trail")
    assert (ticket.form.trail, lines(ticket)["loss"][-9:]) == (Level("3200.00", Unit.PRICE), "28,800.00")
    ticket.set_field("trail", "40000")

    assert str(ticket.problem) == "A sell trails by less than the whole price."


def group_of(floor: Floor) -> Group:
    """Return the one list among the open orders."""
    (group,) = groups(floor.orders.records())
    return group


@pytest.mark.parametrize("then", [Leg.TARGET, Leg.STOP])
def test_a_way_out_of_a_market_sell_says_what_it_really_sets_aside(then: Leg) -> None:
    floor, ticket = make(btc="1")
    ticket.set_side(Side.SELL)
    oto(ticket, then, "60000" if then is Leg.TARGET else "70000")
    ticket.set_entry(Kind.MARKET)
    shown = lines(ticket)["lock"]
    sent(ticket)

    held = locked(floor, "USDT")
    told = "nothing until it fires"
    assert shown == (f"{ticket.pair.quote.amount(held):.2f} USDT to buy back, once filled" if held else told)
    assert (held > 0, locked(floor, "BTC")) == (then is Leg.TARGET, 0)


def test_a_partly_filled_way_out_is_not_told_as_the_entry() -> None:
    floor, ticket = make()
    oto(ticket, Leg.TARGET, "64100")
    timeline = sent(ticket)
    floor.other(Side.SELL, BTC, 6_400_000, 4_000_000)
    before = sum(qty for price, qty in floor.exchange.book(BTC).levels(Side.SELL) if price <= 6_410_000) - 1_000
    floor.other(Side.BUY, BTC, 6_410_000, before + 300)
    group = group_of(floor)

    assert str(timeline.text) == "Target 30% filled at 64,100.00."
    assert str(group_status(group)) == "Entry filled, the way out works"


def test_cancelling_a_partly_filled_entry_says_that_its_one_way_out_starts() -> None:
    floor, ticket = make()
    oto(ticket, Leg.STOP, "63000")
    sent(ticket)
    before = sum(qty for price, qty in floor.exchange.book(BTC).levels(Side.BUY) if price >= 6_400_000) - 1_000
    floor.other(Side.SELL, BTC, 6_400_000, before + 300)
    group = group_of(floor)
    entry = group.entry
    assert entry is not None

    told = consequence(group, entry, Lots(300), "0.00300", "BTC")
    assert str(told) == "Cancels the rest of the entry; the way out starts with what it filled."


def test_an_oto_has_no_multiple_of_a_risk_that_it_does_not_have() -> None:
    _, ticket = make()
    ticket.set_kind(Kind.BRACKET)
    assert ticket.form.target.unit is Unit.RISK
    ticket.set_kind(Kind.OTO)
    seen = set()
    for _ in range(4):
        seen.add(ticket.form.target.unit)
        ticket.next_unit("target")

    assert seen == {Unit.PRICE, Unit.PERCENT, Unit.TICKS}


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
