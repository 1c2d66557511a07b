"""The pre-trade limits of the settings, asked here before an order leaves for a server.

The embedded exchange asks the gate itself and knows everything exactly; for an account elsewhere the same is put
together from what is known here: the fold of the account, the books as the feed shows them. The server has limits of
its own, which it applies afterwards.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from functools import partial

from engine.bus import Bus
from engine.domain.account import OpenOrder
from engine.domain.asset import Asset
from engine.domain.command import AmendOrder, Fault, SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderType, Side
from engine.domain.pair import TradingPair
from engine.portfolio.currency import currency_of
from engine.portfolio.fold import Fold
from engine.ports.feed import MarketFeed
from engine.risk.gate import Gate
from engine.risk.intent import RiskContext, at_work
from engine.services.market_data import MarketData

MINUTE = 60 * NANOS_PER_SECOND


class RiskGuard:
    """Asks a gate about an account's orders; `close` ends the subscription."""

    def __init__(
        self, bus: Bus, feed: MarketFeed, market_data: MarketData, fold: Fold, gate: Gate, account: AccountId
    ) -> None:
        self._feed, self._data, self._fold, self._gate, self._account = feed, market_data, fold, gate, account
        self._taken: deque[Nanos] = deque(maxlen=10_000)
        """When orders were accepted lately."""
        self._subscription = bus.subscribe(OrderAccepted, self._on_accepted)

    def close(self) -> None:
        """End the subscription."""
        self._subscription.close()

    def check(self, order: SubmitOrder | AmendOrder) -> Fault | None:
        """Return why an order must not leave, None if it may."""
        return self._gate.check(order, self._context(order))

    def _on_accepted(self, fact: OrderAccepted) -> None:
        if fact.account == self._account:
            self._taken.append(fact.at)

    def _context(self, order: SubmitOrder | AmendOrder) -> RiskContext | None:
        orders = self._fold.orders(self._account)
        amended = None
        if isinstance(order, AmendOrder):
            amended = next((each for each in orders if each.order_id == order.order_id), None)
            if amended is None:
                return None
        symbol = amended.symbol if amended is not None else getattr(order, "symbol", "")
        pair = next((each for each in self._feed.pairs() if each.symbol == symbol), None)
        if pair is None:
            return None
        others = [each for each in orders if each is not amended]
        work, book, last = at_work(others, symbol), self._data.book(symbol), self._data.last_price(symbol)
        currency, price = self._price_of_quote(pair)
        return RiskContext(
            pair=pair,
            held=Lots(self._held(pair)),
            selling=work.selling,
            buying=work.buying,
            open_orders=len(orders),
            last=None if last is None else Ticks(last),
            best_bid=book.best_bid,
            best_ask=book.best_ask,
            worst=self._worst(order),
            amended=amended,
            orders_last_minute=sum(at > self._feed.now - MINUTE for at in self._taken),
            exposure=partial(self._exposure, others),
            currency=currency,
            quote_price=price,
        )

    def _held(self, pair: TradingPair) -> int:
        balance = self._fold.balances(self._account).get(pair.base.code)
        return 0 if balance is None else balance.total // pair.lot_unit

    def _worst(self, order: SubmitOrder | AmendOrder) -> Ticks | None:
        """Return the last price that a market order would trade at by walking the displayed book."""
        if not isinstance(order, SubmitOrder) or order.order_type is not OrderType.MARKET:
            return None
        side = Side.SELL if order.side is Side.BUY else Side.BUY
        left, worst = int(order.qty), None
        for level in self._data.book(order.symbol).top(side, 1_000):
            if left <= 0:
                break
            worst, left = level.price, left - level.qty
        return worst

    def _price_of_quote(self, pair: TradingPair) -> tuple[Asset | None, Fraction | None]:
        """Return the valuation currency and what a unit of the quote is worth in it; nothing if the quote is it."""
        pairs = self._feed.pairs()
        code = currency_of(pairs)
        if pair.quote.code == code:
            return None, None
        currency = next((each.quote for each in pairs if each.quote.code == code), None)
        through = next((each for each in pairs if each.symbol == f"{pair.quote.code}/{code}"), None)
        last = None if through is None else self._data.last_price(through.symbol)
        if through is None or last is None:
            return currency, None
        return currency, Fraction(last * through.notional_unit, through.lot_unit)

    def _exposure(self, orders: list[OpenOrder]) -> Units | None:
        """Return what is held and being bought in all pairs, at last prices; None for want of a price."""
        total, pairs = 0, self._feed.pairs()
        code = currency_of(pairs)
        for pair in pairs:
            if pair.quote.code != code:
                continue  # what is held of its base is counted by the base's own pair
            lots = self._held(pair) + at_work(orders, pair.symbol).buying
            last = self._data.last_price(pair.symbol)
            if lots and last is None:
                return None
            total += pair.notional(last or 0, lots)
        return Units(total)
