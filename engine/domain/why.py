"""Why a fill happened: what the order met, how long it stood in line, what consumed the line before it.

Made by the exchange beside each fill of an account, journaled with it, and shown as it is: nothing here is
worked out again later. Of a long wait only thinned moments of the queue and the newest prints are kept. Prices in
ticks, quantities in lots, instants in ns of the venue's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, Liquidity, OrderId


class Place(NamedTuple):
    """Where a resting order stands in the queue of its price."""

    ahead: Lots | None
    """What trades before it; None where a feed does not show the price."""
    behind: Lots
    level_qty: Lots
    """All that is displayed at the price, the order itself included."""
    is_estimate: bool
    """Whether it was worked out from a feed that does not say who stands where."""


@dataclass(frozen=True, slots=True)
class SeenLevel:
    """A level of the book as it was displayed when the order arrived."""

    price: Ticks
    qty: Lots
    consumed: Lots
    """How much of it our earlier orders had taken (of a feed's book, which does not know of us)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The market at the instant at which the order reached it."""

    sent_at: Nanos
    at: Nanos
    """`sent_at` and the latency that was drawn."""
    bid: Ticks | None
    ask: Ticks | None
    last: Ticks | None
    opposite: tuple[SeenLevel, ...]
    """The best levels of the side it trades with, best first."""
    ahead: Lots | None = None
    """What stood before it at its price when it came to rest; None if it never rested, or nobody knows."""
    seen_at: Nanos | None = None
    """When it entered the book and saw it, if later than `at`: it waited for a price, or for the entry of its list."""

    @property
    def mid_half_ticks(self) -> int | None:
        """Twice the arrival mid price, in ticks; None with an empty side."""
        return None if self.bid is None or self.ask is None else self.bid + self.ask


@dataclass(frozen=True, slots=True)
class QueueStep:
    """What was ahead of a resting order from an instant on."""

    at: Nanos
    ahead: Lots


@dataclass(frozen=True, slots=True)
class PrintUsed:
    """A public print that filled the order or shortened the queue before it."""

    at: Nanos
    price: Ticks
    qty: Lots
    used: Lots
    """How much of it came to this order."""


@dataclass(frozen=True, slots=True)
class WaitExplained:
    """What is known of an order that is open, or ended before it was all filled."""

    sent_at: Nanos
    arrival: Arrival | None
    """None until it enters the book."""
    queue: tuple[QueueStep, ...]
    prints: tuple[PrintUsed, ...]


@dataclass(frozen=True, slots=True)
class FillExplained:
    """Record: why one fill happened."""

    account: AccountId
    order_id: OrderId
    trade_id: int
    symbol: str
    liquidity: Liquidity
    fee_rate: str
    """The rate that was charged, as an exact decimal fraction of the notional."""
    rule: str
    """The matcher's own word for the condition that was met.

    `crossed`: it met an order in the book when it arrived. `taken`: it took what a feed displayed. `queue`: it was next
    in line at its price. `through`: the market traded beyond its price. `displayed`: the other side of a feed's book
    came to stand at its price or beyond.
    """
    arrival: Arrival
    queue: tuple[QueueStep, ...]
    prints: tuple[PrintUsed, ...]
    at: Nanos

    def slippage_half_ticks(self, price: int, *, buys: bool) -> int | None:
        """Return how much worse than the arrival mid a price is, in half ticks (negative: better)."""
        mid = self.arrival.mid_half_ticks
        if mid is None:
            return None
        return 2 * price - mid if buys else mid - 2 * price
