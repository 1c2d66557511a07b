"""Orders: sending, testing, replacing, changing, cancelling."""

from __future__ import annotations

from typing import Any

from engine.domain.command import AmendOrder, CancelOrder, SubmitOrder
from engine.domain.event import LedgerFact, OrderCancelled, OrderRejected
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.domain.pair import TradingPair
from engine.server.facade import answers
from engine.server.facade.answers import Placed, ShownOrder
from engine.server.facade.fault import Fault, filtered, missing, of_cancel_rejection, of_rejection, unknown_order
from engine.server.facade.looked import all_of, find, read
from engine.server.facade.operation import Asked, Operation, Security
from engine.server.facade.ordering import ORDER_PARAMETERS, client_id, made_id, order_of, quantity
from engine.server.facade.reads import open_orders
from engine.server.facade.walk import lots_for

_DEPTH = 5_000
_STOPS_ABOVE = {
    (OrderType.STOP, Side.BUY), (OrderType.STOP_LIMIT, Side.BUY),
    (OrderType.TAKE_PROFIT, Side.SELL), (OrderType.TAKE_PROFIT_LIMIT, Side.SELL),
}  # fmt: skip
"""Orders that fire at or above their stop price; the others fire at or below it."""

RESPONSES = ("ACK", "RESULT", "FULL")


async def place(asked: Asked) -> Any:  # noqa: ANN401
    """Send an order."""
    command, kind = order_asked(asked), response_kind(asked)
    placed = await submit(asked, command)
    return answered(placed, command.order_id, kind)


async def test(asked: Asked) -> Any:  # noqa: ANN401
    """Look whether an order would be sent, and send none."""
    command = order_asked(asked)
    response_kind(asked)
    pair = asked.pair()
    _check_size(command, pair, asked)
    if not asked.told.switch("computeCommissionRates", default=False):
        return {}
    return commission_rates(pair)


def commission_rates(pair: TradingPair) -> dict[str, Any]:
    """Return the fees of a pair, which are in its quote asset."""
    maker, taker = (format(rate.decimal, ".8f") for rate in (pair.maker_fee, pair.taker_fee))
    none = "0.00000000"
    rates = {"maker": none, "taker": none}
    return {
        "standardCommissionForOrder": {"maker": maker, "taker": taker},
        "specialCommissionForOrder": rates,
        "taxCommissionForOrder": rates,
        "discount": {"enabledForAccount": False, "enabledForSymbol": False, "discountAsset": "", "discount": none},
    }


def order_asked(asked: Asked) -> SubmitOrder:
    """Return the order that the parameters ask for.

    Raises:
        Fault: it cannot be one.
    """
    pair, told = asked.pair(), asked.told
    lots = None
    if "quoteOrderQty" in told and told.text("type") == "MARKET" and "quantity" not in told:
        money = told.decimal("quoteOrderQty")
        if not money:
            raise Fault(-1013, "Invalid quantity.")
        buys = told.text("side") == "BUY"
        book = asked.services.market.snapshot(pair.symbol, _DEPTH)
        lots = lots_for(pair, book.asks if buys else book.bids, money, pair.taker_fee if buys else None)
        if not lots:
            raise filtered("NOTIONAL")
    command = order_of(told, pair, asked.account, lots=lots)
    check_trigger(command, asked)
    return command


def check_trigger(command: SubmitOrder, asked: Asked) -> None:
    """Refuse a stop that would fire at once; the exchange would let it."""
    last = asked.services.market.last_price(command.symbol)
    if last is None or command.stop_price is None:
        return
    above = (command.order_type, command.side) in _STOPS_ABOVE
    if command.stop_price <= last if above else command.stop_price >= last:
        raise Fault(-2010, "Stop price would trigger immediately.")


def _check_size(command: SubmitOrder, pair: TradingPair, asked: Asked) -> None:
    """Refuse what the exchange would refuse for its price or size."""
    market = asked.services.market
    quote = market.quote(pair.symbol)
    opposite = quote.ask if command.side is Side.BUY else quote.bid
    reference = command.price or command.stop_price or opposite or market.last_price(pair.symbol)
    if reference is not None and pair.notional(reference, command.qty) < pair.min_notional:
        raise filtered("NOTIONAL")
    if command.price is not None and opposite is not None:
        beyond = command.price - opposite if command.side is Side.BUY else opposite - command.price
        if beyond * 2 > opposite:
            raise filtered("PERCENT_PRICE_BY_SIDE")


