"""The prints of one pair, each once and in order, whatever its connections miss or bring twice.

While missed prints are being fetched, those that come are held, so that what is published is always in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.wire.heard import PrintHeard, TradesHeard
from engine.adapters.exchanges.wire.instant import AHEAD, DAY, believed
from engine.domain.market import TradeTick
from engine.domain.number import Nanos

HELD = 50_000
"""Prints held at most; of more the oldest go, and the history is void."""
MOST_NUMBER = 2**63 - 1
"""Prints numbered beyond are none: databases and recordings have 64 bits, and all that followed would be older."""


class Joined(NamedTuple):
    """What came of putting fetched prints before those that were held."""

    past: tuple[TradeTick, ...]
    """Prints before the first that was ever published, or since a hole."""
    fresh: tuple[TradeTick, ...]
    """To publish now."""
    is_whole: bool
    """Whether none is missing between what was published before and these."""


class PairPrints:
    """Prints of one pair: `hear` what its stream says, `hold` and `join` around a hole.

    Args:
        grid: the pair's.
        numbered: whether a jump of their numbers shows that some are missing.
        clock: tells the venue's time, by which stamps are judged; None believes all.
        ahead: how far a stamp may be ahead of it (ns).
    """

    def __init__(
        self, grid: Grid, *, numbered: bool, clock: Callable[[], Nanos] | None = None, ahead: int = AHEAD
    ) -> None:
        self._grid, self._numbered = grid, numbered
        self._clock, self._ahead = clock, ahead
        self._held: list[PrintHeard] | None = None
        self._overflown = False
        self.last: int | None = None
        """The number of the newest print that was published, or is past; None before any."""
        self._at = Nanos(0)
        self.duplicates = 0

    @property
    def is_holding(self) -> bool:
        """Whether prints wait for missed ones."""
        return self._held is not None

    def hold(self) -> None:
        """Publish nothing until missed prints are here."""
        if self._held is None:
            self._held, self._overflown = [], False

    def hear(self, heard: TradesHeard) -> tuple[TradeTick, ...]:
        """Take prints in; return those to publish. It holds by itself when a number shows that some are missing."""
        if self._held is None and heard.is_past and self.last is None:
            return ()
        heard = heard._replace(prints=_numbered(heard.prints))
        if self._held is None:
            fresh = self._fresh(heard.prints)
            if not (fresh and self._numbered and self.last is not None and fresh[0].trade_id > self.last + 1):
                return self._ticks(fresh)
            self.hold()
            heard = heard._replace(prints=fresh)
        held = self._held = self._held or []
        held.extend(heard.prints)
        if len(held) > HELD:
            del held[: len(held) - HELD]
            self._overflown = True
        return ()

    def reaches(self, fetched: Sequence[PrintHeard]) -> bool:
        """Whether nothing is missing between the last print published, fetched ones (oldest first) and those held.

        Numbers that the venue's own answer jumps over were never given out.
        """
        last, held = self.last, [each for each in self._held or () if each.trade_id > (self.last or 0)]
        if last is None:
            return True
        if self._overflown:
            return False
        if fetched:
            if fetched[-1].trade_id < last or fetched[0].trade_id > last + 1:  # counted anew; or not back far enough
                return False
            last = fetched[-1].trade_id
        elif not self._numbered:
            return False
        return not held or not self._numbered or held[0].trade_id <= last + 1

    def join(self, fetched: Sequence[PrintHeard]) -> Joined:
        """Put fetched prints (oldest first; empty if there are none to be had) before those held; hold no more.

        If they do not reach, what was fetched is the past now, and what comes is counted from it.
        """
        fetched = _numbered(fetched)
        whole, is_first = self.reaches(fetched), self.last is None
        if fetched and fetched[-1].trade_id - fetched[0].trade_id != len(fetched) - 1:
            self._numbered = False  # it jumps over numbers: a jump says nothing here
        held, self._held = self._held or [], None
        if not whole:
            self.last = None
        if is_first or not whole:
            past = self._ticks(self._fresh(fetched), is_past=True)
            return Joined(past, self._ticks(self._fresh(held)), whole)
        prints = sorted((*fetched, *held), key=lambda each: each.trade_id)
        return Joined((), self._ticks(self._fresh(prints)), True)

    def _fresh(self, prints: Sequence[PrintHeard]) -> list[PrintHeard]:
        """Return the prints that are newer than all before them."""
        last, found = self.last or 0, list[PrintHeard]()
        for each in prints:
            if each.trade_id:
                if each.trade_id <= last:
                    self.duplicates += 1
                    continue
                last = each.trade_id
            found.append(each)
        return found

    def _ticks(self, prints: Sequence[PrintHeard], *, is_past: bool = False) -> tuple[TradeTick, ...]:
        """Return prints on the grid, in the order of time, and remember the newest."""
        found = list[TradeTick]()
        now, behind = None if self._clock is None else self._clock(), None if is_past else DAY
        for each in prints:
            self.last = each.trade_id or self.last
            tick = self._grid.tick_of(each)
            if tick is not None:
                at = tick.at if now is None else believed(tick.at, now, self._ahead, behind)
                self._at = Nanos(max(self._at, at))
                found.append(tick if tick.at == self._at else tick._replace(at=self._at))
        return tuple(found)


def _numbered(prints: Sequence[PrintHeard]) -> Sequence[PrintHeard]:
    """Return the newest prints, without those whose numbers cannot be."""
    prints = prints[-HELD:]
    if all(0 <= each.trade_id <= MOST_NUMBER for each in prints):
        return prints
    return [each for each in prints if 0 <= each.trade_id <= MOST_NUMBER]
