"""The exchanges and farms of the chain in use, as the desk's panes see them; part of the wallet's front.

`crs_desktop.wiring.dex_front` puts it over `engine.bootstrap.chaindesk`; tests put it over memory. Every coroutine
leaves the loop free and raises `CrsError` with a sentence. What has to be signed comes as intents, in order, for
`Doing.confirm`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from engine.defi.chain import ChainSpec, DexSpec
from engine.defi.intent import Intent
from engine.defi.orders.limits import Limits
from engine.defi.orders.order import DexOrder, LimitTerms, SeriesTerms
from engine.defi.orders.plan import YieldPlan
from engine.defi.token import Token, TokenAmount
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.market.l2 import L2Book

if TYPE_CHECKING:
    from engine.defi.farming.farm import Stake
    from engine.services.dex.analytics import PoolReport
    from engine.services.dex.carrying import Ask
    from engine.services.dex.liquidity import LiquidityPlan, RangeWish
    from engine.services.dex.positions import LpPosition
    from engine.services.dex.quoterow import DexQuotes, QuoteRow
    from engine.services.dex.staking import FarmView, StakingPlan
    from engine.services.dex.venue_compare import VenueComparison


class Following(Protocol):
    """Quotes that are made anew at each block, until it is closed."""

    problem: str
    """Why the last block brought none; empty if it did."""

    def close(self) -> None:
        """Follow no more."""
        ...


class OrdersFront(Protocol):
    """Orders that this program carries out; `engine.services.dex.orders.DexOrders` is one."""

    problem: str

    def all(self) -> list[DexOrder]: ...  # noqa: D102 - the names say it
    async def remove(self, id: str) -> None: ...  # noqa: D102
    async def limit(  # noqa: D102 - the names say it
        self, account: str, sell: Token, buy: Token, amount: int, terms: LimitTerms, limits: Limits, note: str = ""
    ) -> DexOrder: ...
    async def series(  # noqa: D102
        self, account: str, sell: Token, buy: Token, amount: int, terms: SeriesTerms, limits: Limits, note: str = ""
    ) -> DexOrder: ...
    async def pause(self, id: str) -> DexOrder: ...  # noqa: D102
    async def resume(self, id: str) -> DexOrder: ...  # noqa: D102
    async def cancel(self, id: str) -> DexOrder: ...  # noqa: D102
    async def edit(  # noqa: D102
        self, id: str, *, amount: int, terms: LimitTerms | SeriesTerms, limits: Limits, note: str | None = None
    ) -> DexOrder: ...


class PlansFront(Protocol):
    """Plans that put rewards to work again; `engine.services.dex.compounding.Compounding` is one."""

    problem: str

    def all(self) -> list[YieldPlan]: ...  # noqa: D102 - the names say it
    async def remove(self, id: str) -> None: ...  # noqa: D102
    async def add(self, stake: Stake, limits: Limits) -> YieldPlan: ...  # noqa: D102
    async def pause(self, id: str) -> YieldPlan: ...  # noqa: D102
    async def resume(self, id: str) -> YieldPlan: ...  # noqa: D102
    async def give_up_round(self, id: str) -> YieldPlan: ...  # noqa: D102
    async def end(self, id: str) -> YieldPlan: ...  # noqa: D102
    async def edit(self, id: str, limits: Limits) -> YieldPlan: ...  # noqa: D102


class DexFront(Protocol):
    """What the panes of the desk ask and do on one chain, for one account."""

    @property
    def spec(self) -> ChainSpec: ...  # noqa: D102 - the names say it
    @property
    def slippage_bps(self) -> int:
        """How much less than expected is taken unless something else is said: the user's setting."""
        ...

    @property
    def account(self) -> str:
        """Whose money it is, by address."""
        ...

    @property
    def orders(self) -> OrdersFront: ...  # noqa: D102
    @property
    def plans(self) -> PlansFront: ...  # noqa: D102
    def ask_with(self, ask: Ask) -> None:
        """Let a person be asked about what an order or a plan wants to have signed."""
        ...

    # tokens
    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are known, the coin first."""
        ...

    async def token(self, address: str) -> Token:
        """Return a token that nobody here knows, by its contract."""
        ...

    async def holdings(self) -> Mapping[Token, int]:
        """Return how much of each known token the account has."""
        ...

    async def holding(self, token: Token) -> int:
        """Return how much of one token the account has, known or not."""
        ...

    # swaps
    async def quotes(self, sell: Token, buy: Token, units: int, *, exact_in: bool) -> DexQuotes:
        """Return what every exchange gives."""
        ...

    def follow(self, quotes: DexQuotes, heard: Callable[[DexQuotes], None]) -> Following:
        """Make quotes anew at each block and tell them."""
        ...

    async def swap(self, row: QuoteRow, *, slippage_bps: int, deadline_s: int) -> list[Intent]:
        """Return what has to be signed to take a row, in order."""
        ...

    async def most_of_coin(self) -> TokenAmount:
        """Return how much of the coin can be swapped so that the gas is still paid."""
        ...

    def tokens_of(self, pair: TradingPair) -> tuple[Token, Token] | None:
        """Return what stands on this chain for both assets of a pair of an order book; None: nothing does."""
        ...

    async def compare(self, pair: TradingPair, side: Side, lots: int, book: L2Book, fee: FeeRate) -> VenueComparison:
        """Return what a trade comes to at an order book and at the best route."""
        ...

    # liquidity
    async def pools(self) -> list[PoolReport]:
        """Return what the pools between the known tokens hold, trade and pay."""
        ...

    async def positions(self) -> list[LpPosition]:
        """Return the account's liquidity."""
        ...

    async def pool_price(self, dex: DexSpec, base: Token, quote: Token, fee: int) -> Decimal | None:
        """Return the price of `base` in `quote` in a V3 pool, in a V2 pair if `fee` is 0; None: there is none."""
        ...

    async def add_pair(
        self, dex: DexSpec, first: TokenAmount, second: TokenAmount, *, slippage_bps: int
    ) -> LiquidityPlan:
        """Return how two amounts, or what fits of them, go into a V2 pair."""
        ...

    async def add_range(
        self, dex: DexSpec, where: RangeWish, first: TokenAmount, second: TokenAmount, *, slippage_bps: int
    ) -> LiquidityPlan:
        """Return how two amounts, or what fits of them, go into a range of a V3 pool."""
        ...

    async def take_out(self, position: LpPosition, part_bps: int, *, slippage_bps: int) -> LiquidityPlan:
        """Return how a part of a position comes out; 0 of a V3 position: only its fees."""
        ...

    # farms
    async def farms(self) -> list[FarmView]:
        """Return where can be staked, what it pays, and what the account has there."""
        ...

    async def staking_plan(self, view: FarmView, units: int, days: float) -> StakingPlan:
        """Return what staking so much for so long would bring."""
        ...

    async def stake(self, stake: Stake, units: int) -> list[Intent]:
        """Return what has to be signed to stake."""
        ...

    async def unstake(self, stake: Stake, units: int) -> list[Intent]: ...  # noqa: D102
    async def claim(self, stake: Stake) -> list[Intent]: ...  # noqa: D102
    async def leave(self, stake: Stake) -> list[Intent]:
        """Return what takes everything back with its rewards."""
        ...
