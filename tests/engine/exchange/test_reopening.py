"""Going on at a later time: what a market refuses, and what rests through it."""

from __future__ import annotations

import pytest

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import InvalidInput
from engine.exchange.offline import open_market
from engine.exchange.simulated import SimulatedMarket


@pytest.mark.parametrize("later", [0, -NANOS_PER_SECOND, NANOS_PER_SECOND + 1])
def test_a_market_reopens_at_a_later_whole_second_only(later: int) -> None:
    market = SimulatedMarket(7)

    with pytest.raises(InvalidInput, match="later whole second"):
        market.reopen(Nanos(market.now + later))


def test_a_reopened_market_quotes_at_the_new_time_and_goes_on_from_there() -> None:
    market = SimulatedMarket(7)
    to = Nanos(market.now + 3_600 * NANOS_PER_SECOND)

    market.reopen(to)

    assert market.now == to
    book = market.snapshot("BTC/USDT", 5)
    assert book.bids[0].price < book.asks[0].price


def test_a_recording_does_not_reopen() -> None:
    market = open_market("replay", seed=1)

    with pytest.raises(InvalidInput, match="goes on where it stands"):
        market.reopen(Nanos(market.now + NANOS_PER_SECOND))
    assert market.traded() == {}
