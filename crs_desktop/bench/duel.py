"""What our pane and a plain one have in common in `crs bench ladder|tape|heatmap`: the market, and the conversation.

`python -m crs_desktop.bench PANE SIDE` says `{"peer": …, "version": …}`, then answers each line of its input:

- `first` → `{"cpu_s": …, "rss_mb": …}`: builds the pane and paints it;
- `round N` → `{"frames_ms": […]}`: the CPU time of each of N frames, without the market's own work before it;
- `shown` → `{"rows": […], "truth": […]}`: the texts on the screen, and those that should be.

Every side plays the same seeded market, so after as many rounds all must show the same.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

import psutil
from PySide6.QtWidgets import QApplication, QTableWidget

import engine
from crs_desktop import theme
from crs_desktop.bench.flow import PRINTS, RATE
from crs_desktop.bench.market import SceneServices
from crs_desktop.bench.motion import say
from engine.domain.number import NANOS_PER_SECOND, Nanos

Rows = list[list[str]]


class Floor:
    """One generated pair and as much of an engine as a pane looks at."""

    def __init__(self, seed: int = 7) -> None:
        self.services = SceneServices(1, seed)
        asyncio.run(self.services.start())
        (self.market,) = self.services.markets.values()
        self.desk = self.services.desk(self.market.pair.symbol)

    def close(self) -> None:
        """End all subscriptions."""
        self.services.close()

    def pass_time(self, updates: int = 1, prints: int = PRINTS, nanos: int = NANOS_PER_SECOND // RATE) -> None:
        """Let updates come, each with prints before it."""
        services, market = self.services, self.market
        for _ in range(updates):
            services.feed.now = now = Nanos(services.feed.now + nanos)
            services.bus.publish(market.prints(now, prints))
            services.bus.publish(market.diff(now))

    def price(self, ticks: int) -> str:
        """Write a price as a plain program would."""
        return f"{self.market.pair.price(ticks):,.{self._places(self.market.pair.tick)}f}"

    def size(self, lots: int) -> str:
        """Write a quantity as a plain program would."""
        return f"{self.market.pair.qty(lots):,.{self._places(self.market.pair.lot)}f}"

    @staticmethod
    def _places(step: Decimal) -> int:
        return max(0, -int(step.as_tuple().exponent))


class Contestant(Protocol):
    """One side."""

    def build(self) -> None:
        """Make the widget and show it."""
        ...

    def step(self) -> None:
        """Let the market move on to the next frame."""
        ...

    def frame(self) -> None:
        """Take over what is new and paint it at once."""
        ...

    def shown(self) -> Rows:
        """Return the texts that are on the screen."""
        ...

    def truth(self) -> Rows:
        """Return the texts that should be, worked out from the market itself."""
        ...

    def close(self) -> None:
        """Take it down."""
        ...


Make = Callable[[Floor], Contestant]


def cell_text(table: QTableWidget, row: int, column: int) -> str:
    """Return what a cell shows."""
    item = table.item(row, column)
    return "" if item is None else item.text()


def serve(sides: dict[str, Make], name: str) -> None:
    """Answer until the input ends."""
    app = QApplication([])
    theme.set_flashes(False)
    theme.apply(app, "dark", "standard", 1.0)
    say({"peer": name, "version": engine.__version__})
    floor = Floor()
    side = sides[name](floor)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "first":
            before = psutil.Process().memory_info().rss
            cpu_s = timed(side.build) + timed(side.frame)
            say({"cpu_s": cpu_s, "rss_mb": (psutil.Process().memory_info().rss - before) / 2**20})
        elif word == "round":
            say({"frames_ms": _frames(side, int(rest[0]))})
        elif word == "shown":
            say({"rows": side.shown(), "truth": side.truth()})


def _frames(side: Contestant, count: int) -> list[float]:
    found = []
    gc.collect()
    gc.disable()
    for _ in range(count):
        side.step()
        found.append(1e3 * timed(side.frame))
    gc.enable()
    return found


def timed(work: Callable[[], None]) -> float:
    """Return the CPU seconds that the work took."""
    begun = time.process_time()
    work()
    return time.process_time() - begun
