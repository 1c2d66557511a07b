"""The second factor: one-time passwords (RFC 6238), each good once, and recovery codes; blocking, in a transaction.

A code is good during its own 30 seconds and for ten more, for whoever typed it at the end of them. Five wrong ones in
a quarter of an hour rest the factor for a quarter of an hour. Results are returned, not raised, as the count of wrong
tries must be committed.
"""

from __future__ import annotations

import secrets
from enum import Enum, auto
from hmac import compare_digest
from typing import NamedTuple

import pyotp
import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain.number import NANOS_PER_SECOND
from engine.server.auth.user import hold_user
from engine.server.db.tables import mfa, proof_tries, recovery_code
from engine.server.keyfiles import KeyFiles

STEP_S, LATE_S = 30, 10
TRIES, LOCK_NS = 5, 15 * 60 * NANOS_PER_SECOND
RECOVERY_CODES, RECOVERY_LETTERS = 10, 24
DIGITS = 6
ISSUER = "CRS"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""31 letters; 24 of them are 118 bits, which need no slow hash."""


class Outcome(Enum):
    """What became of a code."""

    TOTP = auto()
    RECOVERY = auto()
    WRONG = auto()
    RESTING = auto()


class Proof(NamedTuple):
    """The outcome, and until when the factor rests."""

    outcome: Outcome
    resting_until_ns: int = 0

    @property
    def holds(self) -> bool:
        """Whether the person proved itself."""
        return self.outcome in (Outcome.TOTP, Outcome.RECOVERY)


def is_on(connection: Connection, user_id: int) -> bool:
    """Return whether a user has a second factor in force."""
    query = sa.select(mfa.c.user_id).where(mfa.c.user_id == user_id, mfa.c.confirmed_ns.is_not(None))
    return connection.scalar(query) is not None


def offer(connection: Connection, keys: KeyFiles, user_id: int, email: str) -> tuple[str, str]:
    """Store a fresh secret that is not in force yet; return it and its `otpauth` address."""
    hold_user(connection, user_id)
    secret = pyotp.random_base32(32)
    connection.execute(mfa.delete().where(mfa.c.user_id == user_id, mfa.c.confirmed_ns.is_(None)))
    connection.execute(
        mfa.insert().values(user_id=user_id, secret=keys.seal(secret, f"totp:{user_id}"), last_step=0)
    )  # fmt: skip
    return secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def prove(
    connection: Connection, keys: KeyFiles, user_id: int, code: str, now_ns: int, *, confirmed: bool = True
) -> Proof:
    """Check a code, count a wrong one, spend a right one; `confirmed` False checks an offer that is not in force."""
    hold_user(connection, user_id)
    resting = _resting_until(connection, user_id, now_ns)
    if resting:
        return Proof(Outcome.RESTING, resting)
    if code.isascii() and code.isdigit() and len(code) == DIGITS:
        right = _spend_totp(connection, keys, user_id, code, now_ns, confirmed=confirmed)
        outcome = Outcome.TOTP if right else Outcome.WRONG
    else:
        right = confirmed and _spend_recovery(connection, keys, user_id, code, now_ns)
        outcome = Outcome.RECOVERY if right else Outcome.WRONG
    if right:
        connection.execute(proof_tries.update().where(proof_tries.c.user_id == user_id).values(tries=0))
        return Proof(outcome)
    return Proof(outcome, _count_wrong(connection, user_id, now_ns))


def confirm(connection: Connection, keys: KeyFiles, user_id: int, now_ns: int) -> tuple[str, ...]:
    """Put an offer into force and return fresh recovery codes."""
    connection.execute(mfa.update().where(mfa.c.user_id == user_id).values(confirmed_ns=now_ns))
    return renew_recovery(connection, keys, user_id)


def renew_recovery(connection: Connection, keys: KeyFiles, user_id: int) -> tuple[str, ...]:
    """Replace all recovery codes and return the new ones."""
    codes = tuple(_recovery() for _ in range(RECOVERY_CODES))
    connection.execute(recovery_code.delete().where(recovery_code.c.user_id == user_id))
    rows = [{"user_id": user_id, "hash": _hash(keys, user_id, code)} for code in codes]
    connection.execute(recovery_code.insert(), rows)
    return codes


def switch_off(connection: Connection, user_id: int) -> None:
    """Remove the factor and its recovery codes."""
    connection.execute(mfa.delete().where(mfa.c.user_id == user_id))
    connection.execute(recovery_code.delete().where(recovery_code.c.user_id == user_id))


def _resting_until(connection: Connection, user_id: int, now_ns: int) -> int:
    """Return until when no code is taken, 0 if one is."""
    locked = connection.scalar(sa.select(proof_tries.c.locked_ns).where(proof_tries.c.user_id == user_id))
    if locked is None:
        connection.execute(proof_tries.insert().values(user_id=user_id, tries=0, since_ns=now_ns, locked_ns=0))
    return locked if locked and locked > now_ns else 0


def _count_wrong(connection: Connection, user_id: int, now_ns: int) -> int:
    row = connection.execute(sa.select(proof_tries).where(proof_tries.c.user_id == user_id)).one()
    fresh = now_ns - row.since_ns > LOCK_NS
    tries = 1 if fresh else row.tries + 1
    locked = now_ns + LOCK_NS if tries >= TRIES else 0
    since = now_ns if tries == 1 else row.since_ns
    counted = proof_tries.update().where(proof_tries.c.user_id == user_id)
    connection.execute(counted.values(tries=0 if locked else tries, since_ns=since, locked_ns=locked))
    return locked


def _spend_totp(
    connection: Connection, keys: KeyFiles, user_id: int, code: str, now_ns: int, *, confirmed: bool
) -> bool:
    query = sa.select(mfa.c.secret, mfa.c.last_step).where(mfa.c.user_id == user_id)
    in_force = mfa.c.confirmed_ns.is_not(None) if confirmed else mfa.c.confirmed_ns.is_(None)
    row = connection.execute(query.where(in_force)).one_or_none()
    if row is None:
        return False
    one_time = pyotp.TOTP(keys.unseal(row.secret, f"totp:{user_id}"), interval=STEP_S)
    now_s = now_ns // NANOS_PER_SECOND
    steps = [now_s // STEP_S] + ([now_s // STEP_S - 1] if now_s % STEP_S < LATE_S else [])
    step = next((each for each in steps if compare_digest(one_time.generate_otp(each), code)), None)
    if step is None or step <= row.last_step:
        return False
    connection.execute(mfa.update().where(mfa.c.user_id == user_id).values(last_step=step))
    return True


def _spend_recovery(connection: Connection, keys: KeyFiles, user_id: int, code: str, now_ns: int) -> bool:
    unused = (
        recovery_code.c.user_id == user_id,
        recovery_code.c.hash == _hash(keys, user_id, code),
        recovery_code.c.used_ns.is_(None),
    )
    return bool(connection.execute(recovery_code.update().where(*unused).values(used_ns=now_ns)).rowcount)


def _hash(keys: KeyFiles, user_id: int, code: str) -> str:
    return keys.peppered(f"recovery:{user_id}", code.lower().replace("-", "")).hex()


def _recovery() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_LETTERS))
    return "-".join(letters[start : start + 6] for start in range(0, RECOVERY_LETTERS, 6))
