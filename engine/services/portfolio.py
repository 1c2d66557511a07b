"""What the venue's account is worth: balances, positions, equity, day's profit, equity curve.

Money is exact (`Units`); the equity curve is float64, for the screen. The portfolio is a fold of the
same facts as the journal (`engine.portfolio.fold.Fold`), valued at the last prices of the feed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.bus import Bus
from engine.domain.account import Balance, OpenOrder, Position
from engine.domain.event import BalanceChanged, PositionChanged
from engine.domain.number import NANOS_PER_SECOND, Nanos, Ticks, Units
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.portfolio.equity import DayMark, Equity, Valuation
from engine.portfolio.fold import Fold
from engine.ports.feed import MarketFeed, TradesPrinted
from engine.ports.venue import Venue
from engine.services.market_data import MarketData

CURRENCY = "USDT"
"""The currency in which accounts are valued."""

CURVE_LENGTH = 20_000
"""Points of the equity curve in memory; when full, every other point goes."""


@dataclass(frozen=True, slots=True)
class EquityChanged:
    """Event: the account was valued anew (at most once per second of wall or market time)."""

    equity: Units
    day_pnl: Units
    at: Nanos


class PositionView(NamedTuple):
    """A position and its worth at the last price; money in quote units, None while no price is known."""

    position: Position
    last: int | None
    value: Units | None
    unrealised: Units | None


class Portfolio:
    """The account's money and what it is worth; `close` ends the subscriptions."""

    def __init__(self, bus: Bus, venue: Venue, feed: MarketFeed, market_data: MarketData, fold: Fold) -> None:
        self._bus, self._venue, self._feed, self._market_data, self.fold = bus, venue, feed, market_data, fold
        self._pairs: dict[str, TradingPair] = {pair.symbol: pair for pair in venue.pairs()}
        self._times: list[int] = []
        self._equities: list[float] = []
        self._stride = NANOS_PER_SECOND
        self._valuation = Valuation(self._pairs.values(), CURRENCY)
        self._day = DayMark()
        self._marked: AccountId | None = None
        self._stale = True
        self._subscriptions = (
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(BalanceChanged, self._on_change),
            bus.subscribe(PositionChanged, self._on_change),
        )

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()

    def balances(self) -> dict[str, Balance]:
        """Return the account's money by asset."""
        return self.fold.balances(self._venue.account)

    def orders(self) -> list[OpenOrder]:
        """Return the account's open orders with what each locks."""
        return self.fold.orders(self._venue.account)

    def position(self, symbol: str) -> Position | None:
        """Return the position in a pair, None if it was never traded."""
        return next((each for each in self.fold.positions(self._venue.account) if each.symbol == symbol), None)

    def positions(self) -> list[PositionView]:
        """Return all positions that are held or have a realised result, valued at the last prices."""
        return [self._view(each) for each in self.fold.positions(self._venue.account)]

    def value_of(self, asset: str, units: int) -> Units | None:
        """Return an amount of an asset in the valuation currency, rounded down; None without a price."""
        return self._valuation.value(asset, units, self._last_prices())

    def equity(self) -> Units:
        """Return the worth of everything held that has a price, in units of the valuation currency."""
        return self._worth().units

    def day_pnl(self) -> Units:
        """Return the change of equity since the venue's midnight (UTC), or since the start if later."""
        return self._day.pnl(self.equity())

    def curve(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return instants (ns) and equity (in whole currency) of the curve so far."""
        return np.array(self._times, dtype=np.int64), np.array(self._equities, dtype=np.float64)

    def mark(self) -> None:
        """Value the account now, extend the curve and publish; called by the engine once a second."""
        another = self._marked is not None and self._marked != self._venue.account
        if not self._stale and not another:
            return
        self._stale, self._marked = False, self._venue.account
        now, (equity, unpriced) = self._feed.now, self._worth()
        if another or (self._times and now < self._times[-1]):  # another account, or the market jumped back
            self._times.clear()
            self._equities.clear()
            self._day = DayMark()
        if not unpriced:  # a day that opens without a price would later show it as profit
            self._day.mark(now, equity)
        if not self._times or now - self._times[-1] >= self._stride:
            self._times.append(now)
            self._equities.append(self._number(equity))
            if len(self._times) > CURVE_LENGTH:
                del self._times[1::2], self._equities[1::2]
                self._stride *= 2
        self._bus.publish(EquityChanged(equity, self.day_pnl(), now))

    def _worth(self) -> Equity:
        return self._valuation.equity(self.balances(), self._last_prices())

    def _last_prices(self) -> dict[str, Ticks]:
        last = ((symbol, self._market_data.last_price(symbol)) for symbol in self._pairs)
        return {symbol: Ticks(price) for symbol, price in last if price is not None}

    def _number(self, units: Units) -> float:
        quote = next(iter(self._pairs.values())).quote
        return quote.number(units)

    def _view(self, position: Position) -> PositionView:
        pair = self._pairs[position.symbol]
        last = self._market_data.last_price(position.symbol)
        if last is None:
            return PositionView(position, None, None, None)
        value = pair.notional(last, position.qty)
        return PositionView(position, last, value, Units(value - position.cost))

    def _on_trades(self, _event: TradesPrinted) -> None:
        self._stale = True

    def _on_change(self, _event: BalanceChanged | PositionChanged) -> None:
        self._stale = True
