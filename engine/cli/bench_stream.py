"""A seeded stream of orders for benchmarks, and the naive matcher that proves the answers.

55 % of the events add a resting order, 35 % cancel one, 10 % are marketable. Prices wander around a
middle in a band of a hundred ticks.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import NamedTuple

from engine.domain.asset import Asset
from engine.domain.command import CancelOrder, Command, Deposit, ListPair, SubmitOrder
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.domain.pair import FeeRate, TradingPair

ACCOUNTS = tuple(AccountId(f"A{i}") for i in range(8))
MIDDLE = 6_000_000
BAND = 100
ADDS, CANCELS = 0.55, 0.35

_FEE = FeeRate.parse(Decimal("0.001"))
_USDT = Asset("USDT")
PAIR = TradingPair(
    "BTC/USDT", Asset("BTC"), _USDT, Decimal("0.01"), Decimal("0.00001"), _USDT.units(Decimal(1)), _FEE, _FEE
)


class Trade(NamedTuple):
    """Who traded how much at what price."""

    maker: str
    taker: str
    price: int
    qty: int


def opening() -> list[Command]:
    """Return the commands that list the pair and make everybody rich."""
    rich = Units(10**32)
    deposits = [Deposit(account, asset, rich) for account in ACCOUNTS for asset in ("BTC", "USDT")]
    return [ListPair(PAIR), *deposits]


def stream(count: int, seed: int = 1) -> list[SubmitOrder | CancelOrder]:
    """Return `count` commands; a cancel may name an order that has traded meanwhile."""
    random = Random(seed)  # noqa: S311 - a repeatable stream, not a secret
    live: list[tuple[AccountId, OrderId]] = []
    found: list[SubmitOrder | CancelOrder] = []
    for i in range(count):
        draw = random.random()
        if ADDS <= draw < ADDS + CANCELS and live:
            place = random.randrange(len(live))
            live[place], live[-1] = live[-1], live[place]
            found.append(CancelOrder(*live.pop()))
            continue
        side = Side.BUY if random.random() < 0.5 else Side.SELL
        away = random.randrange(1, BAND) if draw < ADDS + CANCELS else -random.randrange(0, BAND // 4)
        price = MIDDLE - away if side is Side.BUY else MIDDLE + away
        account, order_id = ACCOUNTS[i % len(ACCOUNTS)], OrderId(f"o{i}")
        found.append(
            SubmitOrder(
                account=account,
                order_id=order_id,
                symbol=PAIR.symbol,
                side=side,
                order_type=OrderType.LIMIT,
                qty=Lots(random.randrange(100, 2_000)),
                price=Ticks(price),
            )
        )
        live.append((account, order_id))
    return found


def naive_trades(commands: Iterable[SubmitOrder | CancelOrder]) -> list[Trade]:
    """Return the trades by the simplest correct matcher: two lists, searched from end to end."""
    bids: list[list[object]] = []
    asks: list[list[object]] = []
    trades: list[Trade] = []
    for command in commands:
        if isinstance(command, CancelOrder):
            for book in (bids, asks):
                book[:] = [each for each in book if each[0] != command.order_id]
            continue
        buys, left = command.side is Side.BUY, int(command.qty)
        mine, theirs, limit = (bids, asks, int(command.price or 0)) if buys else (asks, bids, int(command.price or 0))
        while left and theirs:
            best = min(theirs, key=lambda each: int(str(each[1])) if buys else -int(str(each[1])))
            price, there = int(str(best[1])), int(str(best[2]))
            if (price > limit) if buys else (price < limit):
                break
            qty = min(left, there)
            trades.append(Trade(str(best[0]), command.order_id, price, qty))
            left -= qty
            best[2] = there - qty
            if there == qty:
                theirs.remove(best)
        if left:
            mine.append([command.order_id, limit, left])
    return trades
