"""The real window on a public exchange while its busiest seconds come: `python -m crs_desktop.bench burst URL`.

The venue at URL is another process (`engine.cli.bench.burstside`). The window shows five charts, book, ladder, tape,
depth and heatmap; a few paper orders rest on each pair. It answers each line of its input: `watch MONOTONIC MARKET`
measures from now on (when the market's clock said what), `end LATE,LATE… FRAMES` says what was seen.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

import engine
from crs_desktop import theme
from crs_desktop.actions import ActionBook
from crs_desktop.bench.waits import Waits
from crs_desktop.options import Options
from crs_desktop.panes.base import Pane
from crs_desktop.pulse import Attention, Pulse, Spans
from crs_desktop.session import Session
from crs_desktop.shell.arrangement import Arrangement
from crs_desktop.smoke import WATCH_MS, Watchdog
from crs_desktop.viewmodels.workspace import ChartSpec, TabSpec, WindowSpec
from crs_desktop.window import MainWindow
from engine.domain.command import SubmitOrder
from engine.domain.market import BookDiff, FeedState
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.ports.feed import TradesPrinted
from engine.profile import Profile
from engine.settings import load

VENUE = "binance"
SHOWN = ("book", "ladder", "tape", "depth", "heatmap")
AGED = ("book", "ladder")
"""Panes whose age is measured."""
PATIENCE_S = 120.0
TOP = 100
AWAY = (2, 40)
"""Ticks from the touch at which paper orders rest: near enough to be looked at with many prints."""


class Ages:
    """How old a pane's book was when it came on the screen: since the venue, and since it arrived here; ms.

    Every update counts, with the paint that first shows it. `heard_at` is when the frame was read that is being told.
    """

    def __init__(self, pane: Pane, waits: Waits) -> None:
        self.since_venue, self.since_heard = Spans(), Spans()
        self._painted: list[tuple[float, float, float]] = []
        """Of each update when it happened, when it was painted, and what had been waited by then."""
        self._waits = waits
        self._waiting: list[tuple[float, float]] = []
        self._refreshed: list[tuple[float, float]] = []
        self._refresh = pane.refresh
        pane.refresh = self._on_refresh  # type: ignore[method-assign]

    def __len__(self) -> int:
        """How many updates were painted."""
        return len(self._painted)

    def came(self, happened_at: float, heard_at: float) -> None:
        """Take note of an update (monotonic seconds)."""
        self._waiting.append((happened_at, heard_at))

    def painted(self) -> None:
        """Count what is on the screen now."""
        if not self._refreshed:
            return
        waited, now = self._waits.note(), time.monotonic()
        for happened, heard in self._refreshed:
            self._painted.append((happened, now, waited))
            self.since_venue.add((now - happened) * 1e3)
            self.since_heard.add((now - heard) * 1e3)
        self._refreshed.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._waiting.clear()
        self._refreshed.clear()
        self.since_venue.clear()
        self.since_heard.clear()
        self._painted.clear()

    def unhindered(self, late_s: Sequence[float]) -> list[float]:
        """Return the ages without what others' work cost, ms.

        They count from when the venue, which was late, had said it, and without our waiting for a processor. `late_s`
        is of each update.
        """
        found = []
        for (happened, painted, waited), late in zip(self._painted, late_s, strict=True):
            told = happened + late
            found.append((painted - told - (waited - self._waits.at(told))) * 1e3)
        return found

    def _on_refresh(self) -> None:
        self._refreshed += self._waiting
        self._waiting.clear()
        self._refresh()


class Window:
    """The program over a venue, in a directory of its own."""

    def __init__(self, app: QApplication, directory: Path, url: str, symbols: Sequence[str]) -> None:
        profile = Profile(directory)
        settings = load(profile.settings_file)
        theme.set_flashes(settings.appearance.flash == "on")
        theme.apply(app, "dark", "standard", 1.0)
        self._timer = QTimer()
        self.pulse = Pulse(self._timer)
        self._timer.timeout.connect(self.pulse.beat)
        self.window = MainWindow(ActionBook(), self.pulse, engine.__version__)
        arrangement = Arrangement(self.window, profile.layout_file)
        arrangement.restore()
        arrangement.remember(introduced=True)
        self.window.show()
        self.window.activateWindow()
        options = Options(profile_dir=directory, venue=VENUE, venue_url=url)
        self.session = Session(self.window, arrangement, profile, options, settings, "")
        self._symbols = symbols
        self._ages: dict[str, Ages] = {}
        self._waits = Waits()
        self._watchdog, self._own = Watchdog(), OwnTime(self._waits)
        self._prints = dict.fromkeys(symbols, 0)
        self._diffs = dict.fromkeys(symbols, 0)
        self._last_print = dict.fromkeys(symbols, 0)
        self._heard_at = self._began = self._cpu = self._offset_s = 0.0

    @property
    def feed(self) -> Any:  # noqa: ANN401 - of the engine, which the session knows as anything
        """The venue's feed."""
        return self.session.engine.public.feed

    # -- opening ----------------------------------------------------------------------------------

    async def open(self) -> None:
        """Show everything, with every book there."""
        session = self.session
        await _until(lambda: session.desk is not None, "the engine did not open")
        self._show()
        await _until(self._is_whole, "the books did not come")
        await self._place_orders()
        await asyncio.sleep(2.0)  # bars of the past, first paints
        self._listen()

    def _show(self) -> None:
        desk, docks = self.session.desk, self.window.docks
        assert desk is not None, "it is open"  # noqa: S101 - as was waited for
        charts = tuple(ChartSpec("", symbol, "1m", True) for symbol in self._symbols)
        desk.board.take(
            replace(
                self.session.arrangement.layout.here,
                symbol=self._symbols[0],
                tabs=(TabSpec(split="four", charts=charts[:4]),),
                windows=(WindowSpec(tabs=(TabSpec(charts=charts[4:]),)),),
            )
        )
        heatmap = docks.dock("heatmap")
        self.window.removeDockWidget(heatmap)
        self.window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, heatmap)
        self.window.resize(1920, 1080)
        for name in SHOWN:
            docks.show(name)

    def _is_whole(self) -> bool:
        pairs = {pair.symbol for pair in self.feed.pairs()}
        if not pairs.issuperset(self._symbols):
            return False
        return all(self.feed.state_of(symbol) is FeedState.SYNCED for symbol in self._symbols)

    async def _place_orders(self) -> None:
        """Rest an order on each side of each pair, so that paper trading has something to do."""
        venue = self.session.engine.venue
        for number, symbol in enumerate(self._symbols):
            book = self.feed.snapshot(symbol, 1)
            for away in AWAY:
                order = SubmitOrder(
                    account=venue.account,
                    order_id=OrderId(f"burst-{number}-{away}"),
                    symbol=symbol,
                    side=Side.BUY,
                    order_type=OrderType.LIMIT,
                    qty=Lots(20),
                    price=Ticks(book.bids[0].price - away),
                )
                await venue.submit(order)

    def _listen(self) -> None:
        bus, feed, lines = self.session.engine.bus, self.feed, self.feed.heard

        def heard(said: Any) -> None:  # noqa: ANN401 - what a dialect says
            self._heard_at = time.monotonic()
            lines(said)

        feed.heard = heard
        for name in AGED:
            pane = self.window.pane(name)
            assert pane is not None, "it is shown"  # noqa: S101 - as was done
            self._ages[name] = Ages(pane, self._waits)
        painted = self.pulse.painted

        def on_painted(ms: float) -> None:
            painted(ms)
            for ages in self._ages.values():
                ages.painted()

        self.pulse.painted = on_painted  # type: ignore[method-assign]
        bus.subscribe(BookDiff, self._on_diff)
        bus.subscribe(TradesPrinted, self._on_trades)

    # -- watching ---------------------------------------------------------------------------------

    def watch(self, monotonic: float, market_at: int) -> None:
        """Measure from now on; the market's clock said `market_at` when the machine's said `monotonic`."""
        self._offset_s = monotonic - market_at / 1e9
        self.pulse.set_attention(Attention.FOCUSED)
        for ages in self._ages.values():
            ages.clear()
        self._watchdog.stalls.clear()
        self._own.stalls.clear()
        self._waits.clear()
        self.pulse.frames.clear()
        self._began, self._cpu = time.monotonic(), time.process_time()
        self._watchdog.start()
        self._own.start()

    def _on_diff(self, diff: BookDiff) -> None:
        self._diffs[diff.symbol] += 1
        if diff.symbol == self._symbols[0]:
            for ages in self._ages.values():
                ages.came(diff.at / 1e9 + self._offset_s, self._heard_at)

    def _on_trades(self, event: TradesPrinted) -> None:
        last = self._last_print[event.symbol]
        for tick in event.ticks:
            if tick.trade_id != last + 1:
                raise AssertionError(f"Print {tick.trade_id} of {event.symbol} came after {last}.")
            last = tick.trade_id
        self._last_print[event.symbol] = last
        self._prints[event.symbol] += len(event.ticks)

    async def painted(self, count: int, frames: int) -> None:
        """Wait until so many updates of the first pair are on the screen, and a little for so many frames in all."""
        with suppress(TimeoutError):
            await _until(lambda: self.feed.health().frames >= frames, "", 10.0)
        await _until(lambda: all(len(each) >= count for each in self._ages.values()), "updates were not painted")

    def seen(self, late_s: Sequence[float]) -> dict[str, Any]:
        """Return what was measured; `late_s` is how late the venue was with each update of the first pair."""
        self._watchdog.stop()
        self._own.stop()
        wall, cpu = time.monotonic() - self._began, time.process_time() - self._cpu
        found: dict[str, Any] = {
            "wall_s": wall, "cpu_s": cpu, "frames": self.feed.health().frames,
            "gaps": self.feed.health().gaps, "stalls_ms": self._watchdog.stalls.all(),
            "stalls_cpu_ms": self._own.stalls.all(), "paints_ms": self.pulse.frames.all(),
            "waited_s": self._waits.note() - self._waits.at(self._began),
            "attention": self.pulse.attention.name, "pairs": {symbol: self._pair(symbol) for symbol in self._symbols},
        }  # fmt: skip
        for name, ages in self._ages.items():
            found[f"{name}_age_ms"] = ages.since_venue.all()
            found[f"{name}_heard_age_ms"] = ages.since_heard.all()
            found[f"{name}_unhindered_age_ms"] = ages.unhindered(late_s) if self._waits.is_known else []
        return found

    def _pair(self, symbol: str) -> dict[str, Any]:
        from engine.cli.bench.burstside import book_digest

        book = self.feed.snapshot(symbol, 1 << 30)
        digest = book_digest(dict(book.bids), dict(book.asks))  # levels are pairs of price and quantity
        desk, market = self.session.engine.market_data.book(symbol), self.session.engine.live.market
        alike = all(
            _pairs(desk.top(side, TOP))
            == _pairs(market.exchange.book(symbol).levels(side, TOP))
            == _pairs(levels[:TOP])
            for side, levels in ((Side.BUY, book.bids), (Side.SELL, book.asks))
        )
        if not alike:
            raise AssertionError(f"What is shown and traded against of {symbol} is not the feed's book.")
        return {"diffs": self._diffs[symbol], "prints": self._prints[symbol], "book": digest}

    async def close(self, task: asyncio.Task[int]) -> None:
        """Close as a user does."""
        self.session.close()
        await task
        self._timer.stop()


