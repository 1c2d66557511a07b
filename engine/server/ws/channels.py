"""All channels of `/v1/ws`, by name."""

from __future__ import annotations

from engine.domain.order import AccountId
from engine.server.core.port import Core
from engine.server.ws.channel import Channel
from engine.server.ws.market import MarketChannels
from engine.server.ws.private import PrivateChannels


class Channels:
    """The channels of one server process; `start` them, `close` them."""

    def __init__(self, core: Core) -> None:
        self.market, self.private = MarketChannels(core), PrivateChannels(core)

    def start(self) -> None:
        """Send from now on."""
        self.market.start()

    async def close(self) -> None:
        """Send nothing more."""
        self.private.close()
        await self.market.close()

    def find(self, name: str, account: AccountId | None = None) -> Channel:
        """Return a channel; with an account, one of its own.

        Raises:
            Refusal: there is no such channel.
        """
        return self.market.find(name) if account is None else self.private.find(account, name)
