"""What the gate is told of an account that trades several pairs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from engine.domain.asset import Asset
from engine.domain.command import Deposit, ListPair, SubmitList, SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, ListKind, OrderId, OrderType, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange.kernel import Exchange
from engine.exchange.riskview import MINUTE, amend_context, submit_context
from engine.risk.intent import RiskContext

A, B = AccountId("A"), AccountId("B")
FREE = FeeRate.parse(Decimal(0))
USDT, BTC, ETH = Asset("USDT", 4), Asset("BTC", 6), Asset("ETH", 2)
BTC_USDT = TradingPair("BTC/USDT", BTC, USDT, Decimal("0.1"), Decimal("0.001"), Units(0), FREE, FREE)
ETH_BTC = TradingPair("ETH/BTC", ETH, BTC, Decimal("0.0001"), Decimal("0.01"), Units(0), FREE, FREE)


def exchange() -> Exchange:
    found = Exchange()
    for pair in (ETH_BTC, BTC_USDT):
        found.handle(ListPair(pair), Nanos(0))
    for who in (A, B):
        for asset in (USDT, BTC, ETH):
            found.handle(Deposit(who, asset.code, asset.units(Decimal(100_000))), Nanos(0))
    return found


def order(pair: TradingPair, side: Side, qty: int, price: int, who: AccountId = A, name: str = "x") -> SubmitOrder:
    return SubmitOrder(account=who, order_id=OrderId(name), symbol=pair.symbol, side=side,
                       order_type=OrderType.LIMIT, qty=Lots(qty), price=Ticks(price))  # fmt: skip


def trade(on: Exchange, pair: TradingPair, price: int) -> None:
    on.handle(order(pair, Side.SELL, 1, price, B, f"s{pair.base.code}"), on.now)
    on.handle(order(pair, Side.BUY, 1, price, B, f"b{pair.base.code}"), on.now)


def told(on: Exchange, pair: TradingPair, *before: SubmitOrder, rival: SubmitOrder | None = None) -> RiskContext:
    floor = on._floor
    command, market = order(pair, Side.BUY, 5, 10), floor.markets[pair.symbol]
    return submit_context(command, floor.accounts[A], market, floor.markets, floor.now, before, rival)


def test_a_quote_in_another_asset_is_priced_through_its_own_pair() -> None:
    on = exchange()
    assert told(on, ETH_BTC)[-2:] == (USDT, None)  # known to be foreign, not yet what it is worth
    trade(on, BTC_USDT, 600_000)

    assert told(on, ETH_BTC)[-2:] == (USDT, Fraction(60_000 * 10**4, 10**6))
    assert told(on, BTC_USDT)[-2:] == (None, None)


def test_exposure_counts_what_is_held_and_being_bought_in_pairs_of_the_currency() -> None:
    on = exchange()
    assert told(on, BTC_USDT).exposure is not None
    assert told(on, BTC_USDT).exposure() is None  # type: ignore[misc] # held, but at no known price
    trade(on, BTC_USDT, 600_000)
    held = USDT.units(Decimal(100_000 * 60_000))
    assert told(on, BTC_USDT).exposure() == held  # type: ignore[misc]

    on.handle(order(BTC_USDT, Side.BUY, 1_000, 500_000, name="bid"), on.now)
    buying = USDT.units(Decimal(60_000))
    assert told(on, BTC_USDT).exposure() == held + buying  # type: ignore[misc]
    floor = on._floor
    amended = amend_context(floor.accounts[A].orders[OrderId("bid")], floor.markets["BTC/USDT"], floor.markets, on.now)
    assert amended.exposure is not None
    assert amended.exposure() == held


def test_orders_earlier_in_a_list_count_as_taken() -> None:
    on = exchange()
    trade(on, BTC_USDT, 600_000)
    first = order(BTC_USDT, Side.BUY, 1_000, 500_000, name="first")
    plain, after = told(on, BTC_USDT), told(on, BTC_USDT, first, order(BTC_USDT, Side.SELL, 7, 700_000))

    assert (after.open_orders, after.orders_last_minute, after.buying) == (2, 2, 1_000)
    assert plain.exposure is not None
    assert after.exposure is not None
    assert after.exposure() == (plain.exposure() or 0) + USDT.units(Decimal(50_000))


def oco(side: Side, first: int, second: int, stop: int) -> SubmitList:
    """Two legs of 1,000 lots: a limit order and a stop-limit order."""
    limit = order(BTC_USDT, side, 1_000, first, name="limit")
    other = replace(
        order(BTC_USDT, side, 1_000, second, name="stop"), order_type=OrderType.STOP_LIMIT, stop_price=Ticks(stop)
    )
    return SubmitList(A, OrderId("list"), ListKind.OCO, (limit, other))


def test_of_two_legs_of_which_only_one_can_trade_one_is_counted() -> None:
    on = exchange()
    trade(on, BTC_USDT, 600_000)
    on.handle(order(BTC_USDT, Side.SELL, 7, 700_000, name="alone"), on.now)
    on.handle(oco(Side.SELL, 700_000, 500_000, 500_000), on.now)
    floor = on._floor
    leg = amend_context(floor.accounts[A].orders[OrderId("stop")], floor.markets["BTC/USDT"], floor.markets, on.now)

    assert told(on, BTC_USDT).selling == 1_007
    assert leg.selling == 7


def test_two_legs_that_buy_are_one_purchase_for_the_exposure() -> None:
    on = exchange()
    trade(on, BTC_USDT, 600_000)
    plain = told(on, BTC_USDT).exposure
    assert plain is not None
    before = plain()
    assert before is not None
    asked = oco(Side.BUY, 500_000, 700_000, 700_000)
    legs = told(on, BTC_USDT, asked.orders[0], rival=asked.orders[0])
    assert legs.exposure is not None
    assert (legs.open_orders, legs.buying, legs.exposure()) == (1, 0, before)

    on.handle(asked, on.now)

    after = told(on, BTC_USDT)
    assert after.exposure is not None
    assert (after.open_orders, after.buying) == (2, 1_000)
    assert after.exposure() == before + USDT.units(Decimal(60_000))


def test_what_a_list_buys_before_is_valued_in_the_currency() -> None:
    on = exchange()
    trade(on, BTC_USDT, 600_000)
    plain = told(on, ETH_BTC).exposure
    first = order(ETH_BTC, Side.BUY, 100, 500, name="first")  # one ETH at 0.05 BTC, which is 3,000 USDT
    after = told(on, ETH_BTC, first).exposure

    assert plain is not None
    assert after is not None
    assert after() == (plain() or 0) + USDT.units(Decimal(3_000))


def test_without_a_price_of_the_quote_nobody_knows_the_exposure_of_a_list() -> None:
    on = exchange()
    after = told(on, ETH_BTC, order(ETH_BTC, Side.BUY, 100, 500, name="first")).exposure

    assert after is not None
    assert after() is None


@pytest.mark.parametrize(("later", "counted"), [(0, 2), (MINUTE - 1, 2), (MINUTE, 1), (MINUTE + 5, 0)])
def test_the_last_minute_ends_to_the_nanosecond(later: int, counted: int) -> None:
    on = exchange()
    account = on._floor.accounts[A]
    account.recent.extend((0, 5))

    assert account.accepted_since(later - MINUTE) == counted
