"""A running engine over paper accounts on a public exchange, and what a front may ask of that alone."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace

from engine.adapters.paper.live_file import VenueChoices, VenueFile
from engine.adapters.paper.live_runner import LiveRunner
from engine.adapters.recordings.recorder import Recorder
from engine.bootstrap.local import LocalEngine
from engine.bootstrap.public_account import engaged_in, opening_here
from engine.bootstrap.recorded_pairs import RecordedPairs
from engine.bus import Subscription
from engine.domain.command import Command
from engine.domain.event import OrderAccepted, OrderCancelled, OrderExpired, OrderFilled
from engine.domain.number import Nanos
from engine.domain.order import AccountId
from engine.errors import InvalidInput, StorageUnavailable
from engine.ports.exchange import ExchangeFeed, PairsFollowed
from engine.profile import ProfileLock
from engine.services.following import Following
from engine.services.offload import offload
from engine.services.task import TaskOwner
from engine.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublicInfo:
    """What only an account on a public exchange has; `FrontEngine.public`."""

    venue: str
    """E.g. `binance`."""
    title: str
    """E.g. `Binance`."""
    currency: str
    """What accounts there are valued in."""
    feed: ExchangeFeed
    """To ask for instruments and the state of each book."""
    following: Following
    """To follow pairs and to let them go."""
    closed_ns: Nanos
    """How long the program had been closed when the account was opened; 0 for a new one."""
    left_out: dict[str, str]
    """Pairs that are shown but cannot be traded, with the reason."""


@dataclass(slots=True, kw_only=True)
class PublicEngine(LocalEngine):
    """Paper accounts on a public exchange: the same services as offline, filled against what the venue really shows.

    Has what `engine.bootstrap.front.FrontEngine` says. `profile` is the user's own; the accounts' database is in
    `home`. Whoever made the feed closes it, after the engine.
    """

    feed: ExchangeFeed
    live: LiveRunner
    public: PublicInfo
    choices: VenueChoices
    tape: Recorder
    _home_lock: ProfileLock
    recorder: RecordedPairs = field(init=False)
    """Records pairs while one trades."""
    _listening: tuple[Subscription, ...] = ()
    _keeping: TaskOwner = field(default_factory=lambda: TaskOwner("public engine"))
    _saving: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        LocalEngine.__post_init__(self)
        self.recorder = RecordedPairs(self.tape, self.choices.recorded, self._remember_recorded)

    @property
    def recording(self) -> None:
        """Return None: the market is live."""
        return

    @property
    def runner(self) -> None:
        """Return None: the market's time is the venue's."""
        return

    @property
    def clockwork(self) -> LiveRunner:
        """What drives the market."""
        return self.live

    def opening(self, account: AccountId) -> list[Command]:
        """Return the commands that open another account, with the starting balances and the venue's fees."""
        return opening_here(self.venue.pairs(), self.settings, account)

    def metrics(self) -> dict[str, object]:
        """Return what was measured since the start."""
        health = self.feed.health()
        found = LocalEngine.metrics(self)
        return found | {"gaps": health.gaps, "resyncs": health.resyncs, "reconnects": health.reconnects}

    def start(self) -> None:
        """Let the market move and the account be valued; `open_public` calls it."""
        self._listening = (
            self.bus.subscribe(PairsFollowed, self._on_followed),
            self.bus.subscribe(OrderAccepted, self._on_accepted),
            self.bus.subscribe(OrderCancelled, self._on_ended),
            self.bus.subscribe(OrderExpired, self._on_ended),
            self.bus.subscribe(OrderFilled, self._on_ended),
        )
        LocalEngine.start(self)
        self._keeping.start(self.recorder.go_on())

    async def close(self) -> None:
        """Stop, write what waits and give the profile free; the feed stays. Safe to call twice."""
        for subscription in self._listening:
            subscription.close()
        await self._keeping.join()
        await self.recorder.close()
        await LocalEngine.close(self)
        await self.public.following.close()
        self._home_lock.release()

    async def apply(self, settings: Settings) -> None:
        """Make changed settings effective and keep them: also how much is recorded; errors as elsewhere."""
        await LocalEngine.apply(self, settings)
        self.recorder.apply(settings)

    async def _remember_recorded(self, recorded: tuple[str, ...]) -> None:
        await self._choose(replace(self.choices, recorded=recorded))

    async def remember_account(self, account: AccountId) -> None:
        """Keep which account is in use on this venue."""
        await self._choose(replace(self.choices, account=account))

    def _on_accepted(self, event: OrderAccepted) -> None:
        symbol = event.order.symbol
        if symbol not in self.public.following.kept:
            self._keeping.start(self._keep_or_let_go(symbol))

    def _on_ended(self, event: OrderCancelled | OrderExpired | OrderFilled) -> None:
        """Let pairs go in which nothing of anybody's is left."""
        kept = self.public.following.kept
        if kept and (not isinstance(event, OrderFilled) or event.left == 0):
            engaged = engaged_in(self.venue.fold)
            for symbol in kept:
                if symbol not in engaged:
                    self._keeping.start(self._keep_or_let_go(symbol))

    async def _keep_or_let_go(self, symbol: str) -> None:
        """Do what is right now: more may have happened in the turn in which this began."""
        following = self.public.following
        if symbol not in engaged_in(self.venue.fold):
            await following.let_go(symbol)
            return
        try:
            await following.keep(symbol)
        except InvalidInput as error:
            log.warning("a pair with an order is not followed: %s", error)

    def _on_followed(self, _event: PairsFollowed) -> None:
        followed = self.public.following.wanted
        if followed and followed != self.choices.followed:
            self._keeping.start(self._note_followed(followed))

    async def _note_followed(self, followed: tuple[str, ...]) -> None:
        try:
            await self._choose(replace(self.choices, followed=followed))
        except StorageUnavailable as error:
            log.warning("followed pairs not kept: %s", error)

    async def _choose(self, choices: VenueChoices) -> None:
        self.choices = choices
        async with self._saving:  # the newest is written last, and never two at once
            await offload(VenueFile(self.home.choices_file).save, self.choices)
