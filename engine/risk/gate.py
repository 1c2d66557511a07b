"""The pre-trade gate: what must not be sent, with the exact figures and where to change them.

The gate is asked before an order reaches the book and answers with a `Fault` or None; it changes
nothing and knows nothing but its limits, its state and the context it is given. Cancels never pass
through it: whatever happened, an order can always be taken out.

Conventions. A market order is valued at the best opposite price, else at the last price; a stop at its
stop price. Prices are judged on the side that costs: a buy above the market, a sell below it; a
harmless bid far below the market passes. On spot only a sale of what is held reduces risk, and so does
an amend of a buy to less at no higher price. A reducing order is never held up by the limits on
position and daily loss.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, Protocol

from engine.domain.account import OpenOrder
from engine.domain.asset import Asset
from engine.domain.command import AmendOrder, Fault, SubmitOrder
from engine.domain.course import TradingState
from engine.domain.number import Lots, Ticks, Units, ceil_div
from engine.domain.order import OrderType, Reason, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.risk.limits import NO_LIMITS, RiskLimits

BPS = 10_000
"""One whole in basis points."""

WHERE = "Change it under Settings › Risk."  # noqa: RUF001 - the sign of menus, not a comparison


class RiskContext(NamedTuple):
    """What the gate must know about the account and the market of an order, as of this moment."""

    pair: TradingPair
    held: Lots
    """Of the base, free and locked together, whole lots."""
    selling: Lots = Lots(0)
    """What other open sells of the pair have left to sell; the amended order not counted."""
    buying: Lots = Lots(0)
    """What other open buys of the pair have left to buy; the amended order not counted."""
    open_orders: int = 0
    """Of the account, over all pairs."""
    last: Ticks | None = None
    best_bid: Ticks | None = None
    best_ask: Ticks | None = None
    worst: Ticks | None = None
    """For a market order: the last price it would trade at by walking the book."""
    day_pnl: Units | None = None
    """Profit (loss: negative) since the day's opening; None if whoever asks does not know it."""
    amended: OpenOrder | None = None
    """The order an amend speaks of."""


class Gate(Protocol):
    """Who is asked before an order goes to the book."""

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        """Return why it must not be sent: reason HALTED or LIMIT_EXCEEDED and a sentence; None lets it pass.

        There is no context if the account or the pair is unknown.
        """
        ...


class _Intent(NamedTuple):
    """What an order would be, whether submitted or amended."""

    side: Side
    order_type: OrderType
    qty: Lots
    left: Lots
    price: Ticks | None
    stop_price: Ticks | None
    may_rest: bool
    reduces: bool


