"""Binance's order lists (OCO, OTO, OTOCO) as lists of the exchange."""

from __future__ import annotations

from dataclasses import replace

from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.number import Lots
from engine.domain.order import AccountId, ListKind, OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.server.facade.fault import Fault, missing, superfluous
from engine.server.facade.ordering import ORDER_TYPES, client_id, leg, price, quantity, trail
from engine.server.facade.parameters import Parameters
from engine.server.facade.words import SIDES, STP, TIFS

_COMMON = ("symbol", "listClientOrderId", "newOrderRespType", "selfTradePreventionMode")
_LEG = (
    "Type",
    "ClientOrderId",
    "IcebergQty",
    "Price",
    "StopPrice",
    "TrailingDelta",
    "TimeInForce",
    "StrategyId",
    "StrategyType",
)
_NEEDS_PRICE = {"LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"}
_NEEDS_STOP = {"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"}


def _names(prefix: str, *more: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{name}" for name in (*_LEG, *more))


OCO_PARAMETERS = (*_COMMON, "side", "quantity", *_names("above"), *_names("below"))
OLD_OCO_PARAMETERS = (
    *_COMMON, "side", "quantity", "price", "limitClientOrderId", "stopPrice", "stopClientOrderId",
    "stopLimitPrice", "stopLimitTimeInForce", "limitStrategyId",
    "limitStrategyType", "stopStrategyId", "stopStrategyType",
)  # fmt: skip
OTO_PARAMETERS = (*_COMMON, *_names("working", "Side", "Quantity"), *_names("pending", "Side", "Quantity"))
OTOCO_PARAMETERS = (
    *_COMMON, *_names("working", "Side", "Quantity"), "pendingSide", "pendingQuantity",
    *_names("pendingAbove"), *_names("pendingBelow"),
)  # fmt: skip


def oco(told: Parameters, pair: TradingPair, account: AccountId) -> SubmitList:
    """Return an OCO of a leg above and one below the market."""
    side, qty = told.choice("side", SIDES, -1117), quantity(told, pair)
    legs = tuple(_leg(told, prefix, pair, account, side, qty) for prefix in ("above", "below"))
    return _list(told, account, ListKind.OCO, legs)


def old_oco(told: Parameters, pair: TradingPair, account: AccountId) -> SubmitList:
    """Return an OCO as `order/oco` takes it: a limit order that makes the price, and a stop."""
    side, qty = told.choice("side", SIDES, -1117), quantity(told, pair)
    stp = told.choice("selfTradePreventionMode", STP, -1130, SelfTrade.NONE)
    limit = leg(
        pair, account, client_id(told, "limitClientOrderId"), side, OrderType.LIMIT, qty=qty,
        price=price(told, pair), post_only=True, stp=stp,
    )  # fmt: skip
    limited = "stopLimitPrice" in told
    if limited and "stopLimitTimeInForce" not in told:
        raise missing("stopLimitTimeInForce")
    stop = leg(
        pair, account, client_id(told, "stopClientOrderId"), side,
        OrderType.STOP_LIMIT if limited else OrderType.STOP, qty=qty,
        price=price(told, pair, "stopLimitPrice") if limited else None,
        stop=price(told, pair, "stopPrice"),
        tif=told.choice("stopLimitTimeInForce", TIFS, -1115, TimeInForce.GTC), stp=stp,
    )  # fmt: skip
    return _list(told, account, ListKind.OCO, (stop, limit) if side is Side.BUY else (limit, stop))


def oto(told: Parameters, pair: TradingPair, account: AccountId) -> SubmitList:
    """Return an OTO: the pending order starts with what the working one filled."""
    entry, later = _sided(told, "working", pair, account), _sided(told, "pending", pair, account)
    return _list(told, account, ListKind.OTO, (entry, _starting_later(entry, later)))


def otoco(told: Parameters, pair: TradingPair, account: AccountId) -> SubmitList:
    """Return an OTOCO: a bracket, whose take-profit comes before its stop."""
    side, qty = told.choice("pendingSide", SIDES, -1117), quantity(told, pair, "pendingQuantity")
    legs = [_leg(told, prefix, pair, account, side, qty) for prefix in ("pendingAbove", "pendingBelow")]
    legs.sort(key=lambda each: each.order_type in (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP))
    entry = _sided(told, "working", pair, account)
    return _list(told, account, ListKind.BRACKET, (entry, *(_starting_later(entry, each) for each in legs)))


def _starting_later(entry: SubmitOrder, later: SubmitOrder) -> SubmitOrder:
    """Return an order that starts after another: nobody knows the book by then, so it may take."""
    if entry.qty != later.qty:
        raise Fault(-1128, "A pending order has what the working one filled: their quantities must be equal.")
    return replace(later, post_only=False)


def _list(told: Parameters, account: AccountId, kind: ListKind, legs: tuple[SubmitOrder, ...]) -> SubmitList:
    return SubmitList(account, client_id(told, "listClientOrderId"), kind, legs)


def _sided(told: Parameters, prefix: str, pair: TradingPair, account: AccountId) -> SubmitOrder:
    side = told.choice(f"{prefix}Side", SIDES, -1117)
    return _leg(told, prefix, pair, account, side, quantity(told, pair, f"{prefix}Quantity"))


def _leg(told: Parameters, prefix: str, pair: TradingPair, account: AccountId, side: Side, qty: Lots) -> SubmitOrder:
    word = told.text(f"{prefix}Type")
    kind = told.choice(f"{prefix}Type", ORDER_TYPES, -1116)
    limited, trails = word in _NEEDS_PRICE, f"{prefix}TrailingDelta" in told
    if not limited and f"{prefix}Price" in told:
        raise superfluous(f"{prefix}Price")
    if trails and kind is not OrderType.STOP:
        raise superfluous(f"{prefix}TrailingDelta")
    timed = limited and word != "LIMIT_MAKER"
    if timed and f"{prefix}TimeInForce" not in told:
        raise missing(f"{prefix}TimeInForce")
    return leg(
        pair, account, client_id(told, f"{prefix}ClientOrderId"), side, kind, qty=qty,
        price=price(told, pair, f"{prefix}Price") if limited else None,
        stop=price(told, pair, f"{prefix}StopPrice") if word in _NEEDS_STOP and not trails else None,
        trail_bps=trail(told, f"{prefix}TrailingDelta") if trails else None,
        tif=told.choice(f"{prefix}TimeInForce", TIFS, -1115, TimeInForce.GTC) if timed else TimeInForce.GTC,
        post_only=word == "LIMIT_MAKER",
        stp=told.choice("selfTradePreventionMode", STP, -1130, SelfTrade.NONE),
    )  # fmt: skip
