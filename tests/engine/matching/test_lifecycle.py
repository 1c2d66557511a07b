"""The life of an order."""

from __future__ import annotations

import pytest

from engine.domain.order import OrderStatus, SelfTrade
from engine.matching.lifecycle import STEPS, step
from engine.matching.selftrade import LEAVES


def test_every_status_has_its_place_and_an_end_is_an_end() -> None:
    assert set(STEPS) == {None, *OrderStatus}
    for status in OrderStatus:
        assert bool(STEPS[status]) == status.is_open


def test_a_step_that_life_does_not_know_is_a_bug() -> None:
    assert step(OrderStatus.WAITING, OrderStatus.WORKING) is OrderStatus.WORKING
    with pytest.raises(AssertionError, match="cannot go from filled to working"):
        step(OrderStatus.FILLED, OrderStatus.WORKING)
    with pytest.raises(AssertionError, match="from new to filled"):
        step(None, OrderStatus.FILLED)


def test_every_self_trade_mode_says_who_leaves() -> None:
    assert set(LEAVES) == set(SelfTrade)
