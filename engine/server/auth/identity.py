"""The users' part of a running server: opened once, closed at the end; the acts are in `signin` and its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection

from engine.bus import Bus
from engine.domain.number import Nanos
from engine.ports.clock import Clock
from engine.server.audit.chain import Scalar
from engine.server.audit.log import SecurityLog
from engine.server.auth.gate import Gate
from engine.server.auth.mail import Post, post_of
from engine.server.auth.parts import Parts, open_parts
from engine.server.auth.password import HashingRoom
from engine.server.auth.token import AccessTokens
from engine.server.settings import ServerSettings
from engine.services.offload import offload
from engine.services.task import TaskOwner

P = ParamSpec("P")
R = TypeVar("R")


class Identity:
    """What the routes of users and sessions need."""

    def __init__(self, parts: Parts, bus: Bus, post: Post) -> None:
        self.parts = parts
        self.tokens = AccessTokens(parts.signing)
        self.gate = Gate(parts.database, parts.keys, self.tokens, parts.clock, bus)
        self.room = HashingRoom()
        self.post = post
        self._tasks, self._closed = TaskOwner("identity"), False

    @property
    def audit(self) -> SecurityLog:
        """The security log."""
        return self.parts.audit

    @property
    def now(self) -> Nanos:
        """The server's wall clock."""
        return self.parts.clock.wall()

    async def writing(self, work: Callable[[Connection], R]) -> R:
        """Return what `work` makes of a transaction that is committed at its end; in a thread."""
        return await offload(self._written, work)

    async def reading(self, work: Callable[[Connection], R]) -> R:
        """Return what `work` reads; in a thread."""
        return await offload(self._read, work)

    def record(self, connection: Connection, kind: str, user_id: int, **data: Scalar) -> int:
        """Append a line about something that a user did to itself."""
        who = f"user:{user_id}"
        return self.audit.record(connection, kind, actor=who, subject=who, **data)

    def revoke(self, connection: Connection, seq: int, sessions: Iterable[str]) -> None:
        """Have every process forget sessions; `gate.look()` after the commit makes this one do so at once."""
        self.audit.revoke(connection, seq, *(f"session:{each}" for each in sessions))

    def later(self, work: Coroutine[object, object, None]) -> None:
        """Do something after the answer, so that how long it takes tells nobody anything; not once this is closed."""
        if self._closed:
            work.close()
        else:
            self._tasks.start(work)

    def note(self, word: str, particulars: Mapping[str, object]) -> None:
        """Append soon what another part has to tell the log; an address in it becomes a reference."""
        told: dict[str, Any] = {
            key: self.parts.keys.reference(str(value)) if key == "address" else str(value)
            for key, value in particulars.items()
        }
        self.later(self._note(word.replace("_", ".", 1), told))

    async def settled(self) -> None:
        """Wait until everything that was put off is done and all letters are delivered."""
        await self._tasks.finished()
        await offload(self.post.flush)

    async def close(self) -> None:
        """Stop, when what was put off is done."""
        self._closed = True
        await self._tasks.finished()
        await self.gate.close()
        self.room.close()
        self.post.close()
        self.parts.close()

    async def _note(self, kind: str, told: dict[str, Any]) -> None:
        await self.audit.append(kind, **told)

    def _written(self, work: Callable[[Connection], R]) -> R:
        with self.parts.database.writing() as connection:
            return work(connection)

    def _read(self, work: Callable[[Connection], R]) -> R:
        with self.parts.database.reading() as connection:
            return work(connection)


async def open_identity(settings: ServerSettings, bus: Bus, clock: Clock) -> Identity:
    """Open the users of a data directory and begin to look for revocations.

    Raises:
        CrsError: the disk or the database is in the way; the sentence says how.
    """
    parts = await offload(open_parts, settings, clock)
    try:
        identity = Identity(parts, bus, post_of(settings))
        await identity.gate.start()
    except BaseException:
        parts.close()
        raise
    return identity
