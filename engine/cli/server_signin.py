"""An operator's session from the command line: signed in for the time of one command, signed out at its end."""

from __future__ import annotations

import base64
import getpass
import hashlib
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.errors import InvalidInput, VenueUnavailable
from engine.wire.auth import Tokens, refresh_message
from engine.wire.problem import Problem

EARLY_MS = 60_000
"""How long before its end an access token is renewed."""
TIMEOUT_S = 10.0


class OperatorSession:
    """A session of a device that exists only as long as the command; `get` asks for something."""

    def __init__(self, http: httpx.Client, email: str, password: str) -> None:
        self._http, self._device = http, Ed25519PrivateKey.generate()
        wanted = {
            "email": email, "password": password,
            "device": {"name": "crs server top", "public_key": _text(self._device.public_key().public_bytes_raw())},
        }  # fmt: skip
        try:
            self._tokens = self._post("/v1/auth/login", wanted)
        except _CodeWanted:
            self._tokens = self._post("/v1/auth/login", wanted | {"code": _asked("One-time password: ")})

    def get(self, path: str) -> bytes:
        """Return a body; raises as `told`."""
        if self._tokens.access_expires_ms - time.time() * 1000 < EARLY_MS:
            self._renew()
        return told(lambda: self._http.get(path, headers={"Authorization": f"Bearer {self._tokens.access_token}"}))

    def close(self) -> None:
        """Sign out."""
        headers = {"Authorization": f"Bearer {self._tokens.access_token}"}
        with suppress(InvalidInput, VenueUnavailable):
            told(lambda: self._http.post("/v1/auth/logout", headers=headers))

    def _renew(self) -> None:
        at_ms, nonce = int(time.time() * 1000), secrets.token_urlsafe(16)
        token = self._tokens.refresh_token
        message = refresh_message(hashlib.sha256(token.encode()).hexdigest(), at_ms, nonce)
        self._tokens = self._post(
            "/v1/auth/refresh",
            {
                "refresh_token": token, "device_id": self._tokens.device_id, "at_ms": at_ms, "nonce": nonce,
                "signature": _text(self._device.sign(message)),
            },
        )  # fmt: skip

    def _post(self, path: str, body: dict[str, Any]) -> Tokens:
        return msgspec.json.decode(told(lambda: self._http.post(path, json=body)), type=Tokens)


class _CodeWanted(InvalidInput):
    """The password was right, and a one-time password is wanted too."""


def told(ask: Any) -> bytes:  # noqa: ANN401 - a call of httpx
    """Return the body of an answer.

    Raises:
        InvalidInput: the server refused; its sentence.
        VenueUnavailable: there was no answer, or none of a CRS server.
    """
    try:
        answer: httpx.Response = ask()
    except httpx.HTTPError as error:
        raise VenueUnavailable(f"The server does not answer ({type(error).__name__}).") from error
    if answer.is_success:
        return answer.content
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        raise VenueUnavailable(f"That is no CRS server: it answers {answer.status_code}.") from None
    if problem.type.endswith("/mfa_required"):
        raise _CodeWanted(problem.detail)
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise VenueUnavailable(problem.detail)
    raise InvalidInput(problem.detail)


@contextmanager
def signed_in(url: str, email: str, *, password_stdin: bool) -> Iterator[OperatorSession]:
    """Lend a session at a server; the password is asked for, or the first line of standard input.

    Raises:
        InvalidInput, VenueUnavailable: as `told`.
    """
    if not url.startswith("https://") and httpx.URL(url).host not in ("127.0.0.1", "::1", "localhost"):
        raise InvalidInput("A password goes over https:// only, unless the server is on this machine.")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else _asked(f"Password of {email}: ")
    with httpx.Client(base_url=url, timeout=TIMEOUT_S) as http:
        session = OperatorSession(http, email, password)
        try:
            yield session
        finally:
            session.close()


def _asked(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except (EOFError, OSError) as error:
        raise InvalidInput("Nobody is there to ask; give the password with --password-stdin.") from error


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
