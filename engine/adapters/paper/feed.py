"""The offline market as a feed: what a step of it showed, published; bars computed off the loop."""

from __future__ import annotations

from collections.abc import Sequence

from engine.bus import Bus
from engine.domain.market import BookSnapshot, DataLabel, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange.offline import OfflineMarket, Slice
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from engine.services.offload import offload


class OfflineFeed:
    """Market data of the market that runs; the runner feeds it."""

    def __init__(self, bus: Bus, market: OfflineMarket) -> None:
        self._bus, self.market = bus, market
        """The market that it shows; another one after `replace`."""
        self._symbols = frozenset(pair.symbol for pair in market.exchange.pairs())
        self._state, self._text = FeedState.CONNECTING, ""

    @property
    def label(self) -> DataLabel:
        """Where the prices come from, for the screen."""
        return self.market.label

    @property
    def state(self) -> FeedState:
        """How far the data can be trusted now."""
        return self._state

    @property
    def now(self) -> Nanos:
        """The market's time."""
        return self.market.now

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the pairs it carries."""
        return self.market.exchange.pairs()

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        """Return the displayed book as of the last published diff; see `MarketFeed.snapshot`."""
        self._check(symbol)
        return self.market.snapshot(symbol, depth)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end`; see `MarketFeed.bars`."""
        self._check(symbol)
        return await offload(self.market.bars, symbol, timeframe, end=end, count=count)

    def past_prints(self, symbol: str) -> tuple[Nanos, Sequence[TradeTick]] | None:
        """Return since when the prints of a pair are known, and those up to now; None if they are from now on only."""
        ticks = self.market.past_prints(symbol)
        return None if ticks is None else (self.market.start, ticks)

    # What the runner says

    def show(self, step: Slice) -> None:
        """Publish what a step of the market showed: prints of each pair, then changes of the books."""
        for symbol, ticks in step.prints.items():
            if ticks:
                self._bus.publish(TradesPrinted(symbol, tuple(ticks)))
        for diff in step.diffs:
            self._bus.publish(diff)

    def say(self, state: FeedState, text: str = "") -> None:
        """Publish a change of state."""
        if (state, text) != (self._state, self._text):
            self._state, self._text = state, text
            self._bus.publish(FeedStateChanged(state, text, self.market.now))

    def replace(self, market: OfflineMarket) -> None:
        """Show another market, or another stretch of time: everything cached is void."""
        self.market = market
        self._symbols = frozenset(pair.symbol for pair in market.exchange.pairs())
        self.say(FeedState.SNAPSHOT, "The market starts at another time.")

    def _check(self, symbol: str) -> None:
        if symbol not in self._symbols:
            raise InvalidInput(f"{symbol} is not in this market; it has {', '.join(sorted(self._symbols))}.")
