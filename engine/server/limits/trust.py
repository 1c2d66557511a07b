"""How far somebody is trusted, from 0.5 to 2.0: what his limits are multiplied by. Pure: instants are arguments.

Without news trust returns to a baseline, half of the way in 24 h. Refusals take it towards 0.5, hours without any
towards 2.0, each by a share of what is left of the way, so that neither end is ever passed.
"""

from __future__ import annotations

from enum import Enum

from engine.server.limits.scale import LEAST_TRUST, MOST_TRUST

HALF_LIFE_S = 86_400.0


class News(Enum):
    """What was learned about somebody, and which share of the way it takes him: down, or (clean) up."""

    STRANGE = 0.02
    """401: he showed what does not count."""
    USELESS = 0.004
    """422: what he asked made no sense."""
    TOO_MUCH = 0.01
    """429: he did not wait."""
    CHURN = 0.05
    """An hour in which nearly all of his orders were cancelled."""
    CLEAN_HOUR = -0.03
    """An hour in which he asked and nothing of this happened."""


def relaxed(trust: float, passed_s: float, baseline: float = 1.0) -> float:
    """Return trust after a time without news."""
    return bounded(baseline + (trust - baseline) * 2.0 ** (-max(0.0, passed_s) / HALF_LIFE_S))


def after(trust: float, news: News) -> float:
    """Return trust after a piece of news."""
    share = news.value
    goal = LEAST_TRUST if share > 0 else MOST_TRUST
    return bounded(trust + (goal - trust) * abs(share))


def baseline_of(*, kyc_level: int = 0, kyc_rejected: bool = False, mfa: bool = False) -> float | None:
    """Return where trust returns to; None where it is 0.5 whatever happens: the identity was refused."""
    if kyc_rejected:
        return None
    return bounded(1.0 + 0.2 * max(0, kyc_level) + (0.2 if mfa else 0.0))


def bounded(trust: float) -> float:
    """Return trust within its bounds."""
    return min(MOST_TRUST, max(LEAST_TRUST, trust))
