"""The server that the clients trade on, and the clients pointed at it: nothing but URLs is changed."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import httpx

from engine.cli.__main__ import main

Client = Any
"""A client of ccxt's, which has no types."""


class Keys(NamedTuple):
    """What a client signs with."""

    api_key: str
    secret: str
    number: int


@dataclass(frozen=True, slots=True)
class Floor:
    """A running server."""

    port: int
    data_dir: Path
    client: httpx.Client
    """Asks it without being a client of Binance's."""
    ann: Keys
    bob: Keys
    cat: Keys
    reader: Keys
    """Of cat's; it may not trade."""

    def make_key(self, name: str) -> Keys:
        """Return one more key of a trader's."""
        return make_key(self.data_dir, name)

    def revoke(self, name: str, keys: Keys) -> None:
        """Take a key out of force."""
        run("key", "revoke", "--data-dir", str(self.data_dir), "--email", address(name), str(keys.number))

    @property
    def http(self) -> str:
        """Where REST is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        """Where sockets are."""
        return f"ws://127.0.0.1:{self.port}"


_MARKETS: dict[int, tuple[Any, Any]] = {}
"""What ccxt made of a server's symbols, by port: they are loaded once."""


@asynccontextmanager
async def ccxt_client(floor: Floor, keys: Keys | None = None) -> AsyncIterator[Client]:
    """Lend a stock ccxt.pro client of a trader, bob's unless told otherwise."""
    import ccxt.pro

    who = keys or floor.bob
    client = ccxt.pro.binance({"apiKey": who.api_key, "secret": who.secret, "enableRateLimit": False})
    client.options |= {"fetchMarkets": {"types": ["spot"]}, "warnOnFetchOpenOrdersWithoutSymbol": False}
    api = client.urls["api"]
    api |= dict.fromkeys(("public", "private", "v1"), f"{floor.http}/api/v3") | {"sapi": f"{floor.http}/sapi/v1"}
    api["ws"] |= {"spot": f"{floor.ws}/stream/ws", "ws-api": {"spot": f"{floor.ws}/ws-api/v3"}}
    try:
        if floor.port not in _MARKETS:
            _MARKETS[floor.port] = (await client.load_markets(), client.currencies)
        client.set_markets(*_MARKETS[floor.port])
        yield client
    finally:
        await client.close()


def address(name: str) -> str:
    """Return a trader's e-mail address."""
    return f"{name}@example.org"


def run(*arguments: str, said: str = "") -> str:
    """Run a command of the server's and return what it printed."""
    with patch("sys.stdin", io.StringIO(said)), redirect_stdout(io.StringIO()) as told:
        assert main(["server", *arguments]) == 0
    return told.getvalue()


def trader(data_dir: Path, name: str) -> Keys:
    """Make a user and a key that reads and trades."""
    where = ("--data-dir", str(data_dir), "--email", address(name))
    run("user", "add", *where, "--password-stdin", said="violet harbour 27 lanterns\n")
    return make_key(data_dir, name)


def make_key(data_dir: Path, name: str, *more: str) -> Keys:
    """Make a key of a user's."""
    told = run("key", "add", "--data-dir", str(data_dir), "--email", address(name), "--json", *more)
    made = json.loads(told)
    return Keys(made["api_key"], made["secret"], made["key_id"])
