"""What a server learns of those who ask, and what follows: blocks, trust, and their keeping."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from engine.server.limits.block import Block, Blocks
from engine.server.limits.keep import Changes, Keep, Known
from engine.server.limits.standing import Standings

EVERY_S = 5.0
TRUST_TURN = 12
"""How many turns pass before trust that others learned is read."""

STRIKING = frozenset({401, 408, 413, 414, 429, 431})
"""Statuses of strangers that bring their address nearer to a block."""

Audit = Callable[[str, dict[str, object]], None]
"""Told of what an auditor wants to know: a word (`address_blocked`, …) and its particulars; must be quick."""

log = logging.getLogger(__name__)


def log_only(word: str, particulars: dict[str, object]) -> None:
    """Write it to the program's log."""
    log.warning(word.replace("_", " "), extra=particulars)


class Guard:
    """Blocks and standings of one process; `start` begins to keep them, `close` keeps them a last time."""

    def __init__(self, blocks: Blocks, standings: Standings, keep: Keep) -> None:
        self.blocks, self.standings = blocks, standings
        self.audit: Audit = log_only
        self._keep = keep
        self._task: asyncio.Task[None] | None = None
        self._saving = asyncio.Lock()
        self._due = asyncio.Event()
        self._unsaved = Changes()
        blocks.listen(self._on_block)

    async def start(self) -> None:
        """Take over what is kept, then keep what changes."""
        known = await self._keep.load()
        if known is not None:
            self.blocks.learn(known.blocks)
            self.standings.learn(known.trust)
        self._task = asyncio.get_running_loop().create_task(self._run(), name="limits are kept")

    async def close(self) -> None:
        """Keep everything and stop."""
        task, self._task = self._task, None
        if task is not None:
            self._due.set()
            await asyncio.gather(task, return_exceptions=True)
            await self.save()

    def note(
        self, who: str, net: str, status: int, *, trust: float = 1.0, is_order: bool = False, is_cancel: bool = False
    ) -> None:
        """Learn how a request ended; `who` is empty for strangers, `trust` is what his returns to."""
        if who:
            self.standings.saw(who, status, orders=int(is_order), cancels=int(is_cancel), baseline=trust)
            return
        if status in STRIKING:
            self.standings.saw(f"ip:{net}", status)
            self.blocks.strike(net)

    async def block(self, net: str, seconds: float, reason: str) -> Block:
        """Block an address; it is kept when this returns."""
        block = self.blocks.block(net, seconds, reason)
        await self.save()
        return block

    async def lift(self, net: str) -> bool:
        """Let an address in again; that is kept when this returns."""
        lifted = self.blocks.lift(net)
        await self.save()
        return lifted

    async def save(self) -> bool:
        """Keep what changed; what cannot be kept now is tried again."""
        async with self._saving:
            trust = tuple((who, *told) for who, told in self.standings.changed().items())
            changes, self._unsaved = self._unsaved.then(Changes(trust=trust)), Changes()
            if not changes:
                return True
            kept = await self._keep.save(Known(self.blocks.kept(), tuple(self.standings.known())), changes)
            if not kept:
                self._unsaved = changes.then(self._unsaved)
            return kept

    async def _run(self) -> None:
        turn = 0
        while self._task is not None:  # not cancelled: a library on the way to Redis might swallow that
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._due.wait()
            self._due.clear()
            turn = (turn + 1) % TRUST_TURN
            if await self.save() and self._keep.shared:
                known = await self._keep.load(trust=not turn)
                if known is not None:
                    self.blocks.learn(known.blocks, all_of_them=True)
                    self.standings.learn(known.trust)

    def _on_block(self, word: str, block: Block) -> None:
        particulars: dict[str, object] = {"address": block.net, "reason": block.reason, "level": block.level}
        if word == "blocked":
            particulars["seconds"] = round(block.until - block.since)
            self._unsaved = self._unsaved.then(Changes(blocked=(block,)))
        else:
            self._unsaved = self._unsaved.then(Changes(lifted=(block.net,)))
        self.audit(f"address_{word}", particulars)
        self._due.set()
