"""One replay: a market of bars, its own account, the services over both, and the replay's time.

It has what a running engine has (bus, venue, feed, orders, portfolio, …), so whatever shows an engine can show it.
Bars are fetched in chunks as far as the replay goes, from the finest that the past has within the replayed ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from engine.bus import Bus
from engine.domain.account import Balance
from engine.domain.command import Command, Deposit, ListPair, SetFees, SubmitList, SubmitOrder
from engine.domain.event import KernelEvent
from engine.domain.market import FeedState, Timeframe
from engine.domain.number import Nanos, Units
from engine.domain.order import OrderId, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.exchange.barreplay import BarMarket, Rules, Walked, window
from engine.market.bars import part
from engine.portfolio.fold import Fold
from engine.portfolio.roundtrip import Drawdown, Holding, Summary, summary
from engine.risk.gate import RiskGate
from engine.services.alerts import Alerts
from engine.services.explain import Explainer
from engine.services.indicators import Indicators
from engine.services.limits import limits_of
from engine.services.lots import AccountLots
from engine.services.market_data import MarketData
from engine.services.orders import Orders
from engine.services.portfolio import Portfolio
from engine.services.replay.bars import ReplayBars
from engine.services.replay.feed import History, ReplayFeed
from engine.services.replay.memory import ReplayAlerts, ReplayHistory, ReplayMemory, ReplayStories
from engine.services.replay.prints import ReplayPrints
from engine.services.replay.venue import ACCOUNT, ReplayVenue
from engine.services.stories import OrderStories
from engine.settings import Settings

FINER = {
    Timeframe.S1: (Timeframe.S1,),
    Timeframe.M1: (Timeframe.S1, Timeframe.M1),
}
"""Which bars are walked inside the replayed ones, finest first."""
FINEST = (Timeframe.M1,)
"""Likewise inside all longer ones; after these they themselves."""
CHUNK = 3_600
"""Bars fetched at a time."""
PIECE = 20
"""Bars walked at a time while an order is open: some milliseconds…"""
IDLE_PIECE = 100
"""…and while none is."""
DEFAULT_START = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Past:
    """What a replay takes from the program around it."""

    history: History
    settings: Callable[[], Settings]
    indicators: Indicators
    """Those of the profile: they belong to nobody's market."""


