"""A server of sessions in this very process: it checks what it is sent as the real one, and can be told to fail."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import Mapping
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.errors import CrsError, SecondFactorNeeded, ServerRefused
from engine.ports.server import TokenSource
from engine.wire.account import AccountInfo, User
from engine.wire.auth import Device, Login, Refresh, SteppedUp, Ticket, Tokens, refresh_message

LIFE_MS = 600_000


class SpokenTo:
    """A `ServerApi`: one user, device-bound refresh tokens that rotate, perhaps a second factor."""

    SECRETS = ("canary-refresh", "canary-access")
    url = "https://server.test"

    def __init__(self, *, code: str | None = None) -> None:
        self.code = code
        self.fails: dict[str, list[CrsError]] = {}
        """What the next calls of a path raise."""
        self.pause_s = 0.0
        self.called: list[str] = []
        self.device: Device | None = None
        self.good = ""
        """The refresh token in force."""
        self.ms = 0
        """How far its clock was moved."""
        self._numbers = count(1)
        self._tokens: TokenSource | None = None
        self._access = ""

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.ms

    async def measure(self) -> object:
        self.called.append("measure")
        return None

    def sign_with(self, tokens: TokenSource | None) -> None:
        self._tokens = tokens

    def times(self, path: str) -> int:
        """Return how often a path was called."""
        return self.called.count(path)

    async def call(  # type: ignore[no-untyped-def]  # noqa: ANN201 - whatever the path answers
        self, method: str, path: str, answer: object = None, *, body: object = None,
        query: Mapping[str, object] | None = None, signed: bool = True, timeout_s: float | None = None,
    ):  # fmt: skip
        if signed:
            assert self._tokens is not None
            shown = await self._tokens(False)
            if shown != self._access:
                shown = await self._tokens(True)
            assert shown == self._access
        self.called.append(path)
        await asyncio.sleep(self.pause_s)
        if self.fails.get(path):
            raise self.fails[path].pop(0)
        return self._answer(path, body)

    def _answer(self, path: str, body: Any) -> object:  # noqa: ANN401 - of the path
        match path:
            case "/v1/auth/login":
                return self._login(body)
            case "/v1/auth/refresh":
                return self._refresh(body)
            case "/v1/auth/step-up":
                self._access = f"canary-access-{next(self._numbers)}"
                return SteppedUp(self.now_ms() + LIFE_MS, self._access, self.now_ms() + LIFE_MS)
            case "/v1/account":
                return User(1, "someone@example.org", "someone", "trader", (AccountInfo("U-1", "Main"),), False, 0)
            case "/v1/auth/ws-ticket":
                return Ticket("ticket", self.now_ms() + 30_000)
            case _:
                return None

    def _login(self, login: Login) -> Tokens:
        if login.password != "a long password":
            raise ServerRefused("The e-mail address or the password is wrong.", word="bad_login", status=401)
        if self.code is not None and login.code is None:
            raise SecondFactorNeeded("Enter the code of your authenticator.", ("totp",))
        if self.code is not None and login.code != self.code:
            raise ServerRefused("The code is wrong.", word="mfa_wrong", status=401)
        self.device = login.device
        return self._next()

    def _refresh(self, asked: Refresh) -> Tokens:
        if asked.refresh_token != self.good:
            raise ServerRefused("This session was used elsewhere and has ended.", word="reused", status=401)
        assert self.device is not None
        key = base64.urlsafe_b64decode(self.device.public_key + "=")
        digest = hashlib.sha256(asked.refresh_token.encode()).hexdigest()
        signature = base64.urlsafe_b64decode(asked.signature + "==")
        Ed25519PublicKey.from_public_bytes(key).verify(signature, refresh_message(digest, asked.at_ms, asked.nonce))
        assert abs(asked.at_ms - self.now_ms()) < 5_000
        return self._next()

    def _next(self) -> Tokens:
        number = next(self._numbers)
        self.good, self._access = f"canary-refresh-{number}", f"canary-access-{number}"
        now = self.now_ms()
        return Tokens(
            access_token=self._access, access_expires_ms=now + LIFE_MS, refresh_token=self.good,
            refresh_expires_ms=now + 100 * LIFE_MS, session_id="s1", device_id="d1",
        )  # fmt: skip
