"""Who is behind a request: tokens, tickets and API keys looked up once, then known until they end.

What was verified is kept by the SHA-256 of what was shown, so a request costs microseconds. Every process reads the
table of revocations twice a second and forgets what it names; where that table has not been readable for a while
nothing that is kept is believed any more. What is not known is never kept: a new key works at once.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from hashlib import sha256
from hmac import digest

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.bus import Bus
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import CrsError
from engine.ports.clock import Clock
from engine.server.auth import factor
from engine.server.auth.apikey import HeldKey, held_key
from engine.server.auth.kept import Kept
from engine.server.auth.port import AccessEnded
from engine.server.auth.session import SessionRow, hash_of, live_session
from engine.server.auth.tidy import tidy
from engine.server.auth.token import AccessClaims, AccessTokens
from engine.server.auth.user import accounts_of, user_by_id
from engine.server.db.database import AccountsDb
from engine.server.db.tables import api_key, revocation, ws_ticket
from engine.server.keyfiles import KeyFiles
from engine.server.limits.trust import baseline_of
from engine.server.principal import NEVER, Principal
from engine.server.refusal import Refusal, unauthorized
from engine.services.offload import offload

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
USED_EVERY = 20
"""Rounds of looking after which the last uses of keys are written down."""
BELIEVED_NS = 90 * NANOS_PER_SECOND
"""How long what is kept is believed while nobody can say what was revoked: longer than a database's restart."""
TIDY_EVERY, TIDY_FIRST = 7_200, 120
"""Rounds between two times of deleting what is of no use any more: an hour, the first time after a minute."""
TICKET_NS = 30 * NANOS_PER_SECOND


