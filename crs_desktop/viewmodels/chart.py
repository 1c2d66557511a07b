"""The candle chart's state: which bars are loaded, what marks lie on them, and what to say instead.

Closed bars come in chunks from the history, newest chunk first; older ones when asked for. Each
bar that closes is folded in as it happens; the forming one is copied from the service when the
screen is refreshed. A change of pair or timeframe cancels what is still loading.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.indicators.studies import Studies
from crs_desktop.viewmodels.journey import Journey
from crs_desktop.viewmodels.link import ChartLink
from crs_desktop.viewmodels.series import BarSeries, Row
from crs_desktop.viewmodels.trailing import with_trigger
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.domain.account import OpenOrder
from engine.domain.event import (
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    PositionChanged,
)
from engine.domain.market import Bar, FeedState, Timeframe
from engine.domain.number import Nanos, Ticks
from engine.domain.order import OrderId, OrderType
from engine.domain.pair import TradingPair
from engine.errors import CrsError
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.venue import AccountSelected
from engine.services.bars import BarClosed
from engine.services.lots import LotMethodChanged
from engine.services.task import TaskOwner

FIRST_CHUNK = 1_500
"""Bars of the first load: enough for a wide screen, quick to make."""
CHUNK = 6_000
"""Least number of older bars to ask for."""
MOST_CHUNK = 40_000
MOST_BARS = 1_500_000
"""Loading older bars ends here, so that memory stays bounded (about 85 MB)."""

MARK_EVENTS = (
    OrderAccepted, OrderAmended, OrderCancelled, OrderExpired, OrderTriggered, OrderFilled, PositionChanged,
    LegStarted, LotMethodChanged,
)  # fmt: skip


class ChartState(StrEnum):
    """What the chart can show."""

    LOADING = "loading"
    READY = "ready"
    EMPTY = "empty"
    FAILED = "failed"


class ChartModel(ViewModel):
    """Bars and marks of what a chart's link shows: without one, of link group A, the desk's own selection."""

    pace = 0.1
    ages = True

    def __init__(self, desk: Desk, link: ChartLink | None = None) -> None:
        super().__init__(desk)
        self.link = link if link is not None else ChartLink(desk.links.a)
        self._keep(self.link.on_change(self._link_changed))
        if link is None:
            self._keep(self.link)
        self.pair: TradingPair = self.link.pair
        self.timeframe: Timeframe = self.link.timeframe
        self.series = BarSeries(self.timeframe.nanos)
        self.state = ChartState.LOADING
        self.problem: Sentence = NOTHING
        self.notice: Sentence = NOTHING
        """The venue's answer to the last cancel, if it was a refusal."""
        self.orders: list[OpenOrder] = []
        self.fills: list[OrderFilled] = []
        self.average_cost: float | None = None
        """Average cost of what is held of the base, in ticks, buying fees included."""
        self.exhausted = False
        """Whether there is nothing older to load."""
        self.loading_older = False
        self.studies = Studies(self, desk.bus, desk.indicators, desk.presets, self.touch)
        self._tasks = TaskOwner("chart")
        self._commands = TaskOwner("chart orders")
        self._load: asyncio.Task[None] | None = None
        self._watched: tuple[str, Timeframe] | None = None
        self._pending: list[Bar] = []
        self._marks_stale = True
        self._repaired = 0
        self.journey = Journey(self)
        self._listen(BarClosed, self._bar_closed)
        self._listen(TradesPrinted, self._printed)
        self._listen(FeedStateChanged, self._feed_changed)
        for kind in MARK_EVENTS:
            self._listen(kind, self._marks_changed)
        self.reload()

    @property
    def watched(self) -> str:
        """The pair whose prices it shows."""
        return self.pair.symbol

    @property
    def doubt(self) -> Sentence:
        """That its prices cannot be trusted, and for how long; NOTHING while they can."""
        return self.desk.trust.badge(self.watched)

    @property
    def label(self) -> str:
        """Where the prices come from."""
        return self.desk.source

    @property
    def last(self) -> Row | None:
        """The newest bar."""
        return self.series.row(self.series.stop - 1)

    @property
    def quotes(self) -> tuple[Ticks | None, Ticks | None]:
        """Best bid and best ask now; None for a side that is empty or not known."""
        try:
            quote = self.desk.market_data.quote(self.pair.symbol)
        except CrsError:
            return None, None
        return quote.bid, quote.ask

    @property
    def remaining(self) -> int:
        """Nanoseconds of the venue's time until the newest bar closes."""
        step = self.timeframe.nanos
        return step - self.desk.feed.now % step

    @property
    def is_live(self) -> bool:
        """Whether time goes on for the newest bar."""
        return self.desk.feed.state is not FeedState.ENDED

    def reload(self) -> None:
        """Forget the bars and load the newest again; also what Retry does."""
        self._stop_loading()
        self.journey.stay()
        self._unwatch()
        self.pair, self.timeframe = self.link.pair, self.link.timeframe
        self.series = BarSeries(self.timeframe.nanos)
        self.state, self.problem, self.notice = ChartState.LOADING, NOTHING, NOTHING
        self.exhausted, self._repaired, self._marks_stale = False, 0, True
        self._pending.clear()
        self.hurry()
        self._begin()

    def fold(self) -> None:
        """Bring the newest bar, the marks and the indicators up to date; called once per refresh."""
        self._fold_bars()
        self.studies.follow()

    def _fold_bars(self) -> None:
        if self._load is None and self.state is ChartState.LOADING:
            self._begin()
        if self._marks_stale:
            self._marks_stale = False
            self._read_marks()
        bar = self.desk.bars.forming(self.pair.symbol, self.timeframe)
        if bar is None or self.journey.detached or self.state not in (ChartState.READY, ChartState.EMPTY):
            return
        if len(self.series) and self._missing(bar) and self._repaired < bar.start:
            self._repaired = bar.start
            self._load = self._tasks.start(self._repair(self.series, bar))
            return
        if self._load is None or self._load.done():
            self.series.append(bar.start, _row(bar))
            self.state = ChartState.READY

    def take_window(self, series: BarSeries) -> None:
        """Show bars of the past instead of the newest ones; `reload` brings those back."""
        self._stop_loading()
        self.series, self.exhausted, self.notice = series, False, NOTHING
        self.state, self.problem = ChartState.READY, NOTHING
        if self._watched is None:  # the first load did not come so far
            self._tasks.start(self._watch(self.pair.symbol, self.timeframe))
        self._pending.clear()
        self.hurry()

    def need_older(self, first: float, bars: float) -> None:
        """Load older bars if the view (leftmost bar, bars across) comes near the oldest one."""
        if self.state is not ChartState.READY or self.loading_older or self.exhausted:
            return
        if first - self.series.first > max(bars, 500.0) or self.series.bars >= MOST_BARS:
            return
        self.loading_older = True
        count = int(min(max(2 * bars, CHUNK), MOST_CHUNK))
        self._tasks.start(self._older(self.series, count))

    def pick_price(self, price: Ticks) -> None:
        """Offer a price to the ticket, which goes over to the chart's pair."""
        self.desk.select(self.pair.symbol)
        self.desk.pick_price(price)

    def cancel(self, order_id: OrderId) -> None:
        """Cancel an order whose line is selected."""
        self._commands.start(self._cancel(order_id))

    def close(self) -> None:
        """End subscriptions and loads."""
        super().close()
        self.studies.close()
        self.journey.stay()
        self._unwatch()
        self._tasks.close()
        self._commands.close()

    def _desk_changed(self, _desk: Desk) -> None:
        """Nothing: a chart follows its link."""

    def _link_changed(self, link: ChartLink) -> None:
        if (link.symbol, link.timeframe) != (self.pair.symbol, self.timeframe):
            self.reload()

    def _begin(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the window is being built before the loop runs; `fold` tries again
            return
        self._load = self._tasks.start(self._first(self.series))

    def _stop_loading(self) -> None:
        self._tasks.close()
        self._load = None
        self.loading_older = False

    def _unwatch(self) -> None:
        if self._watched is not None:
            self.desk.bars.unwatch(*self._watched)
            self._watched = None

    async def _first(self, series: BarSeries) -> None:
        symbol, timeframe = self.pair.symbol, self.timeframe
        try:
            history, _ = await asyncio.gather(
                self.desk.bars.history(symbol, timeframe, count=FIRST_CHUNK), self._watch(symbol, timeframe)
            )
        except CrsError as error:
            self._fail(error)
            return
        series.extend(history)
        for bar in self._pending:
            series.append(bar.start, _row(bar))
        self._pending.clear()
        self.state = ChartState.READY if len(series) else ChartState.EMPTY
        if self.state is ChartState.EMPTY:
            self.problem = say(
                "No trades in {symbol} yet. The first candle appears with the first print.", symbol=symbol
            )
        self._load = None
        self.hurry()

    async def _watch(self, symbol: str, timeframe: Timeframe) -> None:
        self._watched = (symbol, timeframe)
        await self.desk.bars.watch(symbol, timeframe)

    async def _older(self, series: BarSeries, count: int) -> None:
        try:
            end = Nanos(series.start(series.first))
            history = await self.desk.bars.history(self.pair.symbol, self.timeframe, end=end, count=count)
        except CrsError as error:
            self.notice = verbatim(str(error))
            self.exhausted = True
        else:
            before = series.bars
            series.prepend(history)
            self.exhausted = series.bars == before
        finally:
            if series is self.series:
                self.loading_older = False
        self.hurry()

    async def _repair(self, series: BarSeries, bar: Bar) -> None:
        """Fetch closed bars that we did not see close; what the feed does not have stays a hole."""
        missing = (bar.start - series.start(series.stop - 1)) // self.timeframe.nanos
        try:
            history = await self.desk.bars.history(
                self.pair.symbol, self.timeframe, end=bar.start, count=min(missing, MOST_CHUNK)
            )
        except CrsError as error:
            self.notice = verbatim(str(error))
        else:
            series.extend(history)
        self._load = None
        for each in self._pending:
            series.append(each.start, _row(each))
        self._pending.clear()
        self.touch()

    async def _cancel(self, order_id: OrderId) -> None:
        try:
            answer = await self.desk.orders.cancel(order_id)
        except CrsError as error:
            self.notice = verbatim(str(error))
        else:
            self.notice = verbatim(answer.text) if isinstance(answer, OrderRejected) else NOTHING
        self.hurry()

    def _fail(self, error: CrsError) -> None:
        self.state, self.problem, self._load = ChartState.FAILED, verbatim(str(error)), None
        self.hurry()

    def _missing(self, bar: Bar) -> bool:
        return bar.start > self.series.start(self.series.stop)

    def _bar_closed(self, event: BarClosed) -> None:
        bar = event.bar
        if (bar.symbol, event.timeframe) != (self.pair.symbol, self.timeframe):
            return
        if self.journey.detached:
            return
        if self._load is not None or self.state is ChartState.LOADING:
            self._pending.append(bar)
        elif self.state is ChartState.READY and not self._missing(bar):
            self.series.append(bar.start, _row(bar))
        self.touch()

    def _printed(self, event: TradesPrinted) -> None:
        if event.symbol != self.pair.symbol:
            return
        if self.state is ChartState.EMPTY and self.desk.bars.forming(event.symbol, self.timeframe) is None:
            self.reload()  # the first print of all: now there is something to begin with
        if any(order.order_type is OrderType.TRAILING_STOP for order in self.orders):
            self._marks_stale = True  # its trigger may have moved along
        self.touch()

    def _feed_changed(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump or another market: these bars are of another time
            self.reload()
        self.touch()

    def _account_selected(self, event: AccountSelected) -> None:
        self._marks_stale = True
        super()._account_selected(event)

    def _marks_changed(self, _event: object) -> None:
        self._marks_stale = True
        self.touch()

    def _read_marks(self) -> None:
        symbol = self.pair.symbol
        self.orders = [with_trigger(self.desk, order) for order in self.desk.orders.open(symbol)]
        self.fills = self.desk.orders.fills(symbol)[::-1]
        position = self.desk.portfolio.position(symbol)
        held = position is not None and position.qty > 0
        self.average_cost = position.cost / (position.qty * self.pair.notional_unit) if position and held else None


def _row(bar: Bar) -> Row:
    return Row(float(bar.open), float(bar.high), float(bar.low), float(bar.close), float(bar.volume))
