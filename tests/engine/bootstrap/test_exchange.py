"""The exchange on the wall clock: opened at the present, brought back after a gap, run again to the same state."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pytest

from engine.adapters.paper import wallclock
from engine.adapters.paper.recovery import How
from engine.adapters.paper.wallclock import LEAD
from engine.adapters.sql.codec import decode
from engine.adapters.sql.pool import pooled
from engine.adapters.sql.reader import Reader
from engine.bootstrap import exchange as exchanges
from engine.bootstrap.exchange import ExchangeEngine, open_exchange
from engine.domain.account import OpenOrder
from engine.domain.command import Deposit, SubmitOrder
from engine.domain.course import MarketReopened
from engine.domain.event import OrderExpired, OrderFilled
from engine.domain.market import Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side, TimeInForce
from engine.ports.feed import TradesPrinted
from engine.profile import Profile
from engine.server.core.local import LocalCore
from engine.server.market import MarketView

SECOND = NANOS_PER_SECOND
SHORT = Nanos(15 * SECOND)
"""A lead for tests that ask for no more than the present: a sixth of the work."""
DAY = 86_400 * SECOND
T0 = Nanos(1_790_000_017 * SECOND + 250_000_000)
ANN = AccountId("ann")
BTC = "BTC/USDT"


@pytest.fixture(
    scope="module", autouse=True, params=[SHORT, pytest.param(LEAD, marks=pytest.mark.soak)], ids=["short", "whole"]
)
def lead(request: pytest.FixtureRequest) -> Iterator[Nanos]:
    """Let markets trade for so long before they are there."""
    with patch.object(wallclock, "LEAD", request.param), patch.object(exchanges, "LEAD", request.param):
        yield request.param


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self, at: int = T0) -> None:
        self.at = Nanos(at)

    def wall(self) -> Nanos:
        """Return the instant."""
        return self.at

    def monotonic(self) -> Nanos:
        """Return the same."""
        return self.at


@asynccontextmanager
async def exchange(directory: Path, at: int) -> AsyncIterator[ExchangeEngine]:
    """Lend an exchange whose clock stands at an instant, and which is there."""
    database = pooled(f"sqlite:///{directory / 'crs.sqlite'}")
    engine = await open_exchange(Profile(directory), seed=7, database=database, clock=SetClock(at))
    view = MarketView(engine.bus, LocalCore(engine))  # it says which bars close
    try:
        await engine.start()
        await view.start()
        yield engine
    finally:
        view.close()
        await engine.close()
        database.dispose()


async def _send(
    engine: ExchangeEngine, key: str, side: Side, factor: float, qty: int = 1_000, expire: int | None = None
) -> None:
    """Send a limit order at a factor of the last price."""
    last = engine.venue.market.exchange.book(BTC).last_price
    assert last is not None
    order = SubmitOrder(
        account=ANN,
        order_id=OrderId(key),
        symbol=BTC,
        side=side,
        order_type=OrderType.LIMIT,
        qty=Lots(qty),
        price=Ticks(int(last * factor)),
        tif=TimeInForce.GTC if expire is None else TimeInForce.GTD,
        expire_ts=None if expire is None else Nanos(expire),
    )
    await engine.venue.carry_out(order)


async def _trader(engine: ExchangeEngine) -> None:
    """Let somebody bid and offer around the market, with money and coins, and buy something."""
    for asset, amount in (("USDT", 1_000_000), ("BTC", 10)):
        await engine.venue.carry_out(Deposit(ANN, asset, Units(amount * 10**18)))
    await _send(engine, "taker", Side.BUY, 1.01)
    await _send(engine, "deep", Side.BUY, 0.6)
    await _send(engine, "high", Side.SELL, 1.45)
    await _send(engine, "until", Side.BUY, 0.7, expire=T0 + 3_600 * SECOND)
    await _send(engine, "bid", Side.BUY, 0.995)
    await _send(engine, "offer", Side.SELL, 1.005)


class Traded(NamedTuple):
    """An exchange that somebody traded on at `T0`, and that was closed; to be copied."""

    directory: Path
    orders: dict[OrderId, OpenOrder]

    def copied(self, to: Path) -> Path:
        """Return a copy of it."""
        return shutil.copytree(self.directory, to / "traded", ignore=shutil.ignore_patterns("*.lock", "lock"))


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory, lead: Nanos) -> Traded:
    """Trade once for all tests that go on from there."""

    async def trade(directory: Path) -> Traded:
        async with exchange(directory, T0) as engine:
            await _trader(engine)
            orders = {each.order_id: each for each in engine.venue.fold.orders(ANN)}
        return Traded(directory, orders)

    return asyncio.run(trade(tmp_path_factory.mktemp("exchange")))


def _records(directory: Path) -> list[object]:
    with Reader(directory / "crs.sqlite") as reader:
        return [decode(each.kind, each.payload) for each in reader.entries()]


async def test_a_new_market_is_at_the_present_with_a_past_and_recent_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wallclock, "LEAD", LEAD)
    monkeypatch.setattr(exchanges, "LEAD", LEAD)
    database = pooled(f"sqlite:///{tmp_path / 'crs.sqlite'}")
    engine = await open_exchange(Profile(tmp_path), seed=7, database=database, clock=SetClock())
    seen: list[TradeTick] = []
    engine.bus.subscribe(TradesPrinted, lambda event: seen.extend(event.ticks))
    try:
        await engine.start()
        minutes = await engine.feed.bars(BTC, Timeframe.M1, end=engine.feed.now, count=600)
        assert engine.feed.now == T0
        assert len(minutes) == 600
        assert T0 - LEAD - SECOND <= seen[0].at < seen[-1].at <= T0
        assert len({tick.symbol for tick in seen}) == len(engine.venue.pairs())
    finally:
        await engine.close()
        database.dispose()


@pytest.mark.no_cover
async def test_a_short_gap_is_caught_up_in_full_flow(traded: Traded, tmp_path: Path) -> None:
    data = traded.copied(tmp_path)
    async with exchange(data, T0 + 60 * SECOND) as engine:
        assert engine.feed.now == T0 + 60 * SECOND
        assert engine.recovery.how is How.RERUN

    assert not [each for each in _records(data) if isinstance(each, MarketReopened)]


@pytest.mark.no_cover
async def test_after_a_long_gap_what_rested_still_does_and_what_was_due_has_ended(
    traded: Traded, tmp_path: Path, lead: Nanos
) -> None:
    later, data, before = T0 + 30 * DAY, traded.copied(tmp_path), traded.orders
    async with exchange(data, later) as engine:
        fold = engine.venue.fold
        after = {each.order_id: each for each in fold.orders(ANN)}
        assert engine.feed.now == later
        assert after == {key: before[OrderId(key)] for key in ("deep", "high") if key in before} | {
            key: each for key, each in after.items() if key in ("bid", "offer")
        }
        assert len(after) == 3, "the market moved by more than half a percent in a month, one way"
        fold.check()
        assert engine.venue.market.exchange.balances(ANN) == fold.balances(ANN)

    records = _records(data)
    [reopened] = [each for each in records if isinstance(each, MarketReopened)]
    [expired] = [each for each in records if isinstance(each, OrderExpired)]
    assert reopened.to == (later - lead) // SECOND * SECOND
    assert (expired.order_id, expired.at) == ("until", T0 + 3_600 * SECOND)
    met = [each for each in records if isinstance(each, OrderFilled) and each.order_id in ("bid", "offer")]
    assert [each.at for each in met] == [reopened.to] * len(met)
    assert sum(each.qty for each in met) == 1_000


@pytest.mark.no_cover
async def test_a_reopened_market_runs_again_to_the_same_state(traded: Traded, tmp_path: Path) -> None:
    """A copy taken as by a power cut before the snapshot after the reopening comes back to the very same state."""
    data, copy, later = traded.copied(tmp_path), tmp_path / "copy", T0 + 3 * DAY
    async with exchange(data, T0 + DAY) as engine:
        await _send(engine, "second", Side.BUY, 0.9)
        engine.runner._clock.at = later  # type: ignore[attr-defined]
        await engine.runner.catch_up()
        await _send(engine, "third", Side.SELL, 1.2)
        shutil.copytree(data, copy, ignore=shutil.ignore_patterns("*.lock", "lock"))
        with closing(sqlite3.connect(copy / "crs.sqlite")) as database, database:
            database.execute("DELETE FROM market_snapshot WHERE id = (SELECT max(id) FROM market_snapshot)")
        state, whole = engine.venue.market.exchange.state_hash(), engine.venue.fold.state_hash()

    async with exchange(copy, later) as engine:
        assert engine.recovery.how is How.RERUN, engine.recovery.text
        assert engine.venue.fold.state_hash() == whole
        assert engine.venue.market.exchange.state_hash() == state


@pytest.mark.no_cover
async def test_the_minutes_that_were_traded_are_not_replaced_by_made_ones(tmp_path: Path) -> None:
    async with exchange(tmp_path, T0) as engine:
        await _trader(engine)
        await _send(engine, "large", Side.BUY, 1.02, qty=1_500_000)  # the seed alone would not do this
        engine.runner._clock.at = Nanos(T0 + 100 * SECOND)  # type: ignore[attr-defined]
        await engine.runner.catch_up()
        traded = await engine.keeper.bars(BTC, Timeframe.M1, end=engine.feed.now, count=3)
    async with exchange(tmp_path, T0 + DAY // 2) as engine:
        end = Nanos(int(traded.start[-1]) + 60 * SECOND)
        kept = await engine.keeper.bars(BTC, Timeframe.M1, end=end, count=3)
        made = await engine.feed.bars(BTC, Timeframe.M1, end=end, count=3)
        hour = await engine.keeper.bars(BTC, Timeframe.H1, end=Nanos(end + DAY // 24), count=2)
        made_hour = await engine.feed.bars(BTC, Timeframe.H1, end=Nanos(end + DAY // 24), count=2)

    for column in ("start", "open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(kept, column), getattr(traded, column)), column
    assert not np.array_equal(made.volume, kept.volume)
    assert hour.volume.sum() > made_hour.volume.sum() + 1_000_000
    assert hour.high.max() >= kept.high.max()


@pytest.mark.no_cover
async def test_a_clock_that_is_set_back_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with exchange(tmp_path, T0) as engine:
        engine.runner._clock.at = Nanos(T0 - 7_200 * SECOND)  # type: ignore[attr-defined]
        await engine.runner.catch_up()
        assert engine.feed.now == T0
        await _trader(engine)
    assert "set back" in caplog.text
