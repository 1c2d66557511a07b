"""Tokens by their addresses: those of the chain's list as it knows them, others as they call themselves."""

from __future__ import annotations

from collections.abc import Iterable

from engine.defi.chain import ChainSpec
from engine.defi.token import SYMBOL_SHOWN, Token
from engine.errors import InvalidInput
from engine.ports.chain import ChainClient
from engine.services.dex.reading import Ask, answers


async def described(chain: ChainClient, spec: ChainSpec, addresses: Iterable[str]) -> dict[str, Token]:
    """Return a token for each address that is one; names are texts of strangers, cut and without control letters.

    Raises:
        ChainUnavailable: nobody answers.
    """
    wanted = list(dict.fromkeys(addresses))
    known = {each.address: each for each in (*spec.tokens, spec.wrapped)}
    asked = [each for each in wanted if each not in known]
    rows = await answers(
        chain,
        [
            Ask(each, name, kind)
            for each in asked
            for name, kind in (("symbol()", "(string)"), ("decimals()", "(uint8)"))
        ],
    )
    for at, address in enumerate(asked):
        symbol, decimals = rows[2 * at], rows[2 * at + 1]
        if symbol is not None and decimals is not None and (token := _token(spec, address, symbol[0], decimals[0])):
            known[address] = token
    return {each: known[each] for each in wanted if each in known}


async def pair_tokens(chain: ChainClient, spec: ChainSpec, pairs: Iterable[str]) -> dict[str, tuple[Token, Token]]:
    """Return both tokens of each address that is a V2 pair; others are left out."""
    wanted = list(dict.fromkeys(pairs))
    rows = await answers(chain, [Ask(each, name, "(address)") for each in wanted for name in ("token0()", "token1()")])
    both = {each: (rows[2 * at], rows[2 * at + 1]) for at, each in enumerate(wanted)}
    found = {each: (str(a[0]), str(b[0])) for each, (a, b) in both.items() if a is not None and b is not None}
    tokens = await described(chain, spec, [each for pair in found.values() for each in pair])
    return {pair: (tokens[a], tokens[b]) for pair, (a, b) in found.items() if a in tokens and b in tokens}


def _token(spec: ChainSpec, address: str, symbol: str, decimals: int) -> Token | None:
    shown = "".join(each for each in symbol if each.isprintable()).strip()[:SYMBOL_SHOWN]
    try:
        return Token(spec.chain_id, address, shown or address[:8], decimals)
    except InvalidInput:
        return None
