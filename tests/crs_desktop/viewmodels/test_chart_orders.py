"""Order lines on the chart against the real exchange: what they say, and what moving them does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.amend import PRICE, STOP_PRICE, TRAIL
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_amends import Phase
from crs_desktop.viewmodels.chart_draft import draft_lines
from crs_desktop.viewmodels.chart_lines import Stake, result_text
from crs_desktop.viewmodels.chart_orders import ChartOrders
from crs_desktop.viewmodels.chart_position import Way
from crs_desktop.viewmodels.link import ChartLink
from crs_desktop.viewmodels.ticket_kind import Kind, Leg
from engine.domain.market import FeedState
from engine.domain.number import Ticks
from engine.domain.order import AccountId, ListKind, OrderType, Side
from engine.errors import StorageUnavailable
from engine.market.catalogue import PAIRS
from engine.ports.venue import AccountSelected
from tests.crs_desktop.charts.gallery import LEVEL
from tests.crs_desktop.viewmodels.charting import BTC, SECOND, Trader, trader
from tests.crs_desktop.viewmodels.ticketing import bracket

PAIR = next(spec.pair for spec in PAIRS if spec.pair.symbol == BTC)


@pytest.fixture
async def at() -> AsyncIterator[Trader]:
    made = await trader()
    yield made
    await made.end()


# -- lines ------------------------------------------------------------------------------------------


async def test_each_order_has_a_line_where_it_waits_and_a_stop_limit_has_two(at: Trader) -> None:
    low = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    both = await at.send(Side.BUY, OrderType.STOP_LIMIT, price=LEVEL + 9_000, stop_price=LEVEL + 8_000)

    model = await at.fold()

    assert [(line.order_id, line.field, line.at, line.is_limit_of_stop) for line in model.lines] == [
        (low, PRICE, LEVEL - 5_000, False),
        (both, STOP_PRICE, LEVEL + 8_000, False),
        (both, PRICE, LEVEL + 9_000, True),
    ]
    assert str(model.lines[0].title) == "Buy Limit 0.01000"


async def test_a_partial_fill_is_told_and_its_share_is_exact(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, 1_000, price=LEVEL - 5)
    at.floor.other(Side.SELL, BTC, LEVEL - 5, 300)
    await at.fold()

    line = at.line(order)

    assert str(line.filled_text) == "0.00300/0.01000 filled"
    assert line.filled_share == pytest.approx(0.3)
    assert str(line.title) == "Buy Limit 0.00700"


async def test_money_and_r_of_a_brackets_legs_agree_with_the_closed_form_net_of_fees(at: Trader) -> None:
    bracket(at.ticket, size="0.01", target="66000", loss="63000")
    await at.ticket.submit()
    await at.fold()
    fill = at.floor.orders.fills(BTC)[0]
    cost = Decimal("0.01") * PAIR.price(fill.price) * (1 + Decimal("0.001"))
    average = cost / Decimal("0.01")

    target, stop = (next(x for x in at.model.lines if x.at == at_) for at_ in (6_600_000, 6_300_000))

    maker, taker = at.floor.settings.account.maker_fee, at.floor.settings.account.taker_fee
    assert taker == Decimal("0.001"), "the closed form above uses it"
    brings = {target: Decimal(660) * (1 - maker), stop: Decimal(630) * (1 - taker)}
    for line, money in brings.items():
        assert PAIR.quote.amount(line.profit or 0) == pytest.approx(money - cost, abs=Decimal("0.00001"))
    assert stop.risk == -1
    assert float(target.risk or 0) == pytest.approx(float((66_000 - average) / (average - 63_000)))


async def test_legs_that_wait_for_their_entry_count_from_its_price(at: Trader) -> None:
    bracket(at.ticket, size="0.01", target="66000", loss="63000")
    at.ticket.set_entry(Kind.LIMIT)
    at.ticket.set_price("64000")
    await at.ticket.submit()
    await at.fold()

    target = next(line for line in at.model.lines if line.at == 6_600_000)

    maker = at.floor.settings.account.maker_fee
    assert target.risk == 2
    expected = 660 * (1 - maker) - 640 * (1 + maker)
    assert PAIR.quote.amount(target.profit or 0) == pytest.approx(expected, abs=Decimal("0.00001"))
    assert {line.list_id for line in at.model.lines} == {target.list_id}


@given(entry=st.integers(2, 10**7), risk=st.integers(1, 10**6), reward=st.integers(-(10**6), 10**6))
def test_r_is_the_gain_in_units_of_the_risk_on_both_sides(entry: int, risk: int, reward: int) -> None:
    long, short = Stake(Fraction(entry), None, Ticks(entry - risk)), Stake(Fraction(entry), None, Ticks(entry + risk))

    assert long.risk(Side.SELL, entry + reward) == Fraction(reward, risk) == short.risk(Side.BUY, entry - reward)
    assert long.risk(Side.BUY, entry + reward) is None, "a stop on the winning side is no risk"


def test_money_and_r_are_never_without_their_sign() -> None:
    assert result_text(PAIR, PAIR.quote.units(Decimal("12.3")), Fraction(2)) == "+12.30 USDT  +2.00 R"
    assert result_text(PAIR, PAIR.quote.units(Decimal("-12.3")), Fraction(-1, 3)) == "\u221212.30 USDT  \u22120.33 R"
    assert result_text(PAIR, None, None) == ""


# -- moving -----------------------------------------------------------------------------------------


async def test_a_drag_shows_a_ghost_until_the_venue_has_answered_and_then_the_line_is_there(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    gate = at.answer_late()

    model = await at.pull(order, LEVEL - 7_000)
    await at.fold()
    ghost = model.amends.ghosts[order]
    assert (ghost.phase, ghost.at, at.line(order).at) == (Phase.SENT, LEVEL - 7_000, LEVEL - 5_000)

    gate.set()
    await at.fold()
    assert model.amends.ghosts == {}
    assert at.line(order).at == LEVEL - 7_000
    assert at.floor.orders.record(order).order.price == LEVEL - 7_000


async def test_a_second_drag_of_the_same_order_waits_its_turn_another_order_does_not(at: Trader) -> None:
    first = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    other = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 6_000)
    gate = at.answer_late()
    model = await at.pull(first, LEVEL - 7_000)

    assert not model.amends.grab(at.line(first))
    assert str(model.notice) == "Wait: the change to 64,180.00 is still on its way."
    await at.pull(other, LEVEL - 8_000)
    assert {ghost.phase for ghost in model.amends.ghosts.values()} == {Phase.SENT}

    gate.set()
    await at.fold()
    assert (at.line(first).at, at.line(other).at) == (LEVEL - 7_000, LEVEL - 8_000)


async def test_a_refused_change_leaves_the_line_and_says_why_for_a_while(at: Trader) -> None:
    at.floor.set("trading.confirm", "off")
    order = await at.send(Side.BUY, OrderType.LIMIT, 50_000, price=LEVEL - 5_000)
    await at.send(Side.BUY, OrderType.LIMIT, 27_000, price=LEVEL - 5_000)

    model = await at.pull(order, LEVEL + 200_000)
    await at.fold()

    ghost = model.amends.ghosts[order]
    assert ghost.phase is Phase.REFUSED
    assert at.line(order).at == at.floor.orders.record(order).order.price == LEVEL - 5_000
    assert str(ghost.says[0]).startswith("You need ")
    assert model.notice == ghost.says[0]
    at.pass_time(9 * SECOND)
    await at.fold()
    assert model.amends.ghosts == {}


async def test_a_disk_that_fails_is_a_reason_too(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    at.floor.venue.error = StorageUnavailable("The disk is full.")

    model = await at.pull(order, LEVEL - 6_000)
    await at.fold()

    assert [str(each) for each in model.amends.ghosts[order].says] == ["The disk is full."]
    assert at.line(order).at == LEVEL - 5_000


async def test_escape_drops_what_is_held_and_nothing_was_sent(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    sent = len(at.floor.events)

    at.model.amends.grab(at.line(order))
    at.model.amends.move(order, LEVEL - 6_000)
    assert at.model.escape()
    await at.fold()

    assert at.model.amends.ghosts == {}
    assert len(at.floor.events) == sent
    assert not at.model.escape()


async def test_letting_go_where_it_was_sends_nothing(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    sent = len(at.floor.events)

    await at.pull(order, LEVEL - 5_000)
    await at.fold()

    assert at.model.amends.ghosts == {}
    assert len(at.floor.events) == sent


async def test_a_drop_that_would_trade_at_once_asks_and_says_so(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)

    model = await at.pull(order, LEVEL + 50)
    ghost = model.amends.ghosts[order]
    assert ghost.phase is Phase.ASKED
    assert str(ghost.warning) == "It would trade at once, as taker: the book is at 64,250.10."
    assert any("after fees" in str(each) or "with the fee" in str(each) for each in ghost.says)
    model.enter()
    assert model.amends.ghosts[order].phase is Phase.ASKED, "a reflex is no answer"
    at.pass_time(SECOND)
    model.enter()
    await at.fold()

    assert at.floor.orders.fills(BTC)
    assert model.lines == []


async def test_the_market_moving_through_a_ghost_turns_it_into_a_taker_before_it_is_sent(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    at.model.amends.grab(at.line(order))
    at.model.amends.move(order, LEVEL - 100)
    assert at.model.amends.ghosts[order].warning is None

    at.floor.other(Side.SELL, BTC, LEVEL - 200, 10**7)
    await at.fold()

    assert "trade at once" in str(at.model.amends.ghosts[order].warning)


async def test_a_stop_takes_its_limit_along_and_the_limit_can_be_moved_alone(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.STOP_LIMIT, price=LEVEL + 9_000, stop_price=LEVEL + 8_000)

    await at.pull(order, LEVEL + 6_000)
    await at.fold()
    record = at.floor.orders.record(order).order
    assert (record.stop_price, record.price) == (LEVEL + 6_000, LEVEL + 7_000)

    await at.pull(order, LEVEL + 7_500, PRICE)
    await at.fold()
    record = at.floor.orders.record(order).order
    assert (record.stop_price, record.price) == (LEVEL + 6_000, LEVEL + 7_500)


async def test_a_trailing_stop_is_dragged_by_its_distance_and_one_in_percent_says_why_not(at: Trader) -> None:
    at.floor.give("BTC", "1")
    ticks = await at.send(Side.SELL, OrderType.TRAILING_STOP, trail=Ticks(5_000))
    share = await at.send(Side.SELL, OrderType.TRAILING_STOP, trail_bps=Decimal(100))
    mark = at.floor.venue.trail_mark(ticks)
    assert mark is not None
    assert at.line(ticks).field == TRAIL

    await at.pull(ticks, mark - 7_000)
    await at.fold()
    assert at.floor.orders.record(ticks).order.trail == 7_000
    assert at.line(ticks).at == mark - 7_000

    assert not at.model.amends.grab(at.line(share))
    assert "percentage" in str(at.model.notice)


async def test_a_fill_while_it_is_dragged_ends_the_ghost_with_a_sentence(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5)
    at.model.amends.grab(at.line(order))
    at.model.amends.move(order, LEVEL - 900)

    at.floor.other(Side.SELL, BTC, LEVEL - 5, 10**6)
    await at.fold()

    assert at.model.amends.ghosts == {}
    assert str(at.model.notice) == "What you were moving has ended or fired."


async def test_undo_moves_it_back_within_three_seconds_and_not_after(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.STOP_LIMIT, price=LEVEL + 9_000, stop_price=LEVEL + 8_000)
    model = await at.pull(order, LEVEL + 6_000)
    await at.fold()
    assert model.amends.can_undo is not None

    at.pass_time(2 * SECOND)
    assert model.undo()
    await at.fold()
    record = at.floor.orders.record(order).order
    assert (record.stop_price, record.price) == (LEVEL + 8_000, LEVEL + 9_000)
    assert not model.undo(), "an undo is not undone"

    await at.pull(order, LEVEL + 7_000)
    await at.fold()
    at.pass_time(4 * SECOND)
    assert not model.undo()
    assert at.floor.orders.record(order).order.stop_price == LEVEL + 7_000


async def test_the_keyboard_moves_by_ticks_and_enter_sends(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)

    for ticks in (1, 10, -1):
        at.model.step(order, ticks)
    assert at.model.amends.ghosts[order].at == LEVEL - 4_990
    assert at.model.enter(order)
    await at.fold()

    assert at.floor.orders.record(order).order.price == LEVEL - 4_990


async def test_a_leg_dragged_over_its_entry_is_warned_of(at: Trader) -> None:
    bracket(at.ticket, size="0.01", target="66000", loss="63000")
    at.ticket.set_entry(Kind.LIMIT)
    at.ticket.set_price("64000")
    await at.ticket.submit()
    await at.fold()
    stop = next(line for line in at.model.lines if line.at == 6_300_000)

    await at.pull(stop.order_id, 6_410_000)

    assert str(at.model.amends.ghosts[stop.order_id].warning) == "It is on the wrong side of the entry, 64,000.00."


async def test_cancelling_a_leg_asks_what_else_goes(at: Trader) -> None:
    bracket(at.ticket, size="0.01", target="66000", loss="63000")
    await at.ticket.submit()
    await at.fold()
    target = next(line for line in at.model.lines if line.at == 6_600_000)

    at.model.cancel(target.order_id)
    assert at.model.question is not None
    assert str(at.model.question.text).startswith("Cancels the stop, too. 0.01000 BTC")
    assert at.model.escape()
    at.model.cancel(target.order_id)
    at.pass_time(SECOND)
    at.model.enter()
    await at.fold()

    assert at.model.lines == []


async def test_another_account_drops_all_that_was_under_way(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    at.model.amends.grab(at.line(order))
    at.model.place_at(Side.BUY, LEVEL - 900)

    at.floor.bus.publish(AccountSelected(AccountId("OTHER2")))

    assert (at.model.draft, at.model.amends.ghosts) == (None, {})


# -- new orders -------------------------------------------------------------------------------------


async def test_the_side_of_the_market_says_which_types_are_offered(at: Trader) -> None:
    below, above = ([str(words) for _, words in at.model.offers(LEVEL + by)] for by in (-9_000, 9_000))

    assert below == ["Buy limit 0.01000 @ 64,160.00", "Sell stop 0.01000 @ 64,160.00"]
    assert above == ["Buy stop 0.01000 @ 64,340.00", "Sell limit 0.01000 @ 64,340.00"]


async def test_nothing_is_sent_before_enter_and_then_it_goes_the_tickets_way(at: Trader) -> None:
    shown: list[str] = []
    link = at.ticket.outbox.on_sent(lambda timeline: shown.append(str(timeline.title)))

    at.model.place_at(Side.BUY, LEVEL - 9_000.4)
    await at.fold()
    assert at.floor.orders.open() == []
    at.model.enter()
    await at.fold()
    link.close()

    order = at.floor.orders.open()[0]
    assert (order.order_type, order.price, order.qty) == (OrderType.LIMIT, LEVEL - 9_000, 1_000)
    assert shown == ["Buy 0.01000 BTC at 64,160.00"], "the ticket's outbox has it, with its Undo"
    assert at.model.draft is None


async def test_one_click_sends_at_once_and_a_repeat_within_a_blink_is_asked_about(at: Trader) -> None:
    at.floor.set("trading.one_click_chart", "on")
    at.floor.set("trading.duplicate_guard_ms", 10_000)

    at.model.place_at(Side.BUY, LEVEL - 9_000)
    await at.fold()
    assert len(at.floor.orders.open()) == 1
    at.model.place_at(Side.BUY, LEVEL - 9_000)
    await at.fold()

    assert len(at.floor.orders.open()) == 1
    assert at.model.draft is not None
    assert at.model.draft.question is not None
    assert "Send it again?" in str(at.model.draft.question.text)


async def test_a_new_order_that_cannot_be_paid_says_why_and_stays(at: Trader) -> None:
    at.model.place_at(Side.SELL, LEVEL + 9_000)
    at.model.enter()
    await at.fold()

    assert at.floor.orders.open() == []
    assert at.model.draft is not None
    assert str(at.model.draft.problem) == "You hold no BTC to sell. Spot has no short positions."
    assert at.model.escape()
    assert at.model.draft is None


async def test_pulling_legs_out_of_an_entry_makes_an_oto_and_then_a_bracket(at: Trader) -> None:
    at.model.place_at(Side.BUY, LEVEL - 9_000)
    draft = at.model.draft
    assert draft is not None
    kinds = []
    for leg, price in ((Leg.STOP, LEVEL - 30_000), (Leg.TARGET, LEVEL + 30_000)):
        draft.set_leg(leg, Ticks(price))
        kinds.append(draft.form.kind)
    assert kinds == [Kind.OTO, Kind.BRACKET]
    draft.move("entry", LEVEL - 9_500)
    assert draft.levels() == {"entry": LEVEL - 9_500, "target": LEVEL + 30_000, "loss": LEVEL - 30_000}
    at.model.enter()
    await at.fold()

    assert {order.list_kind for order in at.floor.orders.open()} == {ListKind.BRACKET}
    assert sorted(line.at for line in at.model.lines) == [LEVEL - 30_000, LEVEL - 9_500, LEVEL + 30_000]


async def test_the_windows_ticket_keeps_its_own_form_and_can_take_the_order_over(at: Trader) -> None:
    before = at.ticket.form.identity(BTC)
    at.model.place_at(Side.BUY, LEVEL - 9_000)
    assert at.ticket.form.identity(BTC) == before

    at.model.edit_in_ticket()

    assert at.model.draft is None
    assert (at.ticket.form.kind, at.ticket.form.price_text) == (Kind.LIMIT, "64160.00")


async def test_what_a_bracket_promises_before_it_is_sent_its_lines_say_afterwards(at: Trader) -> None:
    at.model.place_at(Side.BUY, LEVEL - 9_000)
    draft = at.model.draft
    assert draft is not None
    draft.set_leg(Leg.STOP, Ticks(LEVEL - 30_000))
    draft.set_leg(Leg.TARGET, Ticks(LEVEL + 30_000))
    promised = {line.at: line.result for name, line in draft_lines(draft).items() if name != "entry"}
    at.model.enter()
    await at.fold()

    assert {line.at: line.result_text for line in at.model.lines if line.at in promised} == promised
    assert promised[Ticks(LEVEL + 30_000)].endswith("+1.86 R")


async def test_a_new_order_on_its_way_survives_a_change_of_the_pair_and_is_shown_no_more(at: Trader) -> None:
    gate = at.answer_late()
    at.model.place_at(Side.BUY, LEVEL - 9_000)
    at.model.enter()
    await at.fold()
    at.desk.select("ETH/USDT")
    await at.fold()
    assert at.model.draft is None

    gate.set()
    await at.fold()
    assert len(at.floor.orders.open(BTC)) == 1


async def test_a_jump_of_the_market_drops_a_new_order(at: Trader) -> None:
    at.model.place_at(Side.BUY, LEVEL - 9_000)

    at.floor.feed_state(FeedState.SNAPSHOT)
    await at.fold()

    assert at.model.draft is None


async def test_doubtful_prices_are_asked_about(at: Trader) -> None:
    order = await at.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 5_000)
    at.floor.feed_state(FeedState.STALE)

    await at.pull(order, LEVEL - 6_000)

    question = at.model.amends.ghosts[order].question
    assert question is not None
    assert str(question.text) == "Prices may be out of date. Send anyway?"


# -- the position -----------------------------------------------------------------------------------


async def test_both_ways_out_of_a_position_become_an_oco_of_what_is_held(at: Trader) -> None:
    await at.send(Side.BUY, OrderType.MARKET)
    assert at.model.pull_exit(Leg.STOP, LEVEL - 20_000)
    assert at.model.pull_exit(Leg.TARGET, LEVEL + 40_000)
    at.model.enter()
    await at.fold()

    orders = at.floor.orders.open()
    assert {(o.order_type, o.side, o.qty, o.list_kind) for o in orders} == {
        (OrderType.STOP, Side.SELL, 1_000, ListKind.OCO),
        (OrderType.LIMIT, Side.SELL, 1_000, ListKind.OCO),
    }


async def test_a_target_pulled_beside_a_lone_stop_replaces_it_with_an_oco(at: Trader) -> None:
    await at.send(Side.BUY, OrderType.MARKET)
    stop = await at.send(Side.SELL, OrderType.STOP, stop_price=LEVEL - 20_000)
    assert at.model.pull_exit(Leg.TARGET, LEVEL + 40_000)
    draft = at.model.draft
    assert draft is not None
    assert draft.problem is None, "what gives way counts as free"
    assert draft.levels() == {"target": LEVEL + 40_000, "loss": LEVEL - 20_000}
    at.model.enter()
    await at.fold()

    orders = at.floor.orders.open()
    assert {order.list_kind for order in orders} == {ListKind.OCO}
    assert {order.stop_price or order.price for order in orders} == {LEVEL - 20_000, LEVEL + 40_000}
    assert stop not in {order.order_id for order in orders}


async def test_a_replacement_that_is_refused_brings_the_old_stop_back(at: Trader) -> None:
    await at.send(Side.BUY, OrderType.MARKET)
    await at.send(Side.SELL, OrderType.STOP, stop_price=LEVEL - 20_000)
    at.model.pull_exit(Leg.TARGET, LEVEL + 40_000)
    draft = at.model.draft
    assert draft is not None
    submit_list = at.floor.orders.submit_list

    async def broken(command: object) -> object:
        at.floor.orders.submit_list = submit_list  # type: ignore[method-assign]
        raise StorageUnavailable("The disk is full.")

    at.floor.orders.submit_list = broken  # type: ignore[method-assign, assignment]
    at.model.enter()
    await at.fold()

    orders = at.floor.orders.open()
    assert [(order.order_type, order.stop_price) for order in orders] == [(OrderType.STOP, LEVEL - 20_000)]
    assert str(draft.refusal) == "The disk is full. The order before it works again."


async def test_the_position_line_tells_cost_money_and_percent(at: Trader) -> None:
    assert at.model.position is None
    await at.send(Side.BUY, OrderType.MARKET)

    line = at.model.position
    assert line is not None
    fill = at.floor.orders.fills(BTC)[0]
    cost = PAIR.notional(fill.price, 1_000) + fill.fee
    assert line.at == pytest.approx(cost / (1_000 * PAIR.notional_unit))
    assert line.profit == PAIR.notional(line.last or 0, 1_000) - cost
    assert str(line.title) == f"Long 0.01000 @ {float(PAIR.price(1)) * round(line.at):,.2f}"
    assert "%" in line.result


async def test_reverse_asks_closes_and_says_why_it_goes_no_further(at: Trader) -> None:
    await at.send(Side.BUY, OrderType.MARKET)
    await at.send(Side.SELL, OrderType.STOP, stop_price=LEVEL - 20_000)

    at.model.buttons.ask(Way.REVERSE, PAIR)
    assert at.model.question is not None
    assert "it ends flat, not short" in str(at.model.question.text)
    at.pass_time(SECOND)
    at.model.enter()
    await at.fold()

    assert at.model.position is None
    assert at.floor.orders.open() == []
    assert str(at.model.notice) == (
        "Closed, and no further: spot has no short positions, so you are flat in BTC, not short."
    )
    at.model.buttons.ask(Way.REVERSE, PAIR)
    assert str(at.model.notice) == "You hold no BTC; spot has no short positions."


async def test_breakeven_moves_the_stop_to_the_cost_or_says_why_not(at: Trader) -> None:
    await at.send(Side.BUY, OrderType.MARKET)
    at.model.buttons.breakeven(PAIR)
    assert str(at.model.notice).startswith("No stop protects your position")

    stop = await at.send(Side.SELL, OrderType.STOP, stop_price=LEVEL - 20_000)
    at.floor.other(Side.BUY, BTC, LEVEL + 50_000, 10**8)
    at.floor.other(Side.SELL, BTC, LEVEL + 50_000, 1_000)
    await at.fold()
    at.model.buttons.breakeven(PAIR)
    await at.fold()

    assert at.model.position is not None
    assert at.floor.orders.record(stop).order.stop_price == -(-int(at.model.position.at * 1_000_000) // 1_000_000)


async def test_a_chart_of_another_link_group_trades_its_own_pair(at: Trader) -> None:
    at.floor.stock("ETH/USDT", middle=344_000, qty=20_000)
    link = ChartLink(at.desk.links.named("B", at.desk.links.a))
    link.select("ETH/USDT")
    chart = ChartModel(at.desk, link)
    model = ChartOrders(chart)
    for _ in range(3):
        await at.fold()
        chart.fold()
        model.fold()

    model.place_at(Side.BUY, 340_000)
    at.desk.select("SOL/USDT")
    model.fold()
    assert model.draft is not None
    assert model.draft.problem is None
    model.enter()
    await at.fold()
    model.fold()

    assert [order.symbol for order in at.floor.orders.open()] == ["ETH/USDT"]
    assert [line.at for line in model.lines] == [340_000]
    model.close()
    chart.close()
    link.close()
    await at.fold()
