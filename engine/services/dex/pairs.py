"""Pools of a chain as they are now, as far as liquidity is concerned."""

from __future__ import annotations

from engine.defi import abi
from engine.defi.address import ZERO
from engine.defi.chain import DexKind, DexSpec
from engine.defi.liquidity.v3 import V3Price
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v2liquidity import PANCAKE_PART, UNISWAP_PART, V2Shares
from engine.defi.token import Token
from engine.errors import InvalidInput
from engine.ports.chain import Call, ChainClient
from engine.services.dex.pools.discovery import computed_pair
from engine.services.dex.reading import Ask, answers, known


async def pair_address(chain: ChainClient, dex: DexSpec, first: Token, second: Token) -> str:
    """Return the V2 pair of two tokens; empty: there is none yet.

    Raises:
        InvalidInput: the exchange has no pairs.
    """
    _must_be(dex, DexKind.V2)
    (answer,) = await answers(chain, [_pair(dex, first, second)])
    (pair,) = known(answer, f"{dex.title}'s factory")
    return "" if pair == ZERO else str(pair)


async def coming_pair(chain: ChainClient, dex: DexSpec, first: Token, second: Token) -> str:
    """Return where the pair of two tokens will be once it is made: by its init code hash, or as the factory says.

    Raises:
        Reverted: the factory does not make such a pair.
    """
    low, high = sorted((first.address, second.address), key=lambda each: int(each, 16))
    if dex.init_code_hash:
        return computed_pair(dex, low, high)
    told = await chain.call(Call(dex.factory, abi.encode("createPair(address,address)", low, high)))
    return str(abi.decode("(address)", told)[0])


async def shares_of(chain: ChainClient, dex: DexSpec, first: Token, second: Token) -> V2Shares:
    """Return the pair of two tokens with its shares; one that does not exist yet is empty.

    Raises:
        InvalidInput: the exchange has no pairs, or what it names is none.
    """
    pair = await pair_address(chain, dex, first, second)
    low, high = sorted((first.address, second.address), key=lambda each: int(each, 16))
    if not pair:
        return V2Shares(V2Pool("", low, high, 0, 0, *dex.fee), 0)
    return await pair_shares(chain, dex, pair, low, high)


async def pair_shares(chain: ChainClient, dex: DexSpec, pair: str, token0: str, token1: str) -> V2Shares:
    """Return a pair that is known, with its shares and what the exchange takes of its fees."""
    reserves, supply, last, fee_to = await answers(
        chain,
        [
            Ask(pair, "getReserves()", "(uint112,uint112,uint32)"),
            Ask(pair, "totalSupply()", "(uint256)"),
            Ask(pair, "kLast()", "(uint256)"),
            Ask(dex.factory, "feeTo()", "(address)"),
        ],
    )
    reserve0, reserve1, _ = known(reserves, f"The pool {pair}")
    (total,) = known(supply, f"The pool {pair}")
    takes = fee_to is not None and fee_to[0] != ZERO
    part = PANCAKE_PART if "pancake" in dex.name else UNISWAP_PART
    k_last = last[0] if last is not None and takes else 0
    pool = V2Pool(pair, token0, token1, reserve0, reserve1, *dex.fee)
    return V2Shares(pool, total, k_last, part if takes else None)


async def price_of(chain: ChainClient, dex: DexSpec, first: Token, second: Token, fee: int) -> V3Price | None:
    """Return the V3 pool of two tokens at a fee; None: there is none, or it has no price yet.

    Raises:
        InvalidInput: the exchange has no such pools, or not at this fee.
    """
    _must_be(dex, DexKind.V3)
    pool_answer, spacing_answer = await answers(
        chain,
        [
            Ask(
                dex.factory,
                "getPool(address,address,uint24)",
                "(address)",
                (first.address, second.address, fee),
            ),
            Ask(dex.factory, "feeAmountTickSpacing(uint24)", "(int24)", (fee,)),
        ],
    )
    (pool,) = known(pool_answer, f"{dex.title}'s factory")
    spacing = known(spacing_answer, f"{dex.title}'s factory")[0]
    if not spacing:
        raise InvalidInput(f"{dex.title} has no pools with a fee of {fee / 10_000:g} %.")
    if pool == ZERO:
        return None
    (slot,) = await answers(chain, [Ask(pool, "slot0()", "(uint160,int24)")])
    root = known(slot, f"The pool {pool}")[0]
    return V3Price(pool, fee, spacing, root) if root else None


async def spacing_of(chain: ChainClient, dex: DexSpec, fee: int) -> int:
    """Return how far apart the ticks of pools with a fee are.

    Raises:
        InvalidInput: the exchange has no pools with this fee.
    """
    _must_be(dex, DexKind.V3)
    (answer,) = await answers(chain, [Ask(dex.factory, "feeAmountTickSpacing(uint24)", "(int24)", (fee,))])
    spacing = int(known(answer, f"{dex.title}'s factory")[0])
    if not spacing:
        raise InvalidInput(f"{dex.title} has no pools with a fee of {fee / 10_000:g} %.")
    return spacing


def _pair(dex: DexSpec, first: Token, second: Token) -> Ask:
    return Ask(dex.factory, "getPair(address,address)", "(address)", (first.address, second.address))


def _must_be(dex: DexSpec, kind: DexKind) -> None:
    if dex.kind is not kind:
        wanted = "pairs" if kind is DexKind.V2 else "pools with ranges"
        raise InvalidInput(f"{dex.title} has no {wanted}.")
