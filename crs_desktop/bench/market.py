"""A market for scenes: deep books that change near the touch and trade, generated from a seed, without an engine.

Every update is a diff of some twenty levels a side, as a real exchange sends them; prices follow a random walk. The
same seed makes the same market. Nothing here reads the clock: whoever steps it says how much time passes.
"""

from __future__ import annotations

from random import Random
from typing import Any, cast

import numpy as np

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.services import Services
from engine.bus import Bus
from engine.domain.account import Balance
from engine.domain.market import BookDiff, BookSnapshot, DataLabel, FeedState, Level, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, Side
from engine.domain.pair import TradingPair
from engine.domain.why import Place
from engine.market.catalogue import PAIRS
from engine.ports.feed import BarArrays, TradesPrinted
from engine.services.market_data import MarketData
from engine.services.orders import Orders
from engine.settings import Settings

START = Nanos(1_750_000_000 * NANOS_PER_SECOND)
DEPTH = 1_000
"""Levels per side."""
CHANGED = 23
"""Levels per side that one update changes: twice that was the mean of a recorded exchange."""


class Market:
    """One pair: its book, and updates of it that chain."""

    def __init__(self, pair: TradingPair, seed: int, middle: int = 6_400_000, spacing: int = 2) -> None:
        self.pair, self.middle, self.spacing = pair, middle, spacing
        self._random = Random(seed)  # noqa: S311 - a market, no secret
        self.seq = 1
        self.bids = {middle - spacing * n: self._size() for n in range(1, DEPTH + 1)}
        self.asks = {middle + spacing * n: self._size() for n in range(1, DEPTH + 1)}
        self._trades = 0

    def snapshot(self, at: Nanos) -> BookSnapshot:
        """Return the whole book."""
        bids, asks = (tuple(Level(Ticks(p), Lots(q)) for p, q in side.items()) for side in (self.bids, self.asks))
        return BookSnapshot(self.pair.symbol, bids, asks, self.seq, at)

    def diff(self, at: Nanos, changed: int = CHANGED) -> BookDiff:
        """Change some levels near the touch, and now and then the touch itself."""
        random, spacing = self._random, self.spacing
        step = random.choice((-1, 0, 0, 0, 0, 0, 1)) * spacing
        self.middle += step
        bids: dict[int, Lots] = {}
        asks: dict[int, Lots] = {}
        if step > 0:
            asks[self.middle] = Lots(0)
            bids[self.middle - spacing] = self._size()
        elif step < 0:
            bids[self.middle] = Lots(0)
            asks[self.middle + spacing] = self._size()
        for _ in range(changed):
            away = spacing * (1 + int(random.expovariate(0.05)))
            bids[self.middle - away] = self._size()
            asks[self.middle + away] = self._size()
        self.seq += 1
        for side, changes in ((self.bids, bids), (self.asks, asks)):
            for price, qty in changes.items():
                if qty:
                    side[price] = qty
                else:
                    side.pop(price, None)
        rows = [tuple(Level(Ticks(p), Lots(q)) for p, q in each.items()) for each in (bids, asks)]
        return BookDiff(self.pair.symbol, rows[0], rows[1], self.seq, self.seq, at)

    def prints(self, at: Nanos, count: int) -> TradesPrinted:
        """Trade at the touch."""
        ticks = []
        for _ in range(count):
            self._trades += 1
            side = self._random.choice((Side.BUY, Side.SELL))
            price = self.middle + (self.spacing if side is Side.BUY else -self.spacing)
            ticks.append(TradeTick(self.pair.symbol, Ticks(price), self._size(), side, at, self._trades))
        return TradesPrinted(self.pair.symbol, tuple(ticks))

    def _size(self) -> Lots:
        return Lots(1 + int(self._random.lognormvariate(9.0, 1.6)))


class SceneFeed:
    """The port of market data over generated markets."""

    label, state = DataLabel.SIMULATED, FeedState.SYNCED

    def __init__(self, markets: dict[str, Market]) -> None:
        self.markets, self.now = markets, START

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the pairs of the markets."""
        return tuple(each.pair for each in self.markets.values())

    def snapshot(self, symbol: str, depth: int = DEPTH) -> BookSnapshot:
        """Return the whole book."""
        return self.markets[symbol].snapshot(self.now)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return no bars: a scene of order flow has no past."""
        nothing = np.array([], dtype=np.float64)
        return BarArrays(np.array([], dtype=np.int64), nothing, nothing, nothing, nothing, nothing)


class SceneVenue:
    """A venue in which nothing rests."""

    name, is_live, account = "PAPER", False, AccountId("PAPER")

    def place_in_queue(self, order_id: OrderId) -> Place | None:
        """Return nothing."""
        return None


class ScenePortfolio:
    """An account that holds nothing."""

    def __init__(self, pairs: dict[str, TradingPair]) -> None:
        self.pairs = pairs

    def balances(self) -> dict[str, Balance]:
        """Return nothing."""
        return {}

    def position(self, symbol: str) -> None:
        """Return nothing."""

    def orders(self) -> list[Any]:
        """Return nothing."""
        return []

    def day_pnl(self) -> Units:
        """Return nothing."""
        return Units(0)


class SceneAlerts:
    """No alert waits in a scene."""

    def of(self, _symbol: str) -> list[Any]:
        """Return none."""
        return []


class SceneServices:
    """As much of an engine as panes of market data look at; `close` ends its subscriptions."""

    def __init__(self, count: int, seed: int, feed: type[SceneFeed] = SceneFeed) -> None:
        self.bus, self.settings = Bus(), Settings()
        pairs = [spec.pair for spec in PAIRS[:count]]
        self.markets = {pair.symbol: Market(pair, seed + number) for number, pair in enumerate(pairs)}
        self.feed, self.venue = feed(self.markets), SceneVenue()
        self.market_data = MarketData(self.bus, self.feed)
        self.orders = Orders(self.bus, cast(Any, self.venue), new_id=lambda: OrderId("none"))
        self.portfolio = ScenePortfolio({pair.symbol: pair for pair in pairs})
        self.alerts = SceneAlerts()

    async def start(self) -> None:
        """Take the first snapshots."""
        await self.market_data.start()

    def desk(self, symbol: str) -> Desk:
        """Return a desk on one of the pairs."""
        return Desk(cast(Services, self), symbol=symbol)

    def close(self) -> None:
        """End all subscriptions."""
        self.orders.close()
        self.market_data.close()
