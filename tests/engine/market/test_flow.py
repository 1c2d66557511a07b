"""The agents' orders: a function of seed and time, in order, never crossing each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.command import ListPair
from engine.domain.flow import FlowKind
from engine.domain.order import Side
from engine.exchange.kernel import Exchange
from engine.market.catalogue import PAIRS
from engine.market.flow import COARSE, FULL, FlowClass, FlowGenerator
from engine.market.generator import BarGenerator
from engine.market.latent import LatentPath
from engine.market.stage import LIVE_START

CLASSES = pytest.mark.parametrize("flow_class", [FULL, COARSE], ids=("full", "coarse"))


def flow(seed: int = 1, pair: int = 0, flow_class: FlowClass = FULL) -> FlowGenerator:
    spec = PAIRS[pair]
    return FlowGenerator(spec, LatentPath(BarGenerator(spec, seed)), flow_class)


def first(agents: FlowGenerator) -> int:
    return LIVE_START // agents.block_nanos


@given(seed=st.integers(0, 10_000), ahead=st.integers(0, 5_000), pair=st.integers(0, 5), coarse=st.booleans())
def test_a_block_is_the_same_whether_or_not_others_were_made(seed: int, ahead: int, pair: int, coarse: bool) -> None:
    warm = flow(seed, pair, COARSE if coarse else FULL)
    number = first(warm) + ahead
    for before in range(number - 2, number):
        warm.block(before)

    assert warm.block(number) == flow(seed, pair, COARSE if coarse else FULL).block(number)


@given(seed=st.integers(0, 10_000), ahead=st.integers(0, 5_000), pair=st.integers(0, 5), coarse=st.booleans())
def test_orders_lie_in_their_block_in_order_of_time(seed: int, ahead: int, pair: int, coarse: bool) -> None:
    agents = flow(seed, pair, COARSE if coarse else FULL)
    number = first(agents) + ahead

    instants = [order.at for order in agents.block(number)]

    assert instants == sorted(instants)
    assert number * agents.block_nanos <= instants[0]
    assert instants[-1] < (number + 1) * agents.block_nanos


@pytest.mark.no_cover
@CLASSES
@given(seed=st.integers(0, 1_000), ahead=st.integers(0, 3_000), pair=st.integers(0, 5))
def test_entering_anywhere_gives_the_book_that_the_block_before_left(
    flow_class: FlowClass, seed: int, ahead: int, pair: int
) -> None:
    agents = flow(seed, pair, flow_class)
    number = first(agents) + ahead
    resting = {order.key: order for order in agents.entry(number)}
    for order in agents.block(number):
        if order.kind is FlowKind.CANCEL:
            assert order.key in resting
            del resting[order.key]
        elif order.kind is FlowKind.LIMIT:
            assert order.key not in resting
            resting[order.key] = order

    entered = agents.entry(number + 1)

    assert {(each.key, each.side, each.price, each.qty) for each in entered} == {
        (each.key, each.side, each.price, each.qty) for each in resting.values()
    }


@pytest.mark.no_cover
@CLASSES
@given(seed=st.integers(0, 1_000), pair=st.integers(0, 5))
def test_makers_never_cross_each_other(flow_class: FlowClass, seed: int, pair: int) -> None:
    agents = flow(seed, pair, flow_class)
    number = first(agents)
    orders = [*agents.entry(number), *agents.block(number), *agents.block(number + 1)]
    resting: dict[int, tuple[Side, int]] = {}

    for order in orders:
        if order.kind is FlowKind.CANCEL:
            resting.pop(order.key, None)
        elif order.kind is FlowKind.LIMIT:
            resting[order.key] = (order.side, order.price)
            bids = [price for side, price in resting.values() if side is Side.BUY]
            asks = [price for side, price in resting.values() if side is Side.SELL]
            assert not bids or not asks or max(bids) < min(asks)


def test_enough_levels_stand_on_either_side_and_most_of_them_stay() -> None:
    agents = flow()
    exchange, symbol = Exchange(), PAIRS[0].symbol
    exchange.handle(ListPair(PAIRS[0].pair), LIVE_START)
    exchange.flow(symbol, agents.entry(first(agents)))
    deep = {level.price for level in exchange.book(symbol).levels(Side.BUY)[20:]}

    for number in range(first(agents), first(agents) + 5):
        exchange.flow(symbol, agents.block(number))
    after = {level.price for side in Side for level in exchange.book(symbol).levels(side)}

    assert len(deep) >= 50
    assert len(deep & after) > len(deep) / 2


def test_preparing_ahead_does_the_work_once() -> None:
    agents = flow()

    assert agents.prepare(first(agents))
    assert not agents.prepare(first(agents))