def response_kind(asked: Asked) -> str:
    """Return how much is answered: all of a market or limit order, else that it was taken."""
    default = "FULL" if asked.told.text("type", "") in ("MARKET", "LIMIT") else "ACK"
    kind = asked.told.text("newOrderRespType", default)
    if kind not in RESPONSES:
        raise Fault(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
    return kind


async def submit(asked: Asked, command: SubmitOrder) -> Placed:
    """Send an order and return what came of it.

    Raises:
        Fault: the exchange refused it, or its id was used before.
    """
    answer = await asked.services.core.carry_out(command)
    if answer.repeated:
        raise Fault(-2010, "Duplicate order sent.")
    refuse(answer.facts, command.account, command.order_id)
    return answers.placed_by(answer.facts, command.account, pairs_of(asked))


def refuse(facts: tuple[LedgerFact, ...], account: AccountId, order_id: OrderId) -> None:
    """Raise what the exchange has against an order or list."""
    for fact in facts:
        if isinstance(fact, OrderRejected) and fact.account == account and fact.order_id == order_id:
            raise of_rejection(fact)


def pairs_of(asked: Asked) -> dict[str, TradingPair]:
    """Return the pairs by our own symbols."""
    return {pair.symbol: pair for pair in asked.services.core.pairs()}


def answered(placed: Placed, order_id: OrderId, kind: str) -> dict[str, Any]:
    """Return an order that was just sent, as far as was asked for."""
    shown = next(each for each in placed.orders if each.record.order.order_id == order_id)
    if kind == "ACK":
        return answers.ack(shown)
    return answers.result(shown) if kind == "RESULT" else answers.full(shown, placed.fills[order_id])


async def cancel(asked: Asked) -> Any:  # noqa: ANN401
    """Take an open order out; with it go the others of its list."""
    shown = await find(asked, unknown_order)
    cancel_id = client_id(asked.told)
    _check_restriction(asked, shown)
    gone = await take_out(asked, shown)
    if len(gone) > 1 and shown.record.list_id is not None:
        return list_report(gone, asked, cancel_id)
    return answers.cancelled(gone[0], cancel_id)


def _check_restriction(asked: Asked, shown: ShownOrder) -> None:
    wanted = asked.told.text("cancelRestrictions", "")
    if not wanted:
        return
    if wanted not in ("ONLY_NEW", "ONLY_PARTIALLY_FILLED"):
        raise Fault(-1145, "Invalid cancelRestrictions")
    if (wanted == "ONLY_NEW") == bool(shown.record.filled):
        raise Fault(-2011, "Order was not canceled due to cancel restrictions.")


async def take_out(asked: Asked, shown: ShownOrder) -> list[ShownOrder]:
    """Cancel an order; return it, and what went with it, as they stand then.

    Raises:
        Fault: it is open no more.
    """
    account, order_id = asked.account, shown.record.order.order_id
    if not shown.record.status.is_open:
        raise unknown_order()
    answer = await asked.services.core.carry_out(CancelOrder(account, order_id))
    gone = []
    for fact in answer.facts:
        if isinstance(fact, OrderRejected) and fact.order_id == order_id:
            raise of_cancel_rejection(fact)
        if isinstance(fact, OrderCancelled) and fact.account == account:
            gone.append(fact.order_id)
    if not gone:
        raise unknown_order()
    found = {each.record.order.order_id: each for each in await all_of(asked, gone)}
    return [found[each] for each in gone]


def list_report(orders: list[ShownOrder], asked: Asked, cancel_id: str) -> dict[str, Any]:
    """Return a list that was taken out."""
    told = answers.order_list(orders, at=asked.services.core.now)
    told["orderReports"] = [answers.cancelled(each, cancel_id) for each in orders]
    return told


async def cancel_open(asked: Asked) -> Any:  # noqa: ANN401
    """Take all open orders of a symbol out."""
    pair = asked.pair()
    found = await read(asked, lambda shelf: open_orders(shelf, pair.symbol))
    if not found:
        raise unknown_order()
    told, gone = [], set[OrderId]()
    for shown in found:
        if shown.record.order.order_id in gone:
            continue
        try:
            taken = await take_out(asked, shown)
        except Fault:  # it ended in between
            continue
        gone |= {each.record.order.order_id for each in taken}
        cancel_id = made_id()
        if shown.record.list_id is not None and len(taken) > 1:
            told.append(list_report(taken, asked, cancel_id))
        else:
            told.append(answers.cancelled(taken[0], cancel_id))
    return told


async def amend(asked: Asked) -> Any:  # noqa: ANN401
    """Make an open order smaller, which keeps its place in the queue."""
    shown = await find(asked, unknown_order)
    record, pair = shown.record, shown.pair
    lots = quantity(asked.told, pair, "newQty")
    if not record.status.is_open:
        raise unknown_order()
    if lots >= record.order.qty:
        raise Fault(-2038, "The order cannot be amended: the new quantity must be smaller than the order's.")
    order_id = record.order.order_id
    answer = await asked.services.core.carry_out(AmendOrder(account=asked.account, order_id=order_id, qty=lots))
    refuse(answer.facts, asked.account, order_id)
    after = (await all_of(asked, [order_id]))[0]
    at = asked.services.core.now // answers.MILLI
    return {"transactTime": at, "executionId": record.number, "amendedOrder": answers.order(after)}


async def cancel_replace(asked: Asked) -> Any:  # noqa: ANN401
    """Take an order out and send another in its place; each half says how it went."""
    mode = asked.told.text("cancelReplaceMode")
    if mode not in ("STOP_ON_FAILURE", "ALLOW_FAILURE"):
        raise Fault(-1130, "Data sent for parameter 'cancelReplaceMode' is not valid.")
    if "cancelOrderId" not in asked.told and "cancelOrigClientOrderId" not in asked.told:
        raise missing("cancelOrigClientOrderId")
    command, kind = order_asked(asked), response_kind(asked)
    cancel_fault, cancel_answer = await _tried_cancel(asked)
    new_fault, new_answer = None, None
    if cancel_fault is None or mode == "ALLOW_FAILURE":
        try:
            new_answer = answered(await submit(asked, command), command.order_id, kind)
        except Fault as fault:
            new_fault = fault
    told = {
        "cancelResult": "SUCCESS" if cancel_fault is None else "FAILURE",
        "newOrderResult": "SUCCESS" if new_answer else "FAILURE" if new_fault else "NOT_ATTEMPTED",
        "cancelResponse": cancel_answer if cancel_fault is None else cancel_fault.body(),
        "newOrderResponse": new_answer if new_fault is None else new_fault.body(),
    }
    if cancel_fault is None and new_fault is None:
        return told
    if cancel_fault is None or new_answer is not None:
        raise HalfDone(-2021, "Order cancel-replace partially failed.", 409, told)
    raise HalfDone(-2022, "Order cancel-replace failed.", 400, told)


class HalfDone(Fault):
    """A replacement that failed, as a whole or in part; `told` says which part."""

    def __init__(self, code: int, msg: str, status: int, told: dict[str, Any]) -> None:
        super().__init__(code, msg, status)
        self.told = told

    def body(self) -> dict[str, object]:
        """Return what is answered."""
        return super().body() | {"data": self.told}


async def _tried_cancel(asked: Asked) -> tuple[Fault | None, dict[str, Any] | None]:
    try:
        shown = await find(asked, unknown_order, number="cancelOrderId", name="cancelOrigClientOrderId")
        _check_restriction(asked, shown)
        gone = await take_out(asked, shown)
    except Fault as fault:
        return fault, None
    return None, answers.cancelled(gone[0], client_id(asked.told, "cancelNewClientOrderId"))


_WHICH = ("symbol", "orderId", "origClientOrderId")

OPERATIONS = (
    Operation("POST", "order", place, ORDER_PARAMETERS, Security.TRADE, places=1, word="order.place"),
    Operation(
        "POST", "order/test", test, (*ORDER_PARAMETERS, "computeCommissionRates"), Security.TRADE, word="order.test"
    ),
    Operation(
        "DELETE", "order", cancel, (*_WHICH, "newClientOrderId", "cancelRestrictions"), Security.TRADE,
        word="order.cancel",
    ),
    Operation("DELETE", "openOrders", cancel_open, ("symbol",), Security.TRADE, word="openOrders.cancelAll"),
    Operation(
        "POST", "order/cancelReplace", cancel_replace,
        (*ORDER_PARAMETERS, "cancelReplaceMode", "cancelOrderId", "cancelOrigClientOrderId", "cancelNewClientOrderId",
         "cancelRestrictions", "orderRateLimitExceededMode"),
        Security.TRADE, places=1, word="order.cancelReplace",
    ),
    Operation(
        "PUT", "order/amend/keepPriority", amend, (*_WHICH, "newClientOrderId", "newQty"), Security.TRADE, weight=4,
        word="order.amend.keepPriority",
    ),
)  # fmt: skip
