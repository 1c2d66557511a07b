"""Orders: sending, changing, cancelling, listing."""

from __future__ import annotations

import asyncio
import re
from secrets import token_hex
from typing import Literal

from msgspec import Struct

from engine.adapters.sql.owned import read_named, read_open_ids, read_order, read_orders
from engine.domain.command import CancelOrder, SubmitOrder
from engine.domain.event import OrderCancelled, OrderRejected
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair
from engine.server.core.command import change_command, order_command
from engine.server.core.port import Answer
from engine.server.core.told import fill_of_row, fills_of, order_of_row, orders_of
from engine.server.http.page import AccountName, account_of, cursor_of, numbers_of
from engine.server.http.route import Call, Route
from engine.server.limits.tier import Tier
from engine.server.principal import Scope
from engine.server.refusal import bad_request, not_found, order_refused
from engine.services.offload import offload
from engine.wire.order import Cancelled, NewOrder, Order, OrderChange, OrderResult, Orders
from engine.wire.text import Cursor, PageSize, Symbol

ORDER_KEY = re.compile(r"[A-Za-z0-9._:-]{1,40}\Z")
REPLAY = "idempotent-replay"
"""Header of an answer that was given before."""


class WhoseOrder(Struct):
    """Which of one's accounts."""

    account: AccountName | None = None


class WhichOrders(Struct):
    """Orders to list, the last accepted first."""

    status: Literal["open", "ended", "all"] = "all"
    symbol: Symbol | None = None
    cursor: Cursor | None = None
    limit: PageSize = 100
    account: AccountName | None = None


class OrdersOf(Struct):
    """Open orders to cancel."""

    symbol: Symbol | None = None
    account: AccountName | None = None


def pairs_of(call: Call) -> dict[str, TradingPair]:
    """Return what can be traded, by symbol."""
    return {pair.symbol: pair for pair in call.services.core.pairs()}


def key_of(call: Call, told: str | None) -> OrderId:
    """Return the id under which a repeat of this request is known: the body's, the header's, or a new one.

    Raises:
        Refusal: the header is no id, or says another one than the body.
    """
    header = call.headers.get("idempotency-key")
    if header is None:
        return OrderId(told or f"crs-{token_hex(12)}")
    if not ORDER_KEY.match(header):
        raise bad_request("Idempotency-Key must be 1 to 40 letters, digits, dots, colons, dashes or underscores.")
    if told is not None and told != header:
        raise bad_request("The header Idempotency-Key and the id in the body differ.")
    return OrderId(header)


async def submit(call: Call) -> OrderResult:
    """Send an order."""
    new: NewOrder = call.body
    account = account_of(call, call.query.account)
    pairs = pairs_of(call)
    command = order_command(new, account, key_of(call, new.order_id), pairs.get(new.symbol))
    answer = await call.services.core.carry_out(command)
    if answer.repeated:
        call.answer_headers[REPLAY] = "true"
    refuse_if_rejected(answer, command.order_id)
    if answer.repeated:
        return await _first_result(call, command)
    order = orders_of(answer.facts, account, pairs)[command.order_id]
    return OrderResult(
        order, tuple(each for each in fills_of(answer, account, pairs) if each.order_id == order.order_id)
    )


def refuse_if_rejected(answer: Answer, order_id: OrderId) -> None:
    """Raise what the exchange has against a command.

    Raises:
        Refusal: it was rejected.
    """
    for fact in answer.facts:
        if isinstance(fact, OrderRejected) and fact.order_id == order_id:
            raise order_refused(fact)


async def _first_result(call: Call, command: SubmitOrder) -> OrderResult:
    """Return an order that was sent before: as it stands now, with the fills that it made on arrival."""
    found = await offload(read_order, call.services.exchange_db, command.account, command.order_id)
    if found is None:  # acknowledged is durable, so this cannot be
        raise not_found(f"There is no order {command.order_id}.", "unknown_order")
    row, trades = found
    pair = pairs_of(call)[row["symbol"]]
    at_once = [each for each in trades if each["at_ns"] == row["accepted_ns"] and each["liquidity"] == "taker"]
    return OrderResult(order_of_row(row, trades, pair), tuple(fill_of_row(each, pair) for each in at_once))


async def one(call: Call) -> Order:
    """Answer with one order."""
    return await order_now(call, account_of(call, call.query.account), call.params["order_id"])


