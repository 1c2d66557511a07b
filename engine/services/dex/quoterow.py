"""A swap as one way of making it would go: what goes in and comes out, what it costs, and whether it can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from enum import StrEnum

from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.routes.path import Path
from engine.defi.routes.search import MOST_HOPS
from engine.defi.routes.taxed import TaxedPool
from engine.defi.slippage import BPS, least_of, most_of
from engine.defi.token import Token, TokenAmount

DIGITS = 30


class RowKind(StrEnum):
    """How a swap is made."""

    DIRECT = "direct"
    """Through one pool."""
    MULTI_HOP = "multi-hop"
    """Through several pools of one exchange."""
    MIXED = "mixed"
    """Through pools of several exchanges one after the other."""
    SPLIT = "split"
    """Over several routes side by side."""


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One way to make a swap; amounts are exact as of its block."""

    kind: RowKind
    dexes: tuple[str, ...]
    """By name, in the order in which they are met."""
    title: str
    token_in: Token
    """May be the coin itself; paths go by its wrapped token then."""
    token_out: Token
    is_exact_in: bool
    paths: tuple[Path, ...]
    """One after the other; a path with a tax begins with what arrives in its first pool."""
    amount_in: TokenAmount
    amount_out: TokenAmount
    parts: tuple[int, ...]
    """What is sent into each path."""
    impact_bps: int
    """How far the price moves against it, without the pools' fees."""
    fee_bps: Decimal
    """What the pools keep."""
    gas: int
    """Of all its transactions, an exact approval for each included unless the coin is given."""
    gas_cost: TokenAmount | None
    """In `token_out`, exact-out: in `token_in`; None: it has no price in it."""
    net: TokenAmount
    """What comes out less the gas; exact-out: what goes in and the gas."""
    transactions: int
    block: int
    lines: tuple[str, ...]
    """The route in words, a line for each path."""
    tax: bool = False
    """Whether a token on the way keeps a part of transfers."""
    problem: str = ""
    """Why it cannot be carried out; empty: it can."""

    @property
    def is_executable(self) -> bool:
        """Whether it can be carried out as it stands."""
        return not self.problem

    @property
    def price(self) -> Decimal:
        """Whole tokens out for one in."""
        with localcontext() as context:
            context.prec = DIGITS
            return self.amount_out.exact / self.amount_in.exact

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts the best first: what can be done, then what brings most (exact-out: costs least)."""
        return int(not self.is_executable), -self.net.units if self.is_exact_in else self.net.units

    def least_out(self, slippage_bps: int) -> tuple[TokenAmount, ...]:
        """Return for each path what must come out at least, never 0.

        Raises:
            InvalidInput: the slippage is no part of the whole.
        """
        if not self.is_exact_in:
            return tuple(self.token_out.units(each.amount_out) for each in self.paths)
        return tuple(self.token_out.units(max(least_of(each.amount_out, slippage_bps), 1)) for each in self.paths)

    def most_in(self, slippage_bps: int) -> tuple[TokenAmount, ...]:
        """Return for each path what may go in at most.

        Raises:
            InvalidInput: the slippage is no part of the whole.
        """
        if self.is_exact_in:
            return tuple(self.token_in.units(each) for each in self.parts)
        return tuple(self.token_in.units(most_of(each.amount_in, slippage_bps)) for each in self.paths)


@dataclass(frozen=True, slots=True)
class DexQuotes:
    """A swap at all exchanges of a chain, side by side, at one block."""

    token_in: Token
    token_out: Token
    amount: TokenAmount
    """What was asked for."""
    is_exact_in: bool
    rows: tuple[QuoteRow, ...]
    """The best first; what cannot be carried out comes last."""
    refusals: Mapping[str, str]
    """By the exchange's name: why it has no row."""
    block: int
    gas_price: int
    """Wei per gas that costs were reckoned with."""
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = field(default=(), repr=False)
    """Addresses of pools that could not be read far enough."""
    hops: int = MOST_HOPS
    """How many pools a path could have at most."""

    @property
    def best(self) -> QuoteRow | None:
        """The best of what can be carried out."""
        return next((each for each in self.rows if each.is_executable), None)

    @property
    def best_single(self) -> QuoteRow | None:
        """The best that is one path at one exchange."""
        return next((each for each in self.rows if each.is_executable and each.kind is not RowKind.SPLIT), None)

    @property
    def best_split(self) -> QuoteRow | None:
        """The best division over several paths, if that is better than any single one."""
        return next((each for each in self.rows if each.kind is RowKind.SPLIT), None)

    @property
    def refusal(self) -> str:
        """A sentence where nothing can be carried out, else empty."""
        if self.best is not None:
            return ""
        mixed = next((each for each in self.rows if each.kind is RowKind.MIXED), None)
        if mixed is not None:
            return (
                "No exchange has the whole way, so no single transaction makes it. It takes swaps one after the other: "
                f"{mixed.lines[0]}."
            )
        return " ".join(dict.fromkeys(self.refusals.values())) or (
            f"No pool leads from {self.token_in.symbol} to {self.token_out.symbol}."
        )


def impact_bps(paths: tuple[Path, ...]) -> int:
    """Return how far a swap is from the price of nearly nothing, the pools' fees not counted, rounded."""
    ideal = sum(each.amount_in * _spot(each) for each in paths)
    out = sum(each.amount_out for each in paths)
    return max(round(BPS * (1.0 - out / ideal)), 0) if ideal > 0 else 0


def fee_bps(paths: tuple[Path, ...]) -> Decimal:
    """Return what the pools keep, in basis points to the hundredth, weighed by what goes into each path."""
    whole = sum(each.amount_in for each in paths)
    kept = sum(each.amount_in / whole * (1.0 - _after_fees(each)) for each in paths) if whole else 0.0
    return Decimal(round(kept * BPS * 100)) / 100


def _spot(path: Path) -> float:
    rate = 1.0
    for edge in path.edges:
        rate *= edge.rate
    return rate


def _after_fees(path: Path) -> float:
    left = 1.0
    for edge in path.edges:
        pool = edge.market.pool
        pair = pool.pair if isinstance(pool, TaxedPool) else pool
        if isinstance(pair, V2Pool):
            left *= pair.fee_numerator / pair.fee_denominator
        elif isinstance(pair, V3Pool):
            left *= 1.0 - pair.fee / 1_000_000
    return left
