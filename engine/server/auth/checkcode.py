"""Codes that come by e-mail: eight digits, good for ten minutes and five tries; blocking, in a transaction."""

from __future__ import annotations

import secrets
from hmac import compare_digest
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain.number import NANOS_PER_SECOND
from engine.server.auth.user import hold_user
from engine.server.db.tables import check_code
from engine.server.keyfiles import KeyFiles

Purpose = Literal["verify", "reset"]

DIGITS, TRIES = 8, 5
GOOD_NS = 600 * NANOS_PER_SECOND
AGAIN_NS = 60 * NANOS_PER_SECOND
"""How soon another letter goes to the same address."""


def fresh_code(connection: Connection, keys: KeyFiles, user_id: int, purpose: Purpose, now_ns: int) -> str | None:
    """Return a new code in place of the last one; None if that was sent just now."""
    hold_user(connection, user_id)
    mine = _of(user_id, purpose)
    sent = connection.scalar(sa.select(check_code.c.created_ns).where(*mine))
    if sent is not None and 0 <= now_ns - sent < AGAIN_NS:
        return None
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    connection.execute(check_code.delete().where(*mine))
    connection.execute(
        check_code.insert().values(
            user_id=user_id, purpose=purpose, hash=_hash(keys, user_id, purpose, code), created_ns=now_ns, tries=0
        )
    )
    return code


def void_code(connection: Connection, user_id: int, purpose: Purpose) -> None:
    """Let the last code work no more; another one is sent when that was a minute ago."""
    connection.execute(check_code.update().where(*_of(user_id, purpose)).values(tries=TRIES))


def spend_code(connection: Connection, keys: KeyFiles, user_id: int, purpose: Purpose, code: str, now_ns: int) -> bool:
    """Return whether a code is right, which spends it; a wrong one is counted, so the transaction must be committed."""
    hold_user(connection, user_id)
    mine = _of(user_id, purpose)
    row = connection.execute(sa.select(check_code).where(*mine)).one_or_none()
    if row is None or now_ns - row.created_ns > GOOD_NS or row.tries >= TRIES:
        return False
    if compare_digest(row.hash, _hash(keys, user_id, purpose, code)):
        connection.execute(check_code.delete().where(*mine))
        return True
    connection.execute(check_code.update().where(*mine).values(tries=row.tries + 1))
    return False


def _of(user_id: int, purpose: Purpose) -> tuple[sa.ColumnElement[bool], ...]:
    return check_code.c.user_id == user_id, check_code.c.purpose == purpose


def _hash(keys: KeyFiles, user_id: int, purpose: Purpose, code: str) -> str:
    return keys.peppered(f"code:{purpose}:{user_id}", code).hex()
