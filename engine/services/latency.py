"""The latency that the settings ask for: a profile, or times of the user's own."""

from __future__ import annotations

from engine.domain.course import Latency
from engine.settings import Settings

MICRO, MILLI = 1_000, 1_000_000

PROFILES = {
    "data-centre": Latency(0, 500 * MICRO, 500 * MICRO, 500 * MICRO, 200 * MICRO),
    "home": Latency(0, 60 * MILLI, 60 * MILLI, 60 * MILLI, 15 * MILLI),
}
"""A machine in the exchange's own data centre, and one behind a home connection some thousand kilometres away.

Judged, not measured; the way of the data to us is part of it, as prints and books are stamped when they arrived.
"""


def latency_of(settings: Settings) -> Latency | None:
    """Return the model that the settings ask for, without a seed; None if commands take effect at once."""
    market = settings.market
    if market.latency == "custom":
        submit, cancel, amend, tail = (
            round(ms * MILLI)
            for ms in (
                market.latency_submit_ms,
                market.latency_cancel_ms,
                market.latency_amend_ms,
                market.latency_tail_ms,
            )
        )
        return Latency(0, submit, cancel, amend, tail)
    return PROFILES.get(market.latency)
