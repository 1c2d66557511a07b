"""Putting together who counts, who is blocked and what is kept of it, with Redis or without."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from engine.server.auth.identity import Identity
from engine.server.limits.allowlist import AllowList
from engine.server.limits.block import Blocks
from engine.server.limits.doorkeeper import Doorkeeper
from engine.server.limits.guard import Audit, Guard, log_only
from engine.server.limits.keep import FileKeep, Keep
from engine.server.limits.memory import MemoryLimiter
from engine.server.limits.port import Limiter, Unlimited
from engine.server.limits.scale import Scale
from engine.server.limits.standing import Standings
from engine.server.redis.connection import RedisLink
from engine.server.redis.keep import RedisKeep
from engine.server.redis.limiter import RedisLimiter
from engine.server.settings import ServerSettings

EVERYBODY = ("0.0.0.0/0", "::/0")


class Limiting(NamedTuple):
    """The parts."""

    limiter: Limiter
    guard: Guard
    keeper: Doorkeeper
    redis: RedisLink | None


@asynccontextmanager
async def limiting(settings: ServerSettings) -> AsyncIterator[Limiting]:
    """Lend the parts; what they know is kept at the end."""
    async with AsyncExitStack() as stack:
        never = (*settings.never_block, *settings.trusted_proxies)  # a proxy's address is everybody's
        free = AllowList(never if settings.limits == "on" else EVERYBODY)
        link = RedisLink(settings.redis) if settings.redis else None
        keep: Keep = FileKeep(settings.data_dir / "limits.json")
        if link is not None:
            stack.push_async_callback(link.close)
            keep = RedisKeep(link)
        guard = Guard(Blocks(free=free), Standings(), keep)
        await guard.start()
        stack.push_async_callback(guard.close)
        if link is not None:
            link.on_change = lambda ok: guard.audit("redis_back" if ok else "redis_lost", {})
        keeper = Doorkeeper(settings.max_connections, settings.max_connections_of_one, free)
        yield Limiting(_limiter(settings, link), guard, keeper, link)


def audited(identity: Identity) -> Audit:
    """Return what writes an auditor's news into the log and into the security log, and keeps nobody waiting."""

    def note(word: str, particulars: dict[str, object]) -> None:
        log_only(word, particulars)
        identity.note(word, particulars)

    return note


def _limiter(settings: ServerSettings, link: RedisLink | None) -> Limiter:
    if settings.limits == "off":
        return Unlimited()
    scale = Scale(settings.limit_times, settings.limit_times_of)
    if link is None:
        return MemoryLimiter(scale)
    return RedisLimiter(link, scale, MemoryLimiter(scale.halved()))
