"""Signing up, in and out; devices, sessions, second factors and API keys."""

from __future__ import annotations

from msgspec import Struct

from engine.wire.text import Code, Email, Label, Millis, Password, Username


class Register(Struct, kw_only=True, forbid_unknown_fields=True):
    """A new user; a check code goes to the e-mail address."""

    email: Email
    username: Username
    password: Password


class VerifyEmail(Struct, kw_only=True, forbid_unknown_fields=True):
    """The code that came by e-mail.

    `password` says which registration is meant: somebody else may have signed up with the same address meanwhile, and
    without it the owner of the address would confirm that one's password.
    """

    email: Email
    code: Code
    password: Password | None = None


class EmailOnly(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom a code should be sent to; the answer is the same whether there is such a user or not."""

    email: Email


class ResetPassword(Struct, kw_only=True, forbid_unknown_fields=True):
    """A new password, with the code that came by e-mail; ends every session."""

    email: Email
    code: Code
    password: Password


class Device(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where somebody signs in: its own Ed25519 key, of which the private half never leaves it."""

    name: Label
    public_key: str
    """32 bytes, base64url without padding."""


class Login(Struct, kw_only=True, forbid_unknown_fields=True):
    """Signing in; `code` is a one-time password or a recovery code, when the answer asked for one."""

    email: Email
    password: str
    device: Device
    code: Code | None = None


class Tokens(Struct, kw_only=True):
    """A session: the access token for the header `Authorization: Bearer`, the refresh token for its successor."""

    access_token: str
    access_expires_ms: Millis
    refresh_token: str
    refresh_expires_ms: Millis
    session_id: str
    device_id: str


class Refresh(Struct, kw_only=True, forbid_unknown_fields=True):
    """A successor for a refresh token, asked for by the device that it was given to.

    `signature` is base64url, by the device's key over `refresh_message`.
    """

    refresh_token: str
    device_id: str
    at_ms: Millis
    nonce: str
    signature: str


def refresh_message(refresh_token_sha256: str, at_ms: int, nonce: str) -> bytes:
    """Return what a device signs: the token's SHA-256 (hex), the instant, the nonce, joined by line feeds."""
    return f"crs-refresh\n{refresh_token_sha256}\n{at_ms}\n{nonce}".encode()


class StepUp(Struct, kw_only=True, forbid_unknown_fields=True):
    """Proof of presence before something sensitive: a one-time password, else the password."""

    code: Code | None = None
    password: str | None = None


class SteppedUp(Struct):
    """Until when sensitive acts pass; with the new access token that says so."""

    until_ms: Millis
    access_token: str
    access_expires_ms: Millis


class ChangePassword(Struct, kw_only=True, forbid_unknown_fields=True):
    """A new password; ends every other session."""

    current: str
    password: Password


class Session(Struct):
    """Where a user is signed in."""

    session_id: str
    device: str
    ip: str
    created_ms: Millis
    seen_ms: Millis
    current: bool


class Sessions(Struct):
    """All of a user's sessions, the newest first."""

    sessions: tuple[Session, ...]


class MfaOffer(Struct):
    """A secret for an authenticator; not in force until a code confirms it."""

    secret: str
    uri: str


class MfaCode(Struct, kw_only=True, forbid_unknown_fields=True):
    """A code from the authenticator."""

    code: Code


class RecoveryCodes(Struct):
    """Each works once, in place of the authenticator; shown once."""

    codes: tuple[str, ...]


class NewKey(Struct, kw_only=True, forbid_unknown_fields=True):
    """An API key to make: scopes are `read` and `trade`; no addresses = any."""

    name: Label
    scopes: tuple[str, ...] = ("read",)
    addresses: tuple[str, ...] = ()
    account: str | None = None


class KeySecret(Struct):
    """A fresh API key; the secret is shown once."""

    key_id: int
    api_key: str
    secret: str


class Key(Struct):
    """An API key as listed, without its secret."""

    key_id: int
    name: str
    api_key: str
    scopes: tuple[str, ...]
    addresses: tuple[str, ...]
    account: str
    created_ms: Millis
    used_ms: Millis | None


class Keys(Struct):
    """All of a user's API keys."""

    keys: tuple[Key, ...]


class Ticket(Struct):
    """Lets one WebSocket sign in, once, within half a minute."""

    ticket: str
    expires_ms: Millis
