"""The desk's front over the services of a chain: `engine.bootstrap.chaindesk`. Imported with the wallet's front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.bootstrap.chaindesk import ChainDesk
from engine.bootstrap.wallet import WalletEngine
from engine.defi.address import parsed_address
from engine.defi.chain import ChainSpec, DexKind, DexSpec
from engine.defi.farming.farm import Stake
from engine.defi.intent import Intent
from engine.defi.liquidity.span import price_of_root
from engine.defi.token import Token, TokenAmount
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.market.l2 import L2Book
from engine.services.dex.analytics import PoolReport
from engine.services.dex.carrying import Ask
from engine.services.dex.compounding import Compounding
from engine.services.dex.liquidity import LiquidityPlan, RangeWish, Wish
from engine.services.dex.listed import listed_pools
from engine.services.dex.orders import DexOrders
from engine.services.dex.pairs import price_of, shares_of
from engine.services.dex.positions import LpPosition
from engine.services.dex.quoterow import DexQuotes, QuoteRow
from engine.services.dex.quotes import Following
from engine.services.dex.staking import FarmView, StakingPlan
from engine.services.dex.swap import Ticket
from engine.services.dex.venue_compare import VenueComparison, compare, tokens_of

SWAP_GAS = 400_000
"""What a swap through several pools takes at most: so much of the coin is left for it."""
PERCENTILES = (50.0,)


class EngineDex:
    """`DexFront` over the desk of one chain, for one account."""

    def __init__(self, engine: WalletEngine, desk: ChainDesk, account: str, slippage_bps: int) -> None:
        self._engine, self._desk, self.account, self.slippage_bps = engine, desk, account, slippage_bps

    @property
    def spec(self) -> ChainSpec:
        """The chain."""
        return self._desk.spec

    @property
    def orders(self) -> DexOrders:
        """The orders that this program carries out."""
        return self._desk.orders

    @property
    def plans(self) -> Compounding:
        """The plans for rewards."""
        return self._desk.compounding

    def ask_with(self, ask: Ask) -> None:
        """Let a person be asked."""
        self._desk.carrier.ask = ask

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are known, the coin first."""
        followed = self._engine.tokens.followed(self.spec)
        return (self.spec.native, *(each for each in followed if not each.is_native))

    async def token(self, address: str) -> Token:
        """Return a token by its contract."""
        entry = await self._engine.tokens.look_up(self._desk.client, self.spec, parsed_address(address))
        return entry.token

    async def holdings(self) -> Mapping[Token, int]:
        """Return how much of each known token there is."""
        found = await self._desk.balances.refresh(self.account, self.tokens())
        return {token: amount.units for token, amount in found.items()}

    async def holding(self, token: Token) -> int:
        """Return how much of one token there is."""
        return (await self._desk.balances.refresh(self.account, (token,)))[token].units

    async def quotes(self, sell: Token, buy: Token, units: int, *, exact_in: bool) -> DexQuotes:
        """Return what every exchange gives."""
        return await self._desk.quotes.best(sell, buy, units, exact_in)

    def follow(self, quotes: DexQuotes, heard: Callable[[DexQuotes], None]) -> Following:
        """Make quotes anew at each block."""
        return self._desk.quotes.follow(quotes, heard)

    async def swap(self, row: QuoteRow, *, slippage_bps: int, deadline_s: int) -> list[Intent]:
        """Return what has to be signed."""
        return await self._desk.swaps.intents(row, Ticket(self.account, slippage_bps, deadline_s))

    async def most_of_coin(self) -> TokenAmount:
        """Return the balance less the gas of a long swap at twice the next block's price."""
        fees = await self._desk.client.fee_history(1, PERCENTILES)
        tip = fees.rewards[-1][0] if fees.rewards else 0
        balance = await self._desk.client.balance(self.account)
        return self.spec.native.units(max(balance - SWAP_GAS * (2 * fees.base_fees[-1] + tip), 0))

    def tokens_of(self, pair: TradingPair) -> tuple[Token, Token] | None:
        """Return what stands on this chain for both assets of a pair."""
        try:
            return tokens_of(self.spec, pair)
        except InvalidInput:
            return None

    async def compare(self, pair: TradingPair, side: Side, lots: int, book: L2Book, fee: FeeRate) -> VenueComparison:
        """Return what a trade comes to at an order book and here."""
        return await compare(self._desk.quotes, self.spec, pair, side, lots, book, fee)

    # -- liquidity ----------------------------------------------------------------------------------

    async def pools(self) -> list[PoolReport]:
        """Return the pools between the chain's known tokens."""
        found = await listed_pools(self._desk.pools, self.spec, self.spec.tokens)
        return await self._desk.analytics.report(found)

    async def positions(self) -> list[LpPosition]:
        """Return the account's liquidity, staked shares counted."""
        stakes = await self._desk.farms.find(self.account)
        return await self._desk.positions.of(self.account, stakes, self.tokens())

    async def pool_price(self, dex: DexSpec, base: Token, quote: Token, fee: int) -> Decimal | None:
        """Return the price of a pool."""
        pooled = self._pooled(base), self._pooled(quote)
        if dex.kind is DexKind.V3:
            found = await price_of(self._desk.client, dex, *pooled, fee)
            return None if found is None else price_of_root(found.root, *pooled)
        pair = (await shares_of(self._desk.client, dex, *pooled)).pool
        if not pair.address or not pair.reserve0 or not pair.reserve1:
            return None
        is_first = pooled[0].address == pair.token0
        own, other = (pair.reserve0, pair.reserve1) if is_first else (pair.reserve1, pair.reserve0)
        return quote.units(other).exact / base.units(own).exact

    async def add_pair(
        self, dex: DexSpec, first: TokenAmount, second: TokenAmount, *, slippage_bps: int
    ) -> LiquidityPlan:
        """Return how two amounts go into a V2 pair."""
        return await self._desk.liquidity.add_pair(Wish(self.account, dex, slippage_bps), first, second)

    async def add_range(
        self, dex: DexSpec, where: RangeWish, first: TokenAmount, second: TokenAmount, *, slippage_bps: int
    ) -> LiquidityPlan:
        """Return how two amounts go into a range of a V3 pool."""
        return await self._desk.liquidity.add_range(Wish(self.account, dex, slippage_bps), where, first, second)

    async def take_out(self, position: LpPosition, part_bps: int, *, slippage_bps: int) -> LiquidityPlan:
        """Return how a part of a position comes out; the wrapped coin arrives as the coin."""
        wish, desk = Wish(self.account, position.dex, slippage_bps), self._desk.liquidity
        first, second = self._unwrapped(position.first), self._unwrapped(position.second)
        if position.token_id is not None:
            return await desk.remove_range(wish, position.token_id, (first, second), part_bps)
        shares = position.free * part_bps // 10_000
        if not shares:
            raise InvalidInput("All shares of this pool are staked: take them out of the farm first.")
        return await desk.remove_pair(wish, first, second, shares)

    # -- farms --------------------------------------------------------------------------------------

    async def farms(self) -> list[FarmView]:
        """Return where can be staked."""
        return await self._desk.staking.views(await self._desk.farms.find(self.account))

    async def staking_plan(self, view: FarmView, units: int, days: float) -> StakingPlan:
        """Return what staking would bring."""
        return await self._desk.staking.plan(view, units, days)

    async def stake(self, stake: Stake, units: int) -> list[Intent]:
        """Return what has to be signed to stake."""
        return await self._desk.farms.stake(stake, units)

    async def unstake(self, stake: Stake, units: int) -> list[Intent]:
        """Return what takes a part back."""
        return self._desk.farms.unstake(stake, units)

    async def claim(self, stake: Stake) -> list[Intent]:
        """Return what pays the rewards."""
        return self._desk.farms.claim(stake)

    async def leave(self, stake: Stake) -> list[Intent]:
        """Return what takes everything back."""
        return self._desk.farms.leave(stake)

    def _pooled(self, token: Token) -> Token:
        return self.spec.wrapped if token.is_native else token

    def _unwrapped(self, token: Token) -> Token:
        return self.spec.native if token == self.spec.wrapped else token
