"""Until when an alert waits, as a person writes it: nothing, `+4h`, or a date in the zone of the screen."""

from __future__ import annotations

import re
from datetime import datetime

from crs_desktop.viewmodels.journey import FORMS, UNITS
from crs_desktop.viewmodels.time_zone import TimeZone
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.number import NANOS_PER_SECOND

FROM_NOW = re.compile(r"\+?\s*(\d{1,6})\s*([smhdwy])")


def parse_expiry(text: str, now: int, zone: TimeZone) -> tuple[int | None, Sentence]:
    """Return the instant (ns UTC) that a text means, None for never, and why it means none."""
    text = " ".join(text.split())
    if not text:
        return None, NOTHING
    if ahead := FROM_NOW.fullmatch(text.lower()):
        return now + int(ahead[1]) * UNITS[ahead[2]] * NANOS_PER_SECOND, NOTHING
    at = _date(text, zone)
    if at is None:
        return None, say("Write +4h, +2d (s, m, h, d, w, y), a date such as 2026-01-31 14:30, or nothing for never.")
    return (at, NOTHING) if at > now else (None, say("That is over already; an alert can only end later than now."))


def _date(text: str, zone: TimeZone) -> int | None:
    for form in FORMS:
        try:
            return zone.instant(datetime.strptime(text.replace("T", " "), form))  # noqa: DTZ007 - the zone is asked
        except ValueError:
            continue
    return None


def expiry_text(at: int | None, zone: TimeZone) -> str:
    """Return an instant as it is written here, empty for never."""
    return "" if at is None else f"{zone.moment(at):%Y-%m-%d %H:%M:%S}"
