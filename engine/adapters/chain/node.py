"""One endpoint: what it is asked at once, at which pace, and when it is let rest.

Nothing is followed elsewhere, answers are bounded, and what is not JSON-RPC is never taken for data. The address may
carry a key: no error, log or `repr` says more of it than the host.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from engine.adapters.chain.endpoint import Endpoint
from engine.adapters.chain.refusal import Meaning, Refusal, refusal_of
from engine.adapters.crs.failure import failure_of
from engine.adapters.exchanges.net.bounded import body_of, no_cookies
from engine.adapters.exchanges.net.pace import Pace
from engine.adapters.exchanges.net.refused import retry_after
from engine.errors import ChainUnavailable, VenueUnavailable
from engine.services.backoff import Backoff
from engine.services.offload import offload

CONNECT_S, READ_S, WHOLE_S = 5.0, 20.0, 45.0
"""For a connection, for the next bytes, and for a whole answer."""
MOST_BYTES = 32 * 2**20
LONG = 256 * 1024
"""Bytes of an answer from which on reading it would be felt."""
BATCH = 50
"""Calls in one request; many services take no more."""
LEAST_REST_S, REFUSED_REST_S, MOST_REST_S = 1.0, 60.0, 3600.0
"""How long a node rests that asks for it and says not how long; that refuses us (a wrong key); at most."""
TOO_LARGE, TOO_MANY, FORBIDDEN = 413, 429, (401, 402, 403)
BATCH_REFUSED = re.compile(r"batch", re.IGNORECASE)
SIZE = re.compile(r"limit|large|size|max|exceed|too many", re.IGNORECASE)
"""In a node's words when a batch is too long, and not that it takes none at all."""

