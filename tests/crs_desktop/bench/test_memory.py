"""Memory is flat while a market runs for hours under open charts, indicators, ladder and heatmap."""

from __future__ import annotations

import gc
import logging
import time
import tracemalloc
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from pytestqt.qtbot import QtBot

from crs_desktop.bench.desk import BusyDesk
from crs_desktop.bench.flow import PRINTS
from crs_desktop.viewmodels import figures
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.market.history import LIVE_SECONDS
from engine.market.prints import PrintLog
from engine.services.market_data import TAPE_LENGTH
from tests.crs_desktop.running import running

pytestmark = pytest.mark.gui

MINUTE = 60 * NANOS_PER_SECOND
MB = 2**20
SLOPE_MB_PER_HOUR = 1.0
WARM_MINUTES = 2 * LIVE_SECONDS // 60 + 30
"""After so long all that is kept for a while is full: seconds, tapes, laid-out words, figures as texts."""
MOST_PRINTS = 10_000
"""Of a pair, instead of 400,000 (10 MB), which are there after days only."""
STEP_S = 5
"""Market time from one frame to the next: two hours are over in minutes."""


async def test_open_panes_keep_nothing_of_what_has_passed(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST", 16)  # texts that are remembered: bounded, but full only after an hour
    desk = BusyDesk(rows=30, columns=60, charts=1, pairs=1)
    await desk.open()

    def play(steps: int) -> int:
        for _ in range(steps):
            desk.advance(NANOS_PER_SECOND)
            for pane in desk.panes:
                pane.refresh()
                pane.grab()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    for _ in range(TAPE_LENGTH // PRINTS):  # fills what is kept for a while
        desk.advance(NANOS_PER_SECOND)
    tracemalloc.start()
    try:
        before = play(25)
        objects = len(gc.get_objects())
        grown = play(25) - before
        made = len(gc.get_objects()) - objects
    finally:
        tracemalloc.stop()
        await desk.close()

    assert grown < 100_000, f"{grown:,} bytes in twenty-five seconds"
    assert made < 500, f"{made:,} objects in twenty-five seconds"


@pytest.mark.soak
@pytest.mark.integration
@pytest.mark.timeout(7_200)
async def test_two_hours_of_market_under_an_open_window_soak(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(PrintLog.__init__, "__defaults__", (MOST_PRINTS,))
    monkeypatch.setattr(figures, "MOST", 512)
    minutes = WARM_MINUTES + 120
    measured: list[float] = []
    caplog.set_level(logging.ERROR)  # pytest would keep what the watchdog says of a market in a hurry
    async with running(tmp_path) as desktop:
        runner, process = desktop.engine.runner, psutil.Process()
        runner.pause()
        hosts = desktop.window.docks.hosts
        for name in ("ladder", "heatmap"):
            assert desktop.do(f"view.{name}")
        await desktop.until(lambda: all(hosts[name].in_view for name in ("chart", "ladder", "heatmap")))
        chart: Any = desktop.window.pane("chart")
        for name in ("ema", "bbands", "rsi", "macd"):
            chart.chart.model.studies.add(name)
        for pair in desktop.engine.venue.pairs():
            await desktop.engine.bars.watch(pair.symbol, Timeframe.M1)
        began, shown = runner.now, desktop.pulse.frames.count
        for minute in range(minutes):
            for _ in range(60 // STEP_S):
                await runner._advance(Nanos(runner.now + STEP_S * NANOS_PER_SECOND), time.monotonic() + 60)
                desktop.pulse.beat()
                desktop.app.processEvents()
            if minute % 5 == 4:
                gc.collect()
                measured.append(process.memory_info().rss / MB)
        assert runner.now - began == minutes * MINUTE, "the market went on"
        assert desktop.pulse.frames.count - shown > minutes * 60 // STEP_S // 2, "and was shown"
        assert chart.chart.model.series.stop > minutes
    warm = measured[WARM_MINUTES // 5 :]
    slope = 12 * float(np.median([(b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(warm), 2)]))

    with capsys.disabled():
        print(f"\n{minutes} market minutes: {warm[0]:.1f} MB warm, {warm[-1]:.1f} MB at the end, {slope:+.2f} MB/h")
    assert slope < SLOPE_MB_PER_HOUR
