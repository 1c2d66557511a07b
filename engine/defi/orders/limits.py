"""Who agrees to a transaction that was not asked for at this moment: a person each time, or limits set before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.errors import InvalidInput

MOST_SLIPPAGE_BPS = 1_000
"""Above that nothing is done without a person, whatever the limits say."""


class Confirmation(StrEnum):
    """How it is agreed to."""

    ASK = "ask"
    """A person is asked each time."""
    WITHIN_LIMITS = "within-limits"
    """Without asking, as long as every limit holds and nothing warns; otherwise it is not done."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may happen without a person looking; also the bounds of what a person is asked about."""

    confirmation: Confirmation = Confirmation.ASK
    max_slippage_bps: int = 100
    max_gas_cost: int | None = None
    """Wei for one transaction; None: no bound, which needs a person."""
    per_day: int | None = None
    """Times within 24 hours; None: no bound, which needs a person."""
    min_gain: int | None = None
    """Wei that a compounding must bring beyond its gas; None: it need only pay for itself."""

    def check(self) -> None:
        """Refuse limits that are none.

        Raises:
            InvalidInput: names what is missing or out of range.
        """
        if not 1 <= self.max_slippage_bps <= MOST_SLIPPAGE_BPS:
            raise InvalidInput(f"The slippage allowed must be from 0.01 to {MOST_SLIPPAGE_BPS / 100:g} %.")
        if self.max_gas_cost is not None and self.max_gas_cost <= 0:
            raise InvalidInput("The most that gas may cost must be more than 0.")
        if self.per_day is not None and self.per_day <= 0:
            raise InvalidInput("How often a day must be 1 or more.")
        if self.min_gain is not None and self.min_gain < 0:
            raise InvalidInput("The least gain must be 0 or more.")
        if self.confirmation is Confirmation.WITHIN_LIMITS and (self.max_gas_cost is None or self.per_day is None):
            raise InvalidInput(
                "Without being asked, the program needs bounds: say what gas may cost at most, and how often a day."
            )

    @property
    def asks(self) -> bool:
        """Whether a person is asked each time."""
        return self.confirmation is Confirmation.ASK


def exceeded(limits: Limits, *, gas_cost: int, slippage_bps: int | None, times_today: int) -> str:
    """Return the limit that a transaction would break, as a sentence; empty if none.

    Args:
        limits: what was agreed.
        gas_cost: wei, at the highest fee that would be paid.
        slippage_bps: of the intent, if it has one.
        times_today: how often it was done in the last 24 hours.
    """
    if limits.max_gas_cost is not None and gas_cost > limits.max_gas_cost:
        return f"Gas could cost {gas_cost / 1e18:.6g}, more than the {limits.max_gas_cost / 1e18:.6g} you allow."
    if slippage_bps is not None and slippage_bps > limits.max_slippage_bps:
        most = limits.max_slippage_bps / 100
        return f"It needs a slippage of {slippage_bps / 100:g} %, more than the {most:g} % you allow."
    if limits.per_day is not None and times_today >= limits.per_day:
        return f"It was done {times_today} times in the last 24 hours, as often as you allow."
    return ""
