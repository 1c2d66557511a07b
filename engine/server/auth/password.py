"""Passwords: rules for choosing one, hashes that cost something, and the threads that pay it.

Stored forms: `$argon2id$…` of base64(HMAC-SHA256(pepper, password)), and `$bcrypt-sha256$` + bcrypt of the same. The
HMAC makes every password 44 bytes without NUL, so none is cut off or refused, and a stolen database cannot be tried
without the pepper.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import bcrypt
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from engine.server.keyfiles import KeyFiles
from engine.server.refusal import Refusal

P = ParamSpec("P")
R = TypeVar("R")

ARGON_KIB, ARGON_TIME = 19_456, 2
"""19 MiB, two passes, one lane: OWASP's recommendation."""
BCRYPT = "$bcrypt-sha256$"
BCRYPT_ROUNDS = 12
GUESSABLE_BELOW = 3
"""Of zxcvbn's scores 0-4: 3 = safe against guessing while an attacker must ask the server."""
READ_AT_MOST = 72
"""Characters that zxcvbn looks at; a longer password is at least as strong as its beginning."""
HOUSE_WORDS = (
    "crs",
    "crsdesktop",
    "desktop",
    "terminal",
    "server",
    "backend",
    "exchange",
    "market",
    "trader",
    "trading",
    "trade",
    "crypto",
    "bitcoin",
    "btc",
    "ethereum",
    "eth",
    "solana",
    "usdt",
    "tether",
    "btcusdt",
    "ethusdt",
    "wallet",
    "ledger",
    "operator",
    "support",
    "compliance",
    "admin",
    "administrator",
    "demo",
)
"""What somebody who guesses at this server tries first: counted as known of everybody."""  # fmt: skip
THREADS, WAITING_AT_MOST = 2, 32


class Passwords:
    """Hashes and checks; `kind` (`argon2id` or `bcrypt`) is for new hashes, both are understood."""

    def __init__(self, keys: KeyFiles, kind: str = "argon2id", *, bcrypt_rounds: int | None = None) -> None:
        self._keys, self._kind, self._rounds = keys, kind, bcrypt_rounds or BCRYPT_ROUNDS
        self._argon2 = PasswordHasher(ARGON_TIME, ARGON_KIB, parallelism=1, type=Type.ID)
        self._nobodys = self.hashed("nobody has this password")

    def hashed(self, password: str) -> str:
        """Return a new hash; slow on purpose."""
        ready = self._ready(password)
        if self._kind == "bcrypt":
            return BCRYPT + bcrypt.hashpw(ready, bcrypt.gensalt(self._rounds)).decode()
        return self._argon2.hash(ready)

    def verified(self, password: str, stored: str | None) -> bool:
        """Return whether a password is the stored one; None (no such user) takes the same time and is never right."""
        right = self._matches(self._ready(password), self._nobodys if stored is None else stored)
        return right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Return whether the hash should be made again, now that the password is at hand."""
        if stored.startswith(BCRYPT):
            return self._kind != "bcrypt" or f"${self._rounds:02}$" not in stored
        return self._kind != "argon2id" or self._argon2.check_needs_rehash(stored)

    def _ready(self, password: str) -> bytes:
        return b64encode(self._keys.peppered("password", password))

    def _matches(self, ready: bytes, stored: str) -> bool:
        if stored.startswith(BCRYPT):
            return bcrypt.checkpw(ready, stored.removeprefix(BCRYPT).encode())
        try:
            return self._argon2.verify(stored, ready)
        except (VerificationError, InvalidHashError):
            return False


def weakness(password: str, *known: str) -> str | None:
    """Return why a password is too weak, as a sentence; None if it is not. `known`: what is known of its owner."""
    from zxcvbn import zxcvbn  # its lists take a while to load

    judged = zxcvbn(password[:READ_AT_MOST], user_inputs=[*known, *HOUSE_WORDS])
    if judged["score"] >= GUESSABLE_BELOW:
        return None
    said = judged["feedback"]["warning"] or "It is among the first that somebody would try."
    return f"This password is too easy to guess. {said.rstrip('.')}. Several uncommon words make a good one."


class HashingRoom:
    """Two threads for hashing and a bounded queue before them, so that sign-ins cannot take the machine."""

    def __init__(self, threads: int = THREADS, waiting_at_most: int = WAITING_AT_MOST) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="hashing")
        self._free = threads + waiting_at_most

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `work` returns.

        Raises:
            Refusal: too many wait already.
        """
        if self._free <= 0:
            raise Refusal(503, "busy", "Too many people sign in at this moment. Try again.", retry_after_s=2.0)
        self._free -= 1
        done = asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*args, **kwargs))
        done.add_done_callback(self._left)
        return await asyncio.shield(done)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _left(self, done: asyncio.Future[R]) -> None:
        self._free += 1
        if not done.cancelled():
            done.exception()  # whoever waited has it; nobody may have
