"""Fees against the protocol's own rule (py-evm's), a closed form, and histories that real chains have."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.fees import (
    HURRIES,
    PERCENTILES,
    after_full_blocks,
    bumped,
    full_blocks_outlasted,
    is_enough_to_replace,
    next_base_fee,
    of_preset,
    presets,
)
from engine.defi.prepared import FeeChoice, FeePreset
from engine.ports.chain import FeeHistory

GWEI = 10**9


@pytest.fixture(scope="module")
def protocol() -> Callable[[Any], int]:
    """py-evm's rule; loading it changes Python's recursion limit, which is put back."""
    limit = sys.getrecursionlimit()
    from eth.vm.forks.london.headers import calculate_expected_base_fee_per_gas

    sys.setrecursionlimit(limit)
    return calculate_expected_base_fee_per_gas


@given(st.integers(7, 10**13), st.integers(1_000_000, 100_000_000), st.floats(0, 1))
def test_the_next_base_fee_is_the_one_of_the_protocol(
    protocol: Callable[[Any], int], base: int, limit: int, share: float
) -> None:
    used = min(int(limit * share), limit)
    parent = SimpleNamespace(base_fee_per_gas=base, gas_limit=limit, gas_used=used, block_number=1)
    assert next_base_fee(base, used, limit) == protocol(parent)


@given(st.integers(GWEI, 10**13), st.integers(0, 40))
def test_full_blocks_grow_the_base_fee_by_an_eighth_each(base: int, blocks: int) -> None:
    exact = base * (9 / 8) ** blocks
    assert math.isclose(after_full_blocks(base, blocks), exact, rel_tol=1e-6)


@given(st.integers(0, 10**12), st.integers(0, 10**11))
def test_each_preset_outlasts_as_many_full_blocks_as_it_says(base: int, tip: int) -> None:
    history = FeeHistory((base, base), (0.5,), ((tip, 2 * tip, 3 * tip),))
    for hurry, choice in zip(HURRIES, presets(history, 12), strict=True):
        assert full_blocks_outlasted(choice.max_fee, choice.max_priority_fee, base) == hurry.full_blocks


@given(
    st.lists(st.integers(0, 10**12), min_size=0, max_size=30),
    st.lists(st.floats(0, 1), max_size=30),
    st.lists(st.tuples(*[st.integers(0, 10**12)] * 3), max_size=30),
    st.booleans(),
)
def test_presets_never_fall_and_never_fail(
    bases: list[int], used: list[float], rewards: list[tuple[int, ...]], has_market: bool
) -> None:
    """Also on empty, cut off and one-sided histories."""
    found = presets(FeeHistory(tuple(bases), tuple(used), tuple(rewards)), 12, has_fee_market=has_market)
    assert [each.preset for each in found] == list(FeePreset)
    for cheap, dear in pairwise(found):
        assert cheap.max_fee <= dear.max_fee
        assert cheap.max_priority_fee <= dear.max_priority_fee
    assert all(0 <= each.max_priority_fee <= each.max_fee for each in found)


def test_one_madman_moves_nothing() -> None:
    calm = tuple([(1, 2, 3)] * 10)
    mad = (*calm[1:], (10**18, 10**18, 10**18))
    found = presets(FeeHistory((GWEI,) * 11, (0.5,) * 10, mad), 12)
    assert [each.max_priority_fee for each in found] == [1, 2, 3]


def test_empty_blocks_say_nothing_about_tips() -> None:
    rows = ((0, 0, 0),) * 9 + ((5, 6, 7),)
    found = presets(FeeHistory((GWEI,) * 11, (0.0,) * 9 + (0.9,), rows), 12)
    assert [each.max_priority_fee for each in found] == [5, 6, 7]


def test_a_chain_without_a_fee_market_has_one_price() -> None:
    history = FeeHistory((0,) * 3, (0.5, 0.5), ((3, 4, 5), (3, 4, 5)))
    found = presets(history, 3, has_fee_market=False)
    assert [(each.max_fee, each.max_priority_fee, each.base_fee) for each in found] == [(p, p, None) for p in (3, 4, 5)]


def test_the_wait_follows_from_how_many_blocks_would_have_taken_the_tip() -> None:
    rows = ((10, 20, 30),) * 5 + ((1, 2, 3),) * 5
    slow, normal, fast = presets(FeeHistory((GWEI,) * 11, (0.5,) * 10, rows), 12)
    assert (slow.wait_s, normal.wait_s, fast.wait_s) == (24, 24, 24)
    assert presets(FeeHistory((), (), ()), 12)[0].wait_s == 12


@given(st.integers(0, 10**13), st.integers(0, 10**12), st.integers(0, 10**13), st.integers(0, 10**12))
def test_a_bump_is_always_enough_to_replace(most: int, tip: int, wanted: int, wanted_tip: int) -> None:
    choice = bumped(most, tip, FeeChoice(FeePreset.FAST, wanted, wanted_tip, None))
    assert is_enough_to_replace(most, tip, choice)
    assert choice.max_fee * 100 >= most * 110
    assert choice.max_priority_fee * 100 >= tip * 110
    assert choice.max_fee >= wanted
    assert choice.max_priority_fee <= choice.max_fee


def test_the_percentiles_are_those_of_the_presets() -> None:
    assert len(PERCENTILES) == len(HURRIES)
    found = presets(FeeHistory((GWEI, GWEI), (0.5,), ((1, 2, 3),)), 12)
    assert of_preset(found, FeePreset.NORMAL).max_priority_fee == 2
