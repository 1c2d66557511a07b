"""What steers the offline market and the trading on it besides orders: journaled, because the past follows from it.

The agents' orders are a function of seed and simulated time and are not journaled; with these records
and the commands at their instants the same market can be run again, byte for byte. The kill switch is here
too: it decides which orders pass, and it must be found again as it was left.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Union

from engine.domain.number import Nanos
from engine.domain.order import AccountId


class TradingState(StrEnum):
    """The kill switch."""

    ACTIVE = "active"
    """Everything within the limits passes."""
    REDUCING = "reducing"
    """Only what reduces risk passes: on spot, selling what is held, and cancels."""
    HALTED = "halted"
    """Nothing but cancels passes."""

    def is_stricter_than(self, other: TradingState) -> bool:
        """Whether less passes than in the other state."""
        order = tuple(TradingState)
        return order.index(self) > order.index(other)


@dataclass(frozen=True, slots=True)
class MarketOpened:
    """A market of that kind and seed began; working orders of the one before were cancelled."""

    kind: str
    seed: int
    at: Nanos


@dataclass(frozen=True, slots=True)
class PaceChanged:
    """From this instant the market advances in coarse steps, or in full order flow again."""

    coarse: bool
    at: Nanos


@dataclass(frozen=True, slots=True)
class MarketJumped:
    """The market went from `at` to the instant `to`; working orders were cancelled first."""

    to: Nanos
    at: Nanos


@dataclass(frozen=True, slots=True)
class MarketReopened:
    """The market stood still from `at` on and goes on at `to`, with fresh agents; whoever's orders rested stays.

    Orders whose time came in between expired at their instants.
    """

    to: Nanos
    at: Nanos


class StateCause(StrEnum):
    """Who changed what passes."""

    USER = "user"
    BREACH = "breach"
    """A loss beyond its limit; who resumes from a halt by it must say why."""
    DEAD_MAN = "dead_man"
    """Nobody had given a sign of life."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit on the losses of a day that was exceeded: whose, which rule, and what the limit was."""

    account: AccountId
    rule: str
    limit: int
    day: int
    """Days since 1970, of the venue (UTC)."""


@dataclass(frozen=True, slots=True)
class TradingStateChanged:
    """The kill switch was set, for every account of the profile; `reason` is the user's own words, if any."""

    state: TradingState
    reason: str
    at: Nanos
    cause: StateCause = StateCause.USER
    breach: Breach | None = None
    """What it answers to; who resumes is not stopped again by the same one."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long commands travel to a replayed or public exchange: a constant per kind, a tail drawn from the seed."""

    seed: int
    submit_ns: int
    cancel_ns: int
    amend_ns: int
    tail_ns: int
    """Half of all tails are shorter than this."""


@dataclass(frozen=True, slots=True)
class LatencyChanged:
    """From this instant commands travel like that, or take effect at once (None)."""

    latency: Latency | None
    at: Nanos


CourseRecord = Union[MarketOpened, PaceChanged, MarketJumped, MarketReopened, LatencyChanged, TradingStateChanged]
"""What changes the course of the offline market, or of the trading on it."""