class ReplaySession:
    """A replay of one pair; make it with `open_replay`, `close` ends its subscriptions."""

    def __init__(
        self, pair: TradingPair, timeframe: Timeframe, market: BarMarket, end: Nanos, past: Past, gate: RiskGate
    ) -> None:  # fmt: skip
        self.pair, self.timeframe, self.market, self.end = pair, timeframe, market, end
        self._history, self._settings, self.indicators = past.history, past.settings, past.indicators
        self.start, self.start_price = market.now, market.price
        self.traded = False
        """Whether an order was ever sent: from then on time goes forward only."""
        self.bus = Bus()
        self.gate = gate
        self.memory = ReplayMemory(pair)
        self.feed = ReplayFeed(self.bus, lambda: self.market, past.history)
        self.venue = ReplayVenue(lambda: self.market, self._carry_out)
        self.fold = Fold()
        self.fold.apply(ListPair(pair))
        self.market_data = MarketData(self.bus, self.feed)
        self.bars = ReplayBars(self.bus, self.feed, self.market_data)
        self.alerts = Alerts(self.bus, self.feed, self.market_data, self.bars, ReplayAlerts())
        self.prints = ReplayPrints(self.feed, end)
        numbers = count(1)
        self.orders = Orders(self.bus, self.venue, new_id=lambda: OrderId(f"replay-{next(numbers)}"))
        self.lots = AccountLots(self.bus, self.venue, self.fold, ReplayHistory(self.memory), self.memory.keep)
        self.portfolio = Portfolio(self.bus, self.venue, self.feed, self.market_data, self.fold, self.lots)
        self.explainer = Explainer(self.venue, self.feed, self.portfolio, self.lots)
        self.stories = OrderStories(self.bus, self.venue, self.orders, ReplayStories(self.memory))
        self._loaded = market.now
        self._turn = asyncio.Lock()
        self._open_account()

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self._settings()

    @property
    def now(self) -> Nanos:
        """The replay's present."""
        return self.market.now

    @property
    def ended(self) -> bool:
        """Whether everything has been walked."""
        return self.now >= self.end

    @property
    def held(self) -> int:
        """What is held of the base, in lots."""
        base = self.market.exchange.balances(ACCOUNT).get(self.pair.base.code)
        return 0 if base is None else base.total // self.pair.lot_unit

    @property
    def equity(self) -> Units:
        """What the account is worth at the last price."""
        quote = self.market.exchange.balances(ACCOUNT)[self.pair.quote.code]
        return Units(quote.total + self.pair.notional(self.market.price, self.held))

    def close(self) -> None:
        """End all subscriptions; safe to call twice."""
        self.alerts.stop()
        for service in (self.portfolio, self.lots, self.stories, self.orders, self.prints, self.bars, self.market_data):
            service.close()

    # -- time -------------------------------------------------------------------------------------

    def after_bar(self, timeframe: Timeframe) -> Nanos:
        """Return when the bar of a length that is under way (or comes next) is over."""
        length = timeframe.nanos
        return Nanos(min(self.now - self.now % length + length, self.end))

    async def advance(self, until: Nanos) -> None:
        """Let everything happen up to an instant, in pieces, so that nothing else waits long.

        Raises:
            InvalidInput, CrsError: the past's bars cannot be had.
        """
        until = min(until, self.end)
        while self.now < until:
            async with self._turn:
                await self._load()
                length = self.market.step.nanos
                bars = PIECE if self.market.exchange.open_orders(ACCOUNT) else IDLE_PIECE
                piece = Nanos(min(until, self._loaded, self.now - self.now % length + bars * length))
                self._publish(self.market.walk(piece))
            await asyncio.sleep(0)
        self.portfolio.mark()
        if self.ended and self.feed.state is not FeedState.ENDED:
            self.feed.say(FeedState.ENDED, "The replay has come to its end.")

    async def go_to(self, at: Nanos) -> None:
        """Go to an instant: forward through all that happens in between, or anywhere while nothing was traded.

        Raises:
            InvalidInput: it is in the past, and an order was sent; or before all data.
        """
        at = Nanos(at - at % self.market.step.nanos)
        if not self.traded:
            await self._restart(min(at, self.end))
        elif at < self.now:
            raise InvalidInput("Time goes forward only once an order was sent: the future would be known.")
        else:
            await self.advance(at)

    async def _restart(self, at: Nanos) -> None:
        async with self._turn:
            market = await _market_at(self._history, self.pair, self.market.step, at, self.gate)
            market.seq = self.market.seq
            self.market, self._loaded = market, market.now
            self.start, self.start_price = market.now, market.price
            code = self.pair.quote.code
            market.exchange.seat(ACCOUNT, {code: Balance(self.money, Units(0))}, rates={self.pair.symbol: self._rates})
            self._watch()
            market.diff()
            self.feed.say(FeedState.SNAPSHOT, "The replay goes on at another time.")
        if self.ended:
            self.feed.say(FeedState.ENDED, "The replay has come to its end.")

    async def _load(self) -> None:
        """Hand over the next chunk of bars if all are walked."""
        if self._loaded > self.now and self.market.waiting:
            return
        while self._loaded < self.end:
            length = self.market.step.nanos
            until = Nanos(min(self._loaded + CHUNK * length, self.end))
            bars = await self._history(
                self.pair.symbol, self.market.step, end=until, count=(until - self._loaded) // length
            )
            fresh = int((bars.start < self._loaded).sum())
            self.market.extend(part(bars, fresh, len(bars)))
            self._loaded = until
            if self.market.waiting:
                return

    # -- trading ----------------------------------------------------------------------------------

    async def _carry_out(self, command: Command) -> Sequence[KernelEvent]:
        """Bring a command to the exchange with the next price, and publish what happened."""
        async with self._turn:
            if isinstance(command, SubmitOrder | SubmitList):
                self.traded = True
            await self._load()
            self._publish(self.market.open_next())
            events = self.market.command(command)
            self._publish(Walked(events, []))
        return events

    def result(self) -> Summary:
        """Return what the trading came to so far."""
        first = self.start_price + self.market.rules.half_spread(self.start_price)
        holding = Holding(first, self.market.price, self.money, self._rates[1])
        self.drawdown.note(self.equity)
        return summary(
            self.pair, self.memory.fills, start=self.money, last=self.market.price, drawdown=self.drawdown,
            holding=holding,
        )  # fmt: skip

    def room(self, side: Side) -> int:
        """Return how many lots the rules let a side take now."""
        return self.market.left(side)

    def _open_account(self) -> None:
        account, quote = self.settings.account, self.pair.quote
        amount = account.starting_balances.get(quote.code) or DEFAULT_START
        self.money = quote.units(amount)
        self._rates = FeeRate.parse(account.maker_fee), FeeRate.parse(account.taker_fee)
        fees = SetFees(ACCOUNT, self.pair.symbol, *self._rates)
        events = self.market.command(Deposit(ACCOUNT, quote.code, self.money))
        self.market.command(fees)
        self.market.diff()
        for fact in events:
            self._take(fact)
        self.fold.apply(fees)
        self._watch()

    def _watch(self) -> None:
        self.drawdown = Drawdown(self.money)
        self.market.on_bar = lambda _close: self.drawdown.note(self.equity)

    def _publish(self, walked: Walked) -> None:
        for fact in walked.facts:
            self._take(fact)
        self.feed.show(walked)

    def _take(self, fact: KernelEvent) -> None:
        """Fold a fact and publish it with what it changed."""
        self.memory.facts.append(fact)
        changes = self.fold.apply(fact)  # type: ignore[arg-type]
        self.bus.publish(fact)
        for change in changes:
            self.bus.publish(change)


