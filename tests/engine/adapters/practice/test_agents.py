"""Agents bring every pool to the simulated market's prices, by trades that earn, and let it be otherwise."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.practice.agents import Agents, best_input
from engine.adapters.practice.machine import Machine

ETH, BTC = Fraction(3318), Fraction(61840)


reserves = st.integers(10**6, 10**26)
keeps = st.sampled_from([Fraction(997, 1000), Fraction(9975, 10_000)])


@given(reserves, reserves, st.fractions(Fraction(1, 3), 3), keeps)
def test_no_other_input_to_a_pair_earns_more(inside: int, outside: int, off: Fraction, keep: Fraction) -> None:
    worth = Fraction(inside, outside) * off

    def gain(amount: int) -> Fraction:
        counted = amount * keep.numerator
        return worth * (counted * outside // (inside * keep.denominator + counted)) - amount

    best = best_input(inside, outside, worth, keep)

    slack = worth * 2 + 2  # rounding of the output, and of the root
    for other in (0, best // 2, *(best * part // 1000 for part in (900, 997, 998, 1002, 1003, 1100)), best * 2):
        assert gain(best) >= gain(other) - slack


def test_pools_begin_at_the_markets_prices(machine: Machine) -> None:
    agents = Agents(machine.deployed)

    assert agents.arbitrage(machine.ledger.state(), {"ETH": ETH, "BTC": BTC}) is None


def test_after_a_jump_every_pool_comes_back_to_the_market_and_rests(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = {"ETH": ETH * 102 / 100, "BTC": BTC * 99 / 100}
    agents, market = Agents(machine.deployed), machine._market
    monkeypatch.setattr(market._agents, "noise", lambda _: None)  # only the arbitrage here

    blocks = [machine.ledger.mine() for _ in range(40) if market.trade(prices)]

    done = [each for block in blocks for each in block.transactions]
    assert agents.arbitrage(machine.ledger.state(), prices) is None
    assert all(each.ok for each in done)
    assert 10 < len(done) < 40
    assert {bytes(each.raw[:1]) for each in done} == {b"\x02"}


def test_the_crowd_trades_and_is_the_same_every_time(machine: Machine) -> None:
    first, second = Agents(machine.deployed, seed=7), Agents(machine.deployed, seed=7)
    prices = {"ETH": ETH}

    trades = [first.noise(prices) for _ in range(50)]

    assert trades == [second.noise(prices) for _ in range(50)]
    assert 10 < sum(each is not None for each in trades) < 40


def test_nobody_trades_while_nobody_looks_or_no_price_was_told(machine: Machine) -> None:
    machine.interval_s = 1e-9
    before = machine.ledger.blocks[-1].number
    machine.beat()
    assert not any(each.transactions for each in machine.ledger.blocks[before + 1 :])

    machine.set_prices({"ETH": ETH * 2, "BTC": BTC})
    machine.beat()
    traded = len(machine.ledger.blocks[-1].transactions)
    machine._asked_at -= 1_000
    number = machine.ledger.blocks[-1].number
    machine.beat()

    assert traded >= 1
    assert machine.ledger.blocks[-1].number == number


def test_old_states_are_forgotten_and_the_chain_goes_on(machine: Machine) -> None:
    for _ in range(130):
        machine.ledger.mine()
    newest = machine.ledger.head.state_root

    assert machine.ledger.tidy() > 500

    assert newest in machine.ledger.nodes
    machine.begin()
    assert machine.ledger.blocks[-1].transactions[0].ok