class OwnTime:
    """What this thread itself works between two turns of the loop: how long it would stall on a free machine, ms."""

    def __init__(self, waits: Waits) -> None:
        self.stalls = Spans()
        self._waits = waits
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch from now on."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            self._waits.note()
            before = time.thread_time()
            await asyncio.sleep(WATCH_MS / 1e3)
            self.stalls.add((time.thread_time() - before) * 1e3)


def _pairs(levels: Sequence[Any]) -> list[tuple[int, int]]:
    return [(level[0], level[1]) for level in levels]


async def _until(done: Callable[[], bool], otherwise: str, patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        await asyncio.sleep(0.02)


async def _serve(app: QApplication, url: str, symbols: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory(prefix="crs-bench-") as directory:
        window = Window(app, Path(directory), url, symbols)
        task = loop.create_task(window.session.run())
        with suppress(asyncio.CancelledError):
            await window.open()
        _say({"peer": "crs", "version": engine.__version__})
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            word, *rest = line.split()
            if word == "watch":
                window.watch(float(rest[0]), int(rest[1]))
                _say({})
            elif word == "end":
                await window.painted(len(rest[0].split(",")), int(rest[1]))
                _say(window.seen([float(each) for each in rest[0].split(",")]))
        await window.close(task)


def _say(values: dict[str, Any]) -> None:
    print(json.dumps(values), flush=True)


def main() -> None:
    """Answer until the input ends."""
    import qasync

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    with loop:
        loop.run_until_complete(_serve(app, sys.argv[2], sys.argv[3].split(",")))
