"""The measures, on stretches whose measures are known."""

import math

import numpy as np
import pytest

from engine.domain.market import TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.stats import FLOW_BANDS, SHAPE_BANDS, FlowMeter, Verdict, judged, measure_bars
from engine.ports.feed import BarArrays


def bars(close: np.ndarray, volume: np.ndarray) -> BarArrays:
    start = np.arange(len(close), dtype=np.int64) * 60 * NANOS_PER_SECOND
    opened = np.concatenate((close[:1], close[:-1]))
    return BarArrays(start, opened, np.maximum(opened, close), np.minimum(opened, close), close, volume)


def test_a_normal_walk_has_no_kurtosis_and_no_memory() -> None:
    random = np.random.default_rng(5)
    returns = random.normal(0, 5e-4, 50_000)
    measures = measure_bars(bars(1e6 * np.exp(np.cumsum(returns)), random.random(50_000)))

    assert measures.sd_bp == pytest.approx(5, rel=0.02)
    assert abs(measures.kurtosis) < 0.2
    assert abs(measures.acf1) < 0.02
    assert abs(measures.abs_acf1) < 0.02
    assert abs(measures.volume_corr) < 0.02


def test_correlations_agree_with_numpy() -> None:
    random = np.random.default_rng(6)
    returns = random.standard_t(4, 5_000) * 5e-4
    volume = np.abs(returns) + random.random(5_000) * 1e-3
    measures = measure_bars(bars(1e6 * np.exp(np.cumsum(returns)), volume))
    inner = returns[1:]

    assert measures.acf1 == pytest.approx(np.corrcoef(inner[1:], inner[:-1])[0, 1])
    assert measures.abs_acf60 == pytest.approx(np.corrcoef(np.abs(inner)[60:], np.abs(inner)[:-60])[0, 1])
    assert measures.volume_corr == pytest.approx(np.corrcoef(np.abs(inner), volume[1:])[0, 1])


def test_a_fall_is_measured_from_the_high_before_it() -> None:
    measures = measure_bars(bars(np.array([100.0, 120.0, 90.0, 110.0]), np.ones(4)))

    assert measures.drawdown == pytest.approx(0.25)
    assert measures.worst == pytest.approx(-0.25)
    assert measures.total_return == pytest.approx(0.10)


def test_what_cannot_be_measured_holds_in_no_band() -> None:
    flat = measure_bars(bars(np.full(100, 7.0), np.ones(100)))
    single = measure_bars(bars(np.array([7.0]), np.ones(1)))
    nothing = FlowMeter(1.0).measures(10)

    assert math.isnan(flat.kurtosis)
    assert math.isnan(single.sd_bp)
    assert not any(verdict.holds for verdict in judged("flat", single, SHAPE_BANDS))
    assert not any(verdict.holds for verdict in judged("none", nothing, FLOW_BANDS) if verdict.name != "crossed books")


def test_flow_is_counted_as_it_was() -> None:
    meter = FlowMeter(0.1)
    rows = ((0.1, 5, 10), (0.2, 5, 10), (0.3, 6, 30), (1.5, 6, 10))
    meter.add(
        TradeTick("A/B", Ticks(price), Lots(qty), Side.BUY, Nanos(int(at * NANOS_PER_SECOND)), 1)
        for at, price, qty in rows
    )
    for bid, ask in ((4, 5), (4, 6), (5, 5), (None, 5)):
        meter.look(bid, ask)
    meter.depth(70)

    measures = meter.measures(2.0)

    assert measures.trades_per_second == 2
    assert measures.busiest_second == 3
    assert measures.size_p50 == pytest.approx(1.0)
    assert measures.same_price == pytest.approx(2 / 3)
    assert measures.spread_one_tick == 0.25
    assert measures.top20_bids == pytest.approx(7.0)
    assert measures.crossed == 2


def test_a_value_on_the_edge_of_its_band_holds() -> None:
    assert Verdict("", "", 1.0, 1.0, 2.0).holds
    assert not Verdict("", "", 2.1, 1.0, 2.0).holds
