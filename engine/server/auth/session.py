"""Sessions in the database: a family of refresh tokens on one device, each token used once.

A refresh token's successor is derived from it (`KeyFiles.successor`), so a reply that was lost can be given again for
a few seconds although only hashes are stored. Whoever shows a used token after that, or one whose successor was used,
has a copy: the family ends. Everything here blocks and runs within the caller's transaction.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from engine.domain.number import NANOS_PER_SECOND
from engine.server.db.tables import device, device_nonce, refresh_token, session, ws_ticket
from engine.server.keyfiles import KeyFiles, unb64
from engine.server.refusal import Refusal, bad_request, unauthorized
from engine.wire.auth import Device, Refresh, refresh_message

SESSION_NS = 30 * 86_400 * NANOS_PER_SECOND
"""How long a session lasts after its last refresh."""
LONGEST_NS = 90 * 86_400 * NANOS_PER_SECOND
"""How long one lasts however often it is refreshed; then somebody has to sign in again."""
GRACE_NS = 10 * NANOS_PER_SECOND
SKEW_MS = 5 * 60_000
NONCE_KEPT_NS = 15 * 60 * NANOS_PER_SECOND
"""Longer than a signature's instant may be off, either way."""
KEY_BYTES, NONCE_AT_LEAST, NONCE_AT_MOST = 32, 8, 64


class SessionRow(NamedTuple):
    """One session as stored."""

    id: str
    user_id: int
    device_id: str
    ip: str
    amr: str
    created_ns: int
    seen_ns: int
    expires_ns: int
    stepped_up_ns: int
    ended_ns: int | None


class Opened(NamedTuple):
    """A session and the token that refreshes it."""

    session: SessionRow
    token: str

    def __repr__(self) -> str:
        return f"Opened({self.session.id})"


class Reused(NamedTuple):
    """A used token was shown again: its session has to end."""

    session: SessionRow


_SESSION = tuple(session.c[name] for name in SessionRow._fields)


def hash_of(token: str) -> str:
    """Return what of a token is stored: 256 random bits need no slow hash."""
    return sha256(token.encode()).hexdigest()


def device_of(connection: Connection, user_id: int, shown: Device, now_ns: int) -> tuple[str, bool]:
    """Return the id of a user's device and whether it is new; one is known again by its key.

    Raises:
        Refusal: its key is none.
    """
    checked_key(shown.public_key)
    if not shown.name.isprintable():
        raise bad_request("The name of a device has printable characters only.")
    known = sa.select(device.c.id).where(device.c.user_id == user_id, device.c.public_key == shown.public_key)
    found = connection.scalar(known)
    if found is not None:
        return str(found), False
    made = secrets.token_hex(16)
    connection.execute(
        device.insert().values(
            id=made, user_id=user_id, name=shown.name, public_key=shown.public_key, created_ns=now_ns
        )
    )
    return made, True


def checked_key(public_key: str) -> Ed25519PublicKey:
    """Return a device's key.

    Raises:
        Refusal: it is not 32 bytes of base64url.
    """
    try:
        raw = unb64(public_key)
        if len(raw) != KEY_BYTES:
            raise ValueError
        return Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, UnicodeEncodeError):
        raise bad_request("The device's public key is not 32 bytes in base64url.") from None


def open_session(
    connection: Connection, *, user_id: int, device_id: str, ip: str, amr: tuple[str, ...], now_ns: int
) -> Opened:
    """Insert a session with its first refresh token."""
    row = SessionRow(
        id=secrets.token_hex(16), user_id=user_id, device_id=device_id, ip=ip, amr=" ".join(amr),
        created_ns=now_ns, seen_ns=now_ns, expires_ns=now_ns + SESSION_NS, stepped_up_ns=0, ended_ns=None,
    )  # fmt: skip
    token = secrets.token_urlsafe(32)
    connection.execute(session.insert().values(**row._asdict()))
    connection.execute(refresh_token.insert().values(hash=hash_of(token), session_id=row.id, created_ns=now_ns))
    return Opened(row, token)


def rotate(connection: Connection, keys: KeyFiles, shown: Refresh, now_ns: int) -> Opened | Reused:
    """Spend a refresh token and return its session with the successor; `Reused` if it was spent before.

    Raises:
        Refusal: `bad_refresh` (unknown, or its session has ended), `bad_device`, `clock`.
    """
    hashed = hash_of(shown.refresh_token)
    session_id = connection.scalar(sa.select(refresh_token.c.session_id).where(refresh_token.c.hash == hashed))
    row = None if session_id is None else locked_session(connection, session_id)
    if row is None or row.ended_ns is not None or row.expires_ns <= now_ns:
        raise unauthorized("This session has ended; sign in again.", "bad_refresh")
    used_ns = connection.scalar(sa.select(refresh_token.c.used_ns).where(refresh_token.c.hash == hashed))
    token = keys.successor(shown.refresh_token)
    if used_ns is not None and (now_ns - used_ns > GRACE_NS or _is_spent(connection, token)):
        return Reused(row)
    _check_device(connection, row, shown, hashed, now_ns)
    if used_ns is None:
        connection.execute(refresh_token.update().where(refresh_token.c.hash == hashed).values(used_ns=now_ns))
        connection.execute(
            refresh_token.insert().values(
                hash=hash_of(token), session_id=row.id, parent=hashed, created_ns=now_ns
            )
        )  # fmt: skip
    renewed = row._replace(seen_ns=now_ns, expires_ns=min(now_ns + SESSION_NS, row.created_ns + LONGEST_NS))
    connection.execute(
        session.update().where(session.c.id == row.id).values(seen_ns=now_ns, expires_ns=renewed.expires_ns)
    )
    return Opened(renewed, token)


