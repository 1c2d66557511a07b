"""REST of a public exchange: one GET, its JSON as bytes, or a sentence why not.

Requests keep the venue's pace by themselves, and none is sent while the venue has asked to wait (429, 418): asking on
turns a limit into a ban. Nothing is followed elsewhere, answers are bounded, and a web page is never taken for data.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import msgspec

from engine.adapters.crs.failure import failure_of
from engine.adapters.exchanges.net.bounded import body_of, no_cookies
from engine.adapters.exchanges.net.pace import Pace
from engine.adapters.exchanges.net.refused import Refused, refused
from engine.errors import VenueUnavailable
from engine.services.backoff import Backoff

CONNECT_S, READ_S, WHOLE_S = 5.0, 20.0, 90.0
"""For a connection, for the next bytes, and for a whole answer: one that drips is none."""
LARGE_BYTES = 256 * 1024
"""Of an answer from this size on only the end is looked at."""
MOST_BYTES = 64 * 2**20
"""The list of all instruments is the largest answer: some 15 MB."""
PATIENCE_S = 30.0

_WHOLE = msgspec.json.Decoder(msgspec.Raw)

Query = Mapping[str, str | int]

for _name in ("httpx", "httpcore"):  # they would tell of every request
    logging.getLogger(_name).setLevel(logging.WARNING)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RestLimits:
    """What a venue allows: units (weights, or requests) a minute and at once."""

    per_minute: float
    burst: float
    used_header: str = ""
    """The header that says how many units of this minute are used, of everybody at this address."""


class VenueRest:
    """Requests to one venue; `close` ends its connections."""

    def __init__(
        self, title: str, url: str, limits: RestLimits, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.title, self.url = title, url.rstrip("/")
        self.host = urlsplit(url).netloc
        self._limits = limits
        self.pace = Pace(limits.per_minute / 60, limits.burst)
        self._rest_until = 0.0
        """Until when (monotonic) nothing is sent, because the venue said so."""
        self.asked = 0
        """Requests that were sent."""
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
            headers={"user-agent": "crs-desktop", "accept": "application/json", "accept-encoding": "gzip"},
            cookies=no_cookies(),
            follow_redirects=False,
            trust_env=urlsplit(url).scheme != "http",
            transport=transport,
        )

    async def close(self) -> None:
        """End all connections; safe to call twice."""
        await self._client.aclose()

    async def get(
        self, path: str, query: Query | None = None, *, weight: float = 1.0, patience_s: float = PATIENCE_S,
        most_bytes: int = MOST_BYTES, on_sent: Callable[[], None] | None = None,
    ) -> bytes:  # fmt: skip
        """Return the JSON text of an answer; asked again with growing pauses while the venue cannot answer.

        Args:
            path: below the venue's address, e.g. `/api/v3/time`.
            query: its parameters.
            weight: units of the venue's limit that it costs.
            patience_s: how long to go on asking; 0 asks once.
            most_bytes: a longer answer is refused.
            on_sent: called each time when it is sent, after the wait for the pace.

        Raises:
            InvalidInput: the venue says that the request is wrong, in its own words.
            VenueUnavailable: no answer, none that is JSON, or it asks to wait longer than the patience; it was closed.
        """
        backoff, until = Backoff(), time.monotonic() + patience_s
        while True:
            try:
                return await self._once(path, query, weight, most_bytes, on_sent)
            except VenueUnavailable as error:
                wait = backoff.next(error.retry_after_s or 0.0)
                if time.monotonic() + wait >= until:
                    raise
                log.info("asked again", extra={"venue": self.title, "path": path, "in_s": round(wait, 2)})
                await asyncio.sleep(wait)

    async def _once(
        self, path: str, query: Query | None, weight: float, most_bytes: int, on_sent: Callable[[], None] | None
    ) -> bytes:
        self._check_rest()
        await self.pace.take(weight)
        self._check_rest()
        self.asked += 1
        if on_sent is not None:
            on_sent()
        try:
            request = self._client.stream("GET", self.url + path, params=None if query is None else dict(query))
            async with asyncio.timeout(WHOLE_S), request as reply:
                body = await body_of(reply, self.title, most_bytes)
        except httpx.RequestError as error:
            raise failure_of(error, self.host) from None
        except TimeoutError:
            raise VenueUnavailable(f"{self.title} took more than {WHOLE_S:.0f} s for an answer.") from None
        self._take_limits(reply)
        if reply.is_success:
            self._check_json(reply, body)
            return body
        verdict: Refused = refused(reply, body, self.title)
        if verdict.rest_s:
            self._rest_until = max(self._rest_until, time.monotonic() + verdict.rest_s)
        raise verdict.error

    def _check_json(self, reply: httpx.Response, body: bytes) -> None:
        media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not (media == "application/json" or media.endswith("+json")):
            raise VenueUnavailable(
                f"What answers at {self.host} is not {self.title}: it sends no JSON. The network may want you to sign "
                "in to it first, in a browser."
            )
        if not _is_whole(body):
            raise VenueUnavailable(f"An answer of {self.title} broke off; it was not used.")

    def _take_limits(self, reply: httpx.Response) -> None:
        used = reply.headers.get(self._limits.used_header, "") if self._limits.used_header else ""
        if used.isascii() and used.isdigit():
            self.pace.used(float(used[:9]) - (self._limits.per_minute - self._limits.burst))

    def _check_rest(self) -> None:
        if self._client.is_closed:
            raise VenueUnavailable(f"{self.title} is not connected any more.")
        left = self._rest_until - time.monotonic()
        if left > 0:
            raise VenueUnavailable(f"{self.title} asked us to slow down. It goes on in {left:.0f} s.", left)


def _is_whole(body: bytes) -> bool:
    """Whether an answer is JSON to its end; of a large one only whether it ends as JSON does: its reader sees the rest.

    To look at 15 MB takes 70 ms, in which no other thread gets a turn.
    """
    if len(body) > LARGE_BYTES:
        return body.rstrip()[-1:] in (b"}", b"]")
    try:
        _WHOLE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
