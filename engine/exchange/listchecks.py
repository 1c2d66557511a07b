"""Whether a list is sound: its names, how its orders fit together, and each of them. It is sound or refused whole."""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain.command import Fault, SubmitList, SubmitOrder
from engine.domain.number import Nanos
from engine.domain.order import ListKind, OrderType, Reason, TimeInForce
from engine.exchange import checks
from engine.exchange.account import Account
from engine.exchange.market import Market

TAKES_PROFIT = frozenset({OrderType.LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT})
"""What the second order of a bracket can be."""

STOPS_LOSS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})
"""What its third can be."""

FEWEST = {ListKind.OCO: 2, ListKind.OTO: 2, ListKind.BRACKET: 3}
"""How many orders a list has; an OTO may have more."""


def pending(command: SubmitList) -> tuple[SubmitOrder, ...]:
    """Return the orders that only start after the entry."""
    return () if command.kind is ListKind.OCO else command.orders[1:]


def name_fault(command: SubmitList, account: Account, markets: Mapping[str, Market]) -> Fault | None:
    """Return which pair or id of a list is wrong, or that it holds nothing that could have either."""
    if not command.orders:
        return Fault(Reason.BAD_ORDER, _form(command) or "")
    for order in command.orders:
        if order.symbol not in markets or checks.is_contract(order.symbol):
            return checks.no_market(order.symbol)
    ids = [command.order_id, *(order.order_id for order in command.orders)]
    for position, order_id in enumerate(ids):
        if account.has_used(order_id) or order_id in ids[:position]:
            return checks.used_id(order_id)
    return None


def list_fault(command: SubmitList, account: Account, market: Market, now: Nanos) -> Fault | None:
    """Return the gravest fault of a list whose names are right; the first of several as grave."""
    faults = [fault for order in command.orders if (fault := checks.shape_fault(order, now)) is not None]
    text = _form(command)
    if text is not None:
        faults.append(Fault(Reason.BAD_ORDER, text))
    if not faults:
        for place, order in enumerate(command.orders):
            later = place > 0 and command.kind is not ListKind.OCO
            if (fault := checks.market_fault(order, account, market, later=later)) is not None:
                faults.append(fault)
    if not faults and (fault := _funds_fault(command, account, market)) is not None:
        faults.append(fault)
    return checks.gravest(faults)


def _funds_fault(command: SubmitList, account: Account, market: Market) -> Fault | None:
    """Return why the account cannot carry what starts at once: of an OCO, per asset, the dearer leg."""
    rates = account.rates_for(market.pair)
    starting = command.orders if command.kind is ListKind.OCO else command.orders[:1]
    for order in starting:
        if (fault := checks.funds_fault(order, account, market, rates)) is not None:
            return fault
    return None


def _form(command: SubmitList) -> str | None:
    """Return how the orders of a list do not fit together."""
    orders, kind = command.orders, command.kind
    fewest = FEWEST[kind]
    if len(orders) < fewest or (len(orders) > fewest and kind is not ListKind.OTO):
        least = "at least " if kind is ListKind.OTO else ""
        return f"A list of kind {kind} has {least}{fewest} orders, not {len(orders)}."
    if any(order.symbol != orders[0].symbol for order in orders):
        return "All orders of a list must be of one pair."
    if kind is ListKind.OCO:
        return _oco_form(orders)
    for order in pending(command):
        if order.order_type is OrderType.MARKET:
            return "What starts after an entry cannot be a market order; a stop or a limit can."
        if order.post_only or order.tif in (TimeInForce.IOC, TimeInForce.FOK):
            return "What starts after an entry can be neither post-only, IOC nor FOK; nobody knows the book by then."
    return _bracket_form(*orders) if kind is ListKind.BRACKET else None


def _oco_form(legs: tuple[SubmitOrder, ...]) -> str | None:
    for leg in legs:
        if leg.order_type is OrderType.MARKET:
            return "A leg of an OCO cannot be a market order, which would leave no time for the other."
        if leg.tif in (TimeInForce.IOC, TimeInForce.FOK):
            return f"A leg of an OCO must be able to wait; it cannot be {leg.tif}."
    return None


def _bracket_form(entry: SubmitOrder, profit: SubmitOrder, stop: SubmitOrder) -> str | None:
    if entry.side in (profit.side, stop.side):
        return f"Take-profit and stop of a bracket close what the entry opens; they must {entry.side.opposite}."
    if profit.order_type not in TAKES_PROFIT:
        return "The second order of a bracket takes the profit; it must be a limit or a take-profit order."
    if stop.order_type not in STOPS_LOSS:
        return "The third order of a bracket stops the loss; it must be a stop, stop-limit or trailing stop order."
    return None
