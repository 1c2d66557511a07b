"""Traders for tests of the facade in this loop: the API key is the account, its secret is known to everybody."""

from __future__ import annotations

import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from engine.domain.command import Deposit
from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.server.principal import Principal
from engine.server.refusal import Refusal
from tests.engine.server.harness import InLoop, in_loop
from tests.engine.server.strangers import Strangers

SECRET = "known to everybody"


class Signers(Strangers):
    """An authenticator that knows every key."""

    async def key(self, api_key: str, *, ip: str) -> Principal:
        """Let anybody in."""
        account = AccountId(api_key)
        return Principal(user_id=1, key_id=1, account=account, accounts=(account,))

    async def signed(self, api_key: str, payload: bytes, signature: str, *, ip: str) -> Principal:
        """Let in who signed."""
        known = await self.key(api_key, ip=ip)
        if not hmac.compare_digest(signed(payload), signature):
            raise Refusal(401, "bad_signature", "That is another signature.")
        return known


def signed(payload: bytes, secret: str = SECRET) -> str:
    """Return the signature of a text."""
    return hmac.new(secret.encode(), payload, sha256).hexdigest()


@asynccontextmanager
async def signed_floor(data_dir: Path, **options: Any) -> AsyncIterator[InLoop]:  # noqa: ANN401 - settings
    """Lend a server in this loop to which traders come by key, one of them with some money."""
    async with in_loop(data_dir, **options) as server:
        server.services.authenticator = Signers()
        await server.services.core.carry_out(Deposit(AccountId("ann"), "USDT", Units(100_000 * 10**18)))
        yield server


def query_of(**params: object) -> str:
    """Return a signed query of now."""
    raw = urlencode({"timestamp": int(time.time() * 1000), **params})
    return f"{raw}&signature={signed(raw.encode())}"


async def ask(server: InLoop, method: str, path: str, key: str = "ann", **params: object) -> httpx.Response:
    """Send a signed request."""
    return await server.http.request(method, f"/api/v3/{path}?{query_of(**params)}", headers={"X-MBX-APIKEY": key})
