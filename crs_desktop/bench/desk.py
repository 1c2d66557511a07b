"""A whole desk at work: ladder, heatmap and three charts at their pace, and the busiest second of an exchange.

`frames` lets the market run in real time at 50 updates a second and gives the CPU time of each frame of the program's
own pulse. `burst` sends as many updates in one second to each of five pairs as a recorded exchange sent for its
busiest one, and gives the age of the top of the book each time it came on the screen; what was dropped is an error.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import cast

from PySide6.QtWidgets import QApplication, QWidget

import engine
from crs_desktop import theme
from crs_desktop.bench.flow import FULL, PRINTS, RATE
from crs_desktop.bench.motion import say
from crs_desktop.bench.pace import Screen
from crs_desktop.bench.past import ChartServices
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.study_board import StudyBoard
from crs_desktop.panes.base import Pane
from crs_desktop.panes.heatmap import HeatmapPane
from crs_desktop.panes.ladder import LadderPane
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.heat_ring import COLUMNS, ROWS
from crs_desktop.viewmodels.heatmap import SAMPLE_NS, HeatmapModel
from crs_desktop.viewmodels.ladder import LadderModel
from crs_desktop.widgets.ladder_view import ROW
from engine.domain.market import BookDiff
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.ports.feed import TradesPrinted

PAIRS, CHARTS = 5, 3
BURST_FRAMES, BURST_TRADES = 1_362, 954
"""Updates and trades of one pair in the busiest second of a recorded spot market."""
INDICATORS = ("sma", "ema")
CHART_SIZE = (800, 460)


class ChartBox(Pane):
    """A chart with volume, two indicators and the crosshair, and nothing else."""

    def __init__(self, model: ChartModel) -> None:
        super().__init__(model, "Chart")
        self.chart = ChartView(model, self)
        self.board = StudyBoard(self.chart, model.studies)
        self.chart.resize(*CHART_SIZE)
        self._model = model

    @property
    def dirty(self) -> bool:
        """Whether the bars or the countdown moved."""
        return self._model.dirty or self.chart.needs_frame

    def refresh(self) -> None:
        """Take over the model's state."""
        self.chart.sync()
        super().refresh()