async def open_replay(pair: TradingPair, timeframe: Timeframe, start: Nanos, end: Nanos, past: Past) -> ReplaySession:
    """Open a replay that begins at an instant, after the bar that is over then; `end` is where the past ends.

    Raises:
        InvalidInput: there are no bars before or after the instant.
    """
    length = timeframe.nanos
    start, end = Nanos(start - start % length), Nanos(end - end % length)
    if start >= end:
        raise InvalidInput("A replay needs a bar that is over after its beginning; begin earlier.")
    finest = await _finest(pair.symbol, timeframe, start, end, past.history)
    gate = RiskGate(limits_of(past.settings()))
    market = await _market_at(past.history, pair, finest, start, gate)
    session = ReplaySession(pair, timeframe, market, end, past, gate)
    await session.market_data.start()
    session.portfolio.mark()
    return session


async def _finest(symbol: str, timeframe: Timeframe, start: Nanos, end: Nanos, history: History) -> Timeframe:
    """Return the finest bars that the past has within the first replayed one."""
    until = Nanos(min(start + timeframe.nanos, end))
    for finer in FINER.get(timeframe, FINEST):
        if len(await history(symbol, finer, end=until, count=(until - start) // finer.nanos)):
            return finer
    return timeframe


async def _market_at(history: History, pair: TradingPair, step: Timeframe, at: Nanos, gate: RiskGate) -> BarMarket:
    before = await history(pair.symbol, step, end=at, count=window(step))
    if not len(before):
        raise InvalidInput(f"There is nothing of {pair.symbol} before that; begin later.")
    return BarMarket(pair, step, at, before, rules=Rules(), gate=gate)
