"""What was traded since an instant is the same whether a venue keeps minutes of a whole day or of half of it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.market.bars import part, resample
from engine.ports.feed import BarArrays
from engine.services.pastminutes import minutes_since

MINUTE, DAY = Timeframe.M1.nanos, Timeframe.D1.nanos
BEGIN = Nanos(1_767_225_600 * 10**9)


class Venue:
    """Minutes of two days, of which those of the last `reach` are told one by one; others in quarters of an hour."""

    def __init__(self, seed: int, reach: int) -> None:
        draw, self.reach = np.random.default_rng(seed), reach
        opened, close = draw.integers(100, 200, (2, 2_880)).astype(float)
        high, low = np.maximum(opened, close) + draw.integers(5, size=2_880), np.minimum(opened, close) - 3
        start = BEGIN - DAY + np.arange(2_880, dtype=np.int64) * MINUTE
        self.minutes = BarArrays(start, opened, high, low, close, draw.integers(9, size=2_880).astype(float))

    async def bars(self, _symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars before an instant."""
        minutes = part(self.minutes, 0, int(np.searchsorted(self.minutes.start, end)))
        if timeframe is Timeframe.M1:
            return part(minutes, max(0, len(minutes) - min(count, self.reach)), len(minutes))
        bars = resample(minutes, timeframe)
        bars = part(bars, 0, int(np.searchsorted(bars.start, end - timeframe.nanos, side="right")))
        return part(bars, max(0, len(bars) - count), len(bars))


def together(bars: BarArrays) -> tuple[Any, ...]:
    """Return what all of them come to: first and last price, extremes, volume."""
    return bars.open[0], bars.close[-1], bars.high.max(), bars.low.min(), bars.volume.sum()


@given(seed=st.integers(0, 50), reach=st.integers(1, 1_500), elapsed=st.integers(1, 1_440))
async def test_it_comes_to_the_same_whatever_the_reach(seed: int, reach: int, elapsed: int) -> None:
    end = Nanos(BEGIN + elapsed * MINUTE)
    venue, whole = Venue(seed, max(reach, 15)), Venue(seed, 10_000)

    found = await minutes_since(cast("Any", venue), "A/B", BEGIN, end)
    minutes = await whole.bars("A/B", Timeframe.M1, end=end, count=elapsed)

    assert together(found) == together(minutes)
    assert found.start[0] == BEGIN


@pytest.mark.parametrize("reach", [720, 10_000])
async def test_nothing_of_before_is_in_it(reach: int) -> None:
    found = await minutes_since(cast("Any", Venue(1, reach)), "A/B", BEGIN, Nanos(BEGIN + 800 * MINUTE))
    assert found.start[0] == BEGIN
    assert (np.diff(found.start) > 0).all()
    assert found.volume.sum() == part(Venue(1, reach).minutes, 1_440, 2_240).volume.sum()
