"""V3 positions as the position manager keeps them, and the fees that they would pay at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from engine.defi import abi
from engine.defi.chain import DexSpec
from engine.defi.liquidity.span import Span
from engine.defi.liquidity.v3calls import MULTICALL, collect_data
from engine.errors import InvalidInput, Reverted
from engine.ports.chain import BlockTag, Call, ChainClient
from engine.services.dex.reading import Ask, answers

MOST_POSITIONS = 200
"""Of one account that are looked at; the newest."""
POSITION = "(uint96,address,address,address,uint24,int24,int24,uint128,uint256,uint256,uint128,uint128)"


@dataclass(frozen=True, slots=True)
class Held:
    """A position as the manager keeps it."""

    token_id: int
    token0: str
    token1: str
    fee: int
    span: Span
    liquidity: int


async def held_position(chain: ChainClient, dex: DexSpec, token_id: int) -> Held:
    """Return one position.

    Raises:
        InvalidInput: there is none with this number.
        ChainUnavailable: nobody answers.
    """
    (found,) = await _positions(chain, dex, [token_id])
    if found is None:
        raise InvalidInput(f"{dex.title} has no position {token_id}.")
    return found


async def held_by(chain: ChainClient, dex: DexSpec, account: str) -> list[Held]:
    """Return the positions of an account, the newest first; empty ones too, since fees may be left in them.

    Raises:
        ChainUnavailable: nobody answers.
    """
    manager = dex.position_manager
    (count,) = await answers(chain, [Ask(manager, "balanceOf(address)", "(uint256)", (account,))])
    number = int(count[0]) if count else 0
    rows = range(number - 1, max(-1, number - 1 - MOST_POSITIONS), -1)
    ids = await answers(
        chain, [Ask(manager, "tokenOfOwnerByIndex(address,uint256)", "(uint256)", (account, each)) for each in rows]
    )
    found = await _positions(chain, dex, [int(each[0]) for each in ids if each])
    return [each for each in found if each is not None]


async def owed_fees(
    chain: ChainClient, dex: DexSpec, owner: str, token_ids: Sequence[int], tag: BlockTag = "latest"
) -> dict[int, tuple[int, int]]:
    """Return what `collect` would pay for each position of an owner, in one request, to the unit.

    The manager answers only its owner, so it is asked in the owner's name; a position that it refuses is left out by
    asking for each alone.

    Raises:
        InvalidInput: the only position asked for is not the owner's.
        ChainUnavailable: nobody answers.
    """
    if not token_ids:
        return {}
    calls = [collect_data(each, owner) for each in token_ids]
    try:
        data = await chain.call(Call(dex.position_manager, abi.encode(MULTICALL, calls), sender=owner), tag)
        rows = abi.decode("(bytes[])", data)[0]
    except Reverted as error:
        if len(token_ids) == 1:
            raise InvalidInput(f"Position {token_ids[0]} pays {owner} nothing: {error.reason}") from error
        found: dict[int, tuple[int, int]] = {}
        for each in token_ids:
            with suppress(InvalidInput):
                found |= await owed_fees(chain, dex, owner, [each], tag)
        return found
    pairs = (abi.decode("(uint256,uint256)", each) for each in rows)
    return {token_id: (int(first), int(second)) for token_id, (first, second) in zip(token_ids, pairs, strict=True)}


async def _positions(chain: ChainClient, dex: DexSpec, token_ids: Sequence[int]) -> list[Held | None]:
    rows = await answers(
        chain, [Ask(dex.position_manager, "positions(uint256)", POSITION, (each,)) for each in token_ids]
    )
    return [
        None if row is None else Held(token_id, row[2], row[3], row[4], Span(row[5], row[6]), row[7])
        for token_id, row in zip(token_ids, rows, strict=True)
    ]
