"""The scene of the scanner: thousands of instruments of three venues, hundreds of new tickers with every frame.

`proof` holds the order of the rows against a plain sort. `round COUNT` gives the CPU time of each of so many frames,
the refresh of the pane alone and with its painting. Every frame brings `CHANGED` new tickers; once in `RESORTS`
frames the rows are sorted again, so the worst of a second is in.
"""

from __future__ import annotations

import sys
import time
from decimal import Decimal
from random import Random

from PySide6.QtWidgets import QApplication

import engine
from crs_desktop import theme
from crs_desktop.bench.market import SceneServices
from crs_desktop.bench.motion import say
from crs_desktop.panes.scanner import ScannerPane
from crs_desktop.viewmodels.markets.scanner import ScannerModel
from engine.domain.asset import Asset
from engine.domain.instrument import Instrument, Ticker
from engine.domain.market import FeedState
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.pair import FeeRate, TradingPair
from engine.ports.exchange import InstrumentsListed, TickersHeard, VenueStateChanged

VENUES = ("binance", "coinbase", "kraken")
QUOTES = ("USDT", "USDC", "BTC", "EUR", "USD")
ROWS = 5_000
CHANGED = 500
"""New tickers with every frame: all rows three times a second, as often as venues tell at most."""
RESORTS = 10
SIZE = (1_200, 700)


class ScannerScene:
    """The pane over a board of generated tickers; a `QApplication` must be there."""

    def __init__(self, rows: int = ROWS, *, seed: int = 7) -> None:
        self._random, self._now = Random(seed), 0.0  # noqa: S311 - a market, no secret
        self._services = SceneServices(1, seed)
        self.desk = self._services.desk(next(iter(self._services.markets)))
        self.bus = self.desk.connected.bus
        self._symbols = {venue: _instruments(venue, rows // len(VENUES)) for venue in VENUES}
        for venue, listed in self._symbols.items():
            self.bus.publish(InstrumentsListed(venue, venue.title(), listed))
            self.bus.publish(VenueStateChanged(venue, FeedState.SYNCED, "", Nanos(0)))
        self._keys = [(venue, each.symbol) for venue, listed in self._symbols.items() for each in listed]
        self.hear(self._keys)
        self.model = ScannerModel(self.desk, lambda: self._now)
        self.pane = ScannerPane(self.model)
        self.pane.resize(*SIZE)
        self.pane.show()
        QApplication.processEvents()

    def hear(self, keys: list[tuple[str, str]]) -> None:
        """Tell new tickers of some instruments."""
        told: dict[str, list[Ticker]] = {}
        for venue, symbol in keys:
            told.setdefault(venue, []).append(self._ticker(symbol))
        for venue, tickers in told.items():
            self.bus.publish(TickersHeard(venue, tuple(tickers)))

    def step(self, i: int) -> tuple[float, float]:
        """Tell what is new and show it; return the CPU time of the refresh and of refresh and painting, ms."""
        self.hear(self._random.sample(self._keys, min(CHANGED, len(self._keys))))
        self._now += 1.0 if i % RESORTS == 0 else 0.0
        began = time.process_time()
        self.pane.refresh()
        refreshed = time.process_time()
        QApplication.processEvents()
        return (refreshed - began) * 1e3, (time.process_time() - began) * 1e3

    def check(self) -> None:
        """Hold the order on the screen against a plain sort of the exact prices.

        Raises:
            AssertionError: they differ.
        """
        self.model.sort("last", descending=True)
        self.pane.refresh()
        while not self.model.complete:
            self.pane.refresh()
        self.model.sort_now()
        self.pane.refresh()
        rows = sorted(self.desk.connected.board.rows(), key=lambda row: -(row.last or 0))
        plain = [self.model.figures.number[row.venue, row.symbol] for row in rows]
        if self.pane.table.row_model.numbers.tolist() != plain:
            raise AssertionError("The rows are not in the order of their prices.")
        self.model.sort("volume", descending=True)
        self.pane.refresh()

    def close(self) -> None:
        """Take everything down."""
        self.pane.dispose()
        self.pane.hide()
        self.pane.deleteLater()
        self.desk.close()
        self.desk.connected.close()
        self._services.close()

    def _ticker(self, symbol: str) -> Ticker:
        random = self._random
        last = random.randrange(1_000, 9_000_000)
        spread = random.randrange(1, 40)
        opened, volume = Ticks(round(last * random.uniform(0.8, 1.2))), Lots(random.randrange(10**9))
        bid, ask = Ticks(last - spread), Ticks(last + spread)
        return Ticker(symbol, bid, ask, Ticks(last), opened, None, None, volume, Nanos(0), Lots(5), Lots(7))


def _instruments(venue: str, count: int) -> tuple[Instrument, ...]:
    rate = FeeRate.parse(Decimal("0.001"))
    found = []
    for number in range(count):
        base, quote = Asset(f"C{number // len(QUOTES):04d}"), Asset(QUOTES[number % len(QUOTES)])
        symbol = f"{base.code}/{quote.code}"
        pair = TradingPair(symbol, base, quote, Decimal("0.0001"), Decimal("0.001"), Units(0), rate, rate)
        found.append(Instrument(venue, symbol.replace("/", ""), pair))
    return tuple(found)


def main() -> None:
    """Answer until the input ends."""
    app = QApplication([])
    theme.apply(app, "dark", "standard", 1.0)
    say({"peer": "crs", "version": engine.__version__, "rows": ROWS})
    scene = ScannerScene()
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "proof":
            scene.check()
            say({"rows": scene.model.total, "changed": CHANGED})
        elif word == "round":
            spans = [scene.step(i) for i in range(int(rest[0]))]
            say({"refresh_ms": [each[0] for each in spans], "frames_ms": [each[1] for each in spans]})
    scene.close()
