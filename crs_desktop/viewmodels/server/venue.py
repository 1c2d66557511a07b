"""Which venue a desk is at, in words: the paper account (on which prices), or an account on a server.

`venue_of` is the one place that looks at what an engine is; whoever shows a venue shows this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.words import NOTHING, Sentence, say

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk


@dataclass(frozen=True, slots=True)
class ShownVenue:
    """A venue as it is shown; `server` is empty for the paper account."""

    account: str
    server: str = ""
    market: str = ""
    """What the server says its market is, e.g. `demo`."""
    recorded: str = ""
    """The exchange of the recording that is played; empty for any other market."""
    exchange: str = ""
    """The public exchange at whose prices paper money is traded, e.g. `Binance`; empty for a market of our own."""

    @property
    def is_live(self) -> bool:
        """Whether orders leave this machine."""
        return bool(self.server)

    @property
    def word(self) -> str:
        """`PAPER` or `LIVE`."""
        return "LIVE" if self.is_live else "PAPER"

    @property
    def name(self) -> str:
        """Account and server, short: for toasts and the top bar."""
        where = self.server or self.exchange or (f"replay of {self.recorded}" if self.recorded else "")
        return f"{self.account} · {where}" if where else self.account

    @property
    def title(self) -> str:
        """The same for the title of a window: `PAPER`, `PAPER on Binance`, `LIVE U-1 · example.org`."""
        if self.is_live:
            return f"{self.word} {self.name}"
        if self.recorded:
            return f"{self.word} on a replay of {self.recorded}"
        return f"{self.word} on {self.exchange}" if self.exchange else self.word

    @property
    def place(self) -> str:
        """Where orders are filled, for the rows of tables: a server, an exchange, or `PAPER`."""
        return self.server or self.exchange or self.word

    @property
    def money(self) -> Sentence:
        """Whether the money is real."""
        if not self.is_live:
            return say("Paper money. Orders stay on this computer.")
        if self.market == "demo":
            return say("demo market: no real money")
        if self.exchange:
            return say("paper money at the prices of {exchange}", exchange=self.exchange)
        return say("orders go to the server at once")

    @property
    def band(self) -> Sentence:
        """The line of the band; NOTHING for the paper account."""
        if not self.is_live:
            return NOTHING
        return say("LIVE · account {account} on {server}", account=self.account, server=self.server)


def venue_of(desk: Desk) -> ShownVenue:
    """Return where the orders of a desk go."""
    account, server = str(desk.venue.account), getattr(desk.services, "server", None)
    if server is not None:
        return ShownVenue(account, server.host, server.market, exchange=server.title)
    exchange, recording = desk.trust.exchange, desk.recording
    return ShownVenue(
        account,
        recorded=recording.title if recording is not None else "",
        exchange=exchange.title if exchange is not None else "",
    )


def live_name(desk: Desk) -> str:
    """Return the name of the server's account that orders go to, "" for the paper account."""
    venue = venue_of(desk)
    return venue.name if venue.is_live else ""
