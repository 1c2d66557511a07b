"""What is known of a venue before it is asked anything: names, addresses, limits, and who reads its wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from engine.adapters.exchanges.dialect.rest import RestDialect
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.net.line import LinePlan
from engine.adapters.exchanges.net.rest import RestLimits
from engine.adapters.exchanges.net.socket import SocketLimits
from engine.domain.instrument import InstrumentKind


@dataclass(frozen=True, slots=True)
class VenueSpec:
    """A venue that can be connected to; `replace` the addresses for one on this machine."""

    name: str
    """As everywhere in the engine, e.g. `binance`."""
    title: str
    """For the screen, e.g. `Binance`."""
    kind: InstrumentKind
    rest_url: str
    socket_url: str
    documentation: str
    """Where its interfaces are described."""
    rest_limits: RestLimits
    socket_limits: SocketLimits
    socket: Callable[[], Dialect]
    rest: Callable[[], RestDialect]
    clock_grain: int = 0
    """What the time that it tells is rounded down to, ns."""
    numbers_prints: bool = True
    """Whether a pair's prints are numbered one after the other, so that a missing one shows."""
    tickers_every_s: float = 10.0
    """How often the tickers of all instruments are asked for."""
    tickers: Callable[[], Dialect] | None = None
    """Who reads the stream of all tickers, where there is one…"""
    ticker_natives: tuple[str, ...] = ()
    """…and what is subscribed there; empty subscribes every instrument."""
    note: str = ""
    """What is particular about it, for whoever chooses."""

    @property
    def is_public(self) -> bool:
        """Whether it is out there; one on this machine, without TLS, may have a time of its own."""
        return not self.socket_url.startswith("ws://")

    def plan(self) -> LinePlan:
        """Return how lines for books and prints are made."""
        return LinePlan(self.title, self.socket_url, self.socket, self.socket_limits)

    def at(self, rest: str, socket: str) -> VenueSpec:
        """Return the same venue somewhere else, e.g. on this machine: other hosts, the same paths."""
        return replace(self, rest_url=_moved(self.rest_url, rest), socket_url=_moved(self.socket_url, socket))


def _moved(url: str, to: str) -> str:
    parts, base = urlsplit(url), urlsplit(to)
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))
