"""The desk over memory: real quotes and swaps on a chain of a few pools, orders and plans in lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, cast

from engine.defi.address import checksummed
from engine.defi.chain import ChainSpec, DexSpec
from engine.defi.intent import Intent
from engine.defi.orders import states
from engine.defi.orders.limits import Limits
from engine.defi.orders.order import DexOrder, LimitTerms, SeriesTerms
from engine.defi.pools.v2 import V2Pool
from engine.defi.token import Token, TokenAmount
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import CrsError, InvalidInput
from engine.market.l2 import L2Book
from engine.services.dex.pools import PoolBook
from engine.services.dex.quoterow import DexQuotes, QuoteRow
from engine.services.dex.quotes import Quotes
from engine.services.dex.swap import Swaps, Ticket
from engine.services.dex.venue_compare import VenueComparison, compare, tokens_of
from tests.crs_desktop.wallet_floor import ME
from tests.engine.services.dex.poolchain import TOKENS, V2_DEX, PoolChain, spec

PANCAKE = replace(V2_DEX, name="pancakeswap", title="PancakeSwap", factory="0x" + "f4" * 20, router="0x" + "e4" * 20)
SUSHI_POOL = V2Pool(checksummed("0x" + "aa" * 20), TOKENS[0], TOKENS[1], 10**22, 3 * 10**25)
CAKE_POOL = V2Pool(checksummed("0x" + "ab" * 20), TOKENS[0], TOKENS[1], 10**22, 2 * 10**25)
STRANGER = Token(9, checksummed("0x" + "be" * 20), "USDC", 18, "Fake")
NOW = 1_800_000_000


def dex_chain() -> ChainSpec:
    """Return a chain with two exchanges, an ether and a dollar."""
    found = spec(V2_DEX, PANCAKE)
    weth, usdt, dai = (
        replace(each, symbol=symbol) for each, symbol in zip(found.tokens, ("WETH", "USDT", "DAI"), strict=True)
    )
    native = replace(found.native, symbol="ETH")
    return replace(found, native=native, wrapped=weth, tokens=(weth, usdt, dai), stables=(usdt.address,))


@dataclass
class Follows:
    """A quote that a test makes anew."""

    heard: Callable[[DexQuotes], None]
    problem: str = ""
    closed: bool = False

    def close(self) -> None:
        self.closed = True


@dataclass
class MemoryOrders:
    """Orders in a list."""

    kept: dict[str, DexOrder] = field(default_factory=dict)
    problem: str = ""

    def all(self) -> list[DexOrder]:
        return list(self.kept.values())

    async def remove(self, id: str) -> None:
        del self.kept[id]

    async def limit(
        self, account: str, sell: Token, buy: Token, amount: int, terms: LimitTerms, limits: Limits, note: str = ""
    ) -> DexOrder:
        return self._keep(account, sell, buy, amount, terms, limits)

    async def series(
        self, account: str, sell: Token, buy: Token, amount: int, terms: SeriesTerms, limits: Limits, note: str = ""
    ) -> DexOrder:
        return self._keep(account, sell, buy, amount, terms, limits)

    async def pause(self, id: str) -> DexOrder:
        return self._change(id, states.paused)

    async def resume(self, id: str) -> DexOrder:
        return self._change(id, lambda order: states.resumed(order, NOW))

    async def cancel(self, id: str) -> DexOrder:
        return self._change(id, states.cancelled)

    async def edit(
        self, id: str, *, amount: int, terms: LimitTerms | SeriesTerms, limits: Limits, note: str | None = None
    ) -> DexOrder:
        return self._change(
            id, lambda order: states.edited(order, NOW, amount=amount, terms=terms, limits=limits, note=note)
        )

    def _keep(
        self, account: str, sell: Token, buy: Token, amount: int, terms: LimitTerms | SeriesTerms, limits: Limits
    ) -> DexOrder:
        made = DexOrder(f"order {len(self.kept)}", sell.chain_id, account, sell, buy, amount, terms, limits, NOW)
        made.check(NOW)
        self.kept[made.id] = made
        return made

    def _change(self, id: str, change: Callable[[DexOrder], DexOrder]) -> DexOrder:
        self.kept[id] = change(self.kept[id])
        return self.kept[id]


class MemoryDex:
    """`DexFront` over a chain of pools in memory."""

    def __init__(self) -> None:
        self.spec, self.account, self.slippage_bps = dex_chain(), ME, 100
        self.chain = PoolChain((SUSHI_POOL, CAKE_POOL))
        self.chain.factories = {V2_DEX.factory: {SUSHI_POOL.address}, PANCAKE.factory: {CAKE_POOL.address}}
        client = self.chain.client()
        self._quotes = Quotes(client, self.spec, PoolBook(client, self.spec))
        self._swaps = Swaps(client, self.spec)
        self.orders = MemoryOrders()
        self.plans: Any = MemoryOrders()
        weth, usdt, dai = self.spec.tokens
        self.held = {self.spec.native: 10 * 10**18, weth: 0, usdt: 5_000 * 10**18, dai: 0}
        self.follows: list[Follows] = []
        self.asked: Any = None
        self.offline: CrsError | None = None
        self.swapped: list[tuple[QuoteRow, int, int]] = []

    def ask_with(self, ask: Any) -> None:  # noqa: ANN401 - passed on
        self.asked = ask

    def tokens(self) -> tuple[Token, ...]:
        return (self.spec.native, *self.spec.tokens)

    async def token(self, address: str) -> Token:
        if address.lower() != STRANGER.address.lower():
            raise InvalidInput("There is no token at this address.")
        return STRANGER

    async def holdings(self) -> Mapping[Token, int]:
        self._check()
        return self.held

    async def holding(self, token: Token) -> int:
        return self.held.get(token, 0)

    async def quotes(self, sell: Token, buy: Token, units: int, *, exact_in: bool) -> DexQuotes:
        self._check()
        return await self._quotes.best(sell, buy, units, exact_in)

    def follow(self, quotes: DexQuotes, heard: Callable[[DexQuotes], None]) -> Follows:
        self.follows.append(Follows(heard))
        return self.follows[-1]

    async def swap(self, row: QuoteRow, *, slippage_bps: int, deadline_s: int) -> list[Intent]:
        self.swapped.append((row, slippage_bps, deadline_s))
        return await self._swaps.intents(row, Ticket(self.account, slippage_bps, deadline_s))

    async def most_of_coin(self) -> TokenAmount:
        return self.spec.native.units(self.held[self.spec.native] - 10**16)

    def tokens_of(self, pair: TradingPair) -> tuple[Token, Token] | None:
        try:
            return tokens_of(self.spec, pair)
        except InvalidInput:
            return None

    async def compare(self, pair: TradingPair, side: Side, lots: int, book: L2Book, fee: FeeRate) -> VenueComparison:
        return await compare(self._quotes, self.spec, pair, side, lots, book, fee)

    async def pool_price(self, dex: DexSpec, base: Token, quote: Token, fee: int) -> Decimal | None:
        return Decimal(3000)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what no test here uses
        raise AttributeError(name)

    def _check(self) -> None:
        if self.offline is not None:
            raise self.offline


def front_of(dex: MemoryDex) -> Any:  # noqa: ANN401 - a `DexFront` as far as tests go
    """Return it as what view-models want."""
    return cast(Any, dex)
