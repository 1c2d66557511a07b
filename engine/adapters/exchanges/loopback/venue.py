"""What a venue is to the loopback: its answers to requests, and its side of a socket. No input or output here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from engine.adapters.exchanges.loopback.frame import Outgoing
from engine.adapters.exchanges.loopback.market import Market, Picture, Shown
from engine.adapters.exchanges.loopback.told import Told
from engine.domain.number import Nanos


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for."""

    path: str
    query: Mapping[str, str]
    method: str = "GET"

    @classmethod
    def of(cls, target: str, method: str = "GET") -> Request:
        """Return the request of a target such as `/api/v3/depth?symbol=BTCUSDT`."""
        parts = urlsplit(target)
        return cls(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), method)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: JSON text with its status and what else is in its head."""

    body: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Session(Protocol):
    """The venue's side of one socket."""

    def open(self) -> Iterable[Outgoing]:
        """Return what is said first."""
        ...

    def hear(self, text: str) -> Iterable[Outgoing]:
        """Return the answers to a message of the client."""
        ...

    def tell(self, told: Told) -> Iterable[Outgoing]:
        """Return what the client is sent because of something that happened."""
        ...

    def beat(self, open_s: float) -> Iterable[Outgoing]:
        """Return what the time brings, asked ten times a second; `open_s` is the age of the connection."""
        ...

    def farewell(self) -> Iterable[Outgoing]:
        """Return what is said before the venue goes down."""
        ...


@dataclass(slots=True)
class View:
    """What a venue sees of the market; faults stand between."""

    market: Market
    now: Callable[[], Nanos]
    """The venue's clock."""
    pictured: Callable[[Shown], Picture]
    """How a book looks to whoever asks for a snapshot."""


class RestDesk(Protocol):
    """The venue's answers to requests."""

    def answer(self, request: Request) -> Answer:
        """Return the answer; a refusal is one too."""
        ...

    def refused(self, status: int, retry_s: int) -> Answer:
        """Return the venue's words for 429 and 418."""
        ...


class House(Protocol):
    """One venue over one market."""

    @property
    def rest(self) -> RestDesk:
        """What answers requests."""
        ...

    @property
    def messages_per_s(self) -> int:
        """Messages that a client may send in a second."""
        ...

    def session(self, path: str, query: Mapping[str, str]) -> Session | None:
        """Return the venue's side of a new socket; None where the path has none."""
        ...
