"""The liquidity that an account has in pools: what it is now, what it earned, and how it did against holding."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from engine.defi.address import ZERO
from engine.defi.chain import ChainSpec, DexKind, DexSpec
from engine.defi.farming.farm import Stake
from engine.defi.liquidity.result import LpResult, grown, result_of
from engine.defi.liquidity.span import Q192, Span, prices_of_span
from engine.defi.pools.v2liquidity import V2Shares
from engine.defi.token import Token, TokenAmount
from engine.defi.v3math.liquidity import amounts_for_liquidity
from engine.ports.chain import ChainClient
from engine.services.dex.described import described, pair_tokens
from engine.services.dex.entries import pair_basis, range_entry
from engine.services.dex.nft import Held, held_by, owed_fees
from engine.services.dex.pairs import pair_shares, price_of
from engine.services.dex.reading import Ask, answers

LOOKED_BACK = 200_000
"""Blocks that are searched for how a position began; a month of Ethereum's."""
UNPRICED = "It began outside of its range: the price of then is taken at the range's end."


@dataclass(frozen=True, slots=True)
class LpPosition:
    """Liquidity of an account in one pool, staked or not, or one V3 position."""

    dex: DexSpec
    pool: str
    account: str
    first: Token
    """The pool's token0."""
    second: Token
    liquidity: int
    """V2: shares, staked ones counted; V3: liquidity."""
    amounts: tuple[TokenAmount, TokenAmount]
    """What it would turn into now; V2: fees are in it, V3: they come on top."""
    fees: tuple[TokenAmount, TokenAmount]
    """V3: what collecting pays, to the unit. V2: what of the amounts is fees, if the beginning is known."""
    earned: tuple[TokenAmount, TokenAmount]
    """All fees since the beginning, with those collected before."""
    price: Fraction
    """Units of token1 for one unit of token0."""
    result: LpResult | None
    note: str
    """Why there is no result, or what it leaves out."""
    since: int
    """The block in which it began; 0: not known."""
    block: int
    token_id: int | None = None
    """V3: its number."""
    staked: tuple[tuple[str, int], ...] = ()
    """V2: farm and shares there."""
    fees_known: bool = True
    part: Fraction = Fraction(0)
    """V2: of the pool; 0 for V3."""
    span: Span | None = None
    in_range: bool = True

    def prices(self, base: Token, quote: Token) -> tuple[Decimal, Decimal] | None:
        """Return the range in prices of `base` in `quote`; None for V2."""
        return None if self.span is None else prices_of_span(self.span, base, quote)

    @property
    def free(self) -> int:
        """Shares that are in the account itself."""
        return self.liquidity - sum(units for _, units in self.staked)


@dataclass(frozen=True, slots=True)
class _Shares:
    """What an account has of a pair's shares."""

    account: str
    free: int
    staked: tuple[tuple[str, int], ...]
    farms: frozenset[str]
    """Addresses where shares are still the account's."""
    block: int

    @property
    def total(self) -> int:
        return self.free + sum(units for _, units in self.staked)


