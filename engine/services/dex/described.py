"""Tokens by their addresses: those of the chain's list as it knows them, others as they call themselves."""

from __future__ import annotations

from collections.abc import Iterable

from engine.defi import abi
from engine.defi.chain import ChainSpec
from engine.defi.token import Token
from engine.ports.chain import Call, ChainClient
from engine.services.dex.reading import Ask, answers
from engine.services.wallet.strangers import known_tokens
from engine.services.wallet.toldtoken import decimals_told, stranger


async def described(chain: ChainClient, spec: ChainSpec, addresses: Iterable[str]) -> dict[str, Token]:
    """Return a token for each address that is one; names are texts of strangers, cut and without control letters.

    Raises:
        ChainUnavailable: nobody answers.
    """
    wanted = list(dict.fromkeys(addresses))
    own = known_tokens(spec)
    known = {each.address: each for each in own if not each.is_native}
    asked = [each for each in wanted if each not in known]
    calls = [Call(each, abi.encode(name)) for each in asked for name in ("symbol()", "decimals()")]
    told = await chain.read(calls) if calls else []
    for address, symbol, decimals in zip(asked, told[::2], told[1::2], strict=True):
        places = decimals_told(decimals)
        if symbol.ok and places is not None:
            known[address] = stranger(spec.chain_id, address, symbol, places, own)
    return {each: known[each] for each in wanted if each in known}


async def pair_tokens(chain: ChainClient, spec: ChainSpec, pairs: Iterable[str]) -> dict[str, tuple[Token, Token]]:
    """Return both tokens of each address that is a V2 pair; others are left out."""
    wanted = list(dict.fromkeys(pairs))
    rows = await answers(chain, [Ask(each, name, "(address)") for each in wanted for name in ("token0()", "token1()")])
    both = {each: (rows[2 * at], rows[2 * at + 1]) for at, each in enumerate(wanted)}
    found = {each: (str(a[0]), str(b[0])) for each, (a, b) in both.items() if a is not None and b is not None}
    tokens = await described(chain, spec, [each for pair in found.values() for each in pair])
    return {pair: (tokens[a], tokens[b]) for pair, (a, b) in found.items() if a in tokens and b in tokens}
