"""One hall as its requests see it: which venue it is, how its feed stands, and the money that newcomers get."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal

from engine.bootstrap.hall import HallEngine
from engine.domain.command import Command, Deposit
from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.errors import CrsError
from engine.ports.feed import FeedStateChanged
from engine.wire.market import Venue
from engine.wire.metrics import Upstream

log = logging.getLogger(__name__)


class Hall:
    """A venue's hall."""

    def __init__(self, engine: HallEngine, paper_start: Mapping[str, str]) -> None:
        self.engine = engine
        self._paper_start = {asset: Decimal(amount) for asset, amount in paper_start.items()}
        self._turn = asyncio.Lock()
        self._seen: set[AccountId] = set()
        """Accounts that are open."""
        self._text = ""
        engine.bus.subscribe(FeedStateChanged, self._on_state)

    @property
    def name(self) -> str:
        """The venue's name, which is the first part of the hall's paths."""
        return self.engine.name

    @property
    def title(self) -> str:
        """The venue's name for the screen."""
        return self.engine.title

    def told(self) -> Venue:
        """Return the hall as it travels."""
        engine = self.engine
        health = engine.feed.health()
        return Venue(
            name=engine.name,
            title=engine.title,
            path=f"/{engine.name}",
            state=str(health.state),
            text=self.text,
            age_ms=None if health.age_ms is None else round(health.age_ms),
            trades=engine.trades,
            pairs=tuple(pair.symbol for pair in engine.feed.pairs()),
            note=engine.spec.note,
        )

    def figures(self) -> Upstream:
        """Return what operators want to know of it."""
        health, journal = self.engine.feed.health(), self.engine.journal
        return Upstream(
            name=self.name,
            state=str(health.state),
            text=self.text,
            age_ms=None if health.age_ms is None else round(health.age_ms, 1),
            skew_ms=None if health.skew_ms is None else round(health.skew_ms, 1),
            pairs=len(self.engine.feed.pairs()),
            frames=health.frames,
            gaps=health.gaps,
            resyncs=health.resyncs,
            reconnects=health.reconnects,
            waiting=journal.waiting,
            problem=str(journal.failure or ""),
        )

    @property
    def text(self) -> str:
        """A sentence on the feed's state; empty when all is well."""
        return self.engine.text or self._text

    def _on_state(self, event: FeedStateChanged) -> None:
        self._text = event.text

    async def welcome(self, accounts: Iterable[AccountId]) -> None:
        """Open the accounts that have never been here, with the money that newcomers get.

        Nothing is opened while the disk refuses or the venue's pairs are not known; they are opened when they come
        again.
        """
        if not self.engine.trades or not self._newcomers(accounts):
            return
        async with self._turn:
            for account in self._newcomers(accounts):
                opening = self._opening(account)
                if not opening:
                    return
                try:
                    await self.engine.welcome(opening, account)
                except CrsError as error:
                    log.warning("account not opened", extra={"venue": self.name, "text": str(error)})
                    return

    def _newcomers(self, accounts: Iterable[AccountId]) -> list[AccountId]:
        strange = [account for account in accounts if account not in self._seen]
        if strange:
            self._seen.update(set(strange).intersection(self.engine.market.exchange.accounts()))
        return [account for account in strange if account not in self._seen]

    def _opening(self, account: AccountId) -> list[Command]:
        quotes = {pair.quote.code: pair.quote for pair in self.engine.market.exchange.pairs()}
        given = ((quotes[code], amount) for code, amount in self._paper_start.items() if code in quotes)
        units = ((asset, Units(int(amount.scaleb(asset.decimals)))) for asset, amount in given)
        return [Deposit(account, asset.code, each) for asset, each in units if each > 0]
