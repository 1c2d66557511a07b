"""Access tokens: JWT signed with Ed25519, ten minutes long; the keys of `keys/signing` and their rotation.

A key's id begins with the instant of its making, so the last one in order signs. The ones before it verify until the
tokens that they signed have ended; then `rotate` deletes them. Nothing that a token's header says is followed but
`kid`, and that only among our own files.
"""

from __future__ import annotations

import secrets
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import StorageCorrupt
from engine.server.keyfiles import new_signing_key, read_or_make
from engine.server.principal import NEVER
from engine.server.refusal import Refusal, unauthorized

ISSUER, AUDIENCE, ALGORITHM = "crs", "crs-api", "EdDSA"
ACCESS_S = 600
LEEWAY_S = 5
"""How far the clocks of two processes of one server may be apart."""
KEEP_S = ACCESS_S + 60
"""How long a replaced key still verifies."""
LOOK_AGAIN_S = 1.0
"""At most so often the directory is read for a key that is not known."""
REQUIRED = ("iss", "aud", "sub", "sid", "jti", "typ", "exp", "nbf", "iat", "amr")
FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit"})
LONGEST = 2_048


class AccessClaims(NamedTuple):
    """What a token of ours says."""

    user_id: int
    session_id: str
    expires_at: Nanos
    amr: tuple[str, ...]
    present_until: Nanos = NEVER
    """Until when sensitive acts pass with it: only the token that a proof of presence gave has it, and its successors;
    a copy of an earlier one gains nothing."""


class SigningKeys:
    """The keys in a directory; a first one is made if there is none. May be used from every thread."""

    def __init__(self, directory: Path) -> None:
        self._dir = directory
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._held: dict[str, Ed25519PrivateKey] = {}
        self.read_again()
        if not self._held:
            read_or_make(directory / "0000000000000-first.key", new_signing_key)
            self.read_again()

    def __repr__(self) -> str:
        return f"SigningKeys({sorted(self._held)})"

    @property
    def current(self) -> tuple[str, Ed25519PrivateKey]:
        """The newest key and its id, as the directory has it within a second."""
        self._look_again()
        kid = max(self._held)
        return kid, self._held[kid]

    def named(self, kid: str, now_ns: int) -> Ed25519PrivateKey | None:
        """Return the key with an id if its tokens may still be in force; one that was made meanwhile is found."""
        if kid not in self._held:
            self._look_again()
        return None if kid in self._ended(now_ns) else self._held.get(kid)

    def rotate(self, now_ns: int, *, drop_old: bool = False) -> str:
        """Make a new key and return its id; delete those whose tokens have all ended, or every old one."""
        kid = f"{max(now_ns // 1_000_000, _made_ms(max(self._held)) + 1):013}-{secrets.token_hex(4)}"
        read_or_make(self._dir / f"{kid}.key", new_signing_key)
        self.read_again()
        for old in self._held.keys() - {kid} if drop_old else self._ended(now_ns):
            (self._dir / f"{old}.key").unlink(missing_ok=True)
        self.read_again()
        return kid

    def _ended(self, now_ns: int) -> set[str]:
        names = sorted(self._held)
        until = now_ns // 1_000_000 - KEEP_S * 1000
        return {old for old, after in pairwise(names) if _made_ms(after) < until}

    def _look_again(self) -> None:
        if time.monotonic() - self._read_at >= LOOK_AGAIN_S:
            self.read_again()

    def read_again(self) -> None:
        """Take over what is in the directory now."""
        with self._lock:
            self._read_at = time.monotonic()
            found: dict[str, Ed25519PrivateKey] = {}
            for path in sorted(self._dir.glob("[0-9]*.key")):
                kept = self._held.get(path.stem)
                try:
                    found[path.stem] = kept or Ed25519PrivateKey.from_private_bytes(path.read_bytes())
                except FileNotFoundError:
                    continue  # deleted meanwhile
                except ValueError as error:
                    raise StorageCorrupt(f"The signing key {path} is damaged.") from error
            self._held = found


def _made_ms(kid: str) -> int:
    return int(kid.partition("-")[0])


class AccessTokens:
    """Issues and verifies."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def read_again(self) -> None:
        """Take over which keys there are: some were dropped."""
        self._keys.read_again()

    def issue(
        self, user_id: int, session_id: str, amr: tuple[str, ...], now_ns: int, present_until_ns: int = 0
    ) -> tuple[str, Nanos]:
        """Return a token and when it ends."""
        kid, key = self._keys.current
        now = now_ns // NANOS_PER_SECOND
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": str(user_id), "sid": session_id, "jti": secrets.token_hex(16),
            "typ": "at", "iat": now, "nbf": now, "exp": now + ACCESS_S, "amr": list(amr),
        }  # fmt: skip
        if present_until_ns > now_ns:
            claims["sup"] = present_until_ns // NANOS_PER_SECOND
        token = jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": kid, "typ": "at+jwt"})
        return token, Nanos((now + ACCESS_S) * NANOS_PER_SECOND)

    def verified(self, token: str, now_ns: int) -> AccessClaims:
        """Return what a token says, if it is ours and in force.

        Raises:
            Refusal: it is not, or it has ended.
        """
        if len(token) > LONGEST:
            raise unauthorized("This is no access token of this server.")
        try:
            header = jwt.get_unverified_header(token)
            kid = header.get("kid")
            key = self._keys.named(kid, now_ns) if isinstance(kid, str) else None
            if key is None or header.get("typ") != "at+jwt" or FORBIDDEN_HEADERS & header.keys():
                raise unauthorized("This is no access token of this server.")
            claims = jwt.decode(
                token, key.public_key(), algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER,
                options={"require": list(REQUIRED), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )  # fmt: skip
        except jwt.InvalidTokenError:
            raise unauthorized("This is no access token of this server.") from None
        return _claims(claims, now_ns)


def _claims(claims: dict[str, Any], now_ns: int) -> AccessClaims:
    """Check times by the server's own clock, which the library cannot be given."""
    sub, sid, amr = claims["sub"], claims["sid"], claims["amr"]
    present = claims.get("sup", 0)
    times = [claims["exp"], claims["nbf"], claims["iat"], present]
    shapes = isinstance(sub, str) and sub.isdecimal() and isinstance(sid, str) and isinstance(amr, list)
    if not shapes or claims["typ"] != "at" or not all(isinstance(each, int) for each in times):
        raise unauthorized("This is no access token of this server.")
    now = now_ns // NANOS_PER_SECOND
    if claims["exp"] <= now:
        raise expired()
    if max(claims["nbf"], claims["iat"]) > now + LEEWAY_S:
        raise unauthorized("This access token is not in force yet.")
    ends, until = (Nanos(each * NANOS_PER_SECOND) for each in (claims["exp"], present))
    return AccessClaims(int(sub), sid, ends, tuple(map(str, amr)), until)


def expired() -> Refusal:
    """Return the answer to a token that was good once."""
    return unauthorized("The access token has ended; refresh the session.", "expired")
