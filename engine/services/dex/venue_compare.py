"""The same trade at an order book and at the exchanges of a chain, side by side: what it comes to in the end.

A sale is compared by what it brings, a purchase by what it costs, in the pair's quote asset. The book's side takes
displayed levels and pays the taker's fee; the chain's side is the best route with its pools' fees and gas. What both
assume is said with the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from engine.defi.chain import ChainSpec
from engine.defi.token import Token, TokenAmount
from engine.domain.market import Level
from engine.domain.number import EXACT
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.market.l2 import L2Book
from engine.portfolio.preview import walk
from engine.services.dex.quoterow import DexQuotes
from engine.services.dex.quotes import Quotes

MOST_LEVELS = 2_000
DIGITS = Decimal("1e-12")
"""To which an average price is rounded; sums are exact."""
PRECISION = 80
WRAPPED = {"BTC": ("WBTC", "BTCB", "cbBTC"), "USD": ("USDC", "USDT")}
"""What stands on chains for an asset that is not of them."""


@dataclass(frozen=True, slots=True)
class VenueCost:
    """One side; money in the pair's quote asset."""

    title: str
    total: Decimal | None
    """A sale: what it brings, a purchase: what it costs, all counted; None: it cannot be done."""
    average: Decimal | None
    """Before fees outside of the price: the taker's fee and gas are not in it, the pools' fees are."""
    fee: Decimal
    """The book: the taker's fee. The chain: what the pools keep, which is in the price already."""
    gas: Decimal
    impact_bps: Decimal
    lines: tuple[str, ...] = ()
    problem: str = ""
    """Why it cannot be done."""


@dataclass(frozen=True, slots=True)
class VenueComparison:
    """Both sides."""

    pair: TradingPair
    side: Side
    qty: Decimal
    """Of the base asset."""
    book: VenueCost
    chain: VenueCost
    assumptions: tuple[str, ...]

    @property
    def better(self) -> str:
        """Say which side is better: "book", "chain", or "" where they are equal or neither can be done."""
        mine, theirs = self.book.total, self.chain.total
        if mine is None or theirs is None:
            return "chain" if mine is None and theirs is not None else "book" if theirs is None and mine else ""
        if mine == theirs:
            return ""
        return "book" if (mine > theirs) == (self.side is Side.SELL) else "chain"

    @property
    def by(self) -> Decimal | None:
        """How much better, in the quote asset; None where only one side can be done."""
        if self.book.total is None or self.chain.total is None:
            return None
        return abs(EXACT.subtract(self.book.total, self.chain.total))

    @property
    def by_bps(self) -> Decimal | None:
        """How much better, in basis points of the worse side."""
        if self.by is None or not self.book.total or not self.chain.total:
            return None
        pick = min if self.side is Side.SELL else max
        return _rounded(EXACT.multiply(self.by, Decimal(10_000)), pick(self.book.total, self.chain.total))


def tokens_of(spec: ChainSpec, pair: TradingPair) -> tuple[Token, Token]:
    """Return what stands on a chain for both assets of a pair.

    Raises:
        InvalidInput: nothing does for one of them.
    """
    return _token(spec, pair.base.code), _token(spec, pair.quote.code)


async def compare(
    quotes: Quotes, spec: ChainSpec, pair: TradingPair, side: Side, lots: int, book: L2Book, fee: FeeRate
) -> VenueComparison:
    """Return what a trade comes to at a book and at the exchanges of a chain, now.

    Args:
        quotes: of the chain.
        spec: the chain.
        pair: of the book.
        side: whether the base asset is bought or sold.
        lots: how much of it, > 0.
        book: as it is displayed.
        fee: the taker's rate.

    Raises:
        InvalidInput: the chain has nothing for an asset, or the amount is too fine for its token.
        ChainUnavailable: nobody answers.
    """
    base, quoted = tokens_of(spec, pair)
    qty, levels = pair.qty(lots), book.top(side.opposite, MOST_LEVELS)
    try:
        if side is Side.SELL:
            found = await quotes.best(base, quoted, base.of(qty).units)
        else:
            found = await quotes.best(quoted, base, base.of(qty).units, exact_in=False)
    except InvalidInput as error:
        return VenueComparison(pair, side, qty, of_book(pair, side, lots, levels, fee), _not(spec, str(error)), ())
    assumptions = _assumptions(spec, pair, (base, quoted), found, fee)
    return VenueComparison(
        pair, side, qty, of_book(pair, side, lots, levels, fee), of_chain(spec, side, found), assumptions
    )


