from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.account import Balance
from engine.domain.command import Deposit, ListPair, SubmitOrder
from engine.domain.event import OrderFilled, OrderRejected
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.market import Level
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Reason, Side, TimeInForce
from engine.exchange.kernel import Exchange
from engine.portfolio.preview import Funds, preview, walk
from tests.engine.portfolio.trading import COIN_CASH, prices, quantities, rate

A = AccountId("A")
RICH = Balance(Units(10**9), Units(0))
FUNDS = Funds(RICH, RICH, rate("0.001"), rate("0.002"), Lots(50))
ASKS = (Level(Ticks(100), Lots(10)), Level(Ticks(102), Lots(20)))
BIDS = (Level(Ticks(99), Lots(10)), Level(Ticks(95), Lots(20)))


def draft(side: Side, qty: int, **fields: object) -> SubmitOrder:
    given_type = fields.pop("order_type", OrderType.LIMIT if fields.get("price") else OrderType.MARKET)
    return SubmitOrder(
        account=A,
        order_id=OrderId("o"),
        symbol=COIN_CASH.symbol,
        side=side,
        order_type=given_type,  # type: ignore[arg-type]
        qty=Lots(qty),
        **fields,  # type: ignore[arg-type]
    )


def test_a_market_buy_walks_the_asks() -> None:
    shown = preview(draft(Side.BUY, 25), COIN_CASH, ASKS, FUNDS)

    assert (shown.taken.qty, shown.rests, shown.dropped) == (25, 0, 0)
    assert shown.average == Fraction(10 * 100 + 15 * 102, 25)
    assert (shown.worst, shown.impact_bps) == (102, Fraction(6, 500) * 10_000)
    assert shown.taker_fee == 2 + 4  # ceil(1000 x 0.002) + ceil(1530 x 0.002), level by level
    assert (shown.total, shown.needed, shown.missing) == (2_536, 2_536, 0)
    assert (shown.position, shown.pays_with) == (75, "CASH")


def test_what_a_thin_book_does_not_give_is_dropped() -> None:
    shown = preview(draft(Side.BUY, 40), COIN_CASH, ASKS, FUNDS)

    assert (shown.taken.qty, shown.dropped, shown.position) == (30, 10, 80)


def test_an_empty_book_gives_no_average_and_the_last_price_judges_the_minimum() -> None:
    pair = replace(COIN_CASH, min_notional=Units(500))

    shown = preview(draft(Side.BUY, 4), pair, (), FUNDS, last=Ticks(100))

    assert (shown.average, shown.worst, shown.impact_bps, shown.below_minimum) == (None, None, None, True)
    assert not preview(draft(Side.BUY, 4), pair, (), FUNDS).below_minimum
    assert preview(draft(Side.BUY, 4), pair, ASKS, FUNDS).below_minimum
    assert not preview(draft(Side.BUY, 5), pair, ASKS, FUNDS).below_minimum


def test_a_market_sell_brings_its_proceeds_less_the_fee() -> None:
    shown = preview(draft(Side.SELL, 15), COIN_CASH, BIDS, FUNDS)

    assert shown.total == 990 + 475 - shown.fee
    assert (shown.fee, shown.needed, shown.pays_with) == (2 + 1, 1_500, "COIN")
    assert (shown.position, shown.impact_bps) == (35, (99 - Fraction(1_465, 15)) * 10_000 / 99)


def test_a_limit_takes_what_crosses_and_rests_with_the_rest() -> None:
    shown = preview(draft(Side.BUY, 25, price=Ticks(101)), COIN_CASH, ASKS, FUNDS)

    assert (shown.taken.qty, shown.rests, shown.dropped) == (10, 15, 0)
    assert (shown.taker_fee, shown.maker_fee) == (2, 2)
    assert shown.total == 1_000 + 1_515 + 4
    assert shown.needed == 2_525 + 6  # the whole at its limit and the higher rate
    sell = preview(draft(Side.SELL, 25, price=Ticks(98)), COIN_CASH, BIDS, FUNDS)
    assert (sell.taken.qty, sell.rests) == (10, 15)


