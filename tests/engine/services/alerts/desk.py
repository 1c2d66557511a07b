"""Alerts over a feed that the test writes, kept in memory or in a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.bus import Bus
from engine.ports.alerts import AlertStore
from engine.services.alerts import AlertFired, Alerts
from engine.services.bars import Bars
from engine.services.market_data import MarketData
from tests.engine.services.scripted_feed import ScriptedFeed


class Shelf:
    """A store that works, in memory; `error` is raised instead of the next save."""

    def __init__(self, data: bytes | None = None) -> None:
        self.data, self.aside = data, b""
        self.error: Exception | None = None

    def load(self) -> bytes | None:
        return self.data

    def save(self, data: bytes) -> None:
        if self.error is not None:
            raise self.error
        self.data = data

    def set_aside(self) -> str:
        self.data, self.aside = None, self.data or b""
        return "aside"


class AlertDesk:
    """One run of the program, as far as alerts go."""

    def __init__(self, store: AlertStore) -> None:
        self.bus = Bus(on_error=_broken)
        self.feed = ScriptedFeed(self.bus)
        self.data = MarketData(self.bus, self.feed)
        self.bars = Bars(self.bus, self.feed, self.data)
        self.alerts = Alerts(self.bus, self.feed, self.data, self.bars, store)
        self.told: list[AlertFired] = []
        self.bus.subscribe(AlertFired, self.told.append)


@asynccontextmanager
async def opened(store: AlertStore, prices: list[int] | None = None) -> AsyncIterator[AlertDesk]:
    """Open the desk on these prices, and close it as the program does."""
    desk = AlertDesk(store)
    for price in prices or ():
        desk.feed.print(price, 1, 1_000_000)
    await desk.alerts.start()
    try:
        yield desk
    finally:
        await desk.alerts.close()
        desk.bars.close()
        desk.data.close()


def _broken(error: BaseException, event: object) -> None:
    raise AssertionError(f"a handler failed on {event}") from error
