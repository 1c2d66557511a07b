"""What an account was worth as the venue's day (UTC) opened, and its best since.

Limits on the losses of a day, and the day's profit, count from these; they are journaled so that a restart goes on
with the same day. What was held and at which prices is kept too, so that the day's profit can be explained.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.number import Nanos, Ticks, Units
from engine.domain.order import AccountId


@dataclass(frozen=True, slots=True)
class HeldThen:
    """A balance at the opening."""

    asset: str
    free: Units
    locked: Units


@dataclass(frozen=True, slots=True)
class PricedThen:
    """A price at which balances were valued at the opening."""

    symbol: str
    ticks: Ticks
    source: str
    age: Nanos | None = None


@dataclass(frozen=True, slots=True)
class DayOpened:
    """The account was valued for the first time on a day of the venue."""

    account: AccountId
    equity: Units
    """In units of the currency of valuation."""
    held: tuple[HeldThen, ...]
    prices: tuple[PricedThen, ...]
    at: Nanos


@dataclass(frozen=True, slots=True)
class DayHigh:
    """The account was worth more than ever before on this day of the venue; not every such moment is noted."""

    account: AccountId
    equity: Units
    at: Nanos


DayRecord = DayOpened | DayHigh
