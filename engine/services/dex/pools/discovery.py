"""Asking the factories of a chain's exchanges for the pools of some tokens.

V2 has one pair for two tokens, V3 a pool for each fee. Where an exchange's init code hash is known, the pair has to
stand at the address that follows from it (CREATE2, EIP-1014): one that stands elsewhere is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from engine.defi.address import checksummed, keccak
from engine.defi.chain import ChainSpec, DexKind, DexSpec
from engine.ports.chain import Call, ChainClient, Outcome
from engine.services.dex.plainwords import address_in, numbers, plain_call
from engine.services.dex.pools.known import KnownPool, KnownPools, Slot

RECHECK_S = 3_600
"""After so long a pool that was missing is asked for again."""


def slots(spec: ChainSpec, tokens: Iterable[str]) -> list[tuple[DexSpec, Slot]]:
    """Return every place where a pool of two of the tokens may be."""
    ordered = sorted(set(tokens), key=lambda each: int(each, 16))
    return [
        (dex, (dex.factory, token0, token1, fee))
        for dex in spec.dexes
        for token0, token1 in combinations(ordered, 2)
        for fee in (dex.fee_tiers if dex.kind is DexKind.V3 else (0,))
    ]


async def discover(chain: ChainClient, spec: ChainSpec, tokens: Iterable[str], known: KnownPools, block: int) -> None:
    """Ask for the pools that are not known yet, and write into `known` what the factories say.

    Raises:
        ChainUnavailable: nobody answers.
    """
    since = block - int(RECHECK_S / max(spec.block_s, 0.1))
    every = slots(spec, tokens)
    wanted = set(known.open([slot for _, slot in every], since))
    asked = [(dex, slot) for dex, slot in every if slot in wanted]
    outcomes = await chain.read([_question(dex, slot) for dex, slot in asked], block)
    named: list[tuple[DexSpec, Slot, str]] = []
    for (dex, slot), outcome in zip(asked, outcomes, strict=True):
        address = address_in(outcome)
        if address and _is_where_it_must_be(dex, slot, address):
            named.append((dex, slot, address))
        elif outcome.ok:
            known.miss(slot, block)
    for pool in await _described(chain, named, block):
        known.add(pool)


async def _described(chain: ChainClient, named: Sequence[tuple[DexSpec, Slot, str]], block: int) -> list[KnownPool]:
    """Return pools with what is the same for ever: V3's are asked for fee and spacing."""
    ranged = [address for dex, _, address in named if dex.kind is DexKind.V3]
    asked = [plain_call(address, name) for address in ranged for name in ("fee()", "tickSpacing()")]
    told = await chain.read(asked, block) if asked else []
    spacings = {each: _spacing(told[2 * at], told[2 * at + 1]) for at, each in enumerate(ranged)}
    found = []
    for dex, slot, address in named:
        spacing = 0
        if dex.kind is DexKind.V3:
            fee, spacing = spacings[address]
            if fee != slot[3] or spacing <= 0:
                continue
        found.append(KnownPool(dex.name, dex.factory, address, slot[1], slot[2], slot[3], spacing))
    return found


def computed_pair(dex: DexSpec, token0: str, token1: str) -> str:
    """Return where a factory makes the pair of two tokens."""
    salt = keccak(bytes.fromhex(token0[2:]) + bytes.fromhex(token1[2:]))
    made = keccak(b"\xff" + bytes.fromhex(dex.factory[2:]) + salt + dex.init_code_hash)
    return checksummed(f"0x{made[12:].hex()}")


def _question(dex: DexSpec, slot: Slot) -> Call:
    if dex.kind is DexKind.V3:
        return plain_call(dex.factory, "getPool(address,address,uint24)", slot[1], slot[2], slot[3])
    return plain_call(dex.factory, "getPair(address,address)", slot[1], slot[2])


def _is_where_it_must_be(dex: DexSpec, slot: Slot, address: str) -> bool:
    if dex.kind is not DexKind.V2 or not dex.init_code_hash:
        return True
    return computed_pair(dex, slot[1], slot[2]) == address


def _spacing(fee: Outcome, spacing: Outcome) -> tuple[int, int]:
    found, apart = numbers(fee, 1), numbers(spacing, 1)
    return (found[0], apart[0]) if found and apart else (0, 0)