class RiskGate:
    """Limits and a kill switch; both can be changed at any time."""

    def __init__(self, limits: RiskLimits = NO_LIMITS, state: TradingState = TradingState.ACTIVE) -> None:
        self.limits = limits
        self.state = state
        self.day_pnl: Units | None = None
        """The account's profit of the day as last valued; used when the context brings none."""

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        """Return why the order must not be sent, None if it may; see `Gate.check`."""
        if context is None:  # who holds nothing reduces nothing
            return self._halted(reduces=False)
        intent = _intent(order, context)
        if intent is None:  # an amend of nothing: the venue says that there is no such order
            return None
        halted = self._halted(reduces=intent.reduces)
        if halted is not None:
            return halted
        text = (
            self._order_qty(intent, context)
            or self._order_value(intent, context)
            or self._price(intent, context)
            or self._open_orders(order, intent, context)
            or self._position(intent, context)
            or self._daily_loss(intent, context)
        )
        return Fault(Reason.LIMIT_EXCEEDED, f"Not sent: {text} {WHERE}") if text is not None else None

    def _halted(self, *, reduces: bool) -> Fault | None:
        if self.state is TradingState.HALTED:
            text = "Not sent: trading is halted; only cancels pass. Resume it with the kill switch."
        elif self.state is TradingState.REDUCING and not reduces:
            text = "Not sent: only orders that reduce what you hold pass now. Resume trading with the kill switch."
        else:
            return None
        return Fault(Reason.HALTED, text)

    def _order_qty(self, intent: _Intent, context: RiskContext) -> str | None:
        base = context.pair.base
        limit = self.limits.max_order_qty.get(base.code)
        units = context.pair.base_units(intent.qty)
        if limit is None or units <= limit:
            return None
        return f"{_money(units, base)} exceeds your limit of {_figure(limit, base)} per order."

    def _order_value(self, intent: _Intent, context: RiskContext) -> str | None:
        limit, price = self.limits.max_order_value, _price(intent, context)
        if limit is None or price is None:
            return None
        value = context.pair.notional(price, intent.qty)
        if value <= limit:
            return None
        quote = context.pair.quote
        return f"{_money(value, quote)} exceeds your limit of {_figure(limit, quote)} per order."

    def _price(self, intent: _Intent, context: RiskContext) -> str | None:
        limit, market = self.limits.max_price_deviation_bps, _reference(intent, context)
        asked = intent.price if intent.price is not None else _swept(intent, context)
        if limit is None or market is None or market <= 0 or asked is None:  # the venue refuses a price of 0 itself
            return None
        buys = intent.side is Side.BUY
        beyond = asked - market if buys else market - asked
        if beyond * BPS <= limit * market:
            return None
        pair, way = context.pair, "above" if buys else "below"
        how = "" if intent.price is not None else "by walking the book it trades to "
        there = " is" if intent.price is not None else ","
        return (
            f"{how}{_group(pair.price_text(asked))}{there} {_percent(ceil_div(beyond * BPS, market))} {way} the market "
            f"({_group(pair.price_text(market))}); your limit is {_percent(limit)}."
        )

    def _open_orders(self, order: SubmitOrder | AmendOrder, intent: _Intent, context: RiskContext) -> str | None:
        limit = self.limits.max_open_orders
        if limit is None or isinstance(order, AmendOrder) or not intent.may_rest or context.open_orders < limit:
            return None
        return f"{context.open_orders:,} orders are open, your limit is {limit:,}."

    def _position(self, intent: _Intent, context: RiskContext) -> str | None:
        limit, price = self.limits.max_position_value, _price(intent, context)
        if limit is None or price is None or intent.side is Side.SELL or intent.reduces:
            return None
        pair = context.pair
        value = pair.notional(price, context.held + context.buying + intent.left)
        if value <= limit:
            return None
        return (
            f"with what you hold and are buying it makes {_money(value, pair.quote)} of {pair.base.code}, "
            f"more than your limit of {_figure(limit, pair.quote)} per position."
        )

    def _daily_loss(self, intent: _Intent, context: RiskContext) -> str | None:
        limit = self.limits.max_daily_loss
        pnl = context.day_pnl if context.day_pnl is not None else self.day_pnl
        if limit is None or pnl is None or intent.reduces or -pnl < limit or pnl >= 0:
            return None
        quote = context.pair.quote
        return f"you lost {_money(-pnl, quote)} today, your limit is {_figure(limit, quote)}; selling still works."


def _intent(order: SubmitOrder | AmendOrder, context: RiskContext) -> _Intent | None:
    if isinstance(order, SubmitOrder):
        immediate = order.order_type is OrderType.MARKET or order.tif in (TimeInForce.IOC, TimeInForce.FOK)
        reduces = order.side is Side.SELL and context.selling + order.qty <= context.held
        return _Intent(
            order.side, order.order_type, order.qty, order.qty, order.price, order.stop_price, not immediate, reduces
        )
    old = context.amended
    if old is None:
        return None
    qty = old.qty if order.qty is None else order.qty
    price = old.price if order.price is None else order.price
    stop_price = old.stop_price if order.stop_price is None else order.stop_price
    left = Lots(max(0, qty - old.filled))
    if old.side is Side.SELL:
        reduces = context.selling + left <= context.held
    else:
        dearer = price is not None and old.price is not None and price > old.price
        reduces = qty <= old.qty and not dearer and stop_price == old.stop_price
    return _Intent(old.side, old.order_type, qty, left, price, stop_price, True, reduces)


def _price(intent: _Intent, context: RiskContext) -> Ticks | None:
    """Return the price at which the order is valued."""
    if intent.price is not None:
        return intent.price
    if intent.stop_price is not None:
        return intent.stop_price
    opposite = context.best_ask if intent.side is Side.BUY else context.best_bid
    return opposite if opposite is not None else context.last


def _reference(intent: _Intent, context: RiskContext) -> Ticks | None:
    """Return the market's price that the order's is held against: for a stop, where it will fire."""
    if intent.stop_price is not None:
        return intent.stop_price
    if context.last is not None:
        return context.last
    return context.best_ask if intent.side is Side.BUY else context.best_bid


def _swept(intent: _Intent, context: RiskContext) -> Ticks | None:
    return context.worst if intent.order_type is OrderType.MARKET else None


def _group(text: str) -> str:
    """Return plain decimal text with thousands apart and no idle zeros."""
    grouped = f"{Decimal(text):,f}"
    return grouped.rstrip("0").rstrip(".") if "." in grouped else grouped


def _figure(units: int, asset: Asset) -> str:
    return _group(asset.text(units))


def _money(units: int, asset: Asset) -> str:
    return f"{_figure(units, asset)} {asset.code}"


def _percent(bps: int) -> str:
    return f"{_group(f'{bps // 100}.{bps % 100:02}')} %"
