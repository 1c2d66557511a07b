"""Bars through a venue that refuses now and then, and that leaves out what was not traded."""

from __future__ import annotations

import numpy as np
import pytest

from engine.adapters.exchanges.kraken.rest import KrakenRest
from engine.adapters.exchanges.net.rest import RestLimits, VenueRest
from engine.adapters.exchanges.venue import pastbars
from engine.adapters.exchanges.venue.pastbars import VenueBars, last_bars
from engine.domain.instrument import Instrument
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import InvalidInput, VenueUnavailable
from engine.market.bars import part
from engine.ports.feed import BarArrays
from tests.engine.adapters.crs.canned import JSON, Reply, canned
from tests.engine.services.scripted_feed import BTC

HOUR = Timeframe.H1.nanos
INSTRUMENT = Instrument("sparse", "BTC", BTC)
BUSY = b'{"error":["EGeneral:Too many requests"]}'


class Sparse:
    """A source of hours in which only every third was traded; it began 1,000 hours after 1970."""

    venue, page = "sparse", 50
    now = Nanos(10_000 * HOUR)

    def __init__(self) -> None:
        self.asked: list[int] = []
        """How many intervals each question spanned."""

    def timeframes(self, instrument: Instrument) -> tuple[Timeframe, ...]:
        return (Timeframe.H1,)

    async def bars(self, instrument: Instrument, timeframe: Timeframe, *, start: Nanos, end: Nanos) -> BarArrays:
        self.asked.append((end - start) // HOUR)
        hours = np.arange(max(1_000, -(-start // HOUR)), end // HOUR)
        hours = hours[hours % 3 == 0].astype(np.int64)
        price = hours.astype(np.float64)
        return BarArrays(hours * HOUR, price, price, price, price, price)


async def test_where_little_is_traded_it_looks_further_back() -> None:
    source = Sparse()
    found = await last_bars(source, INSTRUMENT, Timeframe.H1, end=source.now, count=60)
    assert found.start.tolist() == [hour * HOUR for hour in range(9_999 - 59 * 3, 10_000, 3)]
    assert len(source.asked) <= 4


async def test_longer_bars_are_whole_sums_of_shorter_ones() -> None:
    source = Sparse()
    found = await last_bars(source, INSTRUMENT, Timeframe.H4, end=Nanos(source.now - HOUR), count=30)
    assert len(found) == 30
    assert (found.start % Timeframe.H4.nanos == 0).all()
    for at, volume in zip(found.start, found.volume, strict=True):
        first = int(at) // HOUR
        assert volume == sum(hour for hour in range(first, first + 4) if hour % 3 == 0)
    assert found.start[-1] + Timeframe.H4.nanos <= source.now - HOUR


async def test_before_its_first_bar_there_is_nothing() -> None:
    source = Sparse()
    found = await last_bars(source, INSTRUMENT, Timeframe.H1, end=Nanos(1_010 * HOUR), count=60)
    assert found.start.tolist() == [1_002 * HOUR, 1_005 * HOUR, 1_008 * HOUR]
    assert not len(part(found, 0, 0))
    with pytest.raises(InvalidInput, match="no bars of 1m"):
        await last_bars(source, INSTRUMENT, Timeframe.M1, end=source.now, count=1)


@pytest.mark.integration
async def test_a_venue_that_says_not_now_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pastbars, "PAUSES_S", (0.0, 0.0))
    row = '[3600,"1.0","2.0","1.0","1.5","1.2","3.0",4],[7200,"1.0","2.0","1.0","1.5","1.2","3.0",4]'
    good = f'{{"error":[],"result":{{"XBTUSDT":[{row}],"last":7200}}}}'.encode()
    refusals = 2

    def say(_method: str, _path: str) -> Reply:
        nonlocal refusals
        refusals -= 1
        return 200, JSON, BUSY if refusals >= 0 else good

    async with canned(say) as there:
        rest = VenueRest("Kraken", there.url, RestLimits(6_000, 100))
        bars = VenueBars(rest, KrakenRest(), lambda: Nanos(3 * HOUR))
        instrument = Instrument("kraken", "BTC/USDT", BTC)
        found = await bars.bars(instrument, Timeframe.H1, start=Nanos(HOUR), end=Nanos(2 * HOUR))
        assert found.high.tolist() == [200.0]

        refusals = 99
        with pytest.raises(VenueUnavailable, match="Too many requests"):
            await bars.bars(instrument, Timeframe.H1, start=Nanos(HOUR), end=Nanos(2 * HOUR))
        await rest.close()
