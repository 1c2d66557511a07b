"""The worst sandwich against every sandwich there is, in pools small enough to try them all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.defi.sandwich import amount_out, effective_depth, worst_sandwich


@given(st.integers(2_000, 60_000), st.integers(2_000, 60_000), st.integers(50, 4_000), st.integers(1, 1_000))
def test_no_trade_in_front_takes_more_and_leaves_the_minimum(
    reserve_in: int, reserve_out: int, amount_in: int, slippage_bps: int
) -> None:
    undisturbed = amount_out(amount_in, reserve_in, reserve_out)
    minimum = undisturbed * (10_000 - slippage_bps) // 10_000

    worst = worst_sandwich(amount_in, minimum, reserve_in, reserve_out)

    losses = []
    for front in range(worst.front + 200):
        taken = amount_out(front, reserve_in, reserve_out)
        got = amount_out(amount_in, reserve_in + front, reserve_out - taken)
        if got >= minimum:
            losses.append((undisturbed - got, front))
    assert worst.loss == max(losses)[0]
    assert worst.loss <= undisturbed - minimum


def test_a_swap_without_slippage_leaves_nothing_to_take() -> None:
    reserves = (10**24, 10**24)
    exact = amount_out(10**21, *reserves)
    assert worst_sandwich(10**21, exact, *reserves).loss == 0


def test_less_slippage_leaves_less_and_deep_pools_make_it_not_pay() -> None:
    reserves = (10**24, 10**24)
    exact = amount_out(10**21, *reserves)
    losses = [worst_sandwich(10**21, exact * keep // 10_000, *reserves).loss for keep in (9_990, 9_900, 9_500)]
    assert losses == sorted(losses)
    small = amount_out(10**18, *reserves)
    assert worst_sandwich(10**18, small * 99 // 100, *reserves).profit < 0  # the fee on the front trade is more
    assert worst_sandwich(10**23, amount_out(10**23, *reserves) * 90 // 100, *reserves).profit > 0


@given(st.integers(10**6, 10**24), st.integers(10**6, 10**24), st.integers(1, 9_000))
def test_the_depth_that_is_told_brings_what_was_expected(amount: int, expected: int, impact: int) -> None:
    reserve_in, reserve_out = effective_depth(amount, expected, impact)
    got = amount_out(amount, reserve_in, reserve_out)
    assert abs(got - expected) <= max(expected // 1_000, 2)
