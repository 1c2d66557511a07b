"""Claims about a book under its venue's rule: a break shows on the next diff, nothing wrong is called synced."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.binance.rule import PerpetualRule, SpotRule
from engine.adapters.exchanges.bitstamp.rule import BitstampRule
from engine.adapters.exchanges.book import sync as machine
from engine.adapters.exchanges.book.sync import BookSync, Outcome, Rule
from engine.adapters.exchanges.book.unnumbered import UnnumberedRule
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.wire.heard import BookHeard
from engine.domain.market import FeedState
from engine.domain.order import Side
from engine.errors import Garbled

LENGTH = 60
RULES: list[Rule] = [SpotRule(), PerpetualRule()]

Whole = dict[int, list[object]]


def stream(rule: Rule, seed: int = 3) -> tuple[list[BookHeard], Whole, list[BookHeard]]:
    """Return diffs, the right book by the number of the last diff in it, and a picture after each diff."""
    draw = random.Random(seed)  # noqa: S311
    book, diffs, pictures, whole, last = WireBook(), [], [], {}, 100
    for _ in range(LENGTH):
        bids = [(str(draw.randint(50, 99)), str(draw.choice([0, 1, 2])))]
        asks = [(str(draw.randint(100, 150)), str(draw.choice([0, 1, 2])))]
        first, previous, last = last + 1, last, last + draw.randint(1, 4)
        is_perpetual, is_numbered = isinstance(rule, PerpetualRule), isinstance(rule, SpotRule)
        diffs.append(
            BookHeard("X", False, bids, asks, first if is_numbered else 0, last, previous if is_perpetual else 0)
        )
        book.apply(bids, asks)
        whole[last] = tops(book)
        pictures.append(BookHeard("X", True, book.top(Side.BUY, 99), book.top(Side.SELL, 99), last=last))
    return diffs, whole, pictures


def tops(book: WireBook) -> list[object]:
    return [book.top(side, 99) for side in Side]


def begun(rule: Rule, heard: Sequence[BookHeard]) -> BookSync:
    sync = BookSync(rule)
    for each in heard:
        sync.hear(each)
    return sync


def is_true(sync: BookSync, whole: Whole) -> bool:
    """Whether a book that is called synced is the right one at the number it says."""
    if sync.state is not FeedState.SYNCED:
        return True
    assert sync.last is not None
    return not sync.book.is_crossed and tops(sync.book) == whole[sync.last.last]


@pytest.mark.parametrize("rule", RULES, ids=["spot", "perpetual"])
@given(
    st.integers(1, LENGTH - 3),
    st.sampled_from(["drop", "swap", "twice", "late"]),
    st.integers(0, LENGTH),
    st.integers(0),
)
def test_a_fault_shows_on_the_next_diff_and_ends_equal_to_a_twin_without_it(
    rule: Rule, at: int, fault: str, picture_after: int, seed: int
) -> None:
    diffs, whole, pictures = stream(rule, seed)
    faulty = {
        "drop": [*diffs[:at], *diffs[at + 1 :]],
        "swap": [*diffs[:at], diffs[at + 1], diffs[at], *diffs[at + 2 :]],
        "twice": [*diffs[: at + 1], *diffs[at:]],
        "late": [*diffs[: at + 1], diffs[at - 1], *diffs[at + 1 :]],
    }[fault]
    breaks = fault in {"drop", "swap"}
    sync = begun(rule, [pictures[0]])
    for number, diff in enumerate(faulty):
        sync.hear(diff)
        assert is_true(sync, whole)
        if number == at:
            assert (sync.state is FeedState.GAP) == breaks
            sync.asked()
        if number == at + picture_after:
            sync.hear(pictures[min(LENGTH - 1, number + 2)])
            assert is_true(sync, whole)
    sync.hear(pictures[-1])

    assert sync.state is FeedState.SYNCED
    assert tops(sync.book) == whole[diffs[-1].last]
    assert (sync.gaps, sync.resyncs) == (breaks, breaks)


@pytest.mark.parametrize("rule", RULES, ids=["spot", "perpetual"])
@given(st.sets(st.integers(1, LENGTH - 2)), st.sets(st.integers(1, LENGTH - 1), max_size=6), st.integers(0))
def test_every_break_of_the_chain_is_one_gap_also_while_a_picture_is_awaited(
    rule: Rule, dropped: set[int], pictured: set[int], seed: int
) -> None:
    diffs, whole, pictures = stream(rule, seed)
    sync = begun(rule, [pictures[0]])
    breaks = 0
    for number in range(1, LENGTH):
        if number in dropped:
            continue
        sync.hear(diffs[number])
        breaks += number - 1 in dropped
        if number in pictured:
            sync.hear(pictures[number])
            assert sync.state is FeedState.SYNCED
        assert is_true(sync, whole)
        assert sync.gaps == breaks


@pytest.mark.parametrize("rule", [SpotRule(), PerpetualRule(), BitstampRule()], ids=["spot", "perpetual", "bitstamp"])
@given(st.integers(1, LENGTH - 2), st.integers(0, LENGTH - 1), st.integers(0))
def test_a_picture_that_is_older_than_what_is_lost_is_not_taken(rule: Rule, at: int, taken: int, seed: int) -> None:
    diffs, whole, pictures = stream(rule, seed)
    sync = begun(rule, [pictures[0], *diffs[1:at]])
    sync.spoilt()  # diff `at`
    for diff in diffs[at + 1 :]:
        sync.hear(diff)
    sync.hear(pictures[taken])

    assert is_true(sync, whole)
    assert sync.gaps == 1
    sync.hear(pictures[-1])
    assert (sync.state, sync.resyncs) == (FeedState.SYNCED, 1)
    assert tops(sync.book) == whole[diffs[-1].last]


@given(st.lists(st.integers(0, LENGTH - 1), min_size=2, max_size=LENGTH), st.integers(0, LENGTH - 1), st.integers(0))
def test_bitstamp_is_never_synced_and_wrong_when_its_diffs_come_in_any_order(
    order: list[int], taken: int, seed: int
) -> None:
    """Diffs that never come cannot be noticed there, so each is sent; some again, some too early."""
    diffs, whole, pictures = stream(BitstampRule(), seed)
    sync = begun(BitstampRule(), [pictures[0]])
    heard: set[int] = set()
    for number in [*order, *range(LENGTH)]:
        sync.hear(diffs[number])
        heard.add(number)
        sync.hear(pictures[taken])
        newest = max(heard)
        if heard >= set(range(1, newest)) and sync.last is not None and sync.last.last >= diffs[newest].last:
            assert is_true(sync, whole)


def test_a_book_begins_with_what_waited_for_its_picture() -> None:
    diffs, whole, pictures = stream(SpotRule())
    applied: list[int] = []
    sync = BookSync(SpotRule(), lambda: applied.append(sync.diffs))
    states = [sync.state]
    for diff in diffs:
        assert sync.hear(diff) is Outcome.HELD
        states.append(sync.state)
    assert states == [FeedState.CONNECTING] + [FeedState.SNAPSHOT] * LENGTH
    assert sync.hear(pictures[10]) is Outcome.REPLACED
    assert tops(sync.book) == whole[diffs[-1].last]
    assert applied == list(range(1, LENGTH - 10))
    assert (sync.diffs, sync.gaps, sync.resyncs) == (LENGTH - 11, 0, 0)


def test_a_picture_that_nobody_needs_changes_nothing() -> None:
    diffs, whole, pictures = stream(SpotRule())
    sync = begun(SpotRule(), [pictures[0], *diffs[1:20]])
    for picture in pictures:
        assert sync.hear(picture) is Outcome.OLD
    assert tops(sync.book) == whole[diffs[19].last]


@pytest.mark.parametrize("rule", [SpotRule(), BitstampRule(), UnnumberedRule()], ids=["spot", "bitstamp", "unnumbered"])
def test_nothing_of_a_bad_diff_is_used_and_the_book_is_not_trusted_for_longer_than_a_diff(rule: Rule) -> None:
    diffs, _, pictures = stream(rule)
    sync = begun(rule, [pictures[0], *diffs[1:5]])
    before = tops(sync.book)
    with pytest.raises(Garbled):
        sync.hear(diffs[5]._replace(asks=[("120", "1"), ("NaN", "1")]))
    assert tops(sync.book) == before
    sync.hear(diffs[6])
    assert sync.state is FeedState.GAP
    assert (sync.gaps, sync.diffs) == (1, 4)


def test_a_crossed_book_is_never_synced() -> None:
    crossing = BookHeard("X", False, [("200", "1")], [])
    sync = begun(UnnumberedRule(), [stream(UnnumberedRule())[2][-1]])
    applied: list[int] = []
    sync._on_applied = lambda: applied.append(1)
    assert sync.hear(crossing) is Outcome.GAP
    assert (sync.state, sync.gaps, sync.diffs, applied) == (FeedState.GAP, 1, 0, [])
    assert sync.hear(BookHeard("X", True, [("3", "1")], [("3", "1")])) is Outcome.GAP


def test_what_waits_is_bounded_and_a_picture_older_than_what_was_let_go_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "HELD", 30)
    for rule in (SpotRule(), BitstampRule()):
        diffs, whole, pictures = stream(rule)
        sync = begun(rule, diffs)
        assert len(sync._held) == 10
        assert sync.hear(pictures[20]) is Outcome.HELD
        assert sync.hear(pictures[-8]) is Outcome.REPLACED
        assert tops(sync.book) == whole[diffs[-1].last]


def test_a_frame_lost_at_the_very_end_is_a_gap() -> None:
    diffs, _, pictures = stream(SpotRule())
    sync = begun(SpotRule(), [pictures[0], *diffs[1:5]])
    sync.spoilt()
    assert sync.state is FeedState.SYNCED
    sync.ended()
    assert (sync.state, sync.gaps) == (FeedState.GAP, 1)
