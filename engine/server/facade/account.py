"""What an account holds and did: balances, orders, fills, fees, what it may still send."""

from __future__ import annotations

from typing import Any

from engine.server.facade import answers, reads
from engine.server.facade.fault import Fault, no_order
from engine.server.facade.instrument import name_of, plain
from engine.server.facade.looked import find, read
from engine.server.facade.operation import Asked, Operation, Security
from engine.server.facade.parameters import Parameters
from engine.server.facade.trading import commission_rates
from engine.server.facade.usage import rate_limits
from engine.server.principal import Scope

MOST = 1_000
_RANGE = ("startTime", "endTime", "limit")


async def account(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the money of an account, every asset that is traded here included."""
    held = {asset: (plain(free), plain(locked)) for asset, free, locked in await read(asked, reads.balances)}
    if not asked.told.switch("omitZeroBalances", default=False):
        for pair in asked.front.instruments:
            for asset in (pair.base.code, pair.quote.code):
                held.setdefault(asset, (plain("0"), plain("0")))
    else:
        held = {asset: sums for asset, sums in held.items() if any(each.strip("0.") for each in sums)}
    first = next(iter(asked.front.instruments))
    maker, taker = (format(rate.decimal, ".8f") for rate in (first.maker_fee, first.taker_fee))
    principal = asked.principal
    trades = principal is not None and Scope.TRADE in principal.scopes
    return {
        "makerCommission": int(first.maker_fee.decimal * 10_000),
        "takerCommission": int(first.taker_fee.decimal * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {"maker": maker, "taker": taker, "buyer": plain("0"), "seller": plain("0")},
        "canTrade": trades,
        "canWithdraw": False,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": asked.services.core.now // answers.MILLI,
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": free, "locked": locked} for asset, (free, locked) in sorted(held.items())
        ],
        "permissions": ["SPOT"],
        "uid": 0 if principal is None else principal.user_id,
    }


async def order(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with one order."""
    return answers.order(await find(asked, no_order))


async def open_orders(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the open orders, of one symbol or of all."""
    symbol = asked.pair().symbol if "symbol" in asked.told else None
    return [answers.order(each) for each in await read(asked, lambda shelf: reads.open_orders(shelf, symbol))]


async def all_orders(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with a symbol's orders, oldest first."""
    pair, told = asked.pair(), asked.told
    since, start, end = told.integer("orderId"), told.instant("startTime"), told.instant("endTime")
    limit = told.limit(500, MOST)
    found = await read(
        asked,
        lambda shelf: reads.all_orders(shelf, pair.symbol, since=since, start_ms=start, end_ms=end, limit=limit),
    )
    return [answers.order(each) for each in found]


async def my_trades(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with a symbol's fills, oldest first."""
    pair, told = asked.pair(), asked.told
    number, since = told.integer("orderId"), told.integer("fromId")
    start, end, limit = told.instant("startTime"), told.instant("endTime"), told.limit(500, MOST)
    if since is not None and (start is not None or end is not None):
        raise Fault(-1128, "Combination of optional parameters invalid.")
    found = await read(
        asked,
        lambda shelf: reads.my_fills(
            shelf, pair.symbol, number=number, since=since, start_ms=start, end_ms=end, limit=limit
        ),
    )
    return [answers.my_trade(each.fill, pair, each.number, each.list_number) for each in found]


async def commission(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the fees of a symbol."""
    pair = asked.pair()
    rates = commission_rates(pair)
    for word in ("standard", "special", "tax"):
        told = rates.pop(f"{word}CommissionForOrder")
        rates[f"{word}Commission"] = told | {"buyer": plain("0"), "seller": plain("0")}
    return {"symbol": name_of(pair), **rates}


async def order_rates(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with how many orders were sent lately, and how many may be."""
    return rate_limits(asked.used, kinds=("ORDERS",))


def _open_weight(told: Parameters) -> int:
    return 1 if "symbol" in told else 8


OPERATIONS = (
    Operation("GET", "account", account, ("omitZeroBalances",), Security.READ, weight=4, word="account.status"),
    Operation(
        "GET", "order", order, ("symbol", "orderId", "origClientOrderId"), Security.READ, weight=1,
        word="order.status",
    ),
    Operation("GET", "openOrders", open_orders, ("symbol",), Security.READ, _open_weight, word="openOrders.status"),
    Operation(
        "GET", "allOrders", all_orders, ("symbol", "orderId", *_RANGE), Security.READ, weight=4, word="allOrders"
    ),
    Operation(
        "GET", "myTrades", my_trades, ("symbol", "orderId", "fromId", *_RANGE), Security.READ, weight=4,
        word="myTrades",
    ),
    Operation(
        "GET", "account/commission", commission, ("symbol",), Security.READ, weight=4, word="account.commission"
    ),
    Operation(
        "GET", "rateLimit/order", order_rates, (), Security.READ, weight=2, word="account.rateLimits.orders"
    ),
)  # fmt: skip
