"""The practice chain beside a wallet: started when it is gone to, given coins on it, told the prices of the market."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from decimal import Decimal

import httpx
import msgspec

from engine.adapters.practice.process import PracticeChain
from engine.adapters.practice.spec import from_json
from engine.defi.chain import ChainSpec
from engine.defi.token import TokenAmount
from engine.errors import ChainUnavailable, NodeRefused
from engine.profile import Profile
from engine.services.offload import offload

Progress = Callable[[float, str], None]
"""How far it is, 0 to 1, and what is being done; called on any thread."""
PATIENCE_S = 60.0
GIFT = {"ETH": "10", "USDT": "10000", "USDC": "10000", "WBTC": "0.1"}
"""What an account is given to begin with, in whole tokens."""


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""


class _Answer(msgspec.Struct):
    result: object = None
    error: _Error | None = None


def _nobody() -> ssl.SSLContext:
    """Return a context that trusts no certificate: the chain is on loopback, and reading the system's takes 90 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Practice:
    """The practice chain of a profile."""

    def __init__(self, profile: Profile) -> None:
        self._chain = PracticeChain.of(profile)
        self._client: httpx.AsyncClient | None = None

    @property
    def is_running(self) -> bool:
        """Whether it runs now."""
        return bool(self._chain.url)

    async def start(self, *, reset: bool = False, progress: Progress = lambda *_: None) -> ChainSpec:
        """Start it if it does not run; return it as a chain, with its address.

        Raises:
            PracticeUnavailable: it cannot be started; says why, and what to do.
        """
        url = await offload(self._chain.start, reset=reset, progress=progress)
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False, verify=_nobody())
        return from_json(await self.ask("practice_manifest"), url)

    async def give(self, address: str, amounts: tuple[TokenAmount, ...]) -> None:
        """Give an account coins and tokens: they are worth nothing, and there are as many as one likes."""
        for each in amounts:
            token = None if each.token.is_native else each.token.address
            await self.ask("practice_faucet", address, token, hex(each.units))

    async def tell(self, prices: Mapping[str, Decimal]) -> None:
        """Say what the simulated market pays, in dollars by symbol of the token; agents move the pools along."""
        await self.ask("practice_setPrices", {symbol: str(price) for symbol, price in prices.items()})

    async def ask(self, method: str, *params: object) -> object:
        """Ask for something that only this chain has.

        Raises:
            ChainUnavailable: it does not run.
            NodeRefused: it said no.
        """
        if self._client is None or not self._chain.url:
            raise ChainUnavailable("The practice chain does not run.")
        question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        try:
            told = msgspec.json.decode((await self._client.post(self._chain.url, json=question)).content, type=_Answer)
        except (httpx.HTTPError, msgspec.DecodeError):
            raise ChainUnavailable("The practice chain does not answer.") from None
        if told.error is not None:
            raise NodeRefused(told.error.message, code=told.error.code)
        return told.result

    async def close(self) -> None:
        """End it; what happened on it is kept."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        await offload(self._chain.close)


def gift(spec: ChainSpec) -> tuple[TokenAmount, ...]:
    """Return what an account is given to begin with."""
    found = [(spec.token(symbol), text) for symbol, text in GIFT.items()]
    return tuple(token.of(text) for token, text in found if token is not None)
