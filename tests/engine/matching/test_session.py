"""Claims about the crossing book on its own, beside a matcher written apart from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.bench.reference import Fill, Reference
from engine.domain.order import Reason, Side
from engine.matching.session import Happened, MatchingSession

acts = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(90, 110), st.integers(1, 9), st.integers(1, 60)))


@given(acts)
def test_it_trades_as_the_reference_does(script: list[tuple[bool, bool, int, int, int]]) -> None:
    session, reference, found = MatchingSession(), Reference(), list[Happened]()

    for number, (submits, is_buy, price, qty, earlier) in enumerate(script, 1):
        if submits:
            found += session.submit(number, is_buy, price, qty)
            reference.submit(number, is_buy, price, qty)
        else:
            rests = reference.rests(earlier)
            happened = session.cancel(earlier)
            assert (happened[0][0] == "cancelled") is rests
            reference.cancel(earlier)

    assert [Fill(*each[1:]) for each in found if each[0] == "trade"] == reference.fills
    assert_same_depth(session, reference, len(script))


def assert_same_depth(session: MatchingSession, reference: Reference, numbers: int) -> None:
    resting = sum(1 for number in range(1, numbers + 1) if reference.rests(number))
    levels = [*session.book.levels(Side.BUY), *session.book.levels(Side.SELL)]
    assert bool(levels) is bool(resting)
    bid, ask = session.book.best_bid, session.book.best_ask
    assert bid is None or ask is None or bid < ask


def test_what_happened_comes_in_the_order_of_happening() -> None:
    session = MatchingSession()

    assert session.submit(1, False, 100, 5) == (("accepted", 1),)
    assert session.submit(2, True, 101, 8) == (("accepted", 2), ("trade", 1, 2, 100, 5))
    assert session.cancel(2) == (("cancelled", 2, 3),)
    assert session.cancel(2) == (("rejected", 2, Reason.UNKNOWN_ORDER),)


@pytest.mark.parametrize(
    ("number", "price", "qty", "reason"),
    [(1, 100, 5, Reason.DUPLICATE_ID), (2, 100, 0, Reason.BAD_QUANTITY), (2, -1, 5, Reason.BAD_PRICE)],
)
def test_what_is_not_sound_is_rejected_and_changes_nothing(number: int, price: int, qty: int, reason: Reason) -> None:
    session = MatchingSession()
    session.submit(1, True, 90, 5)

    assert session.submit(number, False, price, qty) == (("rejected", number, reason),)
    assert session.submit(2, False, 90, 5)[1:] == (("trade", 1, 2, 90, 5),)
