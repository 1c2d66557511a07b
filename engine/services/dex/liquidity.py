"""Giving liquidity and taking it out: reads the pool, works out what fits, and makes the intents in order.

Nothing is sent here. A plan is a list of intents for the one send pipeline: the approvals that are missing, exact to
the unit, and the act itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.defi.chain import ChainSpec, DexSpec
from engine.defi.intent import Intent
from engine.defi.liquidity.site import Site
from engine.defi.liquidity.span import root_of_price, span_of_prices
from engine.defi.liquidity.v2 import V2Addition, V2Removal, add_intent, fitted_addition, fitted_removal, remove_intent
from engine.defi.liquidity.v3 import V3Addition, V3Price, V3Removal, fitted_range, fitted_withdrawal
from engine.defi.liquidity.v3calls import grow_intent, mint_intent, take_out_intent
from engine.defi.slippage import BPS, DEADLINE_S, USUAL_BPS
from engine.defi.token import Token, TokenAmount
from engine.errors import InvalidInput
from engine.ports.chain import ChainClient
from engine.services.dex.allowing import Taking, missing_approvals
from engine.services.dex.deadline import deadline_in
from engine.services.dex.nft import Held, held_position, owed_fees
from engine.services.dex.pairs import coming_pair, price_of, shares_of, spacing_of

Fitted = V2Addition | V2Removal | V3Addition | V3Removal


@dataclass(frozen=True, slots=True)
class LiquidityPlan:
    """What is to be signed, one after the other, and what it comes to."""

    intents: tuple[Intent, ...]
    """Approvals first; the last is the act."""
    fitted: Fitted


@dataclass(frozen=True, slots=True)
class Wish:
    """What holds for every act: who, where, how much the price may move, and how long it is good for."""

    account: str
    dex: DexSpec
    slippage_bps: int = USUAL_BPS
    deadline_s: int = DEADLINE_S


@dataclass(frozen=True, slots=True)
class RangeWish:
    """A range as a person says it: so much of `quote` for one `base`, from `low` to `high`; None = no end."""

    base: Token
    quote: Token
    fee: int
    low: Decimal | None
    high: Decimal | None
    start: Decimal | None = None
    """The price at which a pool that does not exist yet shall begin."""


class Liquidity:
    """Plans of liquidity on one chain."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, now: Callable[[], int]) -> None:
        self._chain, self._spec, self._now = chain, spec, now

    async def add_pair(self, wish: Wish, first: TokenAmount, second: TokenAmount) -> LiquidityPlan:
        """Return how two amounts, or what of them fits the ratio, go into a V2 pair; the coin goes in as itself.

        Raises:
            InvalidInput: no such pair can be, or the amounts are worth no share.
            ChainUnavailable: nobody answers.
        """
        site = self._site(wish)
        tokens = site.pooled(first.token), site.pooled(second.token)
        if tokens[0] == tokens[1]:
            raise InvalidInput("A pool holds two different tokens.")
        pair = await shares_of(self._chain, wish.dex, *tokens)
        if not pair.pool.address:  # whoever adds first makes it; its shares are named by where it will be
            pool = replace(pair.pool, address=await coming_pair(self._chain, wish.dex, *tokens))
            pair = replace(pair, pool=pool)
        addition = fitted_addition(site, pair, first, second, wish.slippage_bps)
        act = add_intent(site, addition, await self._deadline(wish))
        before = await self._approvals(site, wish.dex.router, "router", (addition.first, addition.second))
        return LiquidityPlan((*before, act), addition)

    async def remove_pair(
        self, wish: Wish, first: Token, second: Token, shares: int, *, taxed: bool = False
    ) -> LiquidityPlan:
        """Return how shares of a V2 pair turn back into both tokens; name the coin where the coin shall arrive.

        Args:
            wish: who and where.
            first: a token of the pair, or the coin.
            second: the other one.
            shares: units of the pair's own token.
            taxed: one of the tokens keeps a part of each transfer.

        Raises:
            InvalidInput: there is no such pair, or the shares are worth nothing.
            ChainUnavailable: nobody answers.
        """
        site = self._site(wish)
        pair = await shares_of(self._chain, wish.dex, site.pooled(first), site.pooled(second))
        if not pair.pool.address:
            raise InvalidInput(f"{wish.dex.title} has no pool of {first.symbol} and {second.symbol}.")
        removal = fitted_removal(site, pair, shares, first, second, wish.slippage_bps)
        act = remove_intent(site, removal, await self._deadline(wish), taxed=taxed)
        before = await self._approvals(site, wish.dex.router, "router", (removal.shares,))
        return LiquidityPlan((*before, act), removal)

    async def add_range(self, wish: Wish, where: RangeWish, first: TokenAmount, second: TokenAmount) -> LiquidityPlan:
        """Return how two amounts, or what of them fits, go into a range of a V3 pool as a new position.

        Raises:
            InvalidInput: the range or the amounts cannot be, or the pool has no price and none was given.
            ChainUnavailable: nobody answers.
        """
        site = self._site(wish)
        pool = await self._price(site, wish.dex, where)
        base, quote = site.pooled(where.base), site.pooled(where.quote)
        span = span_of_prices(where.low, where.high, base, quote, pool.spacing)
        low, high = self._sorted(site, first, second)
        addition = fitted_range(pool, span, low, high, wish.slippage_bps)
        act = mint_intent(site, addition, await self._deadline(wish))
        before = await self._to_manager(site, addition)
        return LiquidityPlan((*before, act), addition)

    async def grow_range(self, wish: Wish, token_id: int, first: TokenAmount, second: TokenAmount) -> LiquidityPlan:
        """Return how two amounts, or what of them fits, go into a position that exists.

        Raises:
            InvalidInput: there is no such position, or the amounts do not fit it.
            ChainUnavailable: nobody answers.
        """
        site = self._site(wish)
        held, pool = await self._held(wish, token_id)
        low, high = self._sorted(site, first, second)
        pooled = site.pooled(low.token).address, site.pooled(high.token).address
        if pooled != (held.token0, held.token1):
            raise InvalidInput(f"Position {token_id} is of other tokens.")
        addition = fitted_range(pool, held.span, low, high, wish.slippage_bps, token_id)
        act = grow_intent(site, addition, await self._deadline(wish))
        before = await self._to_manager(site, addition)
        return LiquidityPlan((*before, act), addition)

    async def remove_range(
        self, wish: Wish, token_id: int, tokens: tuple[Token, Token], part_bps: int = BPS
    ) -> LiquidityPlan:
        """Return how a part of a position, and all of its fees, come out in one transaction; all of it closes it.

        Args:
            wish: who and where; the account must own the position.
            token_id: its number.
            tokens: both tokens; the coin in place of the wrapped one, if it shall arrive as such.
            part_bps: how much of the liquidity, 1 to 10000; 0 = only the fees.

        Raises:
            InvalidInput: there is no such position, it is another's, or it holds nothing.
            ChainUnavailable: nobody answers.
        """
        if not 0 <= part_bps <= BPS:
            raise InvalidInput("The part to take out must be from 0 to 100 %.")
        site = self._site(wish)
        held, pool = await self._held(wish, token_id)
        low, high = self._sorted(site, tokens[0].units(0), tokens[1].units(0))
        if (site.pooled(low.token).address, site.pooled(high.token).address) != (held.token0, held.token1):
            raise InvalidInput(f"Position {token_id} is of other tokens.")
        fees = (await owed_fees(self._chain, wish.dex, wish.account, [token_id]))[token_id]
        due = low.token.units(fees[0]), high.token.units(fees[1])
        taken = held.liquidity * part_bps // BPS
        burns = taken == held.liquidity and part_bps == BPS
        removal = fitted_withdrawal(pool, held.span, token_id, taken, due, wish.slippage_bps, burns=burns)
        return LiquidityPlan((take_out_intent(site, removal, await self._deadline(wish)),), removal)

    async def collect(self, wish: Wish, token_id: int, tokens: tuple[Token, Token]) -> LiquidityPlan:
        """Return how the fees of a position are collected; errors as `remove_range`."""
        return await self.remove_range(wish, token_id, tokens, part_bps=0)

    async def _price(self, site: Site, dex: DexSpec, where: RangeWish) -> V3Price:
        base, quote = site.pooled(where.base), site.pooled(where.quote)
        found = await price_of(self._chain, dex, base, quote, where.fee)
        if found is not None:
            return found
        if where.start is None:
            raise InvalidInput(
                f"{dex.title} has no pool of {base.symbol} and {quote.symbol} at {where.fee / 10_000:g} % yet: "
                "say at which price it shall begin."
            )
        spacing = await spacing_of(self._chain, dex, where.fee)
        return V3Price("", where.fee, spacing, root_of_price(where.start, base, quote))

    async def _held(self, wish: Wish, token_id: int) -> tuple[Held, V3Price]:
        held = await held_position(self._chain, wish.dex, token_id)
        first, second = (Token(self._spec.chain_id, each, "", 0) for each in (held.token0, held.token1))
        pool = await price_of(self._chain, wish.dex, first, second, held.fee)
        if pool is None:
            raise InvalidInput(f"The pool of position {token_id} does not exist.")
        return held, pool

    async def _to_manager(self, site: Site, addition: V3Addition) -> list[Intent]:
        wanted = tuple(each for each in (addition.first, addition.second) if each.units)
        return await self._approvals(site, site.dex.position_manager, "position manager", wanted)

    async def _approvals(self, site: Site, spender: str, word: str, wanted: tuple[TokenAmount, ...]) -> list[Intent]:
        takings = [Taking(spender, f"{site.dex.title}'s {word}", each) for each in wanted]
        return await missing_approvals(self._chain, self._spec, site.account, takings)

    async def _deadline(self, wish: Wish) -> int:
        return await deadline_in(self._chain, self._now, wish.deadline_s)

    def _site(self, wish: Wish) -> Site:
        return Site(self._spec, wish.dex, wish.account)

    def _sorted(self, site: Site, first: TokenAmount, second: TokenAmount) -> tuple[TokenAmount, TokenAmount]:
        """Return two amounts in the pool's order."""
        low, high = site.pooled(first.token), site.pooled(second.token)
        if low == high:
            raise InvalidInput("A pool holds two different tokens.")
        return (first, second) if int(low.address, 16) < int(high.address, 16) else (second, first)
