"""Prices of one asset across venues: the best bid and ask among those that count, the gap, and what fees leave of it.

Pure and exact: decimals throughout. A quote counts if its venue is in step, it is not crossed in itself and not old.
Quotes in different assets are compared only where somebody said that they are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from engine.domain.instrument import InstrumentKind

if TYPE_CHECKING:
    from engine.services.board_row import CrossQuote

FRESH_S = 60.0
"""A quote that did not change for longer does not count: it may be old."""
ONE_DOLLAR = ("USD", "USDT", "USDC")
"""Quote assets that count as one if the user says so."""
BPS = 10_000


class Market(NamedTuple):
    """What is compared with each other: one quote asset (or `$` for several that count as one), one kind."""

    quote: str
    kind: InstrumentKind


class Gap(NamedTuple):
    """Best bid against best ask of one market; positive where one venue bids more than another asks."""

    market: Market
    bid: CrossQuote
    ask: CrossQuote
    counted: int
    """Quotes that count."""

    @property
    def gap(self) -> Decimal:
        """The best bid minus the best ask."""
        return bid_of(self.bid) - ask_of(self.ask)

    @property
    def gap_bps(self) -> Decimal:
        """The gap in hundredths of a percent of the ask."""
        return self.gap / ask_of(self.ask) * BPS

    @property
    def net(self) -> Decimal:
        """What is left per unit when one buys at the ask and sells at the bid and pays both takers' fees."""
        paid = ask_of(self.ask) * (1 + self.ask.instrument.pair.taker_fee.decimal)
        return bid_of(self.bid) * (1 - self.bid.instrument.pair.taker_fee.decimal) - paid

    @property
    def net_bps(self) -> Decimal:
        """The same in hundredths of a percent of the ask."""
        return self.net / ask_of(self.ask) * BPS


def bid_of(quote: CrossQuote) -> Decimal:
    """Return the bid of a quote that has one."""
    assert quote.bid is not None  # noqa: S101 - such are not chosen
    return quote.bid


def ask_of(quote: CrossQuote) -> Decimal:
    """Return the ask of a quote that has one."""
    assert quote.ask is not None  # noqa: S101 - likewise
    return quote.ask


def counts(quote: CrossQuote) -> bool:
    """Whether a quote is compared at all: in step, whole, fresh."""
    return quote.is_good and quote.age_s is not None and quote.age_s <= FRESH_S


def market_of(quote: CrossQuote, *, one_dollar: bool) -> Market:
    """Return what a quote may be compared with."""
    code, kind = quote.instrument.pair.quote.code, quote.instrument.kind
    return Market("$" if one_dollar and code in ONE_DOLLAR else code, kind)


def gaps(quotes: Iterable[CrossQuote], *, one_dollar: bool = False) -> list[Gap]:
    """Return the best bid and ask of each market that has both; markets of most quotes first."""
    markets: dict[Market, list[CrossQuote]] = {}
    for quote in quotes:
        if counts(quote):
            markets.setdefault(market_of(quote, one_dollar=one_dollar), []).append(quote)
    found = [gap for market, each in markets.items() if (gap := _gap(market, each)) is not None]
    return sorted(found, key=lambda gap: (-gap.counted, gap.market.kind.value != "spot", gap.market.quote))


def _gap(market: Market, quotes: Sequence[CrossQuote]) -> Gap | None:
    bids = [each for each in quotes if each.bid is not None and each.bid > 0]
    asks = [each for each in quotes if each.ask is not None and each.ask > 0]
    if not bids or not asks:
        return None
    return Gap(market, max(bids, key=bid_of), min(asks, key=ask_of), len(quotes))
