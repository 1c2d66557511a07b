"""The pools between some tokens, as figures are asked for them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.defi.chain import ChainSpec, DexKind
from engine.defi.token import Token
from engine.services.dex.analytics import PoolAsked
from engine.services.dex.pools import PoolBook


async def listed_pools(book: PoolBook, spec: ChainSpec, tokens: Iterable[Token]) -> list[PoolAsked]:
    """Return all pools of a chain's exchanges between tokens; the coin counts as its wrapped token.

    Raises:
        ChainUnavailable: nobody answers.
    """
    by_address = {book.address_of(each): each for each in (*tokens,)}
    by_address |= {spec.wrapped.address: spec.wrapped} if spec.wrapped.address in by_address else {}
    view = await book.among(by_address)
    found = []
    for pool in view.known.values():
        dex = spec.dex(pool.dex)
        first, second = by_address.get(pool.token0), by_address.get(pool.token1)
        if dex is not None and first is not None and second is not None and view.pool(pool.address) is not None:
            found.append(PoolAsked(dex, pool.address, first, second, pool.fee if dex.kind is DexKind.V3 else 0))
    return found
