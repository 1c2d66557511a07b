"""Order lists: sending, looking up, cancelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.domain.command import CancelOrder, SubmitList
from engine.domain.event import OrderCancelled, OrderRejected
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.server.facade import answers, lists, reads
from engine.server.facade.answers import Placed, ShownOrder
from engine.server.facade.fault import Fault, missing, of_cancel_rejection, unknown_order
from engine.server.facade.looked import all_of, read
from engine.server.facade.operation import Asked, Handler, Operation, Security
from engine.server.facade.ordering import client_id
from engine.server.facade.parameters import LAST_MS, Parameters
from engine.server.facade.trading import check_trigger, list_report, pairs_of, refuse, response_kind

Reader = Callable[[Parameters, TradingPair, AccountId], SubmitList]


def placing(reader: Reader) -> Handler:
    """Return the handler that sends what a reader makes of the parameters."""

    async def place(asked: Asked) -> Any:  # noqa: ANN401
        command = reader(asked.told, asked.pair(), asked.account)
        kind = "RESULT" if "newOrderRespType" not in asked.told else response_kind(asked)
        for each in command.orders[: 2 if command.kind == "oco" else 1]:
            check_trigger(each, asked)
        return await _send(asked, command, kind)

    return place


async def _send(asked: Asked, command: SubmitList, kind: str) -> dict[str, Any]:
    answer = await asked.services.core.carry_out(command)
    if answer.repeated:
        raise Fault(-2010, "Duplicate order sent.")
    refuse(answer.facts, command.account, command.order_id)
    placed = answers.placed_by(answer.facts, command.account, pairs_of(asked))
    told = answers.order_list(placed.orders, at=asked.services.core.now)
    told["orderReports"] = [_report(each, placed, kind) for each in placed.orders]
    return told


def _report(shown: ShownOrder, placed: Placed, kind: str) -> dict[str, Any]:
    if kind == "ACK":
        return answers.ack(shown)
    if kind == "RESULT":
        return answers.result(shown)
    return answers.full(shown, placed.fills[shown.record.order.order_id])


async def show(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with a list, by its number or by the id that the client gave it."""
    found = await _find(asked, "origClientOrderId")
    if not found:
        raise Fault(-2018, "Order list does not exist.")
    return answers.order_list(found, at=found[0].record.accepted_at)


async def _find(asked: Asked, name: str) -> list[ShownOrder]:
    told = asked.told
    number = told.integer("orderListId")
    list_id = told.text(name) if name in told else None
    if number is None and list_id is None:
        raise missing("orderListId")
    return await read(asked, lambda shelf: reads.list_of(shelf, number=number, list_id=list_id))


async def show_open(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the lists that are open."""
    found = await read(asked, lambda shelf: reads.lists(shelf, since=0, limit=1_000, only_open=True))
    return [answers.order_list(each, at=each[0].record.accepted_at) for each in found]


async def show_all(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with lists, oldest first."""
    since, limit = asked.told.integer("fromId", 0) or 0, asked.told.limit(500, 1_000)
    start, end = asked.told.instant("startTime", 0) or 0, asked.told.instant("endTime", LAST_MS) or 0
    found = await read(asked, lambda shelf: reads.lists(shelf, since=since, limit=limit, only_open=False))
    told = (answers.order_list(each, at=each[0].record.accepted_at) for each in found)
    return [each for each in told if start <= each["transactionTime"] <= end]


async def cancel(asked: Asked) -> Any:  # noqa: ANN401
    """Take a whole list out."""
    pair = asked.pair()
    found = await _find(asked, "listClientOrderId")
    if not found or found[0].pair.symbol != pair.symbol or found[0].record.list_id is None:
        raise unknown_order()
    list_id = found[0].record.list_id
    answer = await asked.services.core.carry_out(CancelOrder(asked.account, list_id))
    for fact in answer.facts:
        if isinstance(fact, OrderRejected) and fact.account == asked.account:
            raise of_cancel_rejection(fact)
    gone = [
        fact.order_id for fact in answer.facts if isinstance(fact, OrderCancelled) and fact.account == asked.account
    ]
    return list_report(await all_of(asked, gone), asked, client_id(asked.told))


OPERATIONS = (
    Operation(
        "POST", "orderList/oco", placing(lists.oco), lists.OCO_PARAMETERS, Security.TRADE, places=2,
        word="orderList.place.oco",
    ),
    Operation(
        "POST", "order/oco", placing(lists.old_oco), lists.OLD_OCO_PARAMETERS, Security.TRADE, places=2,
        word="orderList.place",
    ),
    Operation(
        "POST", "orderList/oto", placing(lists.oto), lists.OTO_PARAMETERS, Security.TRADE, places=2,
        word="orderList.place.oto",
    ),
    Operation(
        "POST", "orderList/otoco", placing(lists.otoco), lists.OTOCO_PARAMETERS, Security.TRADE, places=3,
        word="orderList.place.otoco",
    ),
    Operation(
        "DELETE", "orderList", cancel, ("symbol", "orderListId", "listClientOrderId", "newClientOrderId"),
        Security.TRADE, word="orderList.cancel",
    ),
    Operation(
        "GET", "orderList", show, ("orderListId", "origClientOrderId"), Security.READ, weight=1,
        word="orderList.status",
    ),
    Operation(
        "GET", "allOrderList", show_all, ("fromId", "startTime", "endTime", "limit"), Security.READ, weight=4,
        word="allOrderLists",
    ),
    Operation("GET", "openOrderList", show_open, (), Security.READ, weight=2, word="openOrderLists.status"),
)  # fmt: skip
