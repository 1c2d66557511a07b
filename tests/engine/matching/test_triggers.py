"""Waiting orders beside a plain scan."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from engine.matching.triggers import TriggerBook, holds


class Wait(NamedTuple):
    is_buy: bool
    stop: int
    number: int


WAITS = st.lists(st.tuples(st.booleans(), st.integers(90, 110)), max_size=30).map(
    lambda drawn: [Wait(is_buy, stop, number) for number, (is_buy, stop) in enumerate(drawn)]
)


@given(waits=WAITS, lasts=st.lists(st.integers(88, 112), max_size=10), gone=st.sets(st.integers(0, 29)))
def test_a_trade_fires_what_a_scan_would_in_the_order_of_acceptance(
    waits: list[Wait], lasts: list[int], gone: set[int]
) -> None:
    book: TriggerBook[Wait] = TriggerBook()
    for wait in waits:
        book.add(wait)
    plain = list(waits)
    for number in sorted(gone):
        if number < len(waits):
            book.remove(waits[number])
            plain.remove(waits[number])

    for last in lasts:
        due = [wait for wait in plain if (last >= wait.stop if wait.is_buy else last <= wait.stop)]
        assert book.fired(last) == due
        assert all(holds(wait.is_buy, wait.stop, last) for wait in due)
        plain = [wait for wait in plain if wait not in due]
        assert len(book) == len(plain)
