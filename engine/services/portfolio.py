"""What the venue's account is worth: balances, positions, equity, day's profit, equity curve.

Money is exact (`Units`); the equity curve is float64, for the screen. The portfolio is a fold of the
same facts as the journal (`engine.portfolio.fold.Fold`), valued at the last prices of the feed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.bus import Bus
from engine.domain.account import Balance, OpenOrder, Position
from engine.domain.asset import Asset
from engine.domain.day import DayOpened
from engine.domain.event import BalanceChanged, PositionChanged
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND, Nanos, Ticks, Units
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.portfolio import explain_worth
from engine.portfolio.currency import currency_of
from engine.portfolio.equity import DayMark, Equity, Valuation
from engine.portfolio.explain import Price
from engine.portfolio.explain_worth import Worth, day_opened, worth_then
from engine.portfolio.fold import Fold
from engine.portfolio.term import Explanation
from engine.portfolio.turnover import assets_of
from engine.ports.exchange import PairsFollowed
from engine.ports.feed import FeedStateChanged, MarketFeed, TradesPrinted
from engine.ports.venue import AccountSelected, Venue
from engine.services.lots import AccountLots, LotMethodChanged
from engine.services.market_data import MarketData

NOTHING = Units(0)

CURVE_LENGTH = 20_000
"""Points of the equity curve in memory; when full, every other point goes."""


@dataclass(frozen=True, slots=True)
class EquityChanged:
    """Event: the account was valued anew (at most once per second of wall or market time)."""

    equity: Units
    day_pnl: Units
    at: Nanos
    is_whole: bool = True
    """Whether everything that is held had a price."""


class PositionView(NamedTuple):
    """A position and its worth at the last price; money in quote units, None while no price is known."""

    position: Position
    last: int | None
    value: Units | None
    unrealised: Units | None


@dataclass(slots=True)
class _Record:
    """What one account was worth so far."""

    times: list[int] = field(default_factory=list)
    equities: list[float] = field(default_factory=list)
    day: DayMark = field(default_factory=DayMark)
    opening: Worth | None = None
    """What was held when the day was opened, and at which prices."""
    stride: int = NANOS_PER_SECOND
    pnl: Units = NOTHING
    """The day's profit when everything that was held last had a price."""

    @classmethod
    def of(cls, opened: DayOpened | None) -> _Record:
        """Return the record of an account whose day was opened by an earlier run, if it was."""
        return cls() if opened is None else cls(day=DayMark.of(opened.at, opened.equity), opening=worth_then(opened))

    def is_after(self, now: Nanos) -> bool:
        """Whether the account was valued later than now."""
        last = self.times[-1] if self.times else self.opening.at if self.opening is not None else now
        return now < last

    def note(self, now: Nanos, equity: float) -> None:
        """Extend the curve, thinning it when it is full."""
        if self.times and now - self.times[-1] < self.stride:
            return
        self.times.append(now)
        self.equities.append(equity)
        if len(self.times) > CURVE_LENGTH:
            del self.times[1::2], self.equities[1::2]
            self.stride *= 2


