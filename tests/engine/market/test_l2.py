"""A book kept from a snapshot and diffs, beside a plain dictionary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import BookDiff, BookSnapshot, Level
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.l2 import L2Book

LEVELS = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=6)


def levels(rows: list[tuple[int, int]]) -> tuple[Level, ...]:
    return tuple(Level(Ticks(price), Lots(qty)) for price, qty in rows)


def diff(first: int, last: int, bids: list[tuple[int, int]], asks: list[tuple[int, int]] | None = None) -> BookDiff:
    return BookDiff("A/B", levels(bids), levels(asks or []), first, last, Nanos(last))


def book(seq: int = 10) -> L2Book:
    made = L2Book("A/B")
    made.apply_snapshot(BookSnapshot("A/B", levels([(9, 1), (8, 2)]), levels([(11, 3), (12, 4)]), seq, Nanos(0)))
    return made


@pytest.mark.no_cover
@given(st.lists(st.tuples(LEVELS, LEVELS), max_size=10), st.integers(1, 40))
def test_the_top_is_that_of_a_plain_dictionary(
    steps: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]], count: int
) -> None:
    ours, bids, asks = book(), {9: 1, 8: 2}, {11: 3, 12: 4}
    for number, (changed_bids, changed_asks) in enumerate(steps, start=11):
        ours.apply_diff(diff(number, number, changed_bids, changed_asks))
        bids |= dict(changed_bids)
        asks |= dict(changed_asks)
        ours.columns(Side.BUY)  # whatever is remembered must not outlive the next update

    assert ours.top(Side.BUY, count) == sorted(((p, q) for p, q in bids.items() if q), reverse=True)[:count]
    assert ours.top(Side.SELL, count) == sorted((p, q) for p, q in asks.items() if q)[:count]
    assert ours.best_bid == max((p for p, q in bids.items() if q), default=None)
    assert ours.best_ask == min((p for p, q in asks.items() if q), default=None)
    for side, plain in ((Side.BUY, bids), (Side.SELL, asks)):
        prices, quantities = ours.columns(side)
        assert dict(zip(prices.tolist(), quantities.tolist(), strict=True)) == {p: q for p, q in plain.items() if q}


def test_a_missing_update_ends_the_trust_until_the_next_snapshot() -> None:
    ours = book()

    assert not ours.apply_diff(diff(12, 13, [(9, 7)]))
    assert not ours.synced
    assert not ours.apply_diff(diff(11, 11, [(9, 7)]))
    ours.apply_snapshot(BookSnapshot("A/B", (), (), 20, Nanos(0)))
    assert ours.synced
    assert ours.apply_diff(diff(21, 21, [(9, 7)]))


def test_an_old_diff_changes_nothing_and_one_that_straddles_the_snapshot_applies() -> None:
    ours = book()

    assert ours.apply_diff(diff(5, 10, [(9, 7)]))
    assert ours.quantity_at(Side.BUY, Ticks(9)) == 1
    assert ours.apply_diff(diff(9, 11, [(9, 7)]))
    assert ours.quantity_at(Side.BUY, Ticks(9)) == 7
    assert ours.quantity_at(Side.SELL, Ticks(9)) == 0


def test_a_crossed_book_says_so_and_an_empty_side_is_none() -> None:
    ours = book()
    assert not ours.is_crossed

    ours.apply_diff(diff(11, 11, [(11, 1)]))
    assert ours.is_crossed

    ours.apply_snapshot(BookSnapshot("A/B", (), levels([(11, 3)]), 20, Nanos(5)))
    assert (ours.best_bid, ours.best_ask, ours.is_crossed) == (None, 11, False)
    assert ours.quote() == ("A/B", None, None, 11, 3, 5)
