"""An account of a server, kept here as a fold of its records: read whole over REST, then followed on the stream.

Records are taken in the server's order, each once, whatever arrives twice or late. A record that does not follow the
last one means that some were missed; they are fetched over REST, in order, before anything newer is shown. What is
published is what the paper venue publishes of its own journal: `Recorded`, the fact, then what it changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from engine.adapters.crs.http import CrsHttp
from engine.adapters.crs.link import Frame
from engine.adapters.crs.records import record_of
from engine.adapters.sql.books import FOLDED
from engine.adapters.sql.codec import FACTS
from engine.bus import Bus
from engine.domain.command import ListPair
from engine.domain.event import LedgerFact, OrderAccepted, OrderRejected
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair
from engine.errors import NotACrsServer, Unavailable
from engine.portfolio.fold import Fold
from engine.ports.journal import Recorded
from engine.services.task import TaskOwner
from engine.wire.account import JournalPage, JournalRecord

log = logging.getLogger(__name__)

PAGE = 500
KEPT = 2_000
"""Newest facts that are searched for the answer to a command."""

_RECORD = msgspec.json.Decoder(JournalRecord)


class Replica:
    """One account; a `Listener` of the stream. `load` it first, `close` it at the end."""

    def __init__(self, http: CrsHttp, bus: Bus, account: AccountId) -> None:
        self._http, self._bus, self.account = http, bus, account
        self.fold = Fold()
        self.pairs: dict[str, TradingPair] = {}
        """Every pair ever listed, by symbol, as the records say."""
        self.facts: list[LedgerFact] = []
        """All facts of the account, in order."""
        self.last = 0
        """The number of the last record that was taken."""
        self.accepted: dict[OrderId, OrderAccepted] = {}
        """How each order was accepted…"""
        self.refused: dict[OrderId, OrderRejected] = {}
        """…or first refused, by its id."""
        self.lists: dict[OrderId, list[OrderId]] = {}
        """The orders of each list, in its order."""
        self.gaps = 0
        self._numbered: list[tuple[int, LedgerFact]] = []
        """The newest facts with their numbers, for whoever waits for an answer."""
        self._moved = asyncio.Event()
        self._fetching = asyncio.Lock()
        self._live = False
        self._tasks = TaskOwner("account of the server")
        self.on_missed: Callable[[], object] = lambda: None
        """Called when records were missed and had to be fetched."""

    async def load(self) -> None:
        """Read the whole account, publishing nothing yet.

        Raises:
            VenueUnavailable, SignInNeeded: it cannot be read now.
            VersionMismatch: this version is too old for what the server keeps.
        """
        await self.fetch()
        self._live = True

    async def fetch(self, timeout_s: float | None = None) -> None:
        """Take what the server has beyond the last record; several who ask wait for one another. Errors as `load`."""
        async with self._fetching:
            while True:
                query = {"after": self.last, "limit": PAGE, "account": self.account}
                page = await self._http.call("GET", "/v1/journal", JournalPage, query=query, timeout_s=timeout_s)
                for record in page.records:
                    self._take(record)
                if not page.records or self.last >= page.tip:
                    return

    async def answer(self, wanted: Callable[[LedgerFact], bool], after: int, within_s: float) -> LedgerFact | None:
        """Return the first fact with a number above `after` that is wanted; None if none came in time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while True:
            found = next((fact for seq, fact in self._numbered if seq > after and wanted(fact)), None)
            if found is not None or loop.time() >= until:
                return found
            self._moved.clear()
            try:
                async with asyncio.timeout_at(until):
                    await self._moved.wait()
            except TimeoutError:
                continue

    def facts_since(self, after: int) -> list[LedgerFact]:
        """Return the facts with a number above `after`, of the newest ones."""
        return [fact for seq, fact in self._numbered if seq > after]

    async def close(self) -> None:
        """Follow no more."""
        await self._tasks.join()

    # -- what the stream says ---------------------------------------------------------------------

    def channels(self) -> Sequence[str]:
        """Return the channel of the account's records."""
        return ("journal",)

    def opened(self) -> None:
        """Nothing: `caught_up` fetches what was missed."""

    async def caught_up(self) -> None:
        """Fetch what was missed."""
        await self.fetch()

    def lost(self, text: str, retry_in_s: float) -> None:
        """Nothing: what is known stays."""

    def quiet(self, seconds: float) -> None:
        """Nothing: the feed says so."""

    def heard(self, frame: Frame) -> None:
        """Take a record in, or fetch those before it that were missed."""
        if frame.seq is None or frame.seq <= self.last:
            return
        if frame.prev is None or frame.prev > self.last or self._fetching.locked():
            self.gaps += not self._fetching.locked()
            self._tasks.start(self._fetch_missed(frame.seq))
            return
        try:
            self._take(_RECORD.decode(frame.data))
        except msgspec.DecodeError as error:
            raise NotACrsServer("A record of the server cannot be read; it was not used.") from error

    async def _fetch_missed(self, seq: int) -> None:
        """Fetch up to the record of that number, which is durable: what was told of it comes with it."""
        try:
            await self.fetch()
        except Unavailable as error:  # everything is fetched again with the next record, or the next connection
            log.info("records missed could not be fetched: %s", error)
            return
        self.last = max(self.last, seq)
        self.on_missed()

    def _take(self, told: JournalRecord) -> None:
        if told.seq <= self.last:
            return
        record: Any = record_of(told)
        self.last = told.seq
        if self._live:
            self._bus.publish(Recorded(told.seq, record))
        if isinstance(record, ListPair):
            self.pairs[record.pair.symbol] = record.pair
        if not isinstance(record, FOLDED):
            return
        changes = self.fold.apply(record)
        if isinstance(record, FACTS):
            self._note(told.seq, record)
        if self._live:
            if isinstance(record, FACTS):
                self._bus.publish(record)
            for change in changes:
                self._bus.publish(change)
            self._moved.set()

    def _note(self, seq: int, fact: LedgerFact) -> None:
        self.facts.append(fact)
        self._numbered.append((seq, fact))
        if len(self._numbered) > 2 * KEPT:
            del self._numbered[:KEPT]
        if isinstance(fact, OrderAccepted):
            self.accepted[fact.order_id] = fact
            if fact.list_id is not None:
                self.lists.setdefault(fact.list_id, []).append(fact.order_id)
        elif isinstance(fact, OrderRejected):
            self.refused.setdefault(fact.order_id, fact)
