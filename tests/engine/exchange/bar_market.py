"""Bars and orders for a market of bars."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from engine.domain.asset import Asset
from engine.domain.command import Deposit, SubmitOrder
from engine.domain.market import Timeframe
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange.barreplay import BarMarket, Rules
from engine.ports.feed import BarArrays

FEE = FeeRate.parse(Decimal("0.001"))
PAIR = TradingPair(
    "AAA/USD", Asset("AAA", 4, 4), Asset("USD", 6, 2), Decimal("0.01"), Decimal("0.01"), Units(0), FEE, FEE
)
ME = AccountId("ME")
MINUTE = Timeframe.M1.nanos
MONEY = PAIR.quote.units(Decimal(1_000_000))

Row = tuple[int, int, int, int, int]
"""Open, high, low, close in ticks; volume in lots."""


def table(rows: Sequence[Row], first: int = 1) -> BarArrays:
    """Return minute bars, the first beginning `first` minutes after the epoch."""
    columns = [np.array(each, dtype=np.float64) for each in zip(*rows, strict=True)] if rows else [np.empty(0)] * 5
    return BarArrays(np.arange(first, first + len(rows), dtype=np.int64) * MINUTE, *columns)


def market(rows: Sequence[Row], *, price: int = 10_000, rules: Rules | None = None) -> BarMarket:
    """Return a market that stands before its first bar, with money in our account."""
    made = BarMarket(
        PAIR,
        Timeframe.M1,
        MINUTE,
        table([(price, price, price, price, 0)], first=0),
        rules=rules or Rules(share_percent=100),
    )
    made.command(Deposit(ME, PAIR.quote.code, MONEY))
    made.extend(table(rows))
    return made


def order(
    name: str, side: Side, kind: OrderType, qty: int = 100, *, price: int | None = None, stop: int | None = None,
    trail: int | None = None,
) -> SubmitOrder:  # fmt: skip
    """Return an order of ours."""
    return SubmitOrder(
        account=ME, order_id=OrderId(name), symbol=PAIR.symbol, side=side, order_type=kind, qty=Lots(qty),
        price=None if price is None else Ticks(price), stop_price=None if stop is None else Ticks(stop),
        trail=None if trail is None else Ticks(trail),
    )  # fmt: skip


def after(bars: int) -> Nanos:
    """Return when that many bars are over."""
    return Nanos(MINUTE * (1 + bars))
