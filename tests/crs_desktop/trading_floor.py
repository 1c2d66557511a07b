"""A whole engine in memory, without disk or threads: the real exchange, fold and services under one desk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from pathlib import Path

import numpy as np

from crs_desktop.viewmodels.desk import Desk
from engine.adapters.indicators.process import WorkerProcess
from engine.bus import Bus
from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, ListPair, SubmitList, SubmitOrder
from engine.domain.event import (
    KernelEvent,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderRejected,
    TradeExecuted,
)
from engine.domain.market import BookDiff, BookSnapshot, DataLabel, FeedState, Timeframe, TradeTick
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.domain.pair import TradingPair
from engine.domain.why import Place, WaitExplained
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.market.catalogue import PAIRS
from engine.portfolio.fold import Fold
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from engine.ports.venue import ListAccepted, ListCancelled
from engine.services.alerts import Alerts
from engine.services.bars import Bars
from engine.services.explain import Explainer
from engine.services.indicators import Indicators
from engine.services.lots import AccountLots
from engine.services.market_data import MarketData
from engine.services.orders import Orders
from engine.services.portfolio import Portfolio
from engine.services.prints import Prints
from engine.services.stories import OrderStories, OrderTold
from engine.settings import Settings
from engine.settings.declared import changed
from tests.engine.services.alerts.desk import Shelf
from tests.engine.services.direct_venue import cancel_answer, list_answer
from tests.engine.services.past import Past

SECOND = 1_000_000_000
START = 1_750_000_000 * SECOND
ME = AccountId("PAPER")
OTHER = AccountId("OTHER")


class FloorVenue:
    """Sends commands to the exchange and publishes what happened, folded first."""

    name = "PAPER"
    is_live = False
    account = ME

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self.error: Exception | None = None
        """Raised instead of the next answer: the disk or the wire fails."""

    def pairs(self) -> tuple[TradingPair, ...]:
        return self._floor.pairs

    async def submit(self, order: SubmitOrder) -> OrderAccepted | OrderRejected:
        await self._answer()
        events = self._floor.apply(order)
        return next(e for e in events if isinstance(e, OrderAccepted | OrderRejected) and e.order_id == order.order_id)

    async def submit_list(self, command: SubmitList) -> ListAccepted | OrderRejected:
        await self._answer()
        return list_answer(command, self._floor.apply(command))

    async def cancel(self, command: CancelOrder) -> OrderCancelled | ListCancelled | OrderRejected:
        await self._answer()
        return cancel_answer(command, self._floor.apply(command))

    def place_in_queue(self, order_id: OrderId) -> Place | None:
        return self._floor.exchange.place_in_queue(self.account, order_id)

    def trail_mark(self, order_id: OrderId) -> Ticks | None:
        return self._floor.exchange.trail_mark(self.account, order_id)

    def waits(self, order_id: OrderId) -> WaitExplained | None:
        return self._floor.exchange.waits(self.account, order_id)

    async def amend(self, command: AmendOrder) -> OrderAmended | OrderRejected:
        await self._answer()
        return next(e for e in self._floor.apply(command) if isinstance(e, OrderAmended | OrderRejected))

    async def _answer(self) -> None:
        await asyncio.sleep(0)
        if self.error is not None:
            error, self.error = self.error, None
            raise error


class FloorFeed:
    """Shows the exchange's own books and prints."""

    label = DataLabel.SIMULATED
    state = FeedState.SYNCED

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self.seq = dict.fromkeys((pair.symbol for pair in floor.pairs), 1)

    @property
    def now(self) -> Nanos:
        return self._floor.now

    def pairs(self) -> tuple[TradingPair, ...]:
        return self._floor.pairs

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        book = self._floor.exchange.book(symbol)
        bids, asks = (tuple(book.levels(side, depth)) for side in (Side.BUY, Side.SELL))
        return BookSnapshot(symbol, bids, asks, self.seq[symbol], self.now)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        nothing = np.array([], dtype=np.float64)
        return BarArrays(np.array([], dtype=np.int64), nothing, nothing, nothing, nothing, nothing)


class FloorArchive:
    """What the disk would say of orders; the test puts it there."""

    def __init__(self) -> None:
        self.told: dict[OrderId, OrderTold] = {}
        self.error: Exception | None = None

    def read(self, account: AccountId, order_id: OrderId) -> OrderTold:
        if self.error is not None:
            raise self.error
        if order_id not in self.told:
            raise InvalidInput(f"{account} never sent an order {order_id}.")
        return self.told[order_id]


