"""Traders for tests of the server: whoever shows `Bearer NAME` is signed in as the owner of account NAME."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from engine.domain.command import Deposit
from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.server.principal import Principal
from engine.server.refusal import unauthorized
from tests.engine.server.harness import InLoop, in_loop
from tests.engine.server.strangers import Strangers


class Named(Strangers):
    """An authenticator for which the token is the account; NAME+OTHER owns both."""

    async def bearer(self, token: str, *, ip: str) -> Principal:
        """Let anybody with a name in."""
        if not token.replace("+", "").replace("-", "").isalnum():
            raise unauthorized()
        accounts = tuple(AccountId(each) for each in token.split("+"))
        return Principal(user_id=sum(token.encode()), account=accounts[0], accounts=accounts)


@asynccontextmanager
async def trading_floor(data_dir: Path, **options: Any) -> AsyncIterator[InLoop]:  # noqa: ANN401 - settings
    """Lend a server in this loop to which traders come by name."""
    async with in_loop(data_dir, **options) as server:
        server.services.authenticator = Named()
        yield server


def of(name: str, **headers: str) -> dict[str, str]:
    """Return the headers of a trader."""
    return {"authorization": f"Bearer {name}", **{key.replace("_", "-"): value for key, value in headers.items()}}


async def fund(server: InLoop, name: str, asset: str = "USDT", amount: int = 100_000) -> None:
    """Give a trader money."""
    await server.services.core.carry_out(Deposit(AccountId(name), asset, Units(amount * 10**18)))


async def bid(server: InLoop, symbol: str = "BTC/USDT") -> float:
    """Return the best bid."""
    quote = server.services.market.quote(symbol)
    assert quote.bid is not None
    return server.services.market.pair(symbol).price_number(quote.bid)


async def send(server: InLoop, name: str, order: dict[str, Any], **headers: str) -> httpx.Response:
    """Send an order."""
    return await server.http.post("/v1/orders", json=order, headers=of(name, **headers))
