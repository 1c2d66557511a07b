"""Which token an address is, for whoever has to say what would change: known ones, else what the contract says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from engine.defi import abi
from engine.defi.address import short
from engine.defi.chain import ChainSpec
from engine.defi.token import MOST_DECIMALS, NATIVE, SYMBOL_SHOWN, Token
from engine.errors import InvalidInput
from engine.ports.chain import Call, ChainClient, Outcome
from engine.services.wallet.strangers import imitated, known_tokens

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
            token = Token(self._chain_id, address, _symbol(symbol, address), _decimals(decimals))
            if imitated(token, self._own) is not None:  # no line of a confirmation may say USDC of another contract
                token = replace(token, symbol=short(address))
            self._known[address] = token
        return {each: self._known[each] for each in addresses}


def _symbol(told: Outcome, address: str) -> str:
    text = ""
    if told.ok:
        try:
            text = str(abi.decode("(string)", told.data)[0])
        except InvalidInput:  # the first tokens have bytes32
            text = told.data[:32].rstrip(b"\0").decode("ascii", "ignore")
    return "".join(each for each in text if each.isprintable()).strip()[:SYMBOL_SHOWN] or short(address)


def _decimals(told: Outcome) -> int:
    """What it says; 0 if it says nothing that can be: then amounts are shown in the smallest unit."""
    figure = int.from_bytes(told.data[:32], "big") if told.ok and len(told.data) >= 32 else 0
    return figure if figure <= MOST_DECIMALS else 0
