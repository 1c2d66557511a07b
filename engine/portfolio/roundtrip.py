"""What a stretch of trading in one pair came to: round trips from flat to flat, drawdown, and what holding had brought.

Money is in quote units, exact; prices in ticks, quantities in lots. A round trip begins with the first purchase out of
nothing and ends when nothing is held. Fees are part of its result: what was paid for what was bought, and was got for
what was sold. Together the results of all trips are the change of equity, the open trip valued at the last price
without the fee of selling it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Units
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.size import size_at_price

NO_LOTS, NO_MONEY = Lots(0), Units(0)


@dataclass(slots=True)
class RoundTrip:
    """One trip; `closed` is None while something is held."""

    opened: Nanos
    closed: Nanos | None = None
    bought: Lots = NO_LOTS
    sold: Lots = NO_LOTS
    paid: Units = NO_MONEY
    """For all that was bought, without fees."""
    got: Units = NO_MONEY
    """For all that was sold, without fees."""
    fees: Units = NO_MONEY

    @property
    def held(self) -> Lots:
        """What is held still."""
        return Lots(self.bought - self.sold)

    def result(self, pair: TradingPair, last: int) -> Units:
        """Return the profit after fees, what is held valued at a price."""
        return Units(self.got + pair.notional(last, self.held) - self.paid - self.fees)

    def count(self, pair: TradingPair, fill: OrderFilled) -> None:
        """Count one execution; it closes the trip if nothing is held after it."""
        notional = pair.notional(fill.price, fill.qty)
        if fill.side is Side.BUY:
            self.bought, self.paid = Lots(self.bought + fill.qty), Units(self.paid + notional)
        else:
            self.sold, self.got = Lots(self.sold + fill.qty), Units(self.got + notional)
        self.fees = Units(self.fees + fill.fee)
        self.closed = fill.at if not self.held else None


def round_trips(pair: TradingPair, fills: Iterable[OrderFilled]) -> list[RoundTrip]:
    """Return the trips of an account that began without the base; fills oldest first."""
    trips: list[RoundTrip] = []
    for fill in fills:
        if not trips or trips[-1].closed is not None:
            trips.append(RoundTrip(fill.at))
        trips[-1].count(pair, fill)
    return trips


class Drawdown:
    """The deepest fall of equity from its highest point so far."""

    def __init__(self, equity: Units) -> None:
        self.peak = equity
        self.deepest = Units(0)
        self.peak_then = equity
        """The highest point before the deepest fall."""

    def note(self, equity: int) -> None:
        """Take note of what the account is worth now."""
        if equity > self.peak:
            self.peak = Units(equity)
        elif self.peak - equity > self.deepest:
            self.deepest, self.peak_then = Units(self.peak - equity), self.peak

    @property
    def share(self) -> float:
        """The deepest fall as a share of the point it fell from, for the screen."""
        return self.deepest / self.peak_then if self.peak_then > 0 else 0.0


class Holding(NamedTuple):
    """Buying once and doing nothing: from which price, to which, with how much money, at which fee."""

    first: int
    last: int
    money: Units
    fee: FeeRate

    def result(self, pair: TradingPair) -> Units:
        """Return its profit: as much as the money buys at the first price, fee paid, valued at the last."""
        size = size_at_price(pair, self.money, self.first, self.fee)
        return Units(pair.notional(self.last, size.qty) - size.spent)


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it in figures."""

    trips: tuple[RoundTrip, ...]
    start: Units
    equity: Units
    fees: Units
    wins: int
    """Closed trips with a profit after fees."""
    closed: int
    best: Units | None
    worst: Units | None
    drawdown: Units
    drawdown_share: float
    held: Units
    """What buying at the beginning and holding would have brought."""

    @property
    def profit(self) -> Units:
        """The change of equity."""
        return Units(self.equity - self.start)

    @property
    def win_rate(self) -> float | None:
        """The share of closed trips with a profit, None without one."""
        return self.wins / self.closed if self.closed else None


def summary(
    pair: TradingPair, fills: Iterable[OrderFilled], *, start: Units, last: int, drawdown: Drawdown, holding: Holding
) -> Summary:
    """Return the figures of an account that began with `start` of the quote and nothing else."""
    trips = tuple(round_trips(pair, fills))
    results = [trip.result(pair, last) for trip in trips if trip.closed is not None]
    return Summary(
        trips=trips,
        start=start,
        equity=Units(start + sum(trip.result(pair, last) for trip in trips)),
        fees=Units(sum(trip.fees for trip in trips)),
        wins=sum(result > 0 for result in results),
        closed=len(results),
        best=max(results, default=None),
        worst=min(results, default=None),
        drawdown=drawdown.deepest,
        drawdown_share=drawdown.share,
        held=holding.result(pair),
    )