def locked_session(connection: Connection, session_id: str) -> SessionRow | None:
    """Return a session that nobody else changes until the transaction ends."""
    row = connection.execute(sa.select(*_SESSION).where(session.c.id == session_id).with_for_update()).one_or_none()
    return None if row is None else SessionRow(*row)


def live_session(connection: Connection, session_id: str, now_ns: int) -> SessionRow | None:
    """Return a session that has not ended."""
    row = connection.execute(sa.select(*_SESSION).where(session.c.id == session_id, *_is_live(now_ns))).one_or_none()
    return None if row is None else SessionRow(*row)


def sessions_of(connection: Connection, user_id: int, now_ns: int) -> list[tuple[SessionRow, str]]:
    """Return a user's sessions that have not ended with the names of their devices, the newest first."""
    query = (
        sa.select(*_SESSION, device.c.name)
        .join(device, device.c.id == session.c.device_id)
        .where(session.c.user_id == user_id, *_is_live(now_ns))
        .order_by(session.c.created_ns.desc())
    )
    return [(SessionRow(*row[:-1]), row[-1]) for row in connection.execute(query)]


def end_sessions(
    connection: Connection, user_id: int, why: str, now_ns: int, *, only: str | None = None, but: str | None = None
) -> tuple[str, ...]:
    """End a user's sessions (one, or all but one) and return their ids."""
    live = [session.c.user_id == user_id, session.c.ended_ns.is_(None)]
    if only is not None:
        live.append(session.c.id == only)
    if but is not None:
        live.append(session.c.id != but)
    ids = tuple(connection.scalars(sa.select(session.c.id).where(*live).with_for_update()))
    connection.execute(session.update().where(*live).values(ended_ns=now_ns, ended_why=why))
    connection.execute(ws_ticket.delete().where(ws_ticket.c.session_id.in_(ids)))
    return ids


def _is_live(now_ns: int) -> tuple[sa.ColumnElement[bool], ...]:
    return session.c.ended_ns.is_(None), session.c.expires_ns > now_ns


def _is_spent(connection: Connection, token: str) -> bool:
    query = sa.select(refresh_token.c.used_ns).where(refresh_token.c.hash == hash_of(token))
    return connection.scalar(query) is not None


def _check_device(connection: Connection, row: SessionRow, shown: Refresh, hashed: str, now_ns: int) -> None:
    """Refuse a refresh that the session's device did not sign just now, or signed for an earlier request."""
    now_ms = now_ns // 1_000_000
    if not secrets.compare_digest(row.device_id.encode(), shown.device_id.encode()):
        raise bad_device()
    if abs(shown.at_ms - now_ms) > SKEW_MS:
        raise Refusal(
            401, "clock", f"This device's clock is {abs(shown.at_ms - now_ms) // 1000:,} s off the server's; set it."
        )
    if not (NONCE_AT_LEAST <= len(shown.nonce) <= NONCE_AT_MOST and shown.nonce.isprintable()):
        raise bad_request(f"A nonce has {NONCE_AT_LEAST} to {NONCE_AT_MOST} printable characters.")
    key = checked_key(str(connection.scalar(sa.select(device.c.public_key).where(device.c.id == row.device_id))))
    try:
        key.verify(unb64(shown.signature), refresh_message(hashed, shown.at_ms, shown.nonce))
    except (InvalidSignature, ValueError, UnicodeEncodeError):
        raise bad_device() from None
    connection.execute(device_nonce.delete().where(device_nonce.c.at_ns < now_ns - NONCE_KEPT_NS))
    seen = sa.select(device_nonce.c.at_ns).where(
        device_nonce.c.device_id == row.device_id, device_nonce.c.nonce == shown.nonce
    )
    if connection.scalar(seen) is not None:
        raise bad_device()
    connection.execute(device_nonce.insert().values(device_id=row.device_id, nonce=shown.nonce, at_ns=now_ns))


def bad_device() -> Refusal:
    """Return the answer to a refresh that the session's device did not sign."""
    return unauthorized("This session belongs to another device; sign in here.", "bad_device")