def test_immediate_or_cancel_drops_the_rest_and_fill_or_kill_all() -> None:
    ioc = preview(draft(Side.BUY, 25, price=Ticks(101), tif=TimeInForce.IOC), COIN_CASH, ASKS, FUNDS)
    fok = preview(draft(Side.BUY, 25, price=Ticks(101), tif=TimeInForce.FOK), COIN_CASH, ASKS, FUNDS)
    fits = preview(draft(Side.BUY, 10, price=Ticks(101), tif=TimeInForce.FOK), COIN_CASH, ASKS, FUNDS)

    assert (ioc.taken.qty, ioc.rests, ioc.dropped) == (10, 0, 15)
    assert (fok.taken.qty, fok.rests, fok.dropped, fok.total) == (0, 0, 25, 0)
    assert fits.taken.qty == 10


def test_post_only_and_stops_take_nothing_now() -> None:
    post = preview(draft(Side.BUY, 5, price=Ticks(99), post_only=True), COIN_CASH, ASKS, FUNDS)
    stop = preview(draft(Side.BUY, 5, order_type=OrderType.STOP, stop_price=Ticks(110)), COIN_CASH, ASKS, FUNDS)
    stop_limit = preview(
        draft(Side.BUY, 5, order_type=OrderType.STOP_LIMIT, stop_price=Ticks(110), price=Ticks(112)),
        COIN_CASH,
        ASKS,
        FUNDS,
    )

    assert (post.taken.qty, post.rests) == (0, 5)
    assert (stop.taken.qty, stop.rests, stop.needed, stop.maker_fee) == (0, 5, 0, 2)
    assert stop.total == 550 + 2
    assert (stop_limit.needed, stop_limit.maker_fee) == (560 + 2, 1)
    assert not stop.below_minimum


def test_what_is_missing_is_named_to_the_unit() -> None:
    poor = replace(FUNDS, quote=Balance(Units(2_000), Units(5)), base=Balance(Units(100), Units(0)))

    assert preview(draft(Side.BUY, 25), COIN_CASH, ASKS, poor).missing == 536
    assert preview(draft(Side.SELL, 15), COIN_CASH, BIDS, poor).missing == 1_400


def test_selling_deposited_lots_leaves_the_position_flat() -> None:
    assert preview(draft(Side.SELL, 70), COIN_CASH, BIDS, FUNDS).position == 20
    assert preview(draft(Side.SELL, 30), COIN_CASH, BIDS, replace(FUNDS, position=Lots(3))).position == 0


def test_walking_for_nothing_takes_nothing() -> None:
    assert walk(COIN_CASH, ASKS, Side.BUY, 0, None, FUNDS.taker).qty == 0


orders = st.builds(
    FlowOrder, st.just(Nanos(1)), st.just(FlowKind.LIMIT), st.just(0), st.sampled_from(Side), prices, quantities
)


@given(st.lists(orders, max_size=15), st.sampled_from(Side), quantities, st.none() | prices)
def test_the_preview_is_what_the_exchange_then_does(
    agents: list[FlowOrder], side: Side, qty: Lots, price: Ticks | None
) -> None:
    exchange = Exchange()
    exchange.handle(ListPair(COIN_CASH), Nanos(0))
    for asset in ("COIN", "CASH"):
        exchange.handle(Deposit(A, asset, Units(10**6)), Nanos(0))
    exchange.flow(COIN_CASH.symbol, [order._replace(key=key) for key, order in enumerate(agents, 1)])
    before = exchange.balances(A)
    funds = Funds(before["COIN"], before["CASH"], COIN_CASH.maker_fee, COIN_CASH.taker_fee, Lots(0))
    levels = exchange.book(COIN_CASH.symbol).levels(side.opposite)
    order = draft(side, qty, price=price)

    shown = preview(order, COIN_CASH, levels, funds)
    events = exchange.handle(order, Nanos(2))

    fills = [event for event in events if isinstance(event, OrderFilled)]
    paid = sum(COIN_CASH.notional(fill.price, fill.qty) for fill in fills)
    assert sum(fill.qty for fill in fills) == shown.taken.qty
    assert paid == shown.taken.notional
    assert 0 <= sum(fill.fee for fill in fills) - shown.taker_fee <= len(fills)
    assert (max if side is Side.BUY else min)([fill.price for fill in fills], default=None) == shown.worst
    assert sum(each.left for each in exchange.open_orders(A)) == shown.rests


