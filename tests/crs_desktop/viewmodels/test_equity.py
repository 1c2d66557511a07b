from __future__ import annotations

import numpy as np
import pytest

from crs_desktop.viewmodels.equity import EquityModel
from crs_desktop.viewmodels.words import NOTHING
from engine.domain.number import Nanos
from tests.crs_desktop.charts.gallery import Archive, close_floor, desk_of, floor_with
from tests.crs_desktop.trading_floor import SECOND


async def test_the_curve_begins_with_a_sentence_and_grows_with_the_account() -> None:
    floor = await floor_with(Archive())
    model = EquityModel(desk_of(floor))
    model.fold()
    assert model.problem is not NOTHING
    assert (model.change, model.drawdown_bps) == ((0.0, 0), 0)

    for amount in ("0", "0", "1000"):
        floor.give("USDT", amount) if amount != "0" else None
        floor.now = Nanos(floor.now + 5 * SECOND)
        floor.stock("BTC/USDT", levels=0)
        floor.portfolio.mark()
    assert model.dirty
    model.fold()

    assert model.problem is NOTHING
    assert model.values[-1] == 51_000.0
    change, bps = model.change
    assert (change == pytest.approx(1_000.0), bps) == (True, 200)
    assert model.data_label == "SIMULATED"
    model.close()
    close_floor(floor)
    assert floor.bus.subscriber_count == 0


async def test_the_deepest_fall_is_measured_from_the_peak_before_it() -> None:
    floor = await floor_with(Archive())
    model = EquityModel(desk_of(floor))
    model.times, model.values = np.arange(5), np.array([100.0, 120.0, 90.0, 130.0, 117.0])

    assert model.drawdown_bps == 2_500
    model.close()
    close_floor(floor)
