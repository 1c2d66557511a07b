"""The door to a CRS server: one call and its answer, and what its connection tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar, overload

T = TypeVar("T")

Query = Mapping[str, Any]

TokenSource = Callable[[bool], Awaitable[str]]
"""Returns a good access token; True asks for a new one although the last looks good: the server refused it."""


class ConnectionState(StrEnum):
    """How the streams of a server stand."""

    CONNECTING = "connecting"
    ONLINE = "online"
    WAITING = "waiting"
    """Broken; another try comes in `retry_in_s`."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """Event: the connection of a server's streams changed; `text` is a sentence for the screen."""

    state: ConnectionState
    text: str
    attempt: int = 0
    """How many tries failed in a row."""
    retry_in_s: float | None = None


class ServerApi(Protocol):
    """One server, asked over the network.

    `call` sends one request and returns its answer, decoded and checked; nothing where no content is expected. Signed
    requests carry the access token; one that the server refuses is renewed once. It raises

    - `ServerRefused`: the server said no; its word and sentence are in it.
    - `SignInNeeded`, `SecondFactorNeeded`, `StepUpNeeded`: it wants to know who asks.
    - `VenueUnavailable`: it cannot be reached, is overloaded, or asked us to wait (`retry_after_s`).
    - `ServerUntrusted`, `NotACrsServer`: what answers is not (known to be) the server.
    - `VersionMismatch`: one of both sides is too old.
    """

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        ...

    def now_ms(self) -> int:
        """Return the server's clock (UTC milliseconds) as far as it was measured; else this machine's."""
        ...

    async def measure(self) -> object:
        """Measure the server's clock anew; errors as `call`."""
        ...

    def sign_with(self, tokens: TokenSource | None) -> None:
        """Ask this for the access token of every call that needs one."""
        ...

    @overload
    async def call(
        self, method: str, path: str, answer: type[T], *, body: object = None, query: Query | None = None,
        signed: bool = True, timeout_s: float | None = None,
    ) -> T: ...  # fmt: skip

    @overload
    async def call(
        self, method: str, path: str, answer: None = None, *, body: object = None, query: Query | None = None,
        signed: bool = True, timeout_s: float | None = None,
    ) -> None: ...  # fmt: skip
