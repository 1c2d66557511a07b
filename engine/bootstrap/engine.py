"""A running engine on the offline market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.adapters.paper.feed import OfflineFeed
from engine.adapters.paper.runner import MarketRunner
from engine.bootstrap.account import fee_commands, opening
from engine.bootstrap.local import LocalEngine, past_of
from engine.bootstrap.public_account import opening_here
from engine.domain.command import Command
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.exchange.offline import RECORDING
from engine.ports.recording import Recorded
from engine.settings import Settings

__all__ = ["Engine", "first_commands", "past_of"]


def first_commands(kind: str, account: AccountId, pairs: Sequence[TradingPair], settings: Settings) -> list[Command]:
    """Return the commands that open an account on an offline market of a kind.

    In a recording of the user's own it has what it would have at that venue, and the venue's fees.

    Raises:
        InvalidSetting: the starting balances give nothing that is traded there.
    """
    if kind.startswith(RECORDING):
        return opening_here(pairs, settings, account)
    return opening(account, pairs, settings)


@dataclass(slots=True, kw_only=True)
class Engine(LocalEngine):
    """A running engine: one account on the offline market, its services and its journal."""

    feed: OfflineFeed
    runner: MarketRunner
    recording: Recorded | None = None
    """The recording of one's own that is played; None of any other market."""

    @property
    def clockwork(self) -> MarketRunner:
        """What drives the market."""
        return self.runner

    @property
    def recorder(self) -> None:
        """Return None: only what is live can be recorded."""
        return

    @property
    def public(self) -> None:
        """Return None: the market is of this machine's own making."""
        return

    def opening(self, account: AccountId) -> list[Command]:
        """Return the commands that open another account, with the starting balances and fees of the settings."""
        return first_commands(self.runner.kind, account, self.venue.pairs(), self.settings)

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
