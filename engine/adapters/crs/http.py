"""REST of a CRS server: one request, its answer decoded into the type that it must have, or a sentence why not.

Certificates are checked against those that the system trusts. Nothing is followed elsewhere, and what is no answer of
a CRS server (the sign-in page of a hotel, another program) is never taken for data. While a server has asked us to
wait, requests of that kind are not sent at all; cancels are.
"""

from __future__ import annotations

import logging
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar, overload

import httpx
import msgspec

from engine.adapters.crs.address import host_of, server_url
from engine.adapters.crs.clock import ServerClock
from engine.adapters.crs.failure import failure_of
from engine.adapters.crs.refused import refusal_of
from engine.errors import InvalidInput, NotACrsServer, SignInNeeded, VenueUnavailable, VersionMismatch
from engine.ports.server import Query, TokenSource
from engine.wire.market import ServerTime, Venues, Version
from engine.wire.problem import MEDIA_TYPE

T = TypeVar("T")

for _name in ("httpx", "httpcore", "websockets"):  # they would tell of every request, or of what is in a frame
    logging.getLogger(_name).setLevel(logging.WARNING)

CONNECT_S, READ_S = 5.0, 15.0

_ENCODER = msgspec.json.Encoder()


class CrsHttp:
    """A `ServerApi`; `close` ends its connections."""

    def __init__(self, url: str, *, version: str, tls: ssl.SSLContext | None = None, timeout_s: float = READ_S) -> None:
        """Speak to the server at `url` as a client of `version`; `tls` is for those who trust others than the system.

        Raises:
            InvalidInput: it is no address, or one that would send passwords in the open.
        """
        self.url = server_url(url)
        self.host = host_of(self.url)
        self.version = version
        self.clock = ServerClock()
        self.tls = tls or ssl.create_default_context()
        self.about: Version | None = None
        """What the server said of itself when it was last met."""
        self._tokens: TokenSource | None = None
        self._rest: dict[str, float] = {}
        """Until when (monotonic) requests of a kind are not sent, because the server said so."""
        self._decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
        self._client = httpx.AsyncClient(
            base_url=self.url,
            verify=self.tls,
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=8),
            headers={"user-agent": f"crs-desktop/{version}", "accept": "application/json"},
            follow_redirects=False,
            trust_env=not self.url.startswith("http://"),
        )

    def __repr__(self) -> str:
        return f"CrsHttp({self.url})"

    async def close(self) -> None:
        """End all connections; safe to call twice."""
        await self._client.aclose()

    def now_ms(self) -> int:
        """Return the server's clock; see `ServerApi.now_ms`."""
        return self.clock.now_ms()

    def sign_with(self, tokens: TokenSource | None) -> None:
        """Ask this for access tokens; see `ServerApi.sign_with`."""
        self._tokens = tokens

    # -- who is there -----------------------------------------------------------------------------

    async def meet(self) -> Version:
        """Look who answers: it must be a CRS server that understands this program; measure its clock.

        Raises:
            VersionMismatch: one of both is too old; it says which.
            InvalidInput: there is no market at this address; it says which addresses have one.
            VenueUnavailable, ServerUntrusted, NotACrsServer: as `call`.
        """
        found = await self.call("GET", "/v1/version", Version, signed=False)
        if _numbers(self.version) < _numbers(found.oldest_client):
            raise VersionMismatch(
                f"{self.host} needs CRS Desktop {found.oldest_client} or newer; this is {self.version}. Update it."
            )
        if found.market == "none":
            raise InvalidInput(await self._choice())
        self.about = found
        await self.measure()
        return found

    async def _choice(self) -> str:
        """Return which markets there are, for who asked the root of a server that has none there."""
        found = await self.call("GET", "/v1/venues", Venues, signed=False)
        addresses = ", ".join(f"{self.url}/{each.name}" for each in found.venues)
        return f"{self.host} has no market of its own. Use the address of one of its markets: {addresses or 'none'}."

    async def measure(self) -> ServerTime:
        """Measure the server's clock against this machine's, and return what it said; errors as `call`."""
        sent = self.clock.elapsed_ms()
        found = await self.call("GET", "/v1/time", ServerTime, signed=False)
        self.clock.measured(found.time_ms, sent, self.clock.elapsed_ms())
        return found

    # -- one request ------------------------------------------------------------------------------

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

    async def call(
        self, method: str, path: str, answer: Any = None, *, body: object = None, query: Query | None = None,
        signed: bool = True, timeout_s: float | None = None,
    ) -> Any:  # fmt: skip
        """Send one request and return its answer; see `ServerApi.call`."""
        kind = _kind(path)
        self._check_rest(kind, method)
        headers: dict[str, str] = {}
        if body is not None:
            headers["content-type"] = "application/json"
        request: dict[str, Any] = {"headers": headers, "content": None if body is None else _ENCODER.encode(body)}
        if query:
            request["params"] = {name: value for name, value in query.items() if value is not None}
        if timeout_s is not None:
            request["timeout"] = httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S))
        reply = await self._send(method, path, request, signed=signed, renew=False)
        if reply.status_code == httpx.codes.UNAUTHORIZED and signed:
            try:
                self._read(reply, answer, kind, signed=True)
            except SignInNeeded as error:
                if type(error) is not SignInNeeded:  # a second factor, a proof of presence: no new token helps
                    raise
            reply = await self._send(method, path, request, signed=True, renew=True)
        return self._read(reply, answer, kind, signed=signed)

    async def _send(
        self, method: str, path: str, request: dict[str, Any], *, signed: bool, renew: bool
    ) -> httpx.Response:
        if signed:
            if self._tokens is None:
                raise SignInNeeded("Sign in first.")
            request["headers"]["authorization"] = f"Bearer {await self._tokens(renew)}"
        try:
            try:
                return await self._client.request(method, path, **request)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                if method != "GET":  # asking twice changes nothing, and a kept connection may have ended unnoticed
                    raise
                return await self._client.request(method, path, **request)
        except httpx.TransportError as error:
            failure = failure_of(error, self.host)
            failure.was_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            raise failure from None

    def _read(self, reply: httpx.Response, answer: Any, kind: str, *, signed: bool) -> Any:  # noqa: ANN401
        media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if reply.is_success and answer is None:
            return None
        if reply.is_success and media == "application/json":
            try:
                return self._decoder(answer).decode(reply.content)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise NotACrsServer(f"{self.host} answers, but not as a CRS server does. It was not used.") from None
        if media == MEDIA_TYPE:
            error = refusal_of(reply.content, reply.status_code, _retry_after(reply), self.host, signed=signed)
            if isinstance(error, VenueUnavailable) and error.retry_after_s:
                everything = reply.status_code == httpx.codes.IM_A_TEAPOT
                self._rest["" if everything else kind] = time.monotonic() + error.retry_after_s
            raise error
        raise self._stranger(reply, media)

    def _stranger(self, reply: httpx.Response, media: str) -> VenueUnavailable:
        """Return what an answer means that is none of a CRS server."""
        status = reply.status_code
        if reply.is_redirect:
            where = host_of(reply.headers.get("location", "")) or "another page"
            return NotACrsServer(
                f"The network sends {self.host} to {where}: perhaps it wants you to sign in to it first, in a browser."
            )
        if status in (429, 418, 502, 503, 504):  # a gateway before the server
            wait = _retry_after(reply)
            text = f"{self.host} is not ready to answer (status {status})."
            return VenueUnavailable(text if wait is None else f"{text} It asks to wait {wait:.0f} s.", wait)
        if media == "text/html":
            return NotACrsServer(
                f"A web page answers instead of {self.host}. The network may want you to sign in to it first, or the "
                "address is not a CRS server's."
            )
        return NotACrsServer(f"{self.host} answers, but not as a CRS server does (status {status}). It was not used.")

    def _decoder(self, answer: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - a type
        found = self._decoders.get(answer)
        if found is None:
            found = self._decoders[answer] = msgspec.json.Decoder(answer)
        return found

    def _check_rest(self, kind: str, method: str) -> None:
        if method == "DELETE":  # taking orders out is never held up here
            return
        until = max(self._rest.get(kind, 0.0), self._rest.get("", 0.0))
        left = until - time.monotonic()
        if left > 0:
            raise VenueUnavailable(f"{self.host} asked us to slow down. It goes on in {left:.0f} s.", left)


def _kind(path: str) -> str:
    """Return which of the server's limits a path counts against."""
    parts = path.split("/")
    return {"orders": "orders", "order-lists": "orders", "auth": "auth"}.get(parts[2] if len(parts) > 2 else "", "data")


def _retry_after(reply: httpx.Response) -> float | None:
    """Return the header Retry-After in seconds, a date as well; None if there is none that can be read."""
    text = reply.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text), 86_400.0)
    try:
        date = reply.headers.get("date")
        since = parsedate_to_datetime(date).timestamp() if date else time.time()
        return max(0.0, min(parsedate_to_datetime(text).timestamp() - since, 86_400.0))
    except ValueError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, for comparing: 0.10.0 is newer than 0.9.1."""
    return tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in version.split(".")[:3])
