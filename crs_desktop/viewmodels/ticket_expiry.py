"""When a good-till-date order expires: a span from now, the end of the day, or a date; in the venue's time, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import NANOS_PER_SECOND, Nanos

MINUTE, HOUR = 60, 3600
DAY = 24 * HOUR
FORM = "%Y-%m-%d %H:%M"

SPANS: dict[str, tuple[Sentence, int]] = {
    "5m": (say("in 5 minutes"), 5 * MINUTE),
    "1h": (say("in 1 hour"), HOUR),
    "4h": (say("in 4 hours"), 4 * HOUR),
    "day": (say("at the end of the day (UTC)"), 0),
    "1d": (say("in 1 day"), DAY),
    "1w": (say("in 1 week"), 7 * DAY),
}
"""Spans in seconds, by key; `day` ends at the next midnight."""

AT = "at"
"""The key of a typed date."""


@dataclass(slots=True)
class Expiry:
    """What was chosen, and the date as typed."""

    key: str = "1h"
    text: str = ""

    def at(self, now: Nanos) -> tuple[Nanos | None, Sentence | None]:
        """Return the instant, or why there is none."""
        if self.key != AT:
            _, span = SPANS[self.key]
            seconds = now // NANOS_PER_SECOND
            end = seconds + span if span else (seconds // DAY + 1) * DAY
            return Nanos(end * NANOS_PER_SECOND + (now % NANOS_PER_SECOND if span else 0)), None
        try:
            moment = datetime.strptime(self.text.strip(), FORM).replace(tzinfo=UTC)
        except ValueError:
            return None, say("Enter when it expires, such as {example} (UTC).", example=typed(now + HOUR * 10**9))
        found = Nanos(int(moment.timestamp()) * NANOS_PER_SECOND)
        return (found, None) if found > now else (None, say("The instant of expiry must be in the future."))


def typed(at: int) -> str:
    """Return an instant as it can be typed."""
    return datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC).strftime(FORM)


def left_text(nanos: int) -> str:
    """Return how long it is to an instant, as short as it is useful: 45 s, 12 min, 3 h 5 min, 2 d 4 h."""
    seconds = max(0, nanos // NANOS_PER_SECOND)
    if seconds < 2 * MINUTE:
        return f"{seconds} s"
    if seconds < 2 * HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < 2 * DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE} min"
    return f"{seconds // DAY} d {seconds % DAY // HOUR} h"
