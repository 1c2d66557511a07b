"""A small exchange to test on: one quote unit per tick x lot, no minimum."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.asset import Asset
from engine.domain.command import CancelOrder, Deposit, ListPair, SubmitOrder
from engine.domain.event import KernelEvent, OrderAccepted, OrderCancelled, OrderFilled, OrderRejected, TradeExecuted
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange.kernel import Exchange
from engine.risk.gate import Gate

A, B = AccountId("A"), AccountId("B")
S = "B/Q"


def pair(symbol: str = S, *, fee: str = "0.001") -> TradingPair:
    rate = FeeRate.parse(Decimal(fee))
    return TradingPair(symbol, Asset("B", 0), Asset("Q", 0), Decimal(1), Decimal(1), Units(0), rate, rate)


def desk(*, gate: Gate | None = None, money: int = 100_000) -> Exchange:
    exchange = Exchange(gate=gate)
    exchange.handle(ListPair(pair()), Nanos(0))
    for account in (A, B):
        exchange.handle(Deposit(account, "B", Units(1_000)), Nanos(0))
        exchange.handle(Deposit(account, "Q", Units(money)), Nanos(0))
    return exchange


def limit(
    account: AccountId,
    order_id: str,
    side: str,
    qty: int,
    price: int | None,
    *,
    tif: str = "GTC",
    post_only: bool = False,
    stp: str = "none",
    stop: int | None = None,
    symbol: str = S,
) -> SubmitOrder:
    kinds = {
        (True, False): OrderType.LIMIT,
        (False, False): OrderType.MARKET,
        (True, True): OrderType.STOP_LIMIT,
        (False, True): OrderType.STOP,
    }
    return SubmitOrder(
        account=account,
        order_id=OrderId(order_id),
        symbol=symbol,
        side=Side(side),
        order_type=kinds[price is not None, stop is not None],
        qty=Lots(qty),
        price=None if price is None else Ticks(price),
        stop_price=None if stop is None else Ticks(stop),
        tif=TimeInForce(tif),
        post_only=post_only,
        stp=SelfTrade(stp),
    )


def cancel(account: AccountId, order_id: str) -> CancelOrder:
    return CancelOrder(account, OrderId(order_id))


def story(events: list[KernelEvent]) -> list[str]:
    """Events in short."""
    told = []
    for event in events:
        match event:
            case TradeExecuted():
                told.append(f"trade {event.maker_id} {event.taker_id} {event.qty}@{event.price}")
            case OrderFilled():
                told.append(f"filled {event.order_id} {event.qty}@{event.price} {event.liquidity} {event.left}")
            case OrderRejected() | OrderCancelled():
                told.append(f"{type(event).__name__[5:].lower()} {event.order_id} {event.reason}")
            case OrderAccepted():
                told.append(f"accepted {event.order_id}")
            case _:
                told.append(type(event).__name__)
    return told