class BusyDesk:
    """The panes over generated markets; an asyncio loop must be running."""

    def __init__(
        self, *, rows: int = 200, columns: int = COLUMNS, charts: int = CHARTS, pairs: int = PAIRS, seed: int = 7
    ) -> None:
        self.services = ChartServices(pairs, seed)
        self.screen = Screen()
        self._rows, self._columns, self._charts = rows, columns, charts
        self.panes: list[Pane] = []
        self.updates = 0

    async def open(self) -> None:
        """Show everything, full: the heatmap has all its columns, the indicators their values."""
        services = self.services
        await services.start()
        symbols = list(services.markets)
        desk = services.desk(symbols[0])
        heat = HeatmapModel(desk)
        heat.column_px, heat.visible_rows = 1.0, ROWS
        ladder = LadderModel(desk)
        ladder.set_grouping(2)
        charts = [ChartModel(services.desk(symbol)) for symbol in symbols[: self._charts]]
        self._show(LadderPane(ladder), (320, 200 + self._rows * ROW))
        self._show(HeatmapPane(heat), FULL["heatmap"])
        for model in charts:
            box = ChartBox(model)
            self._show(box, CHART_SIZE)
            for name in INDICATORS:
                model.studies.add(name)
        for _ in range(self._columns):
            self.advance(SAMPLE_NS)
        while not all(len(each.columns[0]) for model in charts for each in model.studies):
            await asyncio.sleep(0.01)
            for pane in self.panes:
                pane.refresh()
        for pane in self.panes:
            if isinstance(pane, ChartBox):
                pane.chart.hover = (400.0, 150.0)
            pane.join(self.screen.pulse)
        QApplication.processEvents()

    def _show(self, pane: Pane, size: tuple[int, int]) -> None:
        self.panes.append(pane)
        pane.resize(*size)
        pane.show()
        QApplication.processEvents()

    async def frames(self, seconds: float) -> list[float]:
        """Let the market run; return the CPU time of each frame that had something to show, ms."""
        spans = self.screen.pulse.frames
        spans.clear()
        self.screen.begin()
        began, sent = time.perf_counter(), 0
        while sent < seconds * RATE:
            due = int((time.perf_counter() - began) * RATE) + 1
            while sent < due:
                self.advance(NANOS_PER_SECOND // RATE)
                sent += 1
            await asyncio.sleep(0.002)
        self.screen.end()
        return spans.all()

    async def burst(self, seconds: float = 1.0) -> list[float]:
        """Play the busiest second on all pairs; return how old the top of the book was when it was painted, ms.

        Raises:
            AssertionError: something was dropped.
        """
        events = self._burst(seconds)
        volume = self.services.market_data.prints_seen
        first = self.services.feed.markets[self.panes[0].model.desk.symbol]  # type: ignore[union-attr]
        waiting: list[float] = []
        ages: list[float] = []
        ladder = cast(LadderPane, self.panes[0])

        def painted() -> None:
            if waiting and not ladder.dirty:
                ages.append((time.perf_counter() - waiting[0]) * 1e3)
                waiting.clear()

        self.screen.painted = painted
        self.screen.begin()
        began, sent = time.perf_counter(), 0
        while sent < len(events):
            due = min(len(events), int((time.perf_counter() - began) / seconds * len(events)) + 1)
            for event in events[sent:due]:
                self.services.feed.now = event.at if isinstance(event, BookDiff) else event.ticks[-1].at
                self.services.bus.publish(event)
                if isinstance(event, BookDiff) and event.symbol == first.pair.symbol and not waiting:
                    waiting.append(time.perf_counter())
            sent = due
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.1)
        self.screen.end()
        self._check(sum(isinstance(each, TradesPrinted) for each in events), volume)
        return ages

    def _burst(self, seconds: float) -> list[BookDiff | TradesPrinted]:
        start, span = self.services.feed.now, int(seconds * NANOS_PER_SECOND)
        made: list[tuple[int, BookDiff | TradesPrinted]] = []
        for market in self.services.markets.values():
            for number in range(BURST_FRAMES):
                at = Nanos(start + (number + 1) * span // BURST_FRAMES)
                made.append((at, market.diff(at)))
            for number in range(BURST_TRADES):
                at = Nanos(start + (number + 1) * span // BURST_TRADES)
                made.append((at, market.prints(at, 1)))
        return [event for _, event in sorted(made, key=lambda each: each[0])]

    def _check(self, prints: int, before: int) -> None:
        """Hold every book against the market that it was told of."""
        data = self.services.market_data
        if data.resyncs or data.prints_seen - before != prints:
            raise AssertionError("An update or a print was dropped.")
        for symbol, market in self.services.markets.items():
            for side, wanted in ((Side.BUY, market.bids), (Side.SELL, market.asks)):
                prices, lots = data.book(symbol).columns(side)
                if dict(zip(prices.tolist(), lots.tolist(), strict=True)) != wanted:
                    raise AssertionError(f"The book of {symbol} is not the market's.")

    def advance(self, nanos: int) -> None:
        """Let time pass and an update come to each pair, after some prints."""
        services = self.services
        services.feed.now = now = Nanos(services.feed.now + nanos)
        for market in services.markets.values():
            services.bus.publish(market.prints(now, PRINTS))
            services.bus.publish(market.diff(now))
            self.updates += 1

    async def close(self) -> None:
        """Take everything down."""
        for pane in self.panes:
            if isinstance(pane, ChartBox):
                pane.board.close()
            pane.dispose()
            widget: QWidget = pane
            widget.hide()
            widget.deleteLater()
        self.panes = []
        self.services.close()
        await asyncio.sleep(0)


async def _serve() -> None:
    desk = BusyDesk()
    await desk.open()
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "round":
            say({"frames_ms": await desk.frames(float(rest[0]))})
        elif word == "burst":
            say({"ages_ms": await desk.burst(), "updates": PAIRS * BURST_FRAMES, "trades": PAIRS * BURST_TRADES})
    await desk.close()


def main() -> None:
    """Answer until the input ends."""
    app = QApplication([])
    theme.set_flashes(True)
    theme.apply(app, "dark", "standard", 1.0)
    say({"peer": "crs", "version": engine.__version__})
    asyncio.run(_serve())
