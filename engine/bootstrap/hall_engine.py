"""The running market of a public exchange with many paper accounts: it reaches for the venue until it is there."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.adapters.exchanges.feed.feed import History, PublicFeed
from engine.adapters.exchanges.venue.connection import Connection
from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.adapters.paper.live_runner import LiveRunner
from engine.adapters.paper.past import Past
from engine.adapters.paper.recovery import RecoveryReport
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.sql.journal import SqlJournal
from engine.bootstrap.aftercheck import check_records
from engine.bootstrap.exchange import CHECK_AFTER_S, CHECK_PAUSE_S
from engine.bootstrap.hallpairs import chosen
from engine.bootstrap.public_account import rates_here
from engine.bus import Bus
from engine.domain.command import Command
from engine.domain.instrument import InstrumentKind
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.errors import CrsError, InvalidInput
from engine.exchange.live import LiveMarket
from engine.ports.feed import FeedStateChanged
from engine.profile import ProfileLock
from engine.services.offload import offload
from engine.services.task import TaskOwner

FIRST_TRY_S, LAST_TRY_S = 1.0, 60.0
"""How long the first try to reach the venue is waited after, and the longest pause between tries."""

log = logging.getLogger(__name__)


class HallFeed(PublicFeed):
    """The feed of a hall: its time stands still until the venue was asked for it."""

    def __init__(self, bus: Bus, connection: Connection, since: Nanos, history: History | None) -> None:
        super().__init__(bus, connection, history=history)
        self._since = since

    def carries(self, symbol: str) -> bool:
        """Whether a pair is followed."""
        return symbol in self._pairs

    @property
    def now(self) -> Nanos:
        """The venue's time, however wrong this machine's clock is; before it is known, when the hall was closed."""
        return self._connection.now if self._connection.clock.is_measured else self._since


@dataclass(slots=True, kw_only=True)
class HallEngine:
    """The running market of one venue; whoever opened it closes it."""

    spec: VenueSpec
    bus: Bus
    journal: SqlJournal
    venue: PaperVenue
    feed: HallFeed
    runner: LiveRunner
    market: LiveMarket
    recovery: RecoveryReport
    past: Past
    """The journal's writer's; another thread's."""
    wanted: tuple[str, ...]
    """Symbols to follow, those that the venue lists; none: a short list of its own."""
    engaged: tuple[str, ...]
    """Symbols of what was held or open at the start."""
    opened_ms: int
    text: str = ""
    """Why nothing can be followed yet; empty when something is."""
    connects: int = 0
    """How often the venue's list of instruments was reached; 0: never in this run."""
    _connection: Connection
    _lock: ProfileLock
    _tasks: TaskOwner = field(default_factory=lambda: TaskOwner("hall"))

    @property
    def name(self) -> str:
        """The venue's name."""
        return self.spec.name

    @property
    def title(self) -> str:
        """Its name for the screen."""
        return self.spec.title

    @property
    def trades(self) -> bool:
        """Whether paper orders are taken; contracts are shown only."""
        return self.spec.kind is InstrumentKind.SPOT

    @property
    def now(self) -> Nanos:
        """The venue's time; this machine's until it was asked."""
        return self._connection.now

    def follows(self, symbol: str) -> bool:
        """Whether a pair is followed now."""
        return self.feed.carries(symbol)

    @property
    def epoch(self) -> int:
        """Which writer this is."""
        return self.journal.epoch or self.opened_ms

    async def start(self) -> None:
        """Let the market move and begin to reach for the venue; who wants to hear of all of it subscribes before."""
        self.runner.start()
        last, journal = self.recovery.records, self.journal
        self._tasks.start(check_records(journal.store, journal, last, CHECK_AFTER_S, CHECK_PAUSE_S))
        self._tasks.start(self._connect())

    async def close(self) -> None:
        """Take nothing more, write what waits, let the venue and the directory go."""
        await self._tasks.join()
        self.venue.close()
        await self.feed.close()
        await self.runner.close()
        await offload(self.journal.close)
        self._lock.release()

    async def welcome(self, opening: Sequence[Command], account: AccountId) -> None:
        """Open an account with money, at the fees that the venue has now, as one transaction.

        Raises:
            VenueUnavailable, StorageUnavailable: it was not opened.
        """
        listed, offered = self.market.exchange.pairs(), self.feed.pairs()
        await self.venue.execute([*opening, *rates_here(listed, offered, (account,), {})])

    # Reaching the venue

    async def _connect(self) -> None:
        """Try until the venue is reached, then follow what is wanted."""
        pause_s, connection = FIRST_TRY_S, self._connection
        self._say(f"Connecting to {self.title}…")
        while True:
            try:
                await connection.ask(
                    connection.dialect.ask_time(), patience_s=0.0
                )  # it says at once if nobody is there
                await connection.open()
                break
            except CrsError as error:
                self._say(f"{error} Next try in {pause_s:.0f} s.")
                log.warning("upstream not reached", extra={"venue": self.name, "text": str(error)})
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311 - so that many do not come at once
            pause_s = min(LAST_TRY_S, 2 * pause_s)
        self.connects += 1
        await self._follow()

    async def _follow(self) -> None:
        symbols, missing = chosen(self.spec, self.feed.instruments(), self.wanted)
        if missing:
            log.warning("pairs that are not listed", extra={"venue": self.name, "pairs": missing})
        for symbol in dict.fromkeys((*symbols, *self.engaged, *self._with_orders())):
            if self._is_changed(symbol):
                log.warning("a pair is not followed: %s", self.market.left_out[symbol])
                continue
            try:
                await self.feed.follow(symbol)
            except InvalidInput as error:
                log.warning("a pair is not followed: %s", error)
        if not self.feed.pairs():
            self._say(f"{self.title} lists nothing of what was asked for: {', '.join(missing) or 'no pair at all'}.")
            return
        self.text = ""
        await self._renew_fees()

    def _is_changed(self, symbol: str) -> bool:
        """Whether the venue has a pair on another grid now; it is closed then: what is held here counts by the old."""
        listed = next((each for each in self.market.exchange.pairs() if each.symbol == symbol), None)
        offered = next((each.pair for each in self.feed.instruments() if each.symbol == symbol), None)
        if listed is None or offered is None or _grid(listed) == _grid(offered):
            return False
        self.market.left_out[symbol] = (
            f"{self.title} has changed tick or lot of {symbol}. It is closed here, for what is held counts by the old."
        )
        return True

    async def _renew_fees(self) -> None:
        """Give every account the fees that the venue has now, where they are others."""
        exchange = self.market.exchange
        changed = rates_here(exchange.pairs(), self.feed.pairs(), exchange.accounts(), self.past.rates)
        if not changed:
            return
        try:
            await self.venue.execute(changed)
        except CrsError as error:
            log.warning("fees not renewed: %s", error)

    def _with_orders(self) -> Iterable[str]:
        exchange = self.market.exchange
        return (order.symbol for account in exchange.accounts() for order in exchange.open_orders(account))

    def _say(self, text: str) -> None:
        self.text = text
        self.bus.publish(FeedStateChanged(FeedState.CONNECTING, text, self.feed.now))


def _grid(pair: TradingPair) -> tuple[object, ...]:
    """Return what ticks, lots and amounts of a pair mean."""
    return pair.tick, pair.lot, pair.base.decimals, pair.quote.decimals
