"""A running engine on the offline market."""

from __future__ import annotations

from dataclasses import dataclass

from engine.adapters.paper.feed import OfflineFeed
from engine.adapters.paper.runner import MarketRunner
from engine.bootstrap.account import fee_commands, opening
from engine.bootstrap.local import LocalEngine, past_of
from engine.domain.command import Command
from engine.domain.order import AccountId
from engine.settings import Settings

__all__ = ["Engine", "past_of"]


@dataclass(slots=True, kw_only=True)
class Engine(LocalEngine):
    """A running engine: one account on the offline market, its services and its journal."""

    feed: OfflineFeed
    runner: MarketRunner

    @property
    def clockwork(self) -> MarketRunner:
        """What drives the market."""
        return self.runner

    @property
    def public(self) -> None:
        """Return None: the market is of this machine's own making."""
        return

    def opening(self, account: AccountId) -> list[Command]:
        """Return the commands that open another account, with the starting balances and fees of the settings."""
        return opening(account, self.venue.pairs(), self.settings)

    async def apply(self, settings: Settings) -> None:
        """Make changed settings effective and keep them: risk limits and fees at once, the rest when next used.

        Raises:
            InvalidSetting: the file holds something that must not be overwritten.
            StorageUnavailable: the disk refuses.
        """
        before = self.settings.account
        await LocalEngine.apply(self, settings)
        if (settings.account.maker_fee, settings.account.taker_fee) != (before.maker_fee, before.taker_fee):
            await self.venue.execute(fee_commands(self.venue.account, self.venue.pairs(), settings))
