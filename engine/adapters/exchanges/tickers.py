"""The tickers of everything that a venue lists, for boards: polled, and streamed where the venue has a stream.

What comes is put together by instrument (a stream may tell the last price and a request the best ones) and published
a few times a second at most, only what changed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.net.line import LinePlan
from engine.adapters.exchanges.net.lines import Lines
from engine.adapters.exchanges.venue.connection import Connection, reading
from engine.adapters.exchanges.wire.heard import Heard, TickerHeard
from engine.adapters.exchanges.wire.scaled import LONGEST
from engine.bus import Bus
from engine.domain.instrument import Ticker
from engine.domain.market import FeedState
from engine.errors import CrsError
from engine.ports.exchange import TickersHeard
from engine.services.backoff import Backoff
from engine.services.offload import offload
from engine.services.task import TaskOwner

PUBLISH_S = 0.3
"""At least so long between two events: about three a second."""
AT_ONCE = 200
"""Tickers that are read in one turn of the loop."""
KEPT = 32
"""Texts remembered per instrument: there are thousands of them."""
WHO = "tickers"

log = logging.getLogger(__name__)


class Tickers:
    """Publishes `TickersHeard` of one venue; `start` it, `close` it. A `LineListener` of its stream."""

    def __init__(self, bus: Bus, connection: Connection) -> None:
        self._bus, self._connection, self._spec = bus, connection, connection.spec
        self._known: dict[str, TickerHeard] = {}
        """All figures so far, by the venue's own word."""
        self._quoted: dict[str, int] = {}
        """When bid and ask of an instrument were heard, by this machine's count, ns."""
        self._changed: dict[str, None] = {}
        self._news = asyncio.Event()
        self._grids: dict[str, Grid] = {}
        self._tasks = TaskOwner(f"tickers of {self._spec.title}")
        spec = self._spec
        plan = None if spec.tickers is None else LinePlan(spec.title, spec.socket_url, spec.tickers, spec.socket_limits)
        self._lines = None if plan is None else Lines(plan, self)

    def start(self) -> None:
        """Ask and listen from now on."""
        self._tasks.start(self._poll())
        self._tasks.start(self._publish())
        if self._lines is not None:
            for native in self._spec.ticker_natives or tuple(self._connection.by_native):
                self._lines.subscribe(native, (Channel.TICKER,))

    async def close(self) -> None:
        """Ask and listen no more; safe to call twice."""
        await self._tasks.join()
        if self._lines is not None:
            await self._lines.close()
        self._connection.state.forget(WHO)

    # -- what comes -------------------------------------------------------------------------------

    async def _poll(self) -> None:
        dialect, backoff = self._connection.dialect, Backoff()
        while True:
            try:
                answer = await self._connection.ask(dialect.ask_tickers())
                with reading(self._spec.title):
                    heard = await offload(dialect.hear_tickers, answer)
            except CrsError as error:
                log.info("tickers not read", extra={"venue": self._spec.name, "text": str(error)})
                self._connection.state.say(WHO, FeedState.STALE, str(error))
                wait = backoff.next(getattr(error, "retry_after_s", None) or 1.0)
            else:
                self._take(heard)
                if self._lines is None:
                    self._connection.state.say(WHO, FeedState.SYNCED, "")
                backoff.reset()
                wait = self._spec.tickers_every_s
            await asyncio.sleep(wait)

    def _take(self, heard: Sequence[TickerHeard]) -> None:
        known, changed, listed = self._known, self._changed, self._connection.by_native
        elapsed = time.monotonic_ns()
        for each in heard:
            if each.native not in listed or any(len(text) > LONGEST for text in each[1:10]):
                continue  # names without end, and figures without end, would be remembered
            if each.bid or each.ask:
                self._quoted[each.native] = elapsed
            before = known.get(each.native)
            now = each if before is None else together(before, each)
            if before is None or now[:-1] != before[:-1]:
                known[each.native] = now
                changed[each.native] = None
        if changed:
            self._news.set()

    async def _publish(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            natives = tuple(self._changed)
            self._changed.clear()
            found: list[Ticker] = []
            for at in range(0, len(natives), AT_ONCE):
                found += [ticker for native in natives[at : at + AT_ONCE] if (ticker := self._ticker(native))]
                await asyncio.sleep(0)
            if found:
                self._bus.publish(TickersHeard(self._spec.name, tuple(found)))
            await asyncio.sleep(PUBLISH_S)

    def _ticker(self, native: str) -> Ticker | None:
        instrument = self._connection.by_native.get(native)
        if instrument is None:
            return None
        grid = self._grids.get(native)
        if grid is None or grid.instrument is not instrument:
            grid = self._grids[native] = Grid(instrument, KEPT)
        found, elapsed = grid.ticker(self._known[native], self._connection.now), time.monotonic_ns()
        return found._replace(quote_age=elapsed - self._quoted.get(native, elapsed))

    # -- what its lines say -----------------------------------------------------------------------

    def ready(self, heard: Sequence[Heard]) -> Sequence[Heard]:
        """Return it as it is: tickers take no time."""
        return heard

    def heard(self, heard: Sequence[Heard]) -> None:
        """Take in what a frame says."""
        tickers = [each for each in heard if isinstance(each, TickerHeard)]
        if tickers:
            self._take(tickers)
            self._connection.state.say(WHO, FeedState.SYNCED, "")

    def opened(self, natives: Sequence[str]) -> None:
        """Nothing is known to be wrong; the first frame says that all is well."""

    def repeating(self, natives: Sequence[str], *, begins: bool) -> None:
        """A ticker that is a second old harms nobody."""

    def spoilt(self, natives: Sequence[str]) -> None:
        """The next ticker says the same."""

    def lost(self, natives: Sequence[str], text: str, retry_in_s: float) -> None:
        """Say that nothing comes any more."""
        self._connection.state.say(WHO, FeedState.STALE, text)

    def quiet(self, natives: Sequence[str], seconds: float) -> None:
        """Say that what is shown is getting old, or is not any more."""
        if seconds:
            text = f"{self._spec.title} has been silent for {seconds:.0f} s; prices may be old."
            self._connection.state.say(WHO, FeedState.STALE, text)
        else:
            self._connection.state.say(WHO, FeedState.SYNCED, "")


def together(before: TickerHeard, now: TickerHeard) -> TickerHeard:
    """Return a ticker with what is new in another one; what that does not tell stays."""
    return TickerHeard(
        now.native, now.bid or before.bid, now.ask or before.ask, now.last or before.last, now.open or before.open,
        now.high or before.high, now.low or before.low, now.volume or before.volume, now.bid_qty or before.bid_qty,
        now.ask_qty or before.ask_qty, max(now.at, before.at),
    )  # fmt: skip