async def order_now(call: Call, account: AccountId, order_id: str) -> Order:
    """Return an order as it stands.

    Raises:
        Refusal: there is none.
    """
    found = await offload(read_order, call.services.exchange_db, account, order_id)
    if found is None:
        raise not_found(f"There is no order {order_id!r}.", "unknown_order")
    row, trades = found
    return order_of_row(row, trades, pairs_of(call)[row["symbol"]])


async def change(call: Call) -> OrderResult:
    """Change an open order."""
    account, order_id = account_of(call, call.query.account), OrderId(call.params["order_id"])
    pairs = pairs_of(call)
    before = await order_now(call, account, order_id)
    answer = await call.services.core.carry_out(change_command(call.body, account, order_id, pairs[before.symbol]))
    refuse_if_rejected(answer, order_id)
    fills = tuple(each for each in fills_of(answer, account, pairs) if each.order_id == order_id)
    return OrderResult(await order_now(call, account, order_id), fills)


async def cancel(call: Call) -> OrderResult:
    """Take an open order out."""
    account, order_id = account_of(call, call.query.account), OrderId(call.params["order_id"])
    before = await order_now(call, account, order_id)
    if not before.status.is_open:
        raise not_found(f"No open order {order_id}; it has ended.", "unknown_order")
    answer = await call.services.core.carry_out(CancelOrder(account, order_id))
    refuse_if_rejected(answer, order_id)
    return OrderResult(await order_now(call, account, order_id))


async def cancel_all(call: Call) -> Cancelled:
    """Take all open orders out, or those of one pair."""
    account = account_of(call, call.query.account)
    ids = [OrderId(order_id) for order_id, _ in await _open_ids(call, account)]
    core = call.services.core
    answers = await asyncio.gather(*(core.carry_out(CancelOrder(account, order_id)) for order_id in ids))
    return Cancelled(await cancelled_orders(call, account, answers))


async def _open_ids(call: Call, account: AccountId) -> list[tuple[str, str]]:
    return await offload(read_open_ids, call.services.exchange_db, account, call.query.symbol)


async def cancelled_orders(call: Call, account: AccountId, answers: list[Answer]) -> tuple[Order, ...]:
    """Return the orders that cancels took out, those of lists that went with them included."""
    gone = [
        fact.order_id
        for answer in answers
        for fact in answer.facts
        if isinstance(fact, OrderCancelled) and fact.account == account
    ]
    pairs = pairs_of(call)
    found = await offload(read_named, call.services.exchange_db, account, gone)
    return tuple(order_of_row(row, trades, pairs[row["symbol"]]) for row, trades in found)


async def listed(call: Call) -> Orders:
    """Answer with a page of orders."""
    asked: WhichOrders = call.query
    below = None if asked.cursor is None else numbers_of(asked.cursor)[0]
    found = await offload(
        read_orders, call.services.exchange_db, account_of(call, asked.account),
        status=asked.status, symbol=asked.symbol, below=below, limit=asked.limit + 1,
    )  # fmt: skip
    pairs, shown = pairs_of(call), found[: asked.limit]
    more = cursor_of(shown[-1][0]["seq"]) if len(found) > len(shown) else None
    return Orders(tuple(order_of_row(row, trades, pairs[row["symbol"]]) for row, trades in shown), more)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/v1/orders", submit, "Send an order", "orders", OrderResult, body=NewOrder, query=WhoseOrder,
        scope=Scope.TRADE, tier=Tier.ORDERS, idempotent=True, refuses=(404, 422),
    ),
    Route(
        "GET", "/v1/orders", listed, "List orders, the newest first", "orders", Orders, query=WhichOrders,
        refuses=(404,),
    ),
    Route(
        "DELETE", "/v1/orders", cancel_all, "Cancel all open orders, or those of one pair", "orders", Cancelled,
        query=OrdersOf, scope=Scope.TRADE, tier=Tier.ORDERS, refuses=(404,),
    ),
    Route("GET", "/v1/orders/{order_id}", one, "Show an order", "orders", Order, query=WhoseOrder, refuses=(404,)),
    Route(
        "PATCH", "/v1/orders/{order_id}", change, "Change an open order", "orders", OrderResult, body=OrderChange,
        query=WhoseOrder, scope=Scope.TRADE, tier=Tier.ORDERS, refuses=(404, 422),
    ),
    Route(
        "DELETE", "/v1/orders/{order_id}", cancel, "Cancel an open order", "orders", OrderResult, query=WhoseOrder,
        scope=Scope.TRADE, tier=Tier.ORDERS, refuses=(404, 422),
    ),
)  # fmt: skip