def of_book(pair: TradingPair, side: Side, lots: int, levels: Sequence[Level], fee: FeeRate) -> VenueCost:
    """Return what taking from displayed levels of the other side (best first) comes to."""
    taken = walk(pair, levels, side, lots, None, fee)
    if taken.qty < lots:
        shown = f"{pair.qty_text(taken.qty)} {pair.base.code}"
        return VenueCost("The book", None, None, Decimal(0), Decimal(0), Decimal(0), (), f"It shows only {shown}.")
    paid, charged = pair.quote.amount(taken.notional), pair.quote.amount(taken.fee)
    total = EXACT.subtract(paid, charged) if side is Side.SELL else EXACT.add(paid, charged)
    impact = taken.impact_bps or 0
    return VenueCost(
        "The book",
        total,
        _rounded(paid, pair.qty(lots)),
        charged,
        Decimal(0),
        Decimal(round(float(impact), 2)).quantize(Decimal("0.01")),
    )


def of_chain(spec: ChainSpec, side: Side, quotes: DexQuotes) -> VenueCost:
    """Return what the best route comes to, gas counted."""
    row = quotes.best
    if row is None:
        return _not(spec, quotes.refusal)
    moved, base = (row.amount_out, row.amount_in) if side is Side.SELL else (row.amount_in, row.amount_out)
    gas = row.gas_cost or TokenAmount(moved.token, 0)
    total = row.net.exact
    kept = _rounded(EXACT.multiply(moved.exact, row.fee_bps), Decimal(10_000))
    return VenueCost(
        f"{row.title} on {spec.title}",
        total if total > 0 else None,
        _rounded(moved.exact, base.exact),
        kept,
        gas.exact,
        Decimal(row.impact_bps),
        row.lines,
        "" if total > 0 else "Its gas costs more than it brings.",
    )


def _not(spec: ChainSpec, problem: str) -> VenueCost:
    return VenueCost(spec.title, None, None, Decimal(0), Decimal(0), Decimal(0), (), problem)


def _rounded(money: Decimal, qty: Decimal) -> Decimal:
    with localcontext() as context:
        context.prec = PRECISION
        return (money / qty).quantize(DIGITS, ROUND_HALF_EVEN)


def _token(spec: ChainSpec, code: str) -> Token:
    if code == spec.native.symbol:
        return spec.native
    for symbol in (code, f"W{code}", *WRAPPED.get(code, ())):
        token = spec.token(symbol)
        if token is not None:
            return token
    raise InvalidInput(f"{spec.title} has no token that is known to stand for {code}.")


def _assumptions(
    spec: ChainSpec, pair: TradingPair, tokens: tuple[Token, Token], quotes: DexQuotes, fee: FeeRate
) -> tuple[str, ...]:
    """Say what is taken for granted on both sides."""
    said = [
        f"{token.symbol} on {spec.title} is taken to be worth as much as {asset.code} at the book."
        for asset, token in zip((pair.base, pair.quote), tokens, strict=True)
        if token != spec.native
    ]
    rate = f"{fee.decimal * 100:f}".rstrip("0").rstrip(".") if fee.decimal else "0"
    said.append(f"The book: its displayed levels as they are now, and {rate} % for the taker.")
    gwei = f"{quotes.gas_price / 10**9:.3f}".rstrip("0").rstrip(".")
    said.append(f"The chain: pools as of block {quotes.block}, gas at {gwei} gwei, for the approval too.")
    best = quotes.best
    if best is not None and best.gas_cost is None:
        said.append("What gas costs in the quote asset is not known, and not counted.")
    said.append("Neither side counts what prices do until it is done, or moving assets from one to the other.")
    return tuple(said)