class Positions:
    """Looks for an account's liquidity on a chain."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, looked_back: int = LOOKED_BACK) -> None:
        self._chain, self._spec, self._looked_back = chain, spec, looked_back
        self._pairs: dict[tuple[str, str, str], str] = {}
        """Pairs that exist, by exchange and both tokens; they never go away."""

    async def of(self, account: str, stakes: Sequence[Stake] = (), tokens: Iterable[Token] = ()) -> list[LpPosition]:
        """Return all liquidity of an account that can be found.

        Args:
            account: whose.
            stakes: what it has in farms; shares among it are counted.
            tokens: besides the chain's own list, those whose pairs are looked at.

        Raises:
            ChainUnavailable: nobody answers.
        """
        number = await self._chain.block_number()
        wanted = list(dict.fromkeys((*self._spec.tokens, self._spec.wrapped, *tokens)))
        found: list[LpPosition] = []
        for dex in self._spec.dexes:
            if dex.kind is DexKind.V2:
                found += await self._of_pairs(dex, account, stakes, wanted, number)
            elif dex.position_manager:
                found += await self._of_ranges(dex, account, number)
        return found

    async def _of_pairs(
        self, dex: DexSpec, account: str, stakes: Sequence[Stake], tokens: Sequence[Token], number: int
    ) -> list[LpPosition]:
        pairs = await self._existing(dex, [each for each in tokens if not each.is_native])
        in_farms: dict[str, list[tuple[str, int]]] = {}
        for each in stakes:
            if each.farm.pair and each.amount:
                in_farms.setdefault(each.farm.staked.address, []).append((each.farm.spec.title, each.amount))
        staked_here = await self._of_factory(dex, in_farms)
        addresses = list(dict.fromkeys((*pairs, *staked_here)))
        rows = await answers(
            self._chain, [Ask(each, "balanceOf(address)", "(uint256)", (account,)) for each in addresses]
        )
        held = {each: int(row[0]) if row else 0 for each, row in zip(addresses, rows, strict=True)}
        mine = [each for each in addresses if held[each] or each in staked_here]
        both = await pair_tokens(self._chain, self._spec, mine)
        farms = frozenset(each.farm.spec.address for each in stakes)
        shares = {each: _Shares(account, held[each], tuple(in_farms.get(each, ())), farms, number) for each in mine}
        return list(await asyncio.gather(*(self._pair(dex, each, both[each], shares[each]) for each in both)))

    async def _pair(self, dex: DexSpec, pair: str, tokens: tuple[Token, Token], shares: _Shares) -> LpPosition:
        first, second = tokens
        state = await pair_shares(self._chain, dex, pair, first.address, second.address)
        since = max(0, shares.block - self._looked_back)
        basis = await pair_basis(self._chain, pair, shares.account, shares.farms, since)
        now = _worth(state, shares.total)
        principal, fees = grown(basis, now)
        known = basis.is_complete and basis.liquidity == shares.total
        price = Fraction(state.pool.reserve1, state.pool.reserve0) if state.pool.reserve0 else Fraction(0)
        units = _both(tokens, fees if known else (0, 0))
        return LpPosition(
            dex=dex,
            pool=pair,
            account=shares.account,
            first=first,
            second=second,
            liquidity=shares.total,
            staked=shares.staked,
            amounts=_both(tokens, now),
            fees=units,
            fees_known=known,
            earned=units,
            part=Fraction(shares.total, state.total_supply) if state.total_supply else Fraction(0),
            price=price,
            result=result_of(basis, principal, fees, price) if known else None,
            note="" if known else self._unknown(),
            since=basis.since if known else 0,
            block=shares.block,
        )

    async def _of_ranges(self, dex: DexSpec, account: str, number: int) -> list[LpPosition]:
        held = await held_by(self._chain, dex, account)
        owed = await owed_fees(self._chain, dex, account, [each.token_id for each in held])
        alive = [each for each in held if each.liquidity or any(owed.get(each.token_id, (0, 0)))]
        tokens = await described(self._chain, self._spec, [one for each in alive for one in (each.token0, each.token1)])
        rows = await asyncio.gather(
            *(
                self._range(dex, each, (tokens[each.token0], tokens[each.token1]), account, owed[each.token_id], number)
                for each in alive
                if each.token0 in tokens and each.token1 in tokens and each.token_id in owed
            )
        )
        return [each for each in rows if each is not None]

    async def _range(
        self, dex: DexSpec, held: Held, tokens: tuple[Token, Token], account: str, owed: tuple[int, int], number: int
    ) -> LpPosition | None:
        pool = await price_of(self._chain, dex, *tokens, held.fee)
        if pool is None:
            return None
        entry = await range_entry(self._chain, dex, held, pool.address, max(0, number - self._looked_back))
        now = amounts_for_liquidity(pool.root, *held.span.roots, held.liquidity)
        known = entry.basis.is_complete
        earned = entry.fees(owed) if known else owed
        price = Fraction(pool.root * pool.root, Q192)
        return LpPosition(
            dex=dex,
            pool=pool.address,
            account=account,
            first=tokens[0],
            second=tokens[1],
            token_id=held.token_id,
            liquidity=held.liquidity,
            amounts=_both(tokens, now),
            fees=_both(tokens, (min(owed[0], earned[0]), min(owed[1], earned[1]))),
            earned=_both(tokens, earned),
            span=held.span,
            in_range=held.span.holds(pool.tick),
            price=price,
            result=result_of(entry.basis, (Fraction(now[0]), Fraction(now[1])), earned, price),
            note=("" if entry.is_priced else UNPRICED) if known else self._unknown(),
            since=entry.basis.since if known else 0,
            block=number,
        )

    async def _existing(self, dex: DexSpec, tokens: Sequence[Token]) -> list[str]:
        """Return the pairs that an exchange has of these tokens."""
        keys = [(dex.name, a.address, b.address) for a, b in combinations(tokens, 2)]
        asked = [each for each in keys if each not in self._pairs]
        rows = await answers(
            self._chain,
            [Ask(dex.factory, "getPair(address,address)", "(address)", (first, second)) for _, first, second in asked],
        )
        self._pairs |= {
            key: str(row[0]) for key, row in zip(asked, rows, strict=True) if row is not None and row[0] != ZERO
        }
        return [self._pairs[each] for each in keys if each in self._pairs]

    async def _of_factory(self, dex: DexSpec, pairs: Iterable[str]) -> list[str]:
        """Return those pairs that belong to an exchange."""
        wanted = list(pairs)
        rows = await answers(self._chain, [Ask(each, "factory()", "(address)") for each in wanted])
        return [each for each, row in zip(wanted, rows, strict=True) if row is not None and row[0] == dex.factory]

    def _unknown(self) -> str:
        return (
            f"How it began is not to be found in the last {self._looked_back:,} blocks, or it came from another "
            "account: its result cannot be told."
        )


def _worth(state: V2Shares, shares: int) -> tuple[int, int]:
    supply = state.total_supply + state.pending_protocol()
    if not supply:
        return 0, 0
    return shares * state.pool.reserve0 // supply, shares * state.pool.reserve1 // supply


def _both(tokens: tuple[Token, Token], units: tuple[int, int]) -> tuple[TokenAmount, TokenAmount]:
    return tokens[0].units(units[0]), tokens[1].units(units[1])