class Portfolio:
    """The account's money and what it is worth; `close` ends the subscriptions."""

    def __init__(
        self,
        bus: Bus,
        venue: Venue,
        feed: MarketFeed,
        market_data: MarketData,
        fold: Fold,
        lots: AccountLots | None = None,
        *,
        days: Mapping[AccountId, DayOpened] = MappingProxyType({}),
        keep: Callable[[DayOpened], object] | None = None,
    ) -> None:
        """Go on with the days that an earlier run opened; `keep` is told of every day that is opened now."""
        self._days, self._keep = days, keep
        self._bus, self._venue, self._feed, self._market_data, self.fold = bus, venue, feed, market_data, fold
        self._lots = lots
        self.pairs: dict[str, TradingPair] = {}
        """By symbol: what the venue lists now, then what it listed before, in which something may still be held."""
        self.currency = ""
        """What accounts are valued in."""
        self._records: dict[AccountId, _Record] = {}
        self._learn_pairs()
        self._stale = True
        self._subscriptions = (
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(FeedStateChanged, self._on_feed),
            bus.subscribe(PairsFollowed, self._on_followed),
            bus.subscribe(BalanceChanged, self._on_change),
            bus.subscribe(PositionChanged, self._on_change),
            bus.subscribe(LotMethodChanged, self._on_change),
            bus.subscribe(AccountSelected, self._on_account),
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
        return next((each for each in self._positions() if each.symbol == symbol), None)

    def positions(self) -> list[PositionView]:
        """Return all positions that are held or have a result, by the account's lot method, at the last prices."""
        return [self._view(each) for each in self._positions()]

    def value_of(self, asset: str, units: int) -> Units | None:
        """Return an amount of an asset in the valuation currency, rounded down; None without a price."""
        return self._valuation.value(asset, units, self._last_prices())

    def price(self, symbol: str) -> Price | None:
        """Return the price at which a pair's base is valued, with where it was seen and how old it is; None if none."""
        ticks = self._market_data.last_price(symbol)
        if ticks is None:
            return None
        last = self._market_data.last(symbol)
        label = getattr(self._feed, "title", self._feed.label.value)  # an exchange is called by its name
        if last is None:
            return Price(Ticks(ticks), f"{label}, close of the last bar")
        return Price(Ticks(ticks), f"{label} last", Nanos(max(0, self._feed.now - last.at)))

    def worth(self) -> Worth:
        """Return what is held now and at which prices it is valued, for an explanation."""
        prices = ((symbol, self.price(symbol)) for symbol in self.pairs)
        known = {symbol: price for symbol, price in prices if price is not None}
        return Worth(self._feed.now, self.balances(), known)

    def explain_equity(self) -> Explanation:
        """Return where the equity comes from."""
        return explain_worth.equity(self._valuation, self._assets(), self.worth())

    def explain_day(self) -> Explanation:
        """Return where the profit of the day comes from."""
        record, assets = self._record, self._assets()
        paid_in = 0
        if record.opening is not None and record.day.opening is not None:
            then = explain_worth.equity(self._valuation, assets, record.opening).total.amount
            paid_in = record.day.opening - then
        return explain_worth.day_profit(self._valuation, assets, self.worth(), record.opening, paid_in)

    def equity(self) -> Units:
        """Return the worth of everything held that has a price, in units of the valuation currency."""
        return self._worth().units

    def day_pnl(self) -> Units:
        """Return the change of equity since the venue's midnight (UTC), or since the account was first valued.

        While something that is held has no price, as right after a start, it is what it last was.
        """
        record, (equity, unpriced) = self._record, self._worth()
        if not unpriced:
            record.pnl = record.day.pnl(equity)
        return record.pnl

    def curve(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return instants (ns) and equity (in whole currency) of the account's curve so far."""
        record = self._record
        return np.array(record.times, dtype=np.int64), np.array(record.equities, dtype=np.float64)

    def mark(self) -> None:
        """Value the account now, extend the curve and publish; called by the engine once a second."""
        if not self._stale:
            return
        self._stale = False
        now, (equity, unpriced) = self._feed.now, self._worth()
        record = self._record
        if record.is_after(now):  # the market jumped back
            record = self._records[self._venue.account] = _Record()
        if not unpriced and record.day.mark(now, equity):  # a day that opens unpriced would later show that as profit
            record.opening = self.worth()
            if self._keep is not None:
                self._keep(day_opened(self._venue.account, equity, record.opening))
        record.note(now, self._number(equity))
        self._bus.publish(EquityChanged(equity, self.day_pnl(), now, not unpriced))

    @property
    def _record(self) -> _Record:
        account = self._venue.account
        record = self._records.get(account)
        if record is None:
            record = self._records[account] = _Record.of(self._days.get(account))
        return record

    def _worth(self) -> Equity:
        return self._valuation.equity(self.balances(), self._last_prices())

    def _last_prices(self) -> dict[str, Ticks]:
        last = ((symbol, self._market_data.last_price(symbol)) for symbol in self.pairs)
        return {symbol: Ticks(price) for symbol, price in last if price is not None}

    def _assets(self) -> dict[str, Asset]:
        return assets_of(self.pairs)

    def _number(self, units: Units) -> float:
        quote = next(iter(self.pairs.values())).quote
        return quote.number(units)

    def _positions(self) -> list[Position]:
        return self.fold.positions(self._venue.account) if self._lots is None else self._lots.positions()

    def _view(self, position: Position) -> PositionView:
        pair = self.pairs[position.symbol]
        last = self._market_data.last_price(position.symbol)
        if last is None:
            return PositionView(position, None, None, None)
        value = pair.notional(last, position.qty)
        return PositionView(position, last, value, Units(value - position.cost))

    def _learn_pairs(self) -> None:
        """Know every pair; those of another market are added to the ones that are known."""
        for pair in (*self._venue.pairs(), *self.fold.ledger.pairs()):
            self.pairs.setdefault(pair.symbol, pair)
        self.currency = currency_of(self.pairs.values())
        self._valuation = Valuation(self.pairs.values(), self.currency)

    def _on_feed(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:
            self._learn_pairs()
            self._stale = True

    def _on_followed(self, _event: PairsFollowed) -> None:
        self._learn_pairs()
        self._stale = True

    def _on_trades(self, _event: TradesPrinted) -> None:
        self._stale = True

    def _on_change(self, _event: BalanceChanged | PositionChanged | LotMethodChanged) -> None:
        self._stale = True

    def _on_account(self, _event: AccountSelected) -> None:
        """Show the other account's worth at once."""
        self._stale = True
        self.mark()
