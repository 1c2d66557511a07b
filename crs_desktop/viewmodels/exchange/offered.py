"""The public exchanges that a window offers, and what connecting to one means, in words."""

from __future__ import annotations

from dataclasses import dataclass

from crs_desktop.viewmodels.words import Sentence, say

CCXT = "ccxt-"
"""How the name of an exchange begins that is reached through the extra `ccxt`; its own name follows."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One public exchange, by the engine's name for it."""

    name: str
    title: str
    hosts: tuple[str, ...]
    """Who is contacted: where its list of markets and its prices come from."""
    trades: bool = True
    """Whether paper orders are filled on it; else it is shown only."""

    @property
    def is_slow(self) -> bool:
        """Whether it is reached by the general way."""
        return self.name.startswith(CCXT)


EXCHANGES = (
    Offered("binance", "Binance", ("data-api.binance.vision", "data-stream.binance.vision")),
    Offered("coinbase", "Coinbase", ("api.coinbase.com", "advanced-trade-ws.coinbase.com")),
    Offered("kraken", "Kraken", ("api.kraken.com", "ws.kraken.com")),
    Offered("binance_usdm", "Binance perpetuals", ("fapi.binance.com", "fstream.binance.com"), trades=False),
    Offered("coinbase_exchange", "Coinbase Exchange", ("api.exchange.coinbase.com", "ws-feed.exchange.coinbase.com")),
)
"""Those that are spoken to in their own words."""


def offered(name: str) -> Offered | None:
    """Return an exchange by its name; None if there is none of that name."""
    if name.startswith(CCXT) and len(name) > len(CCXT):
        own = name.removeprefix(CCXT)
        return Offered(name, f"{own} (ccxt)", ())
    return next((each for each in EXCHANGES if each.name == name), None)


def meaning(venue: Offered, hosts: tuple[str, ...]) -> list[Sentence]:
    """Return what connecting to it means, sentence by sentence; `hosts` are those that are really contacted."""
    where = " · ".join(hosts)
    said = [
        say("Only public market data is fetched, from {hosts}.", hosts=where)
        if where
        else say("Only public market data is fetched, from the addresses that ccxt knows of {name}.", name=venue.title),
        say("No key is needed and none is sent. The exchange learns your network address, as any web page does."),
    ]
    if venue.trades:
        said.append(
            say("Orders stay on this computer: they are filled on paper against what {name} shows.", name=venue.title)
        )
    else:
        said.append(say("It is shown and not traded: perpetuals take no orders here."))
    if venue.is_slow:
        said.append(
            say(
                "It goes through ccxt: slower, books are taken anew more often, and what was missed in between is "
                "not known."
            )
        )
    return said
