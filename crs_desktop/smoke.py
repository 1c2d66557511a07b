"""The proof by machine: the real window, real key events to the real ticket, measured and written down.

Waits for the first candle, presses B and Enter (a market buy), types a limit order far from the market
and sends it, presses X (cancel last), waits, closes cleanly. Nothing here calls the engine to trade.
Times are wall time from the start of the process; frames and stalls count from the first candle on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from crs_desktop.pulse import Spans
from crs_desktop.run import Run
from crs_desktop.startup import MARKS
from engine.domain.event import OrderCancelled, OrderFilled

log = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""For each thing that must happen; a loaded machine is slow, not broken."""
WATCH_MS = 10
POLL_S = 0.01
FAR = 0.97
"""The limit order's price, as a part of the best bid: it must rest."""

NOTHING = Qt.KeyboardModifier.NoModifier


class Watchdog:
    """Measures how late the loop comes back: a timer's gap beyond its interval."""

    def __init__(self) -> None:
        self.stalls = Spans()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(WATCH_MS)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0

    def start(self) -> None:
        """Watch from now on."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.stalls.add(max(0.0, (now - self._last) * 1e3 - WATCH_MS))
        self._last = now


class Smoke:
    """One proof; `report` is complete after `finish`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.keys = 0
        self.report: dict[str, Any] = {}
        self.problem = "it did not get as far as the first candle"
        self._fills = 0
        self._cancels = 0
        self._keys_to_fill: int | None = None
        self._watchdog = Watchdog()
        self._process: Any = None
        self._began = 0.0
        self._cpu = 0.0

    async def run(self) -> None:
        """Do everything, then ask the run to close; a failure is a sentence in the report."""
        try:
            await self._prove()
            self.problem = ""
        except TimeoutError as error:
            self.problem = str(error)
        finally:
            self._measure()
            self._run.close()

    def finish(self, status: int) -> int:
        """Write the report after the clean close; return the exit status."""
        status = status or int(bool(self.problem)) or int(not self._complete)
        engine = self._run.engine
        journaled = sum(1 for _ in engine.journal.entries()) if engine is not None else 0
        self.report |= {"journal_events": journaled, "exit": status}
        if self.problem:
            self.report["problem"] = self.problem
            print(f"crs-desktop: the smoke run failed: {self.problem}", file=sys.stderr)
        target = self._run.options.report
        if target is not None:
            try:
                _write(target, json.dumps(self.report, indent=2) + "\n")
            except OSError as error:
                print(f"crs-desktop: the report {target} cannot be written: {error.strerror}.", file=sys.stderr)
                status = status or 1
        return status

    # -- the steps ------------------------------------------------------------------------------------

    async def _prove(self) -> None:
        options, window = self._run.options, self._run.window
        await self._until(lambda: self._run.desk is not None, "the engine did not open")
        engine = self._run.engine
        engine.bus.subscribe(OrderFilled, self._filled)
        engine.bus.subscribe(OrderCancelled, self._cancelled)
        await self._until(self._has_candles, "no candle was drawn")
        self._start_measuring()
        window.activateWindow()
        self.press(Qt.Key.Key_B, "b")
        await self._settle()
        self.press(Qt.Key.Key_Return, "\r")
        await self._until(lambda: self._fills > 0, "the market order was not filled")
        await self._place_limit()
        await self._until(lambda: len(engine.orders.records()) > 0, "the limit order was not accepted")
        await asyncio.sleep(0.3)
        before = self._cancels
        self.press(Qt.Key.Key_X, "x")
        await self._until(lambda: self._cancels > before, "the limit order was not cancelled")
        left = (options.smoke or 0.0) - (time.perf_counter() - self._began)
        await asyncio.sleep(max(0.5, left))
        if options.screenshot is not None and not window.grab().save(str(options.screenshot), "PNG"):
            raise TimeoutError(f"the screenshot could not be written to {options.screenshot}")

    async def _place_limit(self) -> None:
        """L makes it a limit order, Shift+Tab goes to the price, figures replace it, Enter sends."""
        self.press(Qt.Key.Key_L, "l")
        await self._settle()
        pane = self._run.window.pane("ticket")
        ticket: Any = pane.model if pane is not None else None
        if ticket is None or ticket.price is None:
            raise TimeoutError("the ticket has no limit price")
        text = ticket.pair.price_text(int(ticket.price * FAR))
        for _ in range(12):
            focus = self._target()
            if pane is not None and focus is getattr(pane, "price", None):
                break
            self.press(Qt.Key.Key_Backtab, "\t", Qt.KeyboardModifier.ShiftModifier)
            await self._settle()
        else:
            raise TimeoutError("the price field cannot be reached with the keyboard")
        self.press(Qt.Key.Key_A, "a", Qt.KeyboardModifier.ControlModifier)
        for letter in text:
            self.press(Qt.Key.Key_Period if letter == "." else Qt.Key(ord(letter)), letter)
        await self._settle()
        self.press(Qt.Key.Key_Return, "\r")

    def press(self, key: Qt.Key, text: str, held: Qt.KeyboardModifier = NOTHING) -> None:
        """Post a key press and release to the widget that has the keyboard, as the window system would."""
        self.keys += 1
        target = self._target()
        typed = "" if held & Qt.KeyboardModifier.ControlModifier else text
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.postEvent(target, QKeyEvent(kind, key, held, typed))

    def _target(self) -> QWidget:
        window = self._run.window
        return QApplication.focusWidget() or window.focusWidget() or window

    async def _settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0.02)

    async def _until(self, done: Callable[[], bool], otherwise: str) -> None:
        deadline = time.perf_counter() + PATIENCE_S
        while not done():
            if time.perf_counter() > deadline:
                raise TimeoutError(otherwise)
            await asyncio.sleep(POLL_S)

    def _has_candles(self) -> bool:
        """Whether the chart holds bars and has painted them."""
        pane = self._run.window.pane("chart")
        model: Any = pane.model if pane is not None else None
        if pane is None or model is None or not len(model.series) or pane.dirty:
            return False
        MARKS.mark("candle")
        return True

    def _filled(self, _fact: OrderFilled) -> None:
        self._fills += 1
        MARKS.mark("fill")
        if self._keys_to_fill is None:
            self._keys_to_fill = self.keys

    def _cancelled(self, _fact: OrderCancelled) -> None:
        self._cancels += 1

    # -- measuring ------------------------------------------------------------------------------------

    def _start_measuring(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._began, self._cpu = time.perf_counter(), time.process_time()
        self._run.window.pulse.frames.clear()
        self._watchdog.start()

    def _measure(self) -> None:
        self._watchdog.stop()
        run, frames, stalls = self._run, self._run.window.pulse.frames, self._watchdog.stalls
        engine, pane = run.engine, run.window.docks.hosts["chart"].pane
        series: Any = getattr(pane.model, "series", ()) if pane is not None else ()
        wall = time.perf_counter() - self._began if self._began else 0.0
        self.report = {
            "first_window_ms": MARKS.since_start_ms("window"),
            "first_candle_ms": MARKS.since_start_ms("candle"),
            "first_fill_ms": MARKS.since_start_ms("fill"),
            "keys_to_first_fill": self._keys_to_fill,
            "frame_ms": {
                "p50": round(frames.percentile(0.50), 3),
                "p95": round(frames.percentile(0.95), 3),
                "p99": round(frames.percentile(0.99), 3),
                "max": round(frames.max, 3),
                "count": frames.count,
            },
            "loop_stall_ms": {"p99": round(stalls.percentile(0.99), 3), "max": round(stalls.max, 3)},
            "rss_mb": round(self._process.memory_info().rss / 2**20, 1) if self._process else None,
            "cpu_percent": round(100 * (time.process_time() - self._cpu) / wall, 1) if wall else None,
            "orders": engine.orders.submitted if engine is not None else 0,
            "fills": self._fills,
            "trades_seen": engine.market_data.prints_seen if engine is not None else 0,
            "bars_on_chart": len(series),
        }

    @property
    def _complete(self) -> bool:
        report = self.report
        return bool(
            report.get("orders", 0) >= 2
            and report.get("fills", 0) >= 1
            and report.get("trades_seen", 0) > 0
            and report.get("bars_on_chart", 0) >= 300
        )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
