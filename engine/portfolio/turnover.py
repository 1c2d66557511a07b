"""What moved in an account in a year: opening balances, every deposit, trade and fee, closing balances.

A year is one of UTC, by the venue's time. Every line is what one asset gained (plus) or lost (minus), in its units,
so that opening + all lines = closing, asset by asset, to the last unit. What is locked by orders is still held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from engine.domain.asset import Asset
from engine.domain.event import FundsDeposited, OrderFilled
from engine.domain.history import AccountHistory
from engine.domain.number import Nanos, Units
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.portfolio.equity import DAY
from engine.portfolio.taxlots import Year

KINDS = ("deposit", "buy", "sell", "fee")


class Line(NamedTuple):
    """One movement of one asset."""

    at: Nanos
    kind: str
    """Of `KINDS`."""
    asset: Asset
    units: Units
    """Signed."""
    fill: OrderFilled | None = None
    pair: TradingPair | None = None


def assets_of(pairs: Mapping[str, TradingPair]) -> dict[str, Asset]:
    """Return every asset of the pairs by its code."""
    return {asset.code: asset for pair in pairs.values() for asset in (pair.base, pair.quote)}


def lines(history: AccountHistory, since: Nanos | None = None, until: Nanos | None = None) -> Iterator[Line]:
    """Yield the movements from `since` on and before `until`, in the order of time, a deposit before a trade."""
    assets = assets_of(history.pairs)
    facts: list[FundsDeposited | OrderFilled] = [*history.deposits, *history.fills]
    facts.sort(key=lambda fact: fact.at)  # stable: of one instant, the journal's order stays
    for fact in facts:
        if (since is not None and fact.at < since) or (until is not None and fact.at >= until):
            continue
        if isinstance(fact, OrderFilled):
            yield from _traded(fact, history.pairs[fact.symbol])
        else:
            yield Line(fact.at, "deposit", assets[fact.asset], fact.units)


def balances(history: AccountHistory, until: Nanos) -> dict[str, Units]:
    """Return what was held of each asset at an instant, before what happened then; assets that ever moved till then."""
    sums: dict[str, int] = {}
    for line in lines(history, until=until):
        sums[line.asset.code] = sums.get(line.asset.code, 0) + line.units
    return {code: Units(units) for code, units in sorted(sums.items())}


def years(history: AccountHistory) -> list[Year]:
    """Return the years in which anything happened, the first one first."""
    return years_of({fill.at // DAY for fill in history.fills} | {paid.at // DAY for paid in history.deposits})


def years_of(days: Iterable[int]) -> list[Year]:
    """Return the years of some days since 1970, each once, the first one first."""
    return [Year(number) for number in sorted({Year.of(day * DAY).number for day in days})]


def _traded(fill: OrderFilled, pair: TradingPair) -> Iterator[Line]:
    kind, sign = ("buy", 1) if fill.side is Side.BUY else ("sell", -1)
    yield Line(fill.at, kind, pair.base, Units(sign * pair.base_units(fill.qty)), fill, pair)
    yield Line(fill.at, kind, pair.quote, Units(-sign * pair.notional(fill.price, fill.qty)), fill, pair)
    if fill.fee:
        yield Line(fill.at, "fee", pair.quote, Units(-fill.fee), fill, pair)
