"""The pools of a chain's exchanges for some tokens: found once, read at each new block, read further when needed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.defi.chain import ChainSpec
from engine.defi.pools.pool import Pool
from engine.defi.routes.gas import HOP_GAS
from engine.defi.routes.graph import Market, PoolGraph
from engine.defi.token import Token
from engine.errors import InvalidInput, StorageUnavailable
from engine.ports.chain import ChainClient
from engine.services.dex.pools.discovery import discover, slots
from engine.services.dex.pools.known import KnownPool, KnownPools, load, save
from engine.services.dex.pools.reader import PoolReader, Read
from engine.services.offload import offload

MOST_TOKENS = 16
"""Between which pools are looked for: the two that are swapped, and those by which others are reached."""


@dataclass(frozen=True, slots=True)
class PoolView:
    """Pools at one block."""

    block: int
    graph: PoolGraph
    by_dex: Mapping[str, PoolGraph]
    known: Mapping[str, KnownPool]
    """By address."""
    growth: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """V3: fees of one unit of liquidity so far, of each token, 128 binary places."""

    def pool(self, address: str) -> Pool | None:
        """Return a pool by its address."""
        market = self.graph.markets.get(address)
        return None if market is None else market.pool


class PoolBook:
    """Pools of one chain. It belongs to the loop that it is used on; requests are made one after the other."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, file: Path | None = None) -> None:
        self._chain, self._spec, self._file = chain, spec, file
        self._known: KnownPools | None = None
        self._reader = PoolReader(chain, spec)
        self._views: dict[frozenset[str], PoolView] = {}
        self._lock = asyncio.Lock()
        self.problem = ""
        """A sentence about the file of known pools, if it could not be read or written."""

    def look_again(self) -> None:
        """Ask for all pools that were missing once more: one may have been made."""
        if self._known is not None:
            self._known.forget_missing()
        self._views.clear()

    def connectors(self) -> tuple[str, ...]:
        """Return the tokens by which others are reached: the wrapped coin, stable coins, and others that are known."""
        spec = self._spec
        ordered = (spec.wrapped.address, *spec.stables, *(each.address for each in spec.tokens))
        return tuple(dict.fromkeys(ordered))[: MOST_TOKENS - 2]

    def address_of(self, token: Token) -> str:
        """Return by which address pools know a token: the coin is there as its wrapped token."""
        return self._spec.wrapped.address if token.is_native else token.address

    async def between(self, first: Token, second: Token, *, block: int | None = None) -> PoolView:
        """Return the pools by which two tokens can be swapped, as they are now.

        Args:
            first: one.
            second: the other.
            block: as they were at this one; None: the newest.

        Raises:
            InvalidInput: the tokens are of another chain.
            ChainUnavailable: nobody answers.
        """
        for token in (first, second):
            if token.chain_id != self._spec.chain_id:
                raise InvalidInput(f"{token.symbol} is not a token of {self._spec.title}.")
        return await self.among((self.address_of(first), self.address_of(second), *self.connectors()), block=block)

    async def among(self, tokens: Iterable[str], *, block: int | None = None) -> PoolView:
        """Return all pools between some tokens' addresses, as they are now or at a block.

        Raises:
            ChainUnavailable: nobody answers.
        """
        wanted = frozenset(tuple(dict.fromkeys(tokens))[:MOST_TOKENS])
        async with self._lock:
            at = await self._chain.block_number() if block is None else block
            view = self._views.get(wanted)
            if view is None or view.block != at:
                view = self._keep(wanted, await self._read(wanted, at))
            return view

    async def wider(self, view: PoolView, addresses: Iterable[str]) -> PoolView:
        """Return the same pools at the same block, with some of them read further.

        Raises:
            ChainUnavailable: nobody answers.
        """
        async with self._lock:
            self._reader.widen(addresses)
            tokens = next((each for each, kept in self._views.items() if kept is view), None)
            pools = list(view.known.values())
            wider = self._viewed(await self._reader.read(pools, view.block), pools)
            return wider if tokens is None else self._keep(tokens, wider)

    async def _read(self, tokens: frozenset[str], block: int) -> PoolView:
        known = await self._loaded()
        await discover(self._chain, self._spec, tokens, known, block)
        await self._save(known)
        pools = known.found(slot for _, slot in slots(self._spec, tokens))
        return self._viewed(await self._reader.read(pools, block), pools)

    def _viewed(self, read: Read, pools: Iterable[KnownPool]) -> PoolView:
        by_address = {each.address: each for each in pools}
        markets: dict[str, list[Market]] = {each.name: [] for each in self._spec.dexes}
        for address, pool in read.pools.items():
            known = by_address[address]
            markets[known.dex].append(self._market(known, pool))
        by_dex = {name: PoolGraph(each) for name, each in markets.items()}
        every = PoolGraph(market for each in markets.values() for market in each)
        return PoolView(read.block, every, by_dex, by_address, read.growth)

    def _market(self, known: KnownPool, pool: Pool) -> Market:
        dex = self._spec.dex(known.dex)
        assert dex is not None, "pools of exchanges that are gone are not loaded"  # noqa: S101 - of `KnownPools`
        label = f"{known.fee / 10_000:g} %" if known.fee else ""
        return Market(pool, dex.name, HOP_GAS[dex.kind], label)

    def _keep(self, tokens: frozenset[str], view: PoolView) -> PoolView:
        self._views.pop(tokens, None)
        self._views[tokens] = view
        while len(self._views) > 8:
            del self._views[next(iter(self._views))]
        return view

    async def _loaded(self) -> KnownPools:
        if self._known is None:
            loaded = None
            if self._file is not None:
                loaded = await offload(load, self._file, self._spec.chain_id)
                self.problem = loaded.problem
            self._known = KnownPools(self._spec, loaded)
        return self._known

    async def _save(self, known: KnownPools) -> None:
        if self._file is None or not known.changed:
            return
        known.changed = False
        try:
            await offload(save, self._file, known.packed())
        except StorageUnavailable as error:
            self.problem = str(error)
