"""Instants as venues write them, in nanoseconds since 1970: RFC 3339 texts and decimal seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import Garbled

AHEAD = Nanos(60 * NANOS_PER_SECOND)
"""How far a venue's stamp may be ahead of its clock, which is known to a second or so."""
DAY = Nanos(86_400 * NANOS_PER_SECOND)
FIRST = Nanos(1_230_940_800 * NANOS_PER_SECOND)
"""The third of January 2009: nothing was traded before."""

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_SECONDS = re.compile(r"(\d{1,10})(?:\.(\d{1,9}))?\Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def believed(at: int, now: Nanos, ahead: int = AHEAD, behind: int | None = None) -> Nanos:
    """Return when a venue says that something was; `now`, its clock, if it cannot have been then.

    A stamp decades ahead would hold up everything that goes by time, one decades behind would be charted from then on.

    Args:
        at: what it says.
        now: the venue's clock.
        ahead: how far the stamp may be ahead of it (ns).
        behind: how far behind; None for as far as there are markets.
    """
    earliest = FIRST if behind is None else now - behind
    return Nanos(at) if earliest <= at <= now + ahead else now


def rfc3339(text: str) -> Nanos:
    """Return the instant of e.g. `2021-04-17T16:48:53.365913Z`, exact to its nine decimals.

    Raises:
        Garbled: it is none, or lies before 1970.
    """
    match = _RFC3339.match(text)
    if match is None:
        raise Garbled(f"{text[:40]!r} is no time such as 2021-04-17T16:48:53.365913Z.")
    whole, part, zone = match.groups()
    return Nanos(_second(whole, zone) + int((part or "").ljust(9, "0")))


@lru_cache(maxsize=4096)
def _second(text: str, zone: str) -> int:
    """Return a whole second in nanoseconds; remembered, for many frames share one."""
    try:
        at = datetime.fromisoformat(text + ("+00:00" if zone == "Z" else zone))
    except ValueError:
        raise Garbled(f"{text!r} is no time.") from None
    seconds = (at - _EPOCH) // timedelta(seconds=1)
    if seconds < 0:
        raise Garbled(f"{text!r} lies before 1970.")
    return seconds * NANOS_PER_SECOND


def decimal_seconds(text: str) -> Nanos:
    """Return the instant of e.g. `1618678133.365913`; errors as `rfc3339`."""
    match = _SECONDS.match(text)
    if match is None:
        raise Garbled(f"{text[:40]!r} is no time in seconds such as 1618678133.365913.")
    return Nanos(int(match[1]) * NANOS_PER_SECOND + int((match[2] or "").ljust(9, "0")))
