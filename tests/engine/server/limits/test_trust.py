"""The laws of trust, and the book of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.server.limits.standing import HOUR_S, Standings
from engine.server.limits.trust import HALF_LIFE_S, News, after, baseline_of, relaxed

levels = st.floats(0.5, 2.0)
spans = st.floats(0, 1e7)


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@given(levels, st.lists(st.tuples(spans, st.sampled_from(News))), levels)
def test_whatever_happens_trust_stays_within_its_bounds(
    trust: float, story: list[tuple[float, News]], baseline: float
) -> None:
    for passed, news in story:
        trust = after(relaxed(trust, passed, baseline), news)
        assert 0.5 <= trust <= 2.0


@given(levels, levels, spans, spans)
def test_time_in_two_pieces_is_time_in_one(trust: float, baseline: float, first: float, second: float) -> None:
    assert relaxed(relaxed(trust, first, baseline), second, baseline) == pytest.approx(
        relaxed(trust, first + second, baseline), abs=1e-9
    )


@given(levels, levels)
def test_half_of_the_way_back_takes_a_day(trust: float, baseline: float) -> None:
    assert relaxed(trust, HALF_LIFE_S, baseline) == pytest.approx((trust + baseline) / 2)


@given(levels, levels, st.sampled_from(News))
def test_news_never_puts_anybody_past_another_who_got_the_same(one: float, other: float, news: News) -> None:
    low, high = sorted((one, other))

    assert after(low, news) <= after(high, news) + 1e-12
    assert after(one, news) >= one if news is News.CLEAN_HOUR else after(one, news) <= one


def test_identity_and_a_second_factor_raise_the_baseline_and_a_refused_identity_ends_it() -> None:
    assert [baseline_of(kyc_level=level) for level in range(4)] == pytest.approx([1.0, 1.2, 1.4, 1.6])
    assert baseline_of(kyc_level=9, mfa=True) == 2.0
    assert baseline_of(kyc_level=3, kyc_rejected=True) is None


def test_refusals_lower_a_factor_and_clean_hours_raise_it() -> None:
    clock = Clock()
    book = Standings(now=clock)
    for _ in range(100):
        book.saw("user:1", 429)
        book.saw("user:2", 200)
    low = book.factor("user:1")
    for _ in range(48):
        clock.now += HOUR_S
        book.saw("user:1", 200)
        book.saw("user:2", 200)

    assert low < 0.75
    assert low < book.factor("user:1")
    assert book.factor("user:2") > 1.2
    assert book.factor("user:3") == 1.0
    assert book.factor("user:2", 0.5) == 0.5


def test_an_hour_of_orders_that_are_all_cancelled_is_no_clean_hour() -> None:
    clock = Clock()
    book = Standings(now=clock)
    for number in range(200):
        book.saw("key:1", 200, orders=1)
        book.saw("key:2", 200, orders=1)
        book.saw("key:1", 200, cancels=1)
        book.saw("key:2", 200, cancels=number % 2)
    clock.now += HOUR_S
    book.saw("key:1", 200)
    book.saw("key:2", 200)

    assert book.factor("key:1") < 1.0 < book.factor("key:2")


def test_the_book_is_bounded_and_outlasts_a_restart() -> None:
    clock = Clock()
    book = Standings(now=clock, capacity=10)
    for number in range(50):
        book.saw(f"user:{number}", 429)
    again = Standings(now=clock)
    again.learn(book.known())

    assert len(list(book.known())) == 10
    assert again.factor("user:49") == book.factor("user:49") < 1.0
    assert set(book.changed()) == {f"user:{number}" for number in range(40, 50)}
    assert book.changed() == {}
