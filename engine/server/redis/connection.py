"""The connection to Redis: a bounded pool, 50 ms for every answer, and a breaker for when there is none."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from engine.errors import InvalidSetting
from engine.server.redis.breaker import Breaker

ANSWER_S = 0.05
CONNECTIONS = 32

T = TypeVar("T")

log = logging.getLogger(__name__)


class Unreachable(Exception):  # noqa: N818 - a state of the world; never leaves the server
    """Redis does not answer, or is not asked now because it did not lately."""


class RedisLink:
    """Asks Redis, never longer than `ANSWER_S`; `on_change` is told once when it is lost and once when it is back."""

    def __init__(self, url: str, *, breaker: Breaker | None = None, answer_s: float = ANSWER_S) -> None:
        try:
            pool = BlockingConnectionPool.from_url(
                url, max_connections=CONNECTIONS, timeout=answer_s, socket_timeout=answer_s,
                socket_connect_timeout=answer_s * 4, decode_responses=True,
                retry=Retry(NoBackoff(), 0),
            )  # fmt: skip
        except ValueError as error:
            raise InvalidSetting(f"The Redis URL cannot be used: {error}.") from None
        self.client: Redis = Redis(connection_pool=pool)
        self.breaker = breaker or Breaker()
        self.on_change: Callable[[bool], None] = lambda _ok: None
        self.calls = self.failures = 0

    @property
    def is_up(self) -> bool:
        """Whether Redis answered lately."""
        return not self.breaker.is_open

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Return what Redis answers.

        Raises:
            Unreachable: it does not, or is left alone for now.
        """
        if not self.breaker.may_pass():
            raise Unreachable
        self.calls += 1
        try:
            answer = await question(self.client)
        except (RedisError, OSError, TimeoutError) as error:
            self.failures += 1
            if self.breaker.failed():
                log.warning("Redis does not answer", extra={"reason": f"{type(error).__name__}: {error}"})
                self.on_change(False)
            raise Unreachable from error
        except BaseException:
            self.breaker.failed()  # cancelled: whoever tried must report, or nobody tries again
            raise
        if self.breaker.succeeded():
            log.info("Redis answers again")
            self.on_change(True)
        return answer

    async def close(self) -> None:
        """Close every connection."""
        await self.client.aclose()
        await self.client.connection_pool.disconnect()
