"""What all sides of `crs bench chart` share, ours and the peers': the conversation and the motions of a round.

A peer's driver (`tests/perf/<peer>/driver.py`) runs in its own environment and takes nothing of the program but this
file, which needs numpy and psutil alone. `FILE.npy` holds rows of `start_s, open,
high, low, close, volume, first indicator, second indicator` (NaN while they warm up). It says `{"peer": …, "version":
…}`, then answers each line of its standard input:

- `first`: builds the chart and paints it → `{"cpu_s": …, "rss_mb": …}` (its input objects are made before, untimed);
- `round MOTION`: → `{"frames_ms": […]}`, each the CPU time of one change of the view with its repaint;
- `proof FILE.npy FIRST STOP LOW HIGH`: shows exactly these bars and prices and saves the widget's pixels (height,
  width, 3) → the plot's place among them and the colours of the candles.

Only what a frame itself does is timed. A motion ends early when its frames have cost `BUDGET_S`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import psutil
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

SIZE = (1200, 700)
"""Of every side's widget, px."""
SHOWN = 300
"""Bars in view while panning."""
FRAMES = 40
BUDGET_S = 1.0


class Window(NamedTuple):
    """Bars `first` to `stop` (exclusive) in view."""

    first: float
    stop: float


class Plot(NamedTuple):
    """Where the price plot is in the picture (px), and the colours (r, g, b) of rising and falling candles."""

    left: float
    top: float
    width: float
    height: float
    up: tuple[int, int, int]
    down: tuple[int, int, int]
    edge: tuple[int, int, int] | None = None
    """The colour of wicks and outlines, where it is not that of the body."""


class Chart(Protocol):
    """One peer's chart."""

    def build(self) -> None:
        """Make the chart from the prepared input, and show it."""
        ...

    def show(self, window: Window) -> None:
        """Put bars in view."""
        ...

    def tick(self, row: NDArray[np.float64]) -> None:
        """Change the newest bar."""
        ...

    def paint(self) -> None:
        """Repaint at once."""
        ...

    def exactly(self, window: Window, low: float, high: float) -> Plot:
        """Put bars and prices in view, without any margin."""
        ...

    def picture(self) -> Any:  # noqa: ANN401 - a QImage
        """Return the widget's picture."""
        ...


def serve(peer: str, make: Callable[[NDArray[np.float64]], Chart], most: int, release: str = "") -> None:
    """Answer until the input ends; `most` is how many bars the peer can be asked for."""
    rows: NDArray[np.float64] = np.load(Path(sys.argv[-1]))
    say({"peer": peer, "version": release or version(peer), "most": most})
    chart: Chart | None = None
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "first":
            before = psutil.Process().memory_info().rss
            chart = make(rows)
            cpu_s = _timed(chart.build, chart.paint)
            say({"cpu_s": cpu_s, "rss_mb": (psutil.Process().memory_info().rss - before) / 2**20})
        elif chart is None:
            say({"problem": "ask for `first` first"})
        elif word == "round":
            gc.collect()
            gc.disable()
            say({"frames_ms": frames(chart, rows, rest[0])})
            gc.enable()
        elif word == "proof":
            file, first, stop, low, high = rest
            plot = chart.exactly(Window(int(first), int(stop)), float(low), float(high))
            chart.paint()
            np.save(file, pixels(chart.picture()))
            say(plot._asdict())


def frames(chart: Chart, rows: NDArray[np.float64], motion: str) -> list[float]:
    """Return the CPU time of each frame of a motion, ms."""
    count = len(rows)
    found: list[float] = []
    if motion == "live":
        chart.show(Window(count - SHOWN, count))
        chart.paint()
        for row in _ticks(rows[-1]):
            found.append(1e3 * _timed(partial(chart.tick, row), chart.paint))
            if sum(found) > 1e3 * BUDGET_S:
                break
        chart.tick(rows[-1])
        return found
    windows = list(MOTIONS[motion](count))
    chart.show(windows[0])
    chart.paint()
    for window in windows[1:]:
        found.append(1e3 * _timed(partial(chart.show, window), chart.paint))
        if sum(found) > 1e3 * BUDGET_S:
            break
    return found


def _pan(count: int) -> Iterator[Window]:
    begin = count // 2
    for number in range(FRAMES + 1):
        yield Window(begin + 7 * number, begin + 7 * number + SHOWN)


def _full(count: int) -> Iterator[Window]:
    for number in range(FRAMES // 2 + 1):
        yield Window(number % 2, count)


def _zoom(count: int) -> Iterator[Window]:
    widths = np.geomspace(SHOWN, count - 1, FRAMES // 2 + 1)
    for width in (*widths, *widths[-2::-1]):
        yield Window(count - float(width), count)


MOTIONS: dict[str, Callable[[int], Iterator[Window]]] = {"pan": _pan, "full": _full, "zoom": _zoom}


def _ticks(newest: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    reach = float(newest[2] - newest[3]) or 1.0
    for number in range(FRAMES):
        row = newest.copy()
        row[4] = newest[3] + reach * ((number * 7) % 20) / 20
        row[5] = newest[5] * (1 + number / FRAMES)
        yield row


def pixels(image: Any) -> NDArray[np.uint8]:  # noqa: ANN401 - a QImage
    """Return a picture's pixels, shape (height, width, 3)."""
    flat = image.convertToFormat(image.Format.Format_RGB888)
    lines = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    return lines[:, : 3 * flat.width()].reshape(flat.height(), flat.width(), 3).copy()  # the bits go with `flat`


def _timed(*steps: Callable[[], None]) -> float:
    begun = time.process_time()
    for step in steps:
        step()
    return time.process_time() - begun


def say(values: dict[str, Any]) -> None:
    """Answer one line."""
    print(json.dumps(values), flush=True)
