"""This device's own key, and what of a session outlasts the program: both live in the secret store, nowhere else.

The device proves with its Ed25519 key that a refresh token is shown by whom it was given to; the private half never
leaves the store and this process.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

import msgspec
from msgspec import Struct

from engine.wire.auth import Device, Refresh, Tokens, refresh_message


class Kept(Struct):
    """What is kept of one server: the device's key, and the session if there is one."""

    private_key: str
    """32 bytes, base64url without padding."""
    email: str = ""
    device_id: str = ""
    session_id: str = ""
    refresh_token: str = ""
    refresh_expires_ms: int = 0

    def __repr__(self) -> str:
        """Say nothing that is secret."""
        return f"Kept(of {self.email or 'nobody'})"

    def text(self) -> str:
        """Return it as the text that goes into the store."""
        return msgspec.json.encode(self).decode()

    def with_session(self, email: str, tokens: Tokens) -> Kept:
        """Return it with another session."""
        return Kept(
            self.private_key, email, tokens.device_id, tokens.session_id, tokens.refresh_token,
            tokens.refresh_expires_ms,
        )  # fmt: skip

    def without_session(self) -> Kept:
        """Return it with the device's key and the address only."""
        return Kept(self.private_key, self.email)


def kept_of(text: str | None) -> Kept:
    """Return what was kept; a new device if nothing was, or nothing that can be read."""
    if text is not None:
        try:
            return msgspec.json.decode(text, type=Kept)
        except msgspec.DecodeError:  # of another version: that device is lost, another one is made
            pass
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Kept(_base64(Ed25519PrivateKey.generate().private_bytes_raw()))


def device_of(kept: Kept, name: str) -> Device:
    """Return the device as a sign-in names it."""
    return Device(name=name[:60] or "desktop", public_key=_base64(_key(kept).public_key().public_bytes_raw()))


def refresh_of(kept: Kept, at_ms: int) -> Refresh:
    """Return the signed request for the next tokens; `at_ms` is the server's time."""
    nonce = secrets.token_urlsafe(18)
    digest = hashlib.sha256(kept.refresh_token.encode()).hexdigest()
    signature = _key(kept).sign(refresh_message(digest, at_ms, nonce))
    return Refresh(
        refresh_token=kept.refresh_token, device_id=kept.device_id, at_ms=at_ms, nonce=nonce,
        signature=_base64(signature),
    )  # fmt: skip


def _key(kept: Kept):  # type: ignore[no-untyped-def]  # noqa: ANN202 - of a library that is loaded late
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = base64.urlsafe_b64decode(kept.private_key + "=" * (-len(kept.private_key) % 4))
    return Ed25519PrivateKey.from_private_bytes(raw)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
