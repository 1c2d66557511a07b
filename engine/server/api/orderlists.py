"""Orders that hang together: sent whole, cancelled whole."""

from __future__ import annotations

from engine.adapters.sql.owned import read_list
from engine.domain.command import CancelOrder
from engine.domain.event import OrderAccepted
from engine.domain.order import AccountId, OrderId
from engine.server.api.orders import REPLAY, WhoseOrder, cancelled_orders, key_of, pairs_of, refuse_if_rejected
from engine.server.core.command import list_command
from engine.server.core.told import order_of_row, orders_of
from engine.server.http.page import account_of
from engine.server.http.route import Call, Route
from engine.server.limits.tier import Tier
from engine.server.principal import Scope
from engine.server.refusal import not_found
from engine.services.offload import offload
from engine.wire.order import Cancelled, ListResult, NewList, Order


async def submit(call: Call) -> ListResult:
    """Send a list."""
    new: NewList = call.body
    account, pairs = account_of(call, call.query.account), pairs_of(call)
    command = list_command(new, account, key_of(call, new.list_id), pairs)
    answer = await call.services.core.carry_out(command)
    if answer.repeated:
        call.answer_headers[REPLAY] = "true"
    refuse_if_rejected(answer, command.order_id)
    if answer.repeated:
        return ListResult(command.order_id, command.kind, await _orders_now(call, account, command.order_id))
    members = {fact.order_id for fact in answer.facts if isinstance(fact, OrderAccepted)}
    orders = orders_of(answer.facts, account, pairs)
    return ListResult(command.order_id, command.kind, tuple(order for key, order in orders.items() if key in members))


async def one(call: Call) -> ListResult:
    """Answer with a list as it stands."""
    account, list_id = account_of(call, call.query.account), call.params["list_id"]
    orders = await _orders_now(call, account, list_id)
    if not orders or orders[0].list_kind is None:
        raise not_found(f"There is no list {list_id!r}.", "unknown_order")
    return ListResult(list_id, orders[0].list_kind, orders)


async def _orders_now(call: Call, account: AccountId, list_id: str) -> tuple[Order, ...]:
    found, pairs = await offload(read_list, call.services.exchange_db, account, list_id), pairs_of(call)
    return tuple(order_of_row(row, trades, pairs[row["symbol"]]) for row, trades in found)


async def cancel(call: Call) -> Cancelled:
    """Take out all that is open of a list."""
    account, list_id = account_of(call, call.query.account), OrderId(call.params["list_id"])
    if not await _orders_now(call, account, list_id):  # else an order of that id would be cancelled
        raise not_found(f"There is no list {list_id!r}.", "unknown_order")
    answer = await call.services.core.carry_out(CancelOrder(account, list_id))
    refuse_if_rejected(answer, list_id)
    return Cancelled(await cancelled_orders(call, account, [answer]))


ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/v1/order-lists", submit, "Send orders that hang together", "orders", ListResult, body=NewList,
        query=WhoseOrder, scope=Scope.TRADE, tier=Tier.ORDERS, idempotent=True, refuses=(404, 422),
    ),
    Route(
        "GET", "/v1/order-lists/{list_id}", one, "Show a list", "orders", ListResult, query=WhoseOrder, refuses=(404,)
    ),
    Route(
        "DELETE", "/v1/order-lists/{list_id}", cancel, "Cancel what is open of a list", "orders", Cancelled,
        query=WhoseOrder, scope=Scope.TRADE, tier=Tier.ORDERS, refuses=(404, 422),
    ),
)  # fmt: skip