for _name in ("httpx", "httpcore"):  # they would tell of every request, with its address
    logging.getLogger(_name).setLevel(logging.WARNING)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """One call of JSON-RPC."""

    method: str
    params: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: a result (any JSON, `null` as well), or why not."""

    result: Any = None
    refusal: Refusal | None = None

    @property
    def meaning(self) -> Meaning | None:
        """Why not; None: there is a result."""
        return None if self.refusal is None else self.refusal.meaning

    @property
    def is_final(self) -> bool:
        """Whether asking another node would be of no use."""
        return self.meaning not in (Meaning.SLOW_DOWN, Meaning.ELSEWHERE, Meaning.UNKNOWN_METHOD)


@dataclass
class Health:
    """How an endpoint does."""

    problem: str = ""
    """Why it was left, as a sentence; empty: it answers."""
    height: int = 0
    """The newest block that it told of."""
    told_at: float = 0.0
    """When, by the monotonic clock."""
    asked: int = 0
    """Requests over HTTP."""
    chain_id: int | None = None
    """The chain that it says it is of; None: not asked yet."""
    is_barred: bool = False
    """It is of another chain: never asked again."""
    backoff: Backoff = field(default_factory=Backoff)


class Node:
    """Asks one endpoint; `close` ends its connections."""

    def __init__(
        self, where: Endpoint, tls: ssl.SSLContext | None = None, *,
        transport: httpx.AsyncBaseTransport | None = None, timeout_s: float = READ_S,
    ) -> None:  # fmt: skip
        self.endpoint, self.host = where, where.host
        self.health = Health()
        self.pace = Pace(where.per_s, where.burst)
        self.batch = BATCH
        """Calls that it takes in one request; smaller once it refused more."""
        self.unknown: set[str] = set()
        """Methods that it does not have."""
        self._next_id = 0
        self._rest_until = 0.0
        self._whole_s = min(WHOLE_S, 2 * timeout_s)
        is_plain = where.url.startswith("http://")
        self._client = httpx.AsyncClient(
            verify=tls if tls is not None else not is_plain,
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S)),
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
            headers={
                "user-agent": "crs-desktop",
                "content-type": "application/json",
                "accept": "application/json",
                "accept-encoding": "gzip",
            },
            cookies=no_cookies(),
            follow_redirects=False,
            trust_env=not is_plain,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"Node({self.host})"

    @property
    def rests_s(self) -> float:
        """How long nothing is sent to it; 0: it can be asked now."""
        return max(0.0, self._rest_until - time.monotonic())

    def rest(self, seconds: float, problem: str) -> None:
        """Leave it alone for a while, and say why."""
        if not self.health.problem:
            log.info("node left", extra={"node": self.host, "for_s": round(seconds, 1), "why": problem})
        self._rest_until = max(self._rest_until, time.monotonic() + min(seconds, MOST_REST_S))
        self.health.problem = problem

    async def close(self) -> None:
        """End all connections; safe to call twice."""
        await self._client.aclose()

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Return an answer to each question, in as few requests as it takes, without waiting for its rest.

        Raises:
            ChainUnavailable: there was no answer at all. The node rests for a while.
        """
        size = self.batch
        pieces = [questions[at : at + size] for at in range(0, len(questions), size)]
        found = await asyncio.gather(*(self._piece(each) for each in pieces))
        answers = [answer for piece in found for answer in piece]
        meanings = {each.meaning for each in answers}
        self.unknown |= {
            q.method for q, a in zip(questions, answers, strict=True) if a.meaning is Meaning.UNKNOWN_METHOD
        }
        if Meaning.SLOW_DOWN in meanings:
            self._slow_down(None)
        elif Meaning.ELSEWHERE not in meanings:
            self.health.backoff.reset()
            self.health.problem = ""
        return answers

    async def _piece(self, questions: Sequence[Question]) -> list[Answer]:
        """Ask in one request; where the node takes no batch of this size, in halves."""
        first = self._next_id
        self._next_id += len(questions)
        bodies = [
            {"jsonrpc": "2.0", "id": first + at, "method": each.method, "params": each.params}
            for at, each in enumerate(questions)
        ]
        is_batch = len(bodies) > 1
        await self.pace.take(len(bodies))
        reply, body = await self._post(msgspec.json.encode(bodies if is_batch else bodies[0]))
        read = self._read(reply, await _decoded(body), is_batch=is_batch)
        if not is_batch:
            return [_answer(questions[0].method, read, self.endpoint)]
        if isinstance(read, list):
            by_id = {each["id"]: each for each in read if isinstance(each, dict) and isinstance(each.get("id"), int)}
            return [_answer(each.method, by_id.get(first + at), self.endpoint) for at, each in enumerate(questions)]
        refusal = None if read is None else _answer("", read, self.endpoint).refusal
        if refusal is not None and refusal.meaning is Meaning.SLOW_DOWN and not BATCH_REFUSED.search(str(read)):
            return [Answer(refusal=refusal)] * len(questions)
        is_size = reply.status_code == TOO_LARGE or (read is not None and SIZE.search(str(read)) is not None)
        return await self._smaller(questions, (len(questions) + 1) // 2 if is_size else 1)

    async def _smaller(self, questions: Sequence[Question], size: int) -> list[Answer]:
        """Ask again in smaller requests, and keep to it."""
        self.batch = min(self.batch, size)
        log.info("node takes smaller batches", extra={"node": self.host, "batch": self.batch})
        pieces = [questions[at : at + size] for at in range(0, len(questions), size)]
        return [answer for piece in await asyncio.gather(*map(self._piece, pieces)) for answer in piece]

    async def _post(self, content: bytes) -> tuple[httpx.Response, bytes]:
        for is_last in (False, True):
            self.health.asked += 1
            try:
                request = self._client.stream("POST", self.endpoint.url, content=content)
                async with asyncio.timeout(self._whole_s), request as reply:
                    return reply, await body_of(reply, self.host, MOST_BYTES)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
                if is_last:  # a kept connection may have ended unnoticed, so the first time says little
                    raise self._failed(str(failure_of(error, self.host))) from None
            except (httpx.RequestError, httpx.InvalidURL) as error:
                raise self._failed(str(failure_of(error, self.host))) from None
            except VenueUnavailable as error:
                raise self._failed(str(error)) from None
            except TimeoutError:
                raise self._failed(f"{self.host} took too long for an answer.") from None
            except RuntimeError:
                if self._client.is_closed:
                    raise ChainUnavailable(f"{self.host} is not connected any more.") from None
                raise
        raise AssertionError

    def _read(self, reply: httpx.Response, read: Any, *, is_batch: bool) -> Any:  # noqa: ANN401 - of JSON
        """Return what stands in an answer, also in one whose status is no success; else raise, and let it rest."""
        status = reply.status_code
        if status == TOO_MANY:
            self._slow_down(retry_after(reply))
            raise ChainUnavailable(f"{self.host} asks us to slow down. It goes on in {self.rests_s:.0f} s.")
        if isinstance(read, dict | list) and (reply.is_success or _is_error(read)) and status not in FORBIDDEN:
            return read
        if is_batch and 400 <= status < 500 and status not in FORBIDDEN:
            return None  # it takes no batch, or none so large
        raise self._stranger(reply)

    def _stranger(self, reply: httpx.Response) -> ChainUnavailable:
        status = reply.status_code
        if status in FORBIDDEN:
            return self._failed(f"{self.host} refuses us (status {status}): is the key in its address right?", True)
        if reply.is_redirect:
            return self._failed(f"The network sends {self.host} elsewhere; that was not followed.", True)
        if "html" in reply.headers.get("content-type", ""):
            return self._failed(f"A web page answers instead of {self.host}. Is this the address of a node?")
        if reply.is_success:
            return self._failed(f"{self.host} answers, but not as a node does, or its answer broke off.")
        return self._failed(f"{self.host} is not ready to answer (status {status}).")

    def _failed(self, problem: str, is_refused: bool = False) -> ChainUnavailable:
        """Let it rest, a little longer each time, and return what is raised."""
        pause = self.health.backoff.next()
        self.rest(REFUSED_REST_S if is_refused else pause, problem)
        return ChainUnavailable(problem)

    def _slow_down(self, asked_s: float | None) -> None:
        pause = self.health.backoff.next(LEAST_REST_S if asked_s is None else asked_s)
        self.rest(pause, f"{self.host} asked us to slow down.")


async def _decoded(body: bytes) -> Any:  # noqa: ANN401
    """Return the JSON of an answer, None if it is none; a long one is read off the loop."""
    try:
        return await offload(msgspec.json.decode, body) if len(body) > LONG else msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_error(read: Any) -> bool:  # noqa: ANN401
    each = read[0] if isinstance(read, list) and read else read
    return isinstance(each, Mapping) and isinstance(each.get("error"), Mapping)


def _answer(method: str, read: Any, where: Endpoint) -> Answer:  # noqa: ANN401
    """Return what one object of an answer says; None where there was none."""
    if isinstance(read, Mapping) and read.get("error") is not None:
        refusal = refusal_of(method, _hidden(read["error"], where))
        return Answer(refusal=refusal)
    if isinstance(read, Mapping) and "result" in read:
        return Answer(read["result"])
    text = f"{where.host} left out a part of its answer."
    return Answer(refusal=Refusal(Meaning.ELSEWHERE, 0, text))


def _hidden(error: Any, where: Endpoint) -> Any:  # noqa: ANN401
    if not isinstance(error, dict):
        return where.hide(str(error)[:1000])
    data = error.get("data")
    shown = {"data": where.hide(data)} if isinstance(data, str) else {}
    return {**error, **shown, "message": where.hide(str(error.get("message") or "")[:1000])}
