"""Diffs that are published give the venue's own book at every point, also where it forgets levels without a word."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.book import shown
from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.book.picture import pictured
from engine.adapters.exchanges.book.sync import Outcome
from engine.adapters.exchanges.book.unnumbered import UnnumberedRule
from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.wire.heard import BookHeard, WireLevel
from engine.domain.instrument import Instrument
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.market.l2 import L2Book
from tests.engine.services.scripted_feed import BTC

INSTRUMENT = Instrument("plain", "BTCUSD", replace(BTC, tick=Decimal(1), lot=Decimal(1)))


class Shallow(UnnumberedRule):
    """A venue that keeps five levels a side."""

    depth: int | None = 5


levels = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3)), max_size=6)
frames = st.lists(st.tuples(st.booleans(), levels, levels), min_size=1, max_size=40)


def wire(levels: list[tuple[int, int]], first: int) -> list[WireLevel]:
    """Texts of levels, each price once; bids are below `first`, asks from there on."""
    return [(str(first + price), str(qty)) for price, qty in dict(levels).items()]


@given(frames, st.sampled_from([Shallow, UnnumberedRule]))
def test_the_diffs_give_the_venues_book_after_every_frame(
    said: list[tuple[bool, list[tuple[int, int]], list[tuple[int, int]]]], rule: type[UnnumberedRule]
) -> None:
    pair = FollowedPair(INSTRUMENT, rule(), Grid(INSTRUMENT))
    book = L2Book(pair.symbol)
    book.apply_snapshot(pair.snapshot(0))
    pair.opened()
    for number, (is_snapshot, bids, asks) in enumerate(said):
        heard = BookHeard("BTCUSD", is_snapshot or not number, wire(bids, 0), wire(asks, 40))
        outcome, diff = pair.hear(heard, Nanos(number))
        if diff is not None:
            assert diff.first_seq == book.seq + 1
            assert book.apply_diff(diff)
        assert outcome in (Outcome.APPLIED, Outcome.REPLACED)
        assert {level.price: str(level.qty) for level in book.top(Side.BUY, 99)} == {
            int(price): qty for price, qty in pair.sync.book.bids.values()
        }
        assert {level.price: str(level.qty) for level in book.top(Side.SELL, 99)} == {
            int(price): qty for price, qty in pair.sync.book.asks.values()
        }
        assert pair.snapshot(99).bids == tuple(book.top(Side.BUY, 99))
        assert pair.snapshot(2).asks == tuple(book.top(Side.SELL, 2))


deep = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), max_size=40)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), deep, deep), min_size=1, max_size=12))
def test_of_a_deep_book_the_best_levels_are_shown_and_more_as_they_are_needed(
    said: list[tuple[bool, bool, list[tuple[int, int]], list[tuple[int, int]]]],
) -> None:
    with patch.multiple(shown, MOST=8, LEAST=4):
        pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT))
        book = L2Book(pair.symbol)
        book.apply_snapshot(pair.snapshot(0))
        pair.opened()
        for number, (is_snapshot, on_thread, bids, asks) in enumerate(said):
            heard = BookHeard("BTCUSD", is_snapshot or not number, wire(bids, 0), wire(asks, 400))
            if on_thread and heard.is_snapshot:
                heard = pictured(heard, INSTRUMENT)
            _, diff = pair.hear(heard, Nanos(number))
            assert diff is None or book.apply_diff(diff)
            before = pair.snapshot(999)
            again, diff = pair.hear(heard._replace(is_snapshot=False, bids=(), asks=(), picture=None), Nanos(number))
            assert again is Outcome.APPLIED
            assert diff is None or book.apply_diff(diff)
            whole = pair.sync.book
            for side, levels, best in ((Side.BUY, whole.bids, max), (Side.SELL, whole.asks, min)):
                names = sorted((int(price) for price, _ in levels.values()), reverse=best is max)
                found = [level.price for level in book.top(side, 999)]
                assert found == names[: len(found)]  # what is shown is the best, without a hole
                assert len(found) == len(names) or len(found) > 4
                assert {level.price: str(level.qty) for level in book.top(side, 999)} == {
                    int(price): qty for price, qty in levels.values() if int(price) in found
                }
            assert before.seq <= pair.seq
            assert pair.snapshot(999).bids == tuple(book.top(Side.BUY, 999))


def test_when_the_best_levels_go_the_next_ones_are_shown() -> None:
    with patch.multiple(shown, MOST=8, LEAST=4):
        pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT))
        book = L2Book(pair.symbol)
        book.apply_snapshot(pair.snapshot(0))
        pair.opened()
        bids, asks = [(str(100 - n), "1") for n in range(20)], [(str(101 + n), "1") for n in range(20)]
        frames = [(True, bids, asks), *((False, [(str(100 - n), "0")], [(str(101 + n), "0")]) for n in range(16))]
        for number, (is_snapshot, below, above) in enumerate(frames):
            _, diff = pair.hear(BookHeard("BTCUSD", is_snapshot, below, above), Nanos(number))
            assert diff is not None
            assert book.apply_diff(diff)
            for side in Side:
                first = 100 - number if side is Side.BUY else 101 + number
                found = [level.price for level in book.top(side, 99)]
                assert found == [first - n if side is Side.BUY else first + n for n in range(len(found))]
                assert 4 <= len(found) <= 8


def test_a_picture_that_was_made_ready_for_another_grid_is_read_on_this_one() -> None:
    coarse = replace(INSTRUMENT, pair=replace(INSTRUMENT.pair, tick=Decimal(5)))
    heard = BookHeard("BTCUSD", True, [("10", "1"), ("5", "2")], [("15", "1")])
    pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT))
    pair.opened()
    pair.hear(pictured(heard, coarse), Nanos(1))
    assert pair.snapshot(9).bids == ((10, 1), (5, 2))


def test_a_book_that_goes_over_the_past_again_is_told_when_it_has_caught_up() -> None:
    pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT))
    pair.opened()
    pair.hear(BookHeard("BTCUSD", True, [("10", "1")], [("20", "1"), ("21", "1")]), Nanos(1))
    pair.mute()  # the new connection's picture is from before the ask of 15 went
    again = [(True, [("10", "1")], [("15", "1"), ("20", "1")]), (False, [], [("15", "0")]), (False, [("11", "2")], [])]
    for is_snapshot, bids, asks in again:
        assert pair.hear(BookHeard("BTCUSD", is_snapshot, bids, asks), Nanos(2))[1] is None
        assert pair.snapshot(9).asks == ((20, 1), (21, 1))

    diff = pair.unmute(Nanos(3))
    assert diff is not None
    assert (diff.bids, diff.asks) == (((11, 2),), ((21, 0),))
    assert pair.hear(BookHeard("BTCUSD", False, [("11", "0")], []), Nanos(4))[1] is not None


def test_a_book_that_was_not_whole_is_told_also_while_the_past_is_gone_over() -> None:
    pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT))
    pair.opened()
    pair.mute()
    _, diff = pair.hear(BookHeard("BTCUSD", True, [("10", "1")], [("20", "1")]), Nanos(1))
    assert diff is not None
    assert pair.snapshot(9).bids == ((10, 1),)
    assert pair.unmute(Nanos(2)) is None

    pair.mute()
    assert pair.hear(BookHeard("BTCUSD", False, [("20", "1")], []), Nanos(3)) == (Outcome.GAP, None)
    _, diff = pair.hear(BookHeard("BTCUSD", True, [("11", "1")], [("20", "1")]), Nanos(4))
    assert diff is not None
    assert set(diff.bids) == {(11, 1), (10, 0)}


def test_a_crossed_book_is_never_published() -> None:
    pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT))
    pair.opened()
    pair.hear(BookHeard("BTCUSD", True, [("10", "1")], [("12", "1")]), Nanos(1))
    assert pair.hear(BookHeard("BTCUSD", False, [("12", "1")], []), Nanos(2)) == (Outcome.GAP, None)
    assert pair.state is FeedState.GAP
    assert pair.snapshot(9).bids == ((10, 1),)

    outcome, diff = pair.hear(BookHeard("BTCUSD", True, [("11", "2")], [("12", "1")]), Nanos(3))
    assert outcome is Outcome.REPLACED
    assert diff is not None
    assert (set(diff.bids), diff.asks) == ({(11, 2), (10, 0)}, ())


def test_a_price_that_is_none_costs_the_book_its_trust() -> None:
    pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT))
    pair.opened()
    pair.hear(BookHeard("BTCUSD", True, [("10", "1")], [("12", "1")]), Nanos(1))
    assert pair.hear(BookHeard("BTCUSD", False, [("1e9999999", "1")], []), Nanos(2))[0] is Outcome.GAP
    assert pair.state is FeedState.GAP
