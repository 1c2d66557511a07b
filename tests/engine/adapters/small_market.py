"""A small offline market that works: one pair, one maker and one taker, a pure function of seed and time.

It implements `engine.exchange.offline.OfflineMarket` over the real exchange, and is cheap enough that
tests of what surrounds a market (venue, runner, recovery) need no simulated one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from engine.domain.asset import Asset
from engine.domain.command import CancelOrder, Command, ListPair
from engine.domain.event import KernelEvent, TradeExecuted
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.market import Bar, BookDiff, BookSnapshot, DataLabel, Level, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.exchange.latency import Line
from engine.exchange.slice import GoOn, Slice, to_the_end
from engine.market.recording import Recordings
from engine.ports.feed import BarArrays
from engine.risk.gate import Gate

START = Nanos(1_700_000_000 * NANOS_PER_SECOND)
BEAT = NANOS_PER_SECOND // 10
FEE = FeeRate.parse(Decimal("0.001"))
USDT = Asset("USDT", shown_decimals=6)
PAIR = TradingPair(
    "BTC/USDT", Asset("BTC"), USDT, Decimal("0.01"), Decimal("0.00001"), USDT.units(Decimal(5)), FEE, FEE
)
SYMBOL = PAIR.symbol
MIDDLE = 6_000_000


def act(seed: int, beat: int) -> list[FlowOrder]:
    """Return what the agents do at one beat."""
    at = Nanos(START + beat * BEAT)
    wave = (beat * 7 + seed * 13) % 41 - 20
    side = Side.BUY if (beat + seed) % 2 else Side.SELL
    sign = 1 if side is Side.BUY else -1
    quote = Ticks(MIDDLE + wave - sign * (5 + beat % 17))
    orders = [FlowOrder(at, FlowKind.LIMIT, beat, side, quote, Lots(1_000 + beat % 7))]
    if beat > 60:
        orders.append(FlowOrder(at, FlowKind.CANCEL, beat - 60, side, quote, Lots(1)))
    if beat % 3 == 0:
        orders.append(FlowOrder(at, FlowKind.IOC, -beat, side, Ticks(quote + sign * 40), Lots(700)))
    return orders


class SmallMarket:
    """See the module."""

    label = DataLabel.SIMULATED

    def __init__(self, seed: int, gate: Gate | None = None, end: int | None = None) -> None:
        self.line = Line()
        self.seed, self.start, self.end = seed, START, None if end is None else Nanos(end)
        self.exchange = Exchange(gate=gate)
        self.exchange.handle(ListPair(PAIR), START)
        self._beat, self._seq, self._prints = 0, 0, [TradeTick(SYMBOL, Ticks(0), Lots(0), Side.BUY, START, 0)][:0]
        self.now = START

    @property
    def ended(self) -> bool:
        return self.end is not None and self.now >= self.end

    def advance(self, until: Nanos, *, coarse: bool = False, go_on: GoOn = to_the_end) -> Slice:
        facts: list[KernelEvent] = []
        until = until if self.end is None else Nanos(min(until, self.end))
        begun = self._beat
        while START + (self._beat + 1) * BEAT <= until:
            if self._beat > begun and not go_on():
                until = Nanos(START + self._beat * BEAT)
                break
            self._beat += 1
            if coarse and self._beat % 10:  # coarse: only every tenth beat acts
                continue
            events = self.exchange.flow(SYMBOL, act(self.seed, self._beat))
            self._note(events)
            facts += events
        self.now = Nanos(max(self.now, until))
        facts += self.exchange.advance(self.now)
        prints, self._prints = self._prints, []
        bids, asks = self.exchange.book(SYMBOL).take_changes()
        diffs = []
        if bids or asks:
            self._seq += 1
            diffs.append(BookDiff(SYMBOL, tuple(bids), tuple(asks), self._seq, self._seq, self.now))
        return Slice(facts, {SYMBOL: prints} if prints else {}, diffs, coarse)

    def _note(self, events: list[KernelEvent]) -> None:
        for event in events:
            if isinstance(event, TradeExecuted):
                self._prints.append(
                    TradeTick(SYMBOL, event.price, event.qty, event.taker_side, event.at, event.trade_id)
                )

    def command(self, command: Command) -> list[KernelEvent]:
        events = self.exchange.handle(command, self.now)
        self._note(events)
        return events

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        book = self.exchange.book(symbol)
        bids, asks = (tuple(Level(*each) for each in book.levels(side, depth)) for side in (Side.BUY, Side.SELL))
        return BookSnapshot(symbol, bids, asks, self._seq, self.now)

    def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        step = timeframe.nanos
        last = end - end % step
        start = np.arange(last - count * step, last, step, dtype=np.int64)
        price = np.full(len(start), float(MIDDLE))
        return BarArrays(start, price, price, price, price, np.zeros(len(start)))

    def past_prints(self, symbol: str) -> None:
        return None

    def jump(self, to: Nanos) -> list[KernelEvent]:
        if to < START:
            raise InvalidInput("The market has no such date.")
        facts: list[KernelEvent] = []
        for account in self.exchange.accounts():
            for order in self.exchange.open_orders(account):
                facts += self.command(CancelOrder(account, order.order_id))
        self._beat, self.now = (to - START) // BEAT, to
        facts += self.exchange.advance(to)
        return facts

    def reopen(self, to: Nanos) -> list[KernelEvent]:
        self._beat, self.now = (to - START) // BEAT, to
        return self.exchange.advance(to)

    def traded(self) -> dict[str, list[Bar]]:
        return {}

    def freeze(self) -> Callable[[], bytes]:
        data = self.dump()
        return lambda: data

    def dump(self) -> bytes:
        state = {"seed": self.seed, "beat": self._beat, "seq": self._seq, "now": self.now, "end": self.end}
        return json.dumps({**state, "exchange": self.exchange.dump()}).encode()


def load_small(data: bytes, *, gate: Gate | None = None, recordings: Recordings | None = None) -> SmallMarket:
    """Return the market that was dumped."""
    state = json.loads(data)
    market = SmallMarket(state["seed"], gate, state["end"])
    market.exchange = Exchange.load(state["exchange"], [PAIR], gate=gate)
    market.exchange.book(SYMBOL).take_changes()
    market._beat, market._seq, market.now = state["beat"], state["seq"], Nanos(state["now"])
    return market


def open_small(kind: str, *, seed: int, gate: Gate | None = None, recordings: Recordings | None = None) -> SmallMarket:
    """Open it under the name of any kind; a replay ends after a minute."""
    if kind not in ("simulated", "replay"):
        raise InvalidInput(f"There is no market {kind!r}.")
    return SmallMarket(seed, gate, START + 60 * NANOS_PER_SECOND if kind == "replay" else None)
