"""All channels of `/v1/ws`, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bus import Bus
from engine.domain.order import AccountId
from engine.server.market import MarketView
from engine.server.ws.channel import Channel
from engine.server.ws.market import MarketChannels
from engine.server.ws.private import PrivateChannels

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Channels:
    """The channels of one server process; `start` them, `close` them."""

    def __init__(self, bus: Bus, view: MarketView, exchange_db: Engine) -> None:
        self.market, self.private = MarketChannels(bus, view), PrivateChannels(bus, view, exchange_db)

    def start(self) -> None:
        """Send from now on."""
        self.market.start()

    async def close(self) -> None:
        """Send nothing more."""
        await self.private.close()
        await self.market.close()

    @property
    def open(self) -> int:
        """How many channels somebody listens to."""
        return self.market.open + self.private.open

    def find(self, name: str, account: AccountId | None = None) -> Channel:
        """Return a channel; with an account, one of its own.

        Raises:
            Refusal, InvalidInput: there is no such channel.
        """
        return self.market.find(name) if account is None else self.private.find(account, name)
