"""A Binance order in words becomes a command of the exchange, or is refused with Binance's code.

Which parameters each type needs and takes is Binance's table; the grid, the minimum and the funds are the
exchange's to judge, but what cannot be put on the grid at all is refused here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from secrets import token_hex

from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Ticks
from engine.domain.order import AccountId, OrderId, OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.server.facade.fault import Fault, filtered, illegal, missing, superfluous
from engine.server.facade.instrument import MOST_LOTS, MOST_TICKS
from engine.server.facade.parameters import Parameters
from engine.server.facade.words import SIDES, STP, TIFS

ORDER_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP_LOSS": OrderType.STOP,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT,
    "TAKE_PROFIT_LIMIT": OrderType.TAKE_PROFIT_LIMIT,
}

ORDER_PARAMETERS = (
    "symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price", "newClientOrderId", "strategyId",
    "strategyType", "stopPrice", "trailingDelta", "icebergQty", "newOrderRespType", "selfTradePreventionMode",
)  # fmt: skip
"""What `order` takes; strategies are noted nowhere."""

CLIENT_ID = re.compile(r"[a-zA-Z0-9_.:-]{1,36}\Z", re.ASCII)
CLIENT_ID_RANGE = "^[a-zA-Z0-9-_.:]{1,36}$"
"""Binance's, without the slash, which our own paths cannot carry."""

_LIMITED = {OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT}
_STOPPED = {OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT}
_MADE_BYTES = 11
"""Of an id that is made; it has as many characters as Binance's."""


def client_id(told: Parameters, name: str = "newClientOrderId") -> OrderId:
    """Return the id that a client chose, else one that is made."""
    if name not in told:
        return made_id()
    text = told.text(name)
    if not CLIENT_ID.match(text):
        raise illegal(name, CLIENT_ID_RANGE)
    return OrderId(text)


def made_id() -> OrderId:
    """Return an id for whoever chose none."""
    return OrderId(token_hex(_MADE_BYTES))


def order_of(told: Parameters, pair: TradingPair, account: AccountId, *, lots: Lots | None = None) -> SubmitOrder:
    """Return the command of a new order; `lots` is what `quoteOrderQty` came to.

    Raises:
        Fault: a parameter is missing, too much, or off every grid.
    """
    side = told.choice("side", SIDES, -1117)
    word = told.text("type")
    kind = told.choice("type", ORDER_TYPES, -1116)
    if "timeInForce" in told and word in ("MARKET", "LIMIT_MAKER", "STOP_LOSS", "TAKE_PROFIT"):
        raise superfluous("timeInForce")
    return leg(
        pair, account, client_id(told), side, kind,
        qty=_quantity(told, pair, kind) if lots is None else lots,
        price=_price(told, pair, kind),
        stop=_stop(told, pair, kind),
        trail_bps=_trail(told, kind),
        tif=_tif(told, word),
        post_only=word == "LIMIT_MAKER",
        display=_iceberg(told, pair, kind),
        stp=told.choice("selfTradePreventionMode", STP, -1130, SelfTrade.NONE),
    )  # fmt: skip


def leg(
    pair: TradingPair, account: AccountId, order_id: OrderId, side: Side, kind: OrderType, *, qty: Lots,
    price: Ticks | None = None, stop: Ticks | None = None, trail_bps: Decimal | None = None,
    tif: TimeInForce = TimeInForce.GTC, post_only: bool = False, display: Lots | None = None,
    stp: SelfTrade = SelfTrade.NONE,
) -> SubmitOrder:  # fmt: skip
    """Return a command of its parts; a stop that trails becomes the exchange's trailing stop."""
    return SubmitOrder(
        account=account, order_id=order_id, symbol=pair.symbol, side=side,
        order_type=OrderType.TRAILING_STOP if trail_bps is not None else kind,
        qty=qty, price=price, stop_price=stop, tif=tif, post_only=post_only, display_qty=display,
        trail_bps=trail_bps, stp=stp,
    )  # fmt: skip


def quantity(told: Parameters, pair: TradingPair, name: str = "quantity", *, market: bool = False) -> Lots:
    """Return a quantity in lots."""
    value = told.decimal(name)
    if value is None:
        raise missing(name)
    if value <= 0:
        raise Fault(-1013, "Invalid quantity.")
    lots = pair.lots(value)
    if lots is None or lots > MOST_LOTS:
        raise filtered("MARKET_LOT_SIZE" if market and lots is not None else "LOT_SIZE")
    return lots


def price(told: Parameters, pair: TradingPair, name: str = "price") -> Ticks:
    """Return a price in ticks."""
    value = told.decimal(name)
    if value is None:
        raise missing(name)
    if value <= 0:
        raise Fault(-1013, "Invalid stopPrice." if name.lower().endswith("stopprice") else "Invalid price.")
    ticks = pair.ticks(value)
    if ticks is None or ticks > MOST_TICKS:
        raise filtered("PRICE_FILTER")
    return ticks


def trail(told: Parameters, name: str = "trailingDelta") -> Decimal:
    """Return a trailing distance in basis points."""
    value = told.integer(name)
    if value is None or not 0 < value < 10_000:
        raise filtered("TRAILING_DELTA")
    return Decimal(value)


def _quantity(told: Parameters, pair: TradingPair, kind: OrderType) -> Lots:
    if "quoteOrderQty" in told:
        raise superfluous("quoteOrderQty")
    return quantity(told, pair, market=kind is OrderType.MARKET)


def _price(told: Parameters, pair: TradingPair, kind: OrderType) -> Ticks | None:
    if kind in _LIMITED:
        return price(told, pair)
    if "price" in told:
        raise superfluous("price")
    return None


def _stop(told: Parameters, pair: TradingPair, kind: OrderType) -> Ticks | None:
    if kind in _STOPPED and "trailingDelta" not in told:
        return price(told, pair, "stopPrice")
    if "stopPrice" in told:
        raise superfluous("stopPrice")
    return None


def _trail(told: Parameters, kind: OrderType) -> Decimal | None:
    if "trailingDelta" not in told:
        return None
    if kind is not OrderType.STOP:
        raise superfluous("trailingDelta")
    return trail(told)


def _tif(told: Parameters, word: str) -> TimeInForce:
    needed = word in ("LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")
    if needed and "timeInForce" not in told:
        raise missing("timeInForce")
    return told.choice("timeInForce", TIFS, -1115, TimeInForce.GTC)


def _iceberg(told: Parameters, pair: TradingPair, kind: OrderType) -> Lots | None:
    value = told.decimal("icebergQty")
    if value is None or value == 0:
        return None
    if kind not in _LIMITED:
        raise superfluous("icebergQty")
    if told.text("timeInForce", "GTC") != "GTC":
        raise Fault(-1128, "Combination of optional parameters invalid: an iceberg rests, it must be GTC.")
    whole, shown = told.decimal("quantity"), quantity(told, pair, "icebergQty")
    return None if whole is not None and value >= whole else shown