class Floor:
    """The services of an engine over one exchange; `OTHER` is the rest of the market."""

    def __init__(self, *, usdt: int = 10_000, pairs: Sequence[TradingPair] | None = None) -> None:
        self.bus = Bus(on_error=self._broken)
        self.pairs = tuple(pairs) if pairs is not None else tuple(spec.pair for spec in PAIRS)
        self.exchange, self.fold = Exchange(explain=True), Fold(self.pairs)
        self.now = Nanos(START)
        self.settings = Settings()
        self.events: list[KernelEvent] = []
        self._listed: list[TradingPair] = []
        self.venue, self.feed = FloorVenue(self), FloorFeed(self)
        self.market_data = MarketData(self.bus, self.feed)
        self.bars = Bars(self.bus, self.feed, self.market_data)
        self.prints = Prints(self.bus, self.feed)
        numbers = count(1)
        self.orders = Orders(self.bus, self.venue, new_id=lambda: OrderId(f"o{next(numbers)}"))
        self.past = Past(self.pairs, lambda: self.events)
        self.lots = AccountLots(self.bus, self.venue, self.fold, self.past, self.past.keep)
        self.portfolio = Portfolio(self.bus, self.venue, self.feed, self.market_data, self.fold, self.lots)
        self.indicators = Indicators(self.bus, Path("no such folder"), WorkerProcess)
        self.alerts = Alerts(self.bus, self.feed, self.market_data, self.bars, Shelf())
        self.explainer = Explainer(self.venue, self.feed, self.portfolio, self.lots)
        self.archive = FloorArchive()
        self.stories = OrderStories(self.bus, self.venue, self.orders, self.archive)
        self._others = count(1)
        for pair in self.pairs:
            self.apply(ListPair(pair))
            self._deposit(OTHER, pair.base.code, 10**12 * 10**pair.base.decimals)
        quote = self.pairs[0].quote
        self._deposit(OTHER, quote.code, 10**12 * 10**quote.decimals)
        if usdt:
            self._deposit(ME, quote.code, usdt * 10**quote.decimals)

    def hush(self) -> None:
        """Let the alerts hear no more; a test that changes some closes them itself."""
        self.alerts.stop()

    def _broken(self, error: BaseException, event: object) -> None:
        raise AssertionError(f"a handler failed on {event}") from error

    def _deposit(self, account: AccountId, asset: str, units: int) -> None:
        self.apply(Deposit(account, asset, Units(units)))

    def give(self, asset: str, amount: str) -> None:
        """Credit our account."""
        found = next(a for pair in self.pairs for a in (pair.base, pair.quote) if a.code == asset)
        self._deposit(ME, asset, found.units(Decimal(amount)))

    def apply(self, command: Command) -> list[KernelEvent]:
        """Handle a command one millisecond later, fold and publish what happened, then the market data."""
        self.now = Nanos(self.now + 1_000_000)
        events = self.exchange.handle(command, self.now)
        self.events += events
        if isinstance(command, ListPair):
            self.fold.apply(command)
            self._listed.append(command.pair)
        changes = [each for fact in events if not isinstance(fact, TradeExecuted) for each in self.fold.apply(fact)]
        for each in (*events, *changes):
            self.bus.publish(each)
        self._publish_market(events)
        return events

    def _publish_market(self, events: Sequence[KernelEvent]) -> None:
        for pair in self._listed:
            ticks = tuple(
                TradeTick(e.symbol, e.price, e.qty, e.taker_side, e.at, e.trade_id)
                for e in events
                if isinstance(e, TradeExecuted) and e.symbol == pair.symbol
            )
            if ticks:
                self.bus.publish(TradesPrinted(pair.symbol, ticks))
            bids, asks = self.exchange.book(pair.symbol).take_changes()
            if bids or asks:
                seq = self.feed.seq[pair.symbol] = self.feed.seq[pair.symbol] + 1
                self.bus.publish(BookDiff(pair.symbol, tuple(bids), tuple(asks), Nanos(seq), seq, self.now))

    def other(self, side: Side, symbol: str, price: int, qty: int) -> OrderId:
        """Somebody else rests an order (or trades with what crosses)."""
        order_id = OrderId(f"x{next(self._others)}")
        self.apply(
            SubmitOrder(
                account=OTHER, order_id=order_id, symbol=symbol, side=side, order_type=OrderType.LIMIT,
                qty=Lots(qty), price=Ticks(price),
            )
        )  # fmt: skip
        return order_id

    def stock(self, symbol: str = "BTC/USDT", *, middle: int = 6_425_000, levels: int = 60, qty: int = 2_000) -> None:
        """Fill both sides of a book: level i holds i x `qty` lots, 10 ticks apart, after one print."""
        self.other(Side.SELL, symbol, middle, qty)
        self.other(Side.BUY, symbol, middle, qty)
        for i in range(1, levels + 1):
            self.other(Side.SELL, symbol, middle + 10 * i, qty * i)
            self.other(Side.BUY, symbol, middle - 10 * i, qty * i)

    def feed_state(self, state: FeedState, text: str = "") -> None:
        """Let the feed lose or regain trust."""
        self.feed.state = state
        self.bus.publish(FeedStateChanged(state, text, self.now))

    def set(self, path: str, value: object) -> None:
        """Change one setting."""
        self.settings = changed(self.settings, path, value)

    async def sit(self, symbol: str = "BTC/USDT") -> Desk:
        """Sit down before it, from within a running loop."""
        await self.market_data.start()
        return Desk(self, symbol=symbol)

    def desk(self, symbol: str = "BTC/USDT") -> Desk:
        """Sit down before it; the first snapshots are taken."""
        asyncio.run(self.market_data.start())
        return Desk(self, symbol=symbol)
