"""What is derived of the past looks as what is traded live: nobody can see on the chart where the market opened."""

import numpy as np
import pytest

from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.exchange.simulated import SimulatedMarket
from engine.market.catalogue import PairSpec, spec_of
from engine.market.stage import LIVE_START
from engine.ports.feed import BarArrays

SECONDS = 180
SEEDS = (2, 3, 5)
BTC, SOL, SHIB = (spec_of(f"{code}/USDT") for code in ("BTC", "SOL", "SHIB"))


def shape(bars: BarArrays) -> tuple[float, float, float]:
    """Mean range and mean step of closes in basis points, and mean volume."""
    reach = float(((bars.high - bars.low) / bars.close).mean()) * 1e4
    return reach, float(np.abs(np.diff(np.log(bars.close))).mean()) * 1e4, float(bars.volume.mean())


@pytest.mark.no_cover
@pytest.mark.parametrize("spec", [BTC, SOL, SHIB], ids=["BTC", "SOL", "SHIB"])
def test_seconds_of_the_past_have_the_range_and_volume_of_live_ones(spec: PairSpec) -> None:
    """The same seconds twice, derived and traded; chance is pooled over seeds, hence the generous bounds."""
    made, traded = [], []
    for seed in SEEDS:
        market = SimulatedMarket(seed, pairs=(spec,))
        end = Nanos(LIVE_START + SECONDS * NANOS_PER_SECOND)
        market.advance(end)
        traded.append(shape(market.bars(spec.symbol, Timeframe.S1, end=end, count=SECONDS)))
        later = SimulatedMarket(seed, pairs=(spec,))
        later.jump(end)
        made.append(shape(later.bars(spec.symbol, Timeframe.S1, end=end, count=SECONDS)))

    reach, step, volume = np.sum(made, axis=0) / np.sum(traded, axis=0)

    assert 0.7 < reach < 1.4
    assert 0.65 < step < 1.5
    assert 0.65 < volume < 1.5