class Gate:
    """The `Authenticator` over the users' database."""

    def __init__(self, database: AccountsDb, keys: KeyFiles, tokens: AccessTokens, clock: Clock, bus: Bus) -> None:
        self._database, self._keys, self._tokens, self._clock, self._bus = database, keys, tokens, clock, bus
        self._principals, self._held_keys = Kept[Principal](), Kept[HeldKey]()
        self._used: dict[int, Nanos] = {}
        self._seen_seq = 0
        self._looked_at = clock.monotonic()
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def kept(self) -> dict[str, tuple[int, int, int]]:
        """Return entries, hits and misses of what is kept, for whoever watches."""
        both = (("authors", self._principals), ("keys", self._held_keys))
        return {name: (len(each), each.hits, each.misses) for name, each in both}

    async def start(self) -> None:
        """Begin to look for revocations."""
        self._seen_seq = await offload(self._last_revocation)
        self._looked_at = self._clock.monotonic()
        self._task = asyncio.create_task(self._look_forever(), name="revocations")

    async def close(self) -> None:
        """Stop looking; the last uses of keys are written down."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(CrsError):
            await self._write_used()

    async def bearer(self, token: str, *, ip: str) -> Principal:
        """Return the owner of an access token; see `Authenticator`."""
        kept_as, now = sha256(token.encode("utf-8", "surrogatepass")).digest(), self._clock.wall()
        principal = self._principals.get(kept_as) if self._is_believed() else None
        if principal is None or principal.expires_at <= now:
            read_when = self._principals.forgotten
            claims = self._tokens.verified(token, now)
            principal = await offload(self._owner, claims)
            self._principals.keep(kept_as, principal, read_when)
        return principal

    async def ticket(self, ticket: str, *, ip: str) -> Principal:
        """Return the owner of a WebSocket ticket, which is spent by this."""
        return await offload(self._spend, ticket)

    async def signed(self, api_key: str, payload: bytes, signature: str, *, ip: str) -> Principal:
        """Return the owner of an API key whose secret signed `payload`."""
        held = await self._held(api_key, ip)
        wanted = digest(held.secret, payload, sha256).hex()
        if not secrets.compare_digest(wanted.encode(), signature.lower().encode("utf-8", "surrogatepass")):
            raise unauthorized("The signature is not this key's.", "bad_signature")
        return self._principal(held)

    async def key(self, api_key: str, *, ip: str) -> Principal:
        """Return the owner of an API key where no signature is asked for."""
        return self._principal(await self._held(api_key, ip))

    async def look(self) -> None:
        """Forget what was revoked since the last look; called at once by whoever revokes in this process."""
        async with self._looking:
            rows = await offload(self._revoked_since, self._seen_seq)
            self._looked_at = self._clock.monotonic()
            if not rows:
                return
            self._seen_seq = rows[-1][0]
        subjects = frozenset(subject for _, subject in rows)
        if "*" in subjects:
            self._tokens.read_again()
        self._principals.forget(subjects)
        self._held_keys.forget(subjects)
        self._bus.publish(AccessEnded(subjects))

    def tidy(self) -> None:
        """Delete what is of no use any more; blocks."""
        with self._database.writing() as connection:
            tidy(connection, self._clock.wall())

    def forget_all(self) -> None:
        """Look everybody up again."""
        self._principals.forget(frozenset("*"))
        self._held_keys.forget(frozenset("*"))

    def issue_ticket(self, principal: Principal) -> tuple[str, int]:
        """Return a ticket for one WebSocket and when it ends (ns); blocks."""
        now, ticket = self._clock.wall(), secrets.token_urlsafe(32)
        ends = min(now + TICKET_NS, principal.expires_at)
        with self._database.writing() as connection:
            row = {"hash": hash_of(ticket), "session_id": principal.session_id, "expires_ns": ends}
            connection.execute(ws_ticket.insert().values(**row, access_ns=principal.expires_at))
            connection.execute(ws_ticket.delete().where(ws_ticket.c.expires_ns < now))
        return ticket, ends

    async def _held(self, public: str, ip: str) -> HeldKey:
        if not (public.isascii() and public.isprintable()):
            raise unauthorized("There is no such API key.", "bad_key")
        kept_as = public.encode()
        held = self._held_keys.get(kept_as) if self._is_believed() else None
        if held is None:
            read_when = self._held_keys.forgotten
            held = await offload(self._read_key, public)
            if held is None:
                raise unauthorized("There is no such API key.", "bad_key")
            self._held_keys.keep(kept_as, held, read_when)
        if not held.allows(ip):
            raise unauthorized("This API key may not be used from this address.", "bad_key")
        self._used[held.id] = self._clock.wall()
        return held

    def _principal(self, held: HeldKey) -> Principal:
        account = next(each.account for each in held.accounts if each.id == held.account_id)
        return Principal(
            user_id=held.user_id, account=account, accounts=(account,), role=held.role, scopes=held.scopes,
            key_id=held.id,
        )  # fmt: skip

    def _is_believed(self) -> bool:
        return self._clock.monotonic() - self._looked_at < BELIEVED_NS

    def _read_key(self, public: str) -> HeldKey | None:
        with self._database.reading() as connection:
            return held_key(connection, self._keys, public)

    def _owner(self, claims: AccessClaims) -> Principal:
        with self._database.reading() as connection:
            found = live_session(connection, claims.session_id, self._clock.wall())
            mine = found if found and found.user_id == claims.user_id else None
            return _principal_of(connection, mine, claims.expires_at, claims.present_until)

    def _spend(self, ticket: str) -> Principal:
        hashed, now = hash_of(ticket), self._clock.wall()
        with self._database.writing() as connection:
            row = connection.execute(sa.select(ws_ticket).where(ws_ticket.c.hash == hashed)).one_or_none()
            spent = connection.execute(ws_ticket.delete().where(ws_ticket.c.hash == hashed)).rowcount
            if row is None or not spent or row.expires_ns <= now:
                raise unauthorized("This ticket is spent or has ended; fetch a new one.", "bad_ticket")
            return _principal_of(connection, live_session(connection, row.session_id, now), Nanos(row.access_ns))

    def _last_revocation(self) -> int:
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.max(revocation.c.seq))) or 0

    def _revoked_since(self, seq: int) -> list[tuple[int, str]]:
        query = sa.select(revocation.c.seq, revocation.c.subject).where(revocation.c.seq > seq)
        with self._database.reading() as connection:
            return [(row.seq, row.subject) for row in connection.execute(query.order_by(revocation.c.seq))]

    async def _look_forever(self) -> None:
        rounds = 0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            rounds += 1
            try:
                await self.look()
                if rounds % USED_EVERY == 0:
                    await self._write_used()
                if rounds % TIDY_EVERY == TIDY_FIRST:
                    await offload(self.tidy)
            except CrsError as error:
                log.warning("revocations cannot be read", extra={"reason": str(error)})
            except Exception:
                log.exception("looking for revocations failed")

    async def _write_used(self) -> None:
        used, self._used = self._used, {}
        if used:
            await offload(self._write_used_now, used)

    def _write_used_now(self, used: dict[int, Nanos]) -> None:
        with self._database.writing() as connection:
            for key_id, at in sorted(used.items()):
                connection.execute(api_key.update().where(api_key.c.id == key_id).values(used_ns=int(at)))


def _principal_of(
    connection: Connection, row: SessionRow | None, expires_at: Nanos, present_until: Nanos = NEVER
) -> Principal:
    user = None if row is None else user_by_id(connection, row.user_id)
    if row is None or user is None or user.locked:
        raise _ended()
    accounts = tuple(each.account for each in accounts_of(connection, user.id))
    return Principal(
        user_id=user.id, account=accounts[0], accounts=accounts, role=user.role, session_id=row.id,
        stepped_up_until=Nanos(min(present_until, row.stepped_up_ns)), expires_at=expires_at,
        trust=baseline_of(mfa=factor.is_on(connection, user.id)) or 1.0,
    )  # fmt: skip


def _ended() -> Refusal:
    return unauthorized("This session has ended; sign in again.", "session_ended")
