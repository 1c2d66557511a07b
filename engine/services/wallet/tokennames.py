"""Which token an address is, for whoever has to say what would change: known ones, else what the contract says."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.defi import abi
from engine.defi.chain import ChainSpec
from engine.defi.token import NATIVE, Token
from engine.ports.chain import Call, ChainClient
from engine.services.wallet.strangers import known_tokens
from engine.services.wallet.toldtoken import decimals_told, stranger

Lookup = Callable[[str], Token | None]
"""By address; None: not known."""


class TokenNames:
    """The tokens of one chain by address."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, lookup: Lookup = lambda _address: None) -> None:
        self._chain = chain
        self._lookup = lookup
        self._own = known_tokens(spec)
        self._known = {each.address: each for each in self._own}
        self._known[NATIVE] = spec.native
        self._chain_id = spec.chain_id

    async def named(self, addresses: Iterable[str], also: Iterable[Token] = ()) -> dict[str, Token]:
        """Return tokens by address; contracts that nobody knows are asked, all in one request."""
        given = {each.address: each for each in also}
        found: dict[str, Token] = {}
        unknown: list[str] = []
        for address in dict.fromkeys(addresses):
            token = given.get(address) or self._known.get(address) or self._lookup(address)
            if token is None:
                unknown.append(address)
            else:
                found[address] = token
        return found | await self._asked(unknown)

    async def _asked(self, addresses: list[str]) -> dict[str, Token]:
        if not addresses:
            return {}
        calls = [Call(each, abi.encode(name)) for each in addresses for name in ("symbol()", "decimals()")]
        told = await self._chain.read(calls)
        for address, symbol, decimals in zip(addresses, told[::2], told[1::2], strict=True):
            places = decimals_told(decimals) or 0  # where it says none, amounts are in its smallest unit
            self._known[address] = stranger(self._chain_id, address, symbol, places, self._own)
        return {each: self._known[each] for each in addresses}
