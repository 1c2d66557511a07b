"""Counting for all processes together: the algorithm as one script, so one round trip for all rates of a tier.

Redis decides by its own clock. When it does not answer, this process counts by itself at half the rates: neither
open nor closed.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from engine.server.limits.gcra import Step, count
from engine.server.limits.memory import MemoryLimiter
from engine.server.limits.scale import Scale
from engine.server.limits.tier import Tier, Verdict
from engine.server.redis.connection import RedisLink, Unreachable

PREFIX = "crs:limit:1:"
"""With the version of the layout: another one must not meet these values."""

SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost = tonumber(ARGV[1])
local told = redis.call('GET', KEYS[1]) or ''
local used, after, most, allowed, i = {}, {}, 0, true, 0
for tat in string.gmatch(told, '%d+') do used[#used + 1] = math.max(0, tonumber(tat) - now) end
for at = 2, #ARGV, 2 do
  i = i + 1
  used[i] = used[i] or 0
  local sum = used[i] + cost * tonumber(ARGV[at])
  if sum > tonumber(ARGV[at + 1]) then allowed = false end
  after[i] = string.format('%.0f', now + sum)
  most = math.max(most, sum)
end
if allowed and most > 0 then
  redis.call('SET', KEYS[1], table.concat(after, ' '), 'PX', math.ceil(most / 1000))
end
return used
"""


class RedisLimiter:
    """A `Limiter` over Redis, with one in this process to fall back on."""

    def __init__(self, link: RedisLink, scale: Scale, fallback: MemoryLimiter) -> None:
        self._link, self._scale, self._fallback = link, scale, fallback
        self._script = link.client.register_script(SCRIPT)
        self.fell_back = 0

    async def check(self, who: str, tier: Tier, *, cost: int = 1, trust: float = 1.0) -> Verdict:
        """Count a request of somebody."""
        steps = self._scale.steps(who, tier, trust)
        try:
            used = await self._link.ask(lambda client: self._run(client, f"{PREFIX}{tier.value}:{who}", steps, cost))
        except Unreachable:
            self.fell_back += 1
            return self._fallback.count(who, tier, cost, trust)
        return count(used, steps, 0, cost)[1]

    async def _run(self, client: Redis, key: str, steps: tuple[Step, ...], cost: int) -> list[int]:
        arguments: list[Any] = [cost]
        for step in steps:
            arguments += (step.interval, step.span)
        used: list[int] = await self._script(keys=[key], args=arguments, client=client)
        return used
