"""A server whose clock tests move, and people who come to it."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pyotp
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.ports.clock import SystemClock
from engine.server.app import make_app
from engine.server.audit.chain import GENESIS
from engine.server.auth.identity import Identity
from engine.server.auth.password import THREADS
from engine.server.auth.staff import Staff
from engine.server.db.tables import (
    check_code,
    crs_user,
    metadata,
    refresh_token,
    security_tip,
    session,
    ws_ticket,
)
from engine.server.keyfiles import b64
from engine.server.principal import Role
from engine.server.services import Services
from engine.server.settings import load_settings
from engine.wire.auth import refresh_message
from tests.engine.server.opening import opened_at_once

PASSWORD = "seven-odd-Otters-plough"


class MovableClock(SystemClock):
    """This machine's clock, put forward by tests."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def wall(self) -> Nanos:
        """Return the UTC instant, moved."""
        return Nanos(super().wall() + int(self.ahead_s * NANOS_PER_SECOND))

    def monotonic(self) -> Nanos:
        """Return a count that moves along."""
        return Nanos(super().monotonic() + int(self.ahead_s * NANOS_PER_SECOND))


@dataclass(slots=True)
class House:
    """The doors."""

    data_dir: Path
    services: Services
    identity: Identity
    clock: MovableClock
    http: httpx.AsyncClient

    @property
    def staff(self) -> Staff:
        """An operator."""
        return Staff(self.identity.parts)

    @property
    def now_s(self) -> int:
        """The server's clock."""
        return self.clock.wall() // NANOS_PER_SECOND

    async def start_threads(self) -> None:
        """Have all threads run that hash and send: those that a test starts must have ended after it."""
        together = threading.Barrier(THREADS)
        await asyncio.gather(*(self.identity.room.run(together.wait) for _ in range(THREADS)))
        await self.identity.settled()

    async def empty(self) -> None:
        """Forget everybody and everything; the clock goes on."""
        await self.identity.settled()
        with self.identity.parts.database.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
            connection.execute(security_tip.insert().values(id=1, seq=0, hash=GENESIS))
        self.identity.gate._seen_seq = 0
        self.identity.gate.forget_all()
        for path in (self.data_dir / "mail").glob("*"):
            path.unlink()

    def kinds(self) -> list[str]:
        """Return the kinds of all lines of the security log, oldest first."""
        return [line.kind for line in reversed(self.identity.audit.page())]

    def successor(self, person: Person) -> str:
        """Return the refresh token that follows a person's."""
        return self.identity.parts.keys.successor(person.tokens["refresh_token"])

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of what comes and goes."""
        tables = (session, refresh_token, ws_ticket, crs_user, check_code)
        with self.identity.parts.database.reading() as connection:
            return {
                table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables
            }

    async def letters(self) -> list[tuple[str, str, str]]:
        """Return all letters: to whom, subject, text."""
        await self.identity.settled()
        found = []
        for path in sorted((self.data_dir / "mail").glob("*.eml")):
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = letter.get_body()
            assert body is not None
            found.append((str(letter["To"]), str(letter["Subject"]), str(body.get_content())))
        return found

    async def code(self, to: str) -> str:
        """Return the code of the last letter to somebody."""
        text = [text for who, _, text in await self.letters() if who == to][-1]
        return next(word.strip(".") for word in text.split() if word.strip(".").isdigit())

    def person(self, email: str = "ann@crs.example", role: Role = Role.TRADER) -> Person:
        """Make a verified user."""
        listed = self.staff.add_user(email, PASSWORD, role=role)
        return Person(self, email, user_id=listed.user.id, account=listed.accounts[0].account)


@dataclass(slots=True)
class Person:
    """Somebody with a device."""

    house: House
    email: str
    password: str = PASSWORD
    device: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    tokens: dict[str, Any] = field(default_factory=dict)
    user_id: int = 0
    account: str = ""
    otp: pyotp.TOTP | None = None

    @property
    def bearer(self) -> dict[str, str]:
        """The header of whoever is signed in."""
        return {"authorization": f"Bearer {self.tokens['access_token']}"}

    async def login(self, *, code: str | None = None, password: str | None = None) -> httpx.Response:
        """Try to sign in."""
        public = b64(self.device.public_key().public_bytes_raw())
        body = {
            "email": self.email, "password": password or self.password, "code": code,
            "device": {"name": "a device", "public_key": public},
        }  # fmt: skip
        answer = await self.house.http.post("/v1/auth/login", json=body)
        if answer.status_code == httpx.codes.OK:
            self.tokens = answer.json()
        return answer

    def signed_refresh(self, token: str | None = None, *, skew_s: float = 0.0, **other: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the body of a refresh, signed by the device."""
        token = token or self.tokens["refresh_token"]
        at_ms = self.house.clock.wall() // 1_000_000 + int(skew_s * 1000)
        nonce = secrets.token_hex(8)
        message = refresh_message(sha256(token.encode()).hexdigest(), at_ms, nonce)
        body = {
            "refresh_token": token, "device_id": self.tokens["device_id"], "at_ms": at_ms, "nonce": nonce,
            "signature": b64(self.device.sign(message)),
        }  # fmt: skip
        return body | other

    async def refresh(self, body: dict[str, Any] | None = None) -> httpx.Response:
        """Refresh; what comes back is not kept."""
        return await self.house.http.post("/v1/auth/refresh", json=body or self.signed_refresh())

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:  # noqa: ANN401 - JSON
        """Send a request with the access token."""
        return await self.house.http.request(method, path, json=body, headers=self.bearer)

    async def step_up(self) -> None:
        """Prove presence."""
        proof = {"code": self.one_time()} if self.otp else {"password": self.password}
        answer = await self.ask("POST", "/v1/auth/step-up", proof)
        assert answer.status_code == httpx.codes.OK, answer.text
        self.tokens["access_token"] = answer.json()["access_token"]

    def one_time(self) -> str:
        """Return a code that is good now and was not used: the clock goes on by a step first."""
        assert self.otp is not None
        self.house.clock.ahead_s += 30
        return self.otp.at(self.house.now_s)

    async def with_factor(self) -> tuple[str, ...]:
        """Switch a second factor on and return the recovery codes."""
        await self.step_up()
        self.otp = pyotp.TOTP((await self.ask("POST", "/v1/auth/mfa/enroll")).json()["secret"])
        answer = await self.ask("POST", "/v1/auth/mfa/confirm", {"code": self.one_time()})
        assert answer.status_code == httpx.codes.OK, answer.text
        return tuple(answer.json()["codes"])


@asynccontextmanager
async def house(data_dir: Path, **options: Any) -> AsyncIterator[House]:  # noqa: ANN401
    """Lend a server in this loop on a clock that can be moved; `limits` are off unless they are asked for."""
    clock = MovableClock()
    settings = load_settings(data_dir, **({"limits": "off"} | options))
    async with opened_at_once(settings, clock) as services:
        transport = httpx.ASGITransport(app=make_app(services), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://server.test") as http:
            opened = House(data_dir, services, services.identity, clock, http)
            await opened.start_threads()
            yield opened
