"""Waiting orders beside a plain scan."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.matching.trailing import trigger_ticks
from engine.matching.triggers import TriggerBook, holds


@dataclass
class Wait:
    is_buy: bool
    fires_above: bool
    stop: int
    distance: tuple[int, int, int]
    number: int = 0
    mark: int | None = None

    @property
    def trails(self) -> bool:
        return not self.stop

    def due(self, last: int) -> bool:
        """The rule, once more, with exact fractions and a mark of its own."""
        if not self.trails:
            return last >= self.stop if self.fires_above else last <= self.stop
        before = last if self.best is None else self.best
        self.best = min(before, last) if self.is_buy else max(before, last)
        ticks, top, bottom = self.distance
        away = ticks + self.best * Fraction(top, bottom) / 10_000
        return last >= self.best + away if self.is_buy else last <= self.best - away

    best: int | None = None


def stop(is_buy: bool, fires_above: bool, at: int) -> Wait:
    return Wait(is_buy, fires_above, at, (0, 0, 1))


def trail(is_buy: bool, ticks: int, bps: Fraction) -> Wait:
    distance = (ticks, 0, 1) if ticks else (0, bps.numerator, bps.denominator)
    return Wait(is_buy, is_buy, 0, distance)


STOPS = st.builds(stop, st.booleans(), st.booleans(), st.integers(90, 110))
BPS = st.fractions(Fraction(1, 8), 900, max_denominator=16)
TRAILS = st.builds(trail, st.booleans(), st.integers(0, 6), BPS)
WAITS = st.lists(STOPS | TRAILS, max_size=30)
LASTS = st.lists(st.integers(88, 112), max_size=15)


@given(waits=WAITS, before=st.none() | st.integers(95, 105), lasts=LASTS, gone=st.sets(st.integers(0, 29)))
def test_a_trade_fires_what_a_scan_would_in_the_order_of_acceptance(
    waits: list[Wait], before: int | None, lasts: list[int], gone: set[int]
) -> None:
    book: TriggerBook[Wait] = TriggerBook()
    plain: list[Wait] = []
    for number, wait in enumerate(waits):
        wait.number = number
        fires_at_once = before is not None and wait.due(before)
        assert book.wait(wait, before) is not fires_at_once
        plain += [] if fires_at_once else [wait]
    for wait in waits:
        if wait.number in gone:
            book.remove(wait)  # also one that has fired: nothing happens
            plain = [each for each in plain if each is not wait]

    for last in lasts:
        due = [wait for wait in plain if wait.due(last)]
        assert book.fired(last) == due
        assert all(wait.trails or holds(wait.fires_above, wait.stop, last) for wait in due)
        plain = [wait for wait in plain if wait not in due]
        assert len(book) == len(plain)
        assert all(wait.mark == wait.best for wait in plain if wait.trails)


def test_a_trailing_stop_by_basis_points_is_compared_exactly() -> None:
    # 0.5 % of 101 is 0.505: a sell fires at 100.495 or below, which no whole tick above 100 is.
    assert trigger_ticks(False, 101, (0, 50, 1)) == 100
    assert trigger_ticks(True, 101, (0, 50, 1)) == 102
    assert trigger_ticks(False, 10_000, (0, 25, 2)) == 9_987  # 12.5 bps: 9987.5
