"""Frames of a public exchange parsed and applied, beside ccxt.pro's own handlers of the same frames.

Both sides end with the same top of the book and the same last print before anything is measured; then they take turns,
and what is compared is the CPU time of this thread. ccxt.pro keeps floats, ours the texts and exact keys.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.book.sync import BookSync
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard
from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError
from engine.cli.bench.wire import Wire, wire
from engine.domain.order import Side

DIFF_RATIO, TRADE_RATIO = 0.6, 0.15
"""What ours may cost, in multiples of ccxt.pro's CPU time."""
TOP = 20
SYMBOL, NATIVE = "BTC/USDT", "BTCUSDT"

Levels = list[tuple[float, float]]


def feed(plan: Plan) -> Report:
    """Return the CPU time of a diff and of a print, and its ratio to ccxt.pro's."""
    frames = wire(plan.events)
    sides: list[_Ours | _Ccxt] = [_Ours(frames)]
    notes = []
    try:
        sides.append(_Ccxt(frames))
        prove(*sides)
    except ImportError:
        notes.append("ccxt is not installed, so there is nothing to compare with.")
    facts: dict[str, int | str] = {
        "diffs": len(frames.diffs),
        "prints": len(frames.trades),
        "frames": frames.source,
        "rounds": plan.rounds,
    }
    bars = [
        *_measured("a diff", [each.diffs for each in sides], len(frames.diffs), plan.rounds, DIFF_RATIO),
        *_measured("a print", [each.trades for each in sides], len(frames.trades), plan.rounds, TRADE_RATIO),
    ]
    return Report("feed", facts, bars, notes)


def prove(ours: _Ours | _Ccxt, theirs: _Ours | _Ccxt) -> None:
    """Raise unless both sides end with the same book and the same last print.

    Raises:
        WrongAnswerError: they do not.
    """
    for side in (ours, theirs):
        side.diffs()
        side.trades()
    if ours.top() != theirs.top():
        raise WrongAnswerError(f"The best {TOP} levels of both sides differ after the last diff.")
    if ours.last() != theirs.last():
        raise WrongAnswerError("The last prints of both sides differ.")


class _Ours:
    """This program's dialect and book."""

    def __init__(self, frames: Wire) -> None:
        self._frames = frames
        self._sync = BookSync(BinanceDialect().rule())
        self._trade: TradesHeard | None = None

    def diffs(self) -> None:
        """Parse and apply all diffs to a new book."""
        dialect = BinanceDialect()
        self._sync = sync = BookSync(dialect.rule())
        sync.hear(dialect.snapshot(NATIVE, self._frames.snapshot))
        hear, apply = dialect.hear, sync.hear
        for frame in self._frames.diffs:
            for heard in hear(frame):
                if type(heard) is BookHeard:
                    apply(heard)

    def trades(self) -> None:
        """Parse all prints."""
        hear = BinanceDialect().hear
        for frame in self._frames.trades:
            for heard in hear(frame):
                if type(heard) is TradesHeard:
                    self._trade = heard

    def top(self) -> tuple[Levels, Levels]:
        """Return the best bids and asks."""
        bids, asks = ([(float(p), float(q)) for p, q in self._sync.book.top(side, TOP)] for side in Side)
        return bids, asks

    def last(self) -> tuple[float, float]:
        """Return price and quantity of the last print."""
        assert self._trade is not None, "there was a print"  # noqa: S101 - `trades` was run
        return float(self._trade.prints[-1].price), float(self._trade.prints[-1].qty)


class _Ccxt:
    """ccxt.pro's handlers, called as its socket calls them."""

    url = "wss://stream.binance.com:9443/stream"

    def __init__(self, frames: Wire) -> None:
        self._frames = frames
        self._exchange = exchange = import_module("ccxt.pro.binance").binance()
        market = exchange.safe_market_structure(
            {"id": NATIVE, "symbol": SYMBOL, "base": "BTC", "quote": "USDT", "type": "spot", "spot": True}
        )
        exchange.markets, exchange.markets_by_id = {SYMBOL: market}, {NATIVE: [market]}
        self.subscriptions: dict[str, Any] = {}

    def resolve(self, *_: object) -> None:
        """Take a result, as ccxt's client does for whoever waits."""

    def reject(self, error: Exception, *_: object) -> None:
        """Take a failure."""
        raise WrongAnswerError(f"ccxt.pro refused a frame: {error}") from error

    def diffs(self) -> None:
        """Parse and apply all diffs to a new book."""
        exchange = self._exchange
        answer = json.loads(self._frames.snapshot)
        picture = exchange.parse_order_book(answer, SYMBOL)
        picture["nonce"] = answer["lastUpdateId"]
        exchange.orderbooks[SYMBOL] = book = exchange.order_book({}, 1_000)
        book.reset(picture)
        handle = exchange.handle_order_book
        for frame in self._frames.diffs:
            handle(self, json.loads(frame)["data"])

    def trades(self) -> None:
        """Parse all prints."""
        handle = self._exchange.handle_trade
        for frame in self._frames.trades:
            handle(self, json.loads(frame)["data"])

    def top(self) -> tuple[Levels, Levels]:
        """Return the best bids and asks."""
        book = self._exchange.orderbooks[SYMBOL]
        bids, asks = ([(price, qty) for price, qty, *_ in book[side][:TOP]] for side in ("bids", "asks"))
        return bids, asks

    def last(self) -> tuple[float, float]:
        """Return price and quantity of the last print."""
        trade = self._exchange.trades[SYMBOL][-1]
        return trade["price"], trade["amount"]


def _measured(name: str, sides: list[Callable[[], None]], count: int, rounds: int, demand: float) -> list[Bar]:
    """Return the rows of one kind of frame: CPU time of each side, taking turns, and ours in multiples of the other."""
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for side, into in zip(sides, taken, strict=True):
            into.append(_seconds(side) / count)
    names = ("ours", "ccxt.pro")
    bars = [
        Bar(f"{name}, {who}", Spread.of(each * 1e6 for each in into), unit="us")
        for who, into in zip(names, taken, strict=False)
    ]
    if len(taken) > 1:
        ratios = Spread.of(own / other for own, other in zip(*taken, strict=True))
        bars.append(Bar(f"{name}, ratio", ratios, demand, at_least=False, unit="x"))
    return bars


def _seconds(work: Callable[[], None]) -> float:
    """Return the CPU seconds that this thread took, the collector of cycles paused."""
    gc.collect()
    gc.disable()
    try:
        begun = time.thread_time()
        work()
        return time.thread_time() - begun
    finally:
        gc.enable()
