"""The markets as a process sees them, against what its prints and bars add up to when counted naively."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from engine.domain.market import Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.market.bars import empty
from engine.ports.feed import BarArrays, TradesPrinted
from engine.server.market.day import DAY, MINUTE, Day
from tests.engine.server.harness import InLoop
from tests.engine.server.traders import trading_floor

BTC = "BTC/USDT"
SECOND = NANOS_PER_SECOND
NOON = 1_800_000_000 * SECOND // MINUTE * MINUTE


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InLoop]:
    """Lend a server whose market runs."""
    directory: Path = tmp_path_factory.mktemp("floor")
    async with trading_floor(directory / "data") as server:
        yield server


def _ticks(count: int, since: int, step: int) -> list[TradeTick]:
    random = np.random.default_rng(5)
    prices, sizes = 6_000_000 + random.integers(-900, 900, count).cumsum(), random.integers(1, 99_999, count)
    return [
        TradeTick(BTC, Ticks(int(price)), Lots(int(qty)), Side.BUY, Nanos(since + place * step), place)
        for place, (price, qty) in enumerate(zip(prices, sizes, strict=True))
    ]


@pytest.mark.parametrize("hours", [3, 24, 40])
def test_a_day_is_what_the_prints_of_its_minutes_add_up_to(hours: int) -> None:
    ticks, day = _ticks(4_000, NOON, hours * 3_600 * SECOND // 4_000), Day()
    for place, tick in enumerate(ticks):
        day.add(tick)
        if place % 500 and place != len(ticks) - 1:
            continue
        now = Nanos(tick.at)
        first = (now - DAY) // MINUTE * MINUTE  # the minute in which the 24 hours begin counts whole
        if (now - DAY) % MINUTE == 0:
            first = now - DAY
        last = [each for each in ticks[: place + 1] if each.at >= first]
        total = day.total(now)
        assert total is not None
        assert (total.open, total.close) == (last[0].price, last[-1].price)
        assert (total.high, total.low) == (max(each.price for each in last), min(each.price for each in last))
        assert total.volume == sum(each.qty for each in last)
        assert total.value == sum(each.qty * each.price for each in last)
        assert total.trades == len(last)


def test_a_day_that_begins_with_bars_keeps_what_prints_know_better() -> None:
    ticks, day = _ticks(300, NOON, SECOND), Day()
    for tick in ticks[:180]:
        day.add(tick)
    start = NOON - 2 * MINUTE
    rows = [(start + place * MINUTE, 10, 20, 5, 15, 7) for place in range(2)]
    columns = list(zip(*rows, strict=True))
    bars = BarArrays(np.array(columns[0]), *(np.array(each, dtype=float) for each in columns[1:]))
    for third in range(3):  # the same minutes again, as bars say them
        chosen = [each for each in ticks if NOON + third * MINUTE <= each.at < NOON + (third + 1) * MINUTE]
        bar = (NOON + third * MINUTE, chosen[0].price, max(e.price for e in chosen), min(e.price for e in chosen),
               chosen[-1].price, sum(e.qty for e in chosen))  # fmt: skip
        bars = BarArrays(
            np.append(bars.start, bar[0]),
            *(np.append(column, value) for column, value in zip(
                (bars.open, bars.high, bars.low, bars.close, bars.volume), bar[1:], strict=True)),
        )  # fmt: skip
    day.begin(bars, empty(), prints=ticks[180:])
    total = day.total(Nanos(ticks[-1].at))

    assert total is not None
    assert total.trades == 300, "what the prints counted was forgotten"
    assert total.volume == 14 + sum(each.qty for each in ticks)
    assert total.value == 2 * (7 * (20 + 5 + 15) // 3) + sum(each.qty * each.price for each in ticks)
    assert total.open == 10


@pytest.mark.asyncio(loop_scope="module")
async def test_books_prints_and_tickers_agree_with_each_other(floor: InLoop) -> None:
    view, seen = floor.services.market, list[TradeTick]()
    subscription = floor.services.bus.subscribe(TradesPrinted, lambda event: seen.extend(event.ticks))
    await asyncio.sleep(1.5)
    subscription.close()
    for pair in view.pairs():
        book, ticker = view.book(pair.symbol, 5), view.ticker(pair.symbol)
        whole = floor.services.core.snapshot(pair.symbol, 5)
        assert (book.bids[0], book.asks[0]) == ((ticker.bid, ticker.bid_qty), (ticker.ask, ticker.ask_qty))
        assert [price for price, _ in book.bids] == [pair.price_text(level.price) for level in whole.bids]
        assert Decimal(book.bids[0][0]) < Decimal(book.asks[0][0])
        prints = view.prints(pair.symbol)
        assert ticker.last == pair.price_text(prints[-1].price)
        assert [each for each in prints if each in set(seen)] == [each for each in seen if each.symbol == pair.symbol]
        assert Decimal(ticker.low) <= Decimal(ticker.last) <= Decimal(ticker.high)


@pytest.mark.asyncio(loop_scope="module")
async def test_prints_are_paged_backwards_by_their_ids(floor: InLoop) -> None:
    view = floor.services.market
    whole = view.prints(BTC)
    newest = view.prints(BTC, 100)
    before = view.prints(BTC, 100, newest[0].trade_id)

    assert whole[-200:] == (*before, *newest)
    assert view.prints(BTC, 10, whole[0].trade_id) == ()
    with pytest.raises(InvalidInput, match="not traded here"):
        view.prints("X/Y")


@pytest.mark.asyncio(loop_scope="module")
async def test_there_are_500_minutes_without_a_gap_and_a_forming_one_after_them(floor: InLoop) -> None:
    answer = (await floor.http.get("/v1/markets/BTC-USDT/bars?timeframe=1m&count=500")).json()
    starts = [bar[0] for bar in answer["bars"]]
    forming = floor.services.market.forming(BTC, Timeframe.M1)

    assert np.array_equal(np.diff(starts), np.full(499, 60_000))
    assert forming is not None
    assert forming.start // 10**6 - starts[-1] in (60_000, 120_000)
    for _, opened, high, low, close, volume in answer["bars"]:
        assert Decimal(low) <= min(Decimal(opened), Decimal(close)) <= max(Decimal(opened), Decimal(close))
        assert Decimal(high) >= max(Decimal(opened), Decimal(close))
        assert Decimal(volume) >= 0
