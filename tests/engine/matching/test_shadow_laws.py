"""Laws of the shadow matcher on random feeds, beside a naive twin of it."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.matching.shadow import ShadowBook
from tests.engine.matching.shadow_acts import Matcher, Twin, merged

PRICES = st.sampled_from([100, 101, 100, 101, 99, 102])
LEVELS = st.lists(st.tuples(PRICES, st.integers(0, 30)), max_size=3)
WAIT = st.sampled_from([0, 100_000_000, 300_000_000])
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("diff"), LEVELS, st.just([]), WAIT),
        st.tuples(st.just("diff"), LEVELS, LEVELS, WAIT),
        st.tuples(st.just("snapshot"), LEVELS, LEVELS, WAIT),
        st.tuples(st.just("print"), PRICES, st.integers(1, 20), st.booleans(), WAIT),
        st.tuples(st.just("print"), PRICES, st.integers(1, 20), st.just(True), WAIT),
        st.tuples(st.just("order"), PRICES, st.integers(1, 12), st.booleans()),
        st.tuples(st.just("order"), PRICES, st.integers(1, 12), st.just(True)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(ACTS)
def test_the_matcher_and_its_naive_twin_fill_alike(acts: list[tuple]) -> None:  # type: ignore[type-arg]
    matcher, twin = Matcher(), Twin()
    for act in acts:
        assert merged(matcher.act(act)) == merged(twin.act(act))
        estimates = {order.name: side.believed(order) for side in (twin.bids, twin.asks) for order in side.orders}
        assert {key: matcher.book.ahead(order) for key, order in matcher.open.items()} == estimates


@settings(max_examples=100)
@given(ACTS, st.integers(1, 5))
def test_icebergs_keep_the_laws_too(acts: list[tuple], display: int) -> None:  # type: ignore[type-arg]
    matcher = Matcher(display)
    for act in acts:
        matcher.act(act)


@settings(max_examples=100)
@given(ACTS, st.integers(0, 40), st.integers(0, 3))
def test_a_book_restored_in_the_middle_goes_on_alike(acts: list[tuple], cut: int, display: int) -> None:  # type: ignore[type-arg]
    whole, parted = Matcher(display), Matcher(display)
    for number, act in enumerate(acts):
        if number == cut:
            restore(parted)
        assert whole.act(act) == parted.act(act)
    assert whole.book.dump_external() == parted.book.dump_external()


def restore(matcher: Matcher) -> None:
    old, new = matcher.book, ShadowBook()
    new.load_external(json.loads(json.dumps(old.dump_external())))
    for side in (True, False):
        for level in list(old.side_of(side)):
            for order in list(level):
                old.side_of(side).remove(order)
                new.rest(order)
    matcher.book = new
