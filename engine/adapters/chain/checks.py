"""Whether the contracts of a chain are what they were given out to be. What is not is left out, with a sentence.

Nothing here makes a contract trustworthy; it finds addresses of another chain, mistyped ones, and lists that are old.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.defi import abi
from engine.defi.address import keccak
from engine.defi.chain import ChainSpec, DexKind, DexSpec, FarmKind, FarmSpec
from engine.defi.token import Token
from engine.errors import InvalidInput, WrongChain
from engine.ports.chain import Call, ChainClient, Outcome


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain, of which everything was looked at."""

    spec: ChainSpec
    """With what is as it should be."""
    refused: Mapping[str, str]
    """What was left out, by its name (a token by its address), and why."""

    def dex(self, name: str) -> DexSpec:
        """Return an exchange that may be traded at.

        Raises:
            WrongChain: it may not; says why.
        """
        found = self.spec.dex(name)
        if found is None:
            raise WrongChain(self.refused.get(name, f"There is no exchange {name!r} on {self.spec.title}."))
        return found


@dataclass(frozen=True, slots=True)
class Expected:
    """What a contract must answer."""

    owner: str
    """Of whom it is asked: an exchange's name, a token's address."""
    title: str
    address: str
    function: str
    types: str
    value: Any
    """None: any answer will do."""


async def verified(chain: ChainClient, spec: ChainSpec) -> Verified:
    """Look at a chain's contracts in two requests or three, and return what is as it should be.

    Raises:
        WrongChain: the coin as a token is not there: nothing of this chain can be as it was given out.
        ChainUnavailable: nobody answers.
    """
    refused: dict[str, str] = {}
    codes = await _codes(chain, spec)
    if codes.get(spec.wrapped.address) is False:
        raise WrongChain(
            f"There is no contract at {spec.wrapped.address}, which {spec.title}'s {spec.wrapped.symbol} should be. "
            "This is not the chain that it was given out to be."
        )
    multicall = spec.multicall if codes.get(spec.multicall) else ""
    for name, title, addresses in _owners(spec):
        missing = next((each for each in addresses if codes.get(each) is False), None)
        if missing is not None:
            refused[name] = f"{title} is not traded: there is no contract at {missing}."
    expected = [each for each in _expected(spec) if each.owner not in refused]
    answers = await chain.read([Call(each.address, abi.encode(each.function)) for each in expected])
    for each, answer in zip(expected, answers, strict=True):
        problem = _problem(each, answer)
        if problem and each.owner not in refused:
            refused[each.owner] = problem
    hashed = [each for each in spec.dexes if each.kind is DexKind.V2 and each.init_code_hash]
    refused |= await _pair_problems(chain, [each for each in hashed if each.name not in refused])
    return Verified(_without(replace(spec, multicall=multicall), refused), refused)


async def _codes(chain: ChainClient, spec: ChainSpec) -> dict[str, bool]:
    addresses = {spec.wrapped.address, *(each for _, _, all_ in _owners(spec) for each in all_)}
    if spec.multicall:
        addresses.add(spec.multicall)
    ordered = sorted(addresses)
    found = await asyncio.gather(*(chain.code(each) for each in ordered))
    return {address: bool(code) for address, code in zip(ordered, found, strict=True)}


def _owners(spec: ChainSpec) -> list[tuple[str, str, Sequence[str]]]:
    """Return who has which contracts: name, title, addresses."""
    dexes = [
        (each.name, each.title, [a for a in (each.factory, each.router, each.quoter, each.position_manager) if a])
        for each in spec.dexes
    ]
    farms = [(each.name, each.title, [each.address]) for each in spec.farms]
    tokens = [(each.address, each.symbol, [each.address]) for each in spec.tokens if not each.is_native]
    return [*dexes, *farms, *tokens]


