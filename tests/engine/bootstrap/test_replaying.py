"""A recording of one's own with the paper venue in the loop: the same orders end the same, every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.recordings.library import Library
from engine.bootstrap.engine import Engine
from engine.bootstrap.replaying import open_recording
from engine.bus import Bus
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderFilled, OrderRejected
from engine.domain.market import DataLabel
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.errors import InvalidInput, ProfileInUse
from engine.exchange.replayed import ReplayMarket
from engine.profile import Profile
from tests.engine.adapters.recordings.test_recorder import BTC, SECOND, SeededFeed, recorder_of

pytestmark = pytest.mark.integration

ORDERS = ((20, "buy", 40, None), (25, "buy", 500, 6_000_000 - 1), (40, "sell", 10, None), (60, "sell", 9, 6_000_001))
"""When (s), what, how much, at which price."""


async def recorded(directory: Path, seed: int = 1) -> str:
    """Record a market for 200 s and return the recording's name."""
    feed = SeededFeed(bus := Bus(), seed=seed)
    profile = Profile(directory)
    recorder = recorder_of(bus, feed, profile.recordings_dir)
    await recorder.start(BTC.symbol)
    feed.go_on(2_000)
    await recorder.close()
    return Library(profile.recordings_dir).found()[0][0].name


def sent(engine: Engine, number: int, side: str, qty: int, price: int | None) -> SubmitOrder:
    kind = OrderType.MARKET if price is None else OrderType.LIMIT
    limit = None if price is None else Ticks(price)
    order_id = OrderId(f"t{number}")
    return SubmitOrder(
        account=engine.venue.account, order_id=order_id, symbol=BTC.symbol,
        side=Side(side), order_type=kind, qty=Lots(qty), price=limit,
    )  # fmt: skip


async def played(directory: Path, name: str) -> list[OrderFilled]:
    """Play a recording step by step, with orders at their instants, and return the fills."""
    engine = await open_recording(Profile(directory), name)
    fills: list[OrderFilled] = []
    engine.bus.subscribe(OrderFilled, fills.append)
    try:
        engine.runner.pause()
        market = engine.venue.market
        assert isinstance(market, ReplayMarket)
        start, answers = market.start, list[object]()
        engine.runner.set_latency(None)
        await engine.runner.jump(start)
        for number, (at, side, qty, price) in enumerate(ORDERS):
            while engine.feed.now < start + at * SECOND:
                await engine.runner.step()
            answers.append(await engine.venue.submit(sent(engine, number, side, qty, price)))
        while not market.ended:
            await engine.runner.step()
        await engine.venue.execute([])
        assert not any(isinstance(each, OrderRejected) for each in answers), answers
        assert engine.feed.label is DataLabel.REPLAY
    finally:
        await engine.close()
    return fills


async def test_the_same_orders_at_the_same_instants_fill_the_same(tmp_path: Path) -> None:
    name = await recorded(tmp_path)

    first, again = await played(tmp_path, name), await played(tmp_path, name)

    assert first == again
    assert {fill.order_id for fill in first} >= {"t0", "t2", "t3"}
    assert sum(fill.qty for fill in first if fill.order_id == "t0") == 40


async def test_another_recording_fills_otherwise(tmp_path: Path) -> None:
    one, other = await recorded(tmp_path / "a", seed=1), await recorded(tmp_path / "b", seed=2)

    assert await played(tmp_path / "a", one) != await played(tmp_path / "b", other)


async def test_other_accounts_of_the_profile_are_not_touched(tmp_path: Path) -> None:
    name = await recorded(tmp_path)
    await played(tmp_path, name)

    profile = Profile(tmp_path)
    assert not profile.database.exists()
    assert profile.replay().database.exists()
    assert profile.venues() == ()


async def test_what_cannot_be_played_removes_nothing(tmp_path: Path) -> None:
    name = await recorded(tmp_path)
    await played(tmp_path, name)
    kept = Profile(tmp_path).replay().database.stat()

    with pytest.raises(InvalidInput, match="no recording"):
        await open_recording(Profile(tmp_path), name.replace("2023", "1999"))

    assert Profile(tmp_path).replay().database.stat() == kept


async def test_one_program_at_a_time_plays(tmp_path: Path) -> None:
    name = await recorded(tmp_path)
    engine = await open_recording(Profile(tmp_path), name)
    try:
        with pytest.raises(ProfileInUse):
            await open_recording(Profile(tmp_path), name)
    finally:
        await engine.close()
