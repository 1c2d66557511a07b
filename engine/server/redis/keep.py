"""Blocks and trust in Redis, for all processes."""

from __future__ import annotations

import logging
import time
from typing import Any

import msgspec
from redis.asyncio import Redis

from engine.server.limits.block import MEMORY_S, Block
from engine.server.limits.keep import Changes, Known
from engine.server.redis.connection import RedisLink, Unreachable

BLOCKS = "crs:blocks:1"
TRUST = "crs:trust:1"
MARK = "crs:limits-kept:1"
"""There as long as nobody emptied Redis."""
TRUST_KEPT_S = 14 * 86_400
"""Without news; by then trust is where it returns to."""

log = logging.getLogger(__name__)


class RedisKeep:
    """A hash of blocks by address and one of trust by name."""

    shared = True

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._everything = Known()
        """What this process knew last, for a Redis that was emptied."""

    async def load(self, *, trust: bool = True) -> Known | None:
        """Return what all processes know; None while Redis does not answer, or holds what is not ours."""
        try:
            return await self._link.ask(lambda client: self._read(client, trust))
        except Unreachable:
            return None
        except msgspec.DecodeError as error:
            log.warning("what Redis keeps of limits cannot be read", extra={"reason": str(error)})
            return None

    async def save(self, everything: Known, changes: Changes) -> bool:
        """Write what changed."""
        self._everything = everything
        try:
            await self._link.ask(lambda client: _write(client, changes))
        except Unreachable:
            return False
        return True

    async def _read(self, client: Redis, with_trust: bool) -> Known:
        if await client.set(MARK, "1", nx=True):  # it is new, or was emptied
            known = self._everything
            await _write(client, Changes(blocked=known.blocks, trust=known.trust))
        return await _read(client, with_trust)


async def _read(client: Redis, with_trust: bool) -> Known:
    told: Any = await client.hgetall(BLOCKS)
    blocks = [msgspec.json.decode(each, type=Block) for each in told.values()]
    names: Any = await client.hgetall(TRUST) if with_trust else {}
    trust = [(who, *msgspec.json.decode(each, type=tuple[float, float])) for who, each in names.items()]
    now = time.time()
    if stale := [each.net for each in blocks if each.until + MEMORY_S < now]:
        await client.hdel(BLOCKS, *stale)
    if stale := [who for who, _, at in trust if at + TRUST_KEPT_S < now]:
        await client.hdel(TRUST, *stale)
    return Known(tuple(blocks), tuple(trust))


async def _write(client: Redis, changes: Changes) -> None:
    blocked = {block.net: msgspec.json.encode(block).decode() for block in changes.blocked}
    trust = {who: msgspec.json.encode((value, at)).decode() for who, value, at in changes.trust}
    async with client.pipeline(transaction=True) as pipe:
        pipe_any: Any = pipe
        if changes.lifted:
            pipe_any.hdel(BLOCKS, *changes.lifted)
        if blocked:
            pipe_any.hset(BLOCKS, mapping=blocked)
        if trust:
            pipe_any.hset(TRUST, mapping=trust)
            pipe_any.expire(TRUST, TRUST_KEPT_S)
        await pipe.execute()