def _expected(spec: ChainSpec) -> list[Expected]:
    found = [
        Expected(each.address, each.symbol, each.address, "decimals()", "(uint256)", each.decimals)
        for each in spec.tokens
        if not each.is_native
    ]
    for dex in spec.dexes:
        found += _of_dex(dex, spec.wrapped)
    for farm in spec.farms:
        found += _of_farm(farm)
    return found


def _of_dex(dex: DexSpec, wrapped: Token) -> list[Expected]:
    is_v2 = dex.kind is DexKind.V2
    coin = "WETH()" if is_v2 else "WETH9()"
    contracts = [(f"{dex.title}'s router", dex.router)]
    if not is_v2:
        contracts += [(f"{dex.title}'s quoter", dex.quoter), (f"{dex.title}'s position manager", dex.position_manager)]
    return [
        Expected(dex.name, title, address, function, "(address)", value)
        for title, address in contracts
        if address
        for function, value in (("factory()", dex.factory), (coin, wrapped.address))
    ]


def _of_farm(farm: FarmSpec) -> list[Expected]:
    if farm.kind is FarmKind.STAKING_REWARDS:
        return [Expected(farm.name, farm.title, farm.address, "rewardsToken()", "(address)", farm.reward.address)]
    return [Expected(farm.name, farm.title, farm.address, "poolLength()", "(uint256)", None)]


def _problem(expected: Expected, answer: Outcome) -> str:
    try:
        (value,) = abi.decode(expected.types, answer.data) if answer.ok else (None,)
    except InvalidInput:
        value = None
    if value is None:
        return f"{expected.title} at {expected.address} does not answer {expected.function}: it is something else."
    if expected.value is None or value == expected.value:
        return ""
    return (
        f"{expected.title} at {expected.address} says that its {expected.function} is {value}; "
        f"{expected.value} was expected. Nothing is traded there."
    )


async def _pair_problems(chain: ChainClient, dexes: Sequence[DexSpec]) -> dict[str, str]:
    """Hold the addresses that we compute of the factories' first pairs against those that they have."""
    firsts = await chain.read([Call(each.factory, abi.encode("allPairs(uint256)", 0)) for each in dexes])
    pairs = {
        dex: pair for dex, first in zip(dexes, firsts, strict=True) if (pair := _address(first))
    }  # others have no pair yet
    calls = [Call(pair, abi.encode(each)) for pair in pairs.values() for each in ("token0()", "token1()")]
    answers = iter(map(_address, await chain.read(calls)))
    problems: dict[str, str] = {}
    for dex, pair in pairs.items():
        tokens = next(answers), next(answers)
        if not all(tokens):
            problems[dex.name] = f"{dex.title}'s factory at {dex.factory} has pairs that do not answer as pairs do."
        elif computed_pair(dex, *tokens) != pair:
            problems[dex.name] = (
                f"{dex.title}'s pairs are not where its init code hash puts them (its first is {pair}). "
                "Nothing is traded there."
            )
    return problems


def _address(answer: Outcome) -> str:
    """Return an address that was answered, empty if none was."""
    try:
        return str(abi.decode("(address)", answer.data)[0]) if answer.ok else ""
    except InvalidInput:
        return ""


def computed_pair(dex: DexSpec, token0: str, token1: str) -> str:
    """Return where a factory makes a pair (CREATE2, EIP-1014)."""
    salt = keccak(_bytes(token0) + _bytes(token1))
    made = keccak(b"\xff" + _bytes(dex.factory) + salt + dex.init_code_hash)
    (address,) = abi.decode("(address)", bytes(12) + made[12:])
    return str(address)


def _bytes(address: str) -> bytes:
    return bytes.fromhex(address[2:])


def _without(spec: ChainSpec, refused: Mapping[str, str]) -> ChainSpec:
    return replace(
        spec,
        dexes=tuple(each for each in spec.dexes if each.name not in refused),
        farms=tuple(each for each in spec.farms if each.name not in refused),
        tokens=tuple(each for each in spec.tokens if each.address not in refused),
        stables=tuple(each for each in spec.stables if each not in refused),
    )
