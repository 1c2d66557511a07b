"""The time zone that instants are shown in: UTC, that of this machine, or one of the IANA database, with its changes.

Instants stay ns UTC everywhere; a zone only writes them. Where a clock is set back the same hour comes twice, and a
list of ticks has it twice. Not here: which zone the user chose (`chosen` is told by the settings).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput

SAMPLE = 6 * 3_600
"""Seconds between two looks at the offset: no two changes of a zone are nearer."""


class TimeZone:
    """Writes instants as a clock on the wall there would."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._rules: tzinfo | None = _rules(name)

    def moment(self, instant: int) -> datetime:
        """Return the wall clock at an instant (ns UTC), without fractions of a second."""
        return self._at(instant // NANOS_PER_SECOND)

    def offset(self, instant: int) -> int:
        """Return how many seconds the wall clock is ahead of UTC."""
        return self._offset(instant // NANOS_PER_SECOND)

    def label(self, instant: int) -> str:
        """Return the offset in words: `UTC`, `UTC+1`, `UTC+5:45`."""
        seconds = self.offset(instant)
        if not seconds:
            return "UTC"
        hours, rest = divmod(abs(seconds) // 60, 60)
        sign = "+" if seconds > 0 else "-"
        return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")

    def instant(self, wall: datetime) -> int:
        """Return the instant (ns UTC) at which the wall shows a naive time: the first of two; after a gap if in it."""
        if self._rules is None:
            return round(wall.astimezone().timestamp()) * NANOS_PER_SECOND
        return round(wall.replace(tzinfo=self._rules).timestamp()) * NANOS_PER_SECOND

    def steady(self, since: int, until: int) -> Iterator[tuple[int, int, int]]:
        """Yield the spans from `since` to `until` (s UTC, inclusive) of one offset each, as (first, last, offset)."""
        begin, offset = since, self._offset(since)
        at = since
        while at < until:
            ahead = min(at + SAMPLE, until)
            if self._offset(ahead) != offset:
                change = self._change(at, ahead, offset)
                yield begin, change - 1, offset
                begin, offset, at = change, self._offset(change), change
            else:
                at = ahead
        yield begin, until, offset

    def _change(self, low: int, high: int, offset: int) -> int:
        """Return the first second in which the offset is another one."""
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle) == offset:
                low = middle
            else:
                high = middle
        return high

    def _at(self, seconds: int) -> datetime:
        if self._rules is None:
            return datetime.fromtimestamp(seconds).astimezone()
        return datetime.fromtimestamp(seconds, self._rules)

    def _offset(self, seconds: int) -> int:
        found = self._at(seconds).utcoffset() or timedelta(0)
        return int(found.total_seconds())


def _rules(name: str) -> tzinfo | None:
    if name == "UTC":
        return UTC
    if name == "local":
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInput(
            f"There is no time zone {name!r}; use UTC, local, or a name such as Europe/Berlin."
        ) from None


@lru_cache(maxsize=64)
def zone_of(name: str) -> TimeZone:
    """Return a zone by its name: `UTC`, `local`, or one of the IANA database.

    Raises:
        InvalidInput: there is no such zone.
    """
    return TimeZone(name)


_chosen = zone_of("UTC")


def chosen() -> TimeZone:
    """Return the zone that the user chose for the screen."""
    return _chosen


def choose(name: str) -> None:
    """Show instants in another zone from now on; one that does not exist here (any more) becomes UTC."""
    global _chosen
    try:
        _chosen = zone_of(name)
    except InvalidInput:
        _chosen = zone_of("UTC")
