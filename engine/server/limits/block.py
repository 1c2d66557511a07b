"""Blocked addresses: after too many refusals for 1 minute, then for 10, then for 24 h.

An address's turn counts down again after a day without a block. Instants are seconds since 1970, so that a restart
and other processes understand them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from engine.server.limits.gcra import SECOND, count, step_of
from engine.server.limits.tier import Rate

LENGTHS_S = (60, 600, 86_400)
MEMORY_S = 86_400
"""After a block's end: how long the next one is longer."""

STRIKES = Rate(60, 60)
"""Refusals of strangers (401, 429 and what is no request) that an address may cause before it is blocked."""

CAPACITY = 50_000

Listener = Callable[[str, "Block"], None]


@dataclass(frozen=True, slots=True)
class Block:
    """One address, or one IPv6 /64."""

    net: str
    since: float
    until: float
    level: int
    """Which time it is, from 1; 0 = an operator did it."""
    reason: str


class Blocks:
    """Who is blocked, who was, and how near others are to it."""

    def __init__(
        self, *, free: Container[str] = (), now: Callable[[], float] = time.time, listener: Listener | None = None
    ) -> None:
        self._free, self._now, self._listener = free, now, listener
        self._blocks: dict[str, Block] = {}
        self._strikes: dict[str, int] = {}
        self._step = step_of(STRIKES)
        self.turned_away = 0

    def listen(self, listener: Listener) -> None:
        """Tell of every block and every lifting: its word (`blocked`, `lifted`) and the block."""
        self._listener = listener

    def left_s(self, net: str) -> float:
        """Return for how long an address is still blocked; 0 = it is not."""
        block = self._blocks.get(net) if self._blocks else None
        if block is None or (left := block.until - self._now()) <= 0:
            return 0.0
        self.turned_away += 1
        return left

    def strike(self, net: str) -> None:
        """Count a refusal that an address caused; too many block it."""
        if net in self._free:
            return
        now = int(self._now() * SECOND)
        if len(self._strikes) >= CAPACITY:
            self._strikes = {each: tat for each, tat in self._strikes.items() if tat > now}
            if len(self._strikes) >= CAPACITY:
                self._strikes.clear()
        kept, verdict = count((self._strikes.get(net, 0),), (self._step,), now, 1)
        self._strikes[net] = kept[0]
        if not verdict.allowed:
            del self._strikes[net]
            before = self._blocks.get(net)
            lately = before is not None and before.until + MEMORY_S >= self._now()
            level = min(len(LENGTHS_S), 1 + (before.level if before is not None and lately else 0))
            self._put(net, LENGTHS_S[level - 1], level, "too many refusals")

    def block(self, net: str, seconds: float, reason: str) -> Block:
        """Block an address because an operator says so, whatever the allow-list says."""
        return self._put(net, seconds, 0, reason)

    def lift(self, net: str) -> bool:
        """Let an address in again; its history is forgotten. Returns whether it was blocked."""
        block = self._blocks.pop(net, None)
        self._strikes.pop(net, None)
        if block is None or block.until <= self._now():
            return False
        self._tell("lifted", block)
        return True

    def active(self) -> tuple[Block, ...]:
        """Return who is blocked now, the longest first."""
        now = self._now()
        return tuple(sorted((each for each in self._blocks.values() if each.until > now), key=lambda each: -each.until))

    def kept(self) -> tuple[Block, ...]:
        """Return what a restart must know: who is blocked, and who was lately."""
        self._forget()
        return tuple(self._blocks.values())

    def learn(self, told: Iterable[Block], *, all_of_them: bool = False) -> None:
        """Take over what was kept, or what other processes did; nobody is told again."""
        fresh = {each.net: each for each in told}
        self._blocks = fresh if all_of_them else {**self._blocks, **fresh}
        self._forget()

    def _put(self, net: str, seconds: float, level: int, reason: str) -> Block:
        now = self._now()
        block = self._blocks[net] = Block(net, now, now + seconds, level, reason)
        self._forget()
        self._tell("blocked", block)
        return block

    def _forget(self) -> None:
        now = self._now()
        if len(self._blocks) > CAPACITY or any(each.until + MEMORY_S < now for each in self._blocks.values()):
            kept = [each for each in self._blocks.values() if each.until + MEMORY_S >= now]
            self._blocks = {each.net: each for each in sorted(kept, key=lambda each: -each.until)[:CAPACITY]}

    def _tell(self, word: str, block: Block) -> None:
        if self._listener is not None:
            self._listener(word, block)