@given(st.lists(orders, max_size=8), st.sampled_from(Side), quantities, prices, st.integers(0, 1_500))
def test_a_limit_order_is_refused_for_funds_exactly_when_the_preview_misses_some(
    agents: list[FlowOrder], side: Side, qty: Lots, price: Ticks, money: int
) -> None:
    exchange = Exchange()
    exchange.handle(ListPair(COIN_CASH), Nanos(0))
    for asset in ("COIN", "CASH"):
        exchange.handle(Deposit(A, asset, Units(money + 1)), Nanos(0))
    exchange.flow(COIN_CASH.symbol, [order._replace(key=key) for key, order in enumerate(agents, 1)])
    balances = exchange.balances(A)
    funds = Funds(balances["COIN"], balances["CASH"], COIN_CASH.maker_fee, COIN_CASH.taker_fee, Lots(0))
    levels = exchange.book(COIN_CASH.symbol).levels(side.opposite)
    order = draft(side, qty, price=price)

    missing = preview(order, COIN_CASH, levels, funds).missing
    events = exchange.handle(order, Nanos(2))

    refused = any(isinstance(each, OrderRejected) and each.reason is Reason.INSUFFICIENT_FUNDS for each in events)
    assert refused == (missing > 0)


def test_an_iceberg_pays_its_fee_slice_by_slice() -> None:
    shown = preview(draft(Side.BUY, 25, price=Ticks(99), display_qty=Lots(10)), COIN_CASH, ASKS, FUNDS)

    assert (shown.rests, shown.slices) == (25, 3)
    assert shown.maker_fee == 1 + 1 + 1  # ceil(990 x 0.001) twice, ceil(495 x 0.001)
    assert shown.needed == 99 * 25 + 5  # the lock knows no slices


def test_a_trailing_stop_is_reckoned_where_it_would_fire_now_and_judged_by_the_last_price() -> None:
    pair = replace(COIN_CASH, min_notional=Units(500))
    order = draft(Side.SELL, 5, order_type=OrderType.TRAILING_STOP, trail=Ticks(3))

    shown = preview(order, pair, BIDS, FUNDS, last=Ticks(99), trigger=Ticks(96))

    assert (shown.rests, shown.taken.qty, shown.total, shown.below_minimum) == (5, 0, 5 * 96 - 1, True)
    assert shown.needed == pair.base_units(5)
    unknown = preview(order, pair, BIDS, FUNDS)
    assert (unknown.rests, unknown.maker_fee, unknown.below_minimum) == (5, 0, False)


def test_what_waits_stays_whatever_its_time_in_force_and_sets_nothing_aside_for_a_market_buy() -> None:
    order = draft(Side.BUY, 5, order_type=OrderType.STOP_LIMIT, price=Ticks(104), stop_price=Ticks(103))
    waiting = preview(replace(order, tif=TimeInForce.IOC), COIN_CASH, ASKS, FUNDS)
    market = preview(draft(Side.BUY, 5, order_type=OrderType.TAKE_PROFIT, stop_price=Ticks(90)), COIN_CASH, ASKS, FUNDS)

    assert (waiting.rests, waiting.dropped) == (5, 0)
    assert (market.rests, market.needed, market.maker_fee) == (5, 0, 1)
