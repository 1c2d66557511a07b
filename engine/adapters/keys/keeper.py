"""The one key process of a wallet: started when a password opens it, ended when the wallet is locked.

It locks itself when nobody was there for a while, when the machine slept, and when its process is gone for whatever
reason. Wrong passwords in a row make one wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from engine.adapters.keys.idle import Idle, Tries
from engine.adapters.keys.message import Refused, Reply, Request, Sealed, Unlock, Unlocked
from engine.adapters.keys.process import CRASHED, Host, HostProcess
from engine.adapters.keys.refusal import ERRORS
from engine.errors import InvalidInput, KeysLocked, WrongPassphrase
from engine.ports.clock import Clock
from engine.ports.keys import Locked
from engine.services.offload import offload
from engine.services.task import TaskOwner

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often it is looked whether somebody is still there."""
LOCKED = "The wallet is locked: its password is wanted."


class Keeper:
    """Starts, asks and ends the process; call it on the loop."""

    def __init__(self, clock: Clock, auto_lock_s: int, start: Callable[[], Host] = HostProcess) -> None:
        self.idle = Idle(clock, auto_lock_s)
        self.on_locked: list[Locked] = []
        self.on_unlocked: list[Callable[[], None]] = []
        self.shut: dict[str, str] = {}
        """Keystores that the password did not open, with a sentence each."""
        self._tries = Tries(clock)
        self._start = start
        self._host: Host | None = None
        self._spare: Host | None = None
        self._tasks = TaskOwner("keys")
        self._watch: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a process that holds keys."""
        return self._host is not None and self._host.is_alive

    @property
    def pid(self) -> int | None:
        """The process, None if the wallet is locked."""
        return None if self._host is None else self._host.pid

    @property
    def wait_s(self) -> int:
        """Seconds until a password may be tried again."""
        return self._tries.wait_s

    async def open(self, sealed: Sequence[Sealed], password: str) -> None:
        """Open all keystores; see `KeyStore` for errors."""
        request = Unlock(tuple(sealed), password)
        if self._host is not None and self.is_open:
            self._opened(await self._answered(self._host, request))
            return
        host = await self._started()
        try:
            reply = await self._answered(host, request)
        except BaseException:
            await offload(host.end)
            raise
        self._opened(reply)
        self._hold(host)

    def _opened(self, reply: Reply) -> None:
        self.shut = dict(reply.shut) if isinstance(reply, Unlocked) else {}
        self.idle.touch()

    async def begin(self) -> None:
        """Start the process for a wallet that has no keys yet."""
        if not self.is_open:
            self._hold(await self._started())

    async def ask(self, request: Request, *, by_person: bool = True) -> Reply:
        """Ask the process that holds the keys; what a program asks by itself says nothing about who is there."""
        if self._host is None:
            raise KeysLocked(LOCKED)
        if not self._host.is_alive:
            self.lock(CRASHED)
            raise KeysLocked(CRASHED)
        if by_person:
            self.idle.touch()
        return await self._answered(self._host, request)

    async def ask_once(self, request: Request) -> Reply:
        """Ask something that brings its own password: whoever is there, else a process for this alone."""
        if self.is_open:
            return await self.ask(request)
        host = await self._started()
        try:
            return await self._answered(host, request)
        finally:
            await offload(host.end)

    def lock(self, reason: str = "") -> None:
        """Kill the process, and with it all it knows."""
        host, self._host = self._host, None
        if host is None:
            return
        host.kill()
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the program ends
            host.end()
        else:
            self._tasks.start(offload(host.end))
        log.info("wallet locked", extra={"reason": reason})
        for listener in tuple(self.on_locked):
            listener(reason or "The wallet is locked.")

    async def close(self) -> None:
        """Lock, and wait until the process is gone."""
        self.lock("The wallet was closed.")
        spare, self._spare = self._spare, None
        if spare is not None:
            await offload(spare.end)
        if self._watch is not None:
            self._watch.cancel()
        await self._tasks.finished()

    async def warm(self) -> None:
        """Start the process before it is needed: it takes a second, in which a password is typed."""
        if not self.is_open and self._spare is None:
            self._spare = await offload(self._start)

    async def _started(self) -> Host:
        spare, self._spare = self._spare, None
        if spare is not None and spare.is_alive:
            return spare
        if spare is not None:
            await offload(spare.end)
        return await offload(self._start)

    def _hold(self, host: Host) -> None:
        before, self._host = self._host, host
        if before is not None:  # it had crashed
            self._tasks.start(offload(before.end))
        self.idle.touch()
        if self._watch is None or self._watch.done():
            self._watch = self._tasks.start(self._watching())
        log.info("wallet unlocked")
        for listener in tuple(self.on_unlocked):
            listener()

    async def _answered(self, host: Host, request: Request) -> Reply:
        if wait := self._tries.wait_s * _has_password(request):
            raise KeysLocked(f"Too many wrong passwords: try again in {wait} s.")
        try:
            reply = await offload(host.ask, request)
        except KeysLocked:
            if self._host is host:
                self.lock(CRASHED)
                raise
            raise KeysLocked("The wallet was locked meanwhile. Unlock it, then try again.") from None
        if isinstance(reply, Refused):
            if ERRORS.get(reply.word) is WrongPassphrase:
                self._tries.failed()
            raise ERRORS.get(reply.word, InvalidInput)(reply.sentence)
        if _has_password(request):
            self._tries.succeeded()
        return reply

    async def _watching(self) -> None:
        while self._host is not None:
            await asyncio.sleep(LOOK_S)
            if self._host is not None:
                reason = self.idle.reason() if self._host.is_alive else CRASHED
                if reason:
                    self.lock(reason)


def _has_password(request: Request) -> bool:
    """Whether it brings a password of the wallet that may be wrong."""
    return hasattr(request, "password") and (hasattr(request, "sealed"))
