"""A live session on this machine, recorded while paper orders are sent, is played again: the same fills."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.venues import open_feed, spec_of
from engine.bootstrap.public import open_public
from engine.bootstrap.public_engine import PublicEngine
from engine.bus import Bus
from engine.domain.command import CancelOrder, Command, Deposit, ListPair, SubmitOrder
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import Liquidity, OrderId, OrderType, Side
from engine.exchange.replayed import ReplayMarket
from engine.market.recording import Recording
from engine.profile import Profile
from engine.settings import Settings, changed, save
from tests.engine.adapters.exchanges.following import play, quick, until
from tests.engine.adapters.exchanges.loopback import demo, loopback

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]

SYMBOL = "BTC/USDT"

Handled = list[tuple[Command, Nanos, Nanos | None]]


class Session:
    """A live engine that is recorded, and whatever its exchange was told to do."""

    def __init__(self, engine: PublicEngine) -> None:
        self.engine, self.feed = engine, engine.feed
        self.fills: list[OrderFilled] = []
        self.handled: Handled = []
        self._count = 0
        self._random = random.Random(5)  # noqa: S311 - a seed, no secret
        engine.bus.subscribe(OrderFilled, self.fills.append)
        exchange: Any = engine.live.market.exchange
        handle = exchange.handle

        def remembered(command: Command, now: Nanos, sent_at: Nanos | None = None) -> Any:  # noqa: ANN401
            self.handled.append((command, now, sent_at))
            return handle(command, now, sent_at)

        exchange.handle = remembered

    async def act(self) -> None:
        """Send something near the touch, or cancel something."""
        draw, book = self._random, self.feed.snapshot(SYMBOL, 3)
        self._count += 1
        pair = self.engine.venue.pairs()[0]
        qty = Lots(pair.min_notional * draw.randint(2, 40) // pair.notional(book.asks[0].price, 1) + 1)
        side, kind = draw.choice(list(Side)), draw.random()
        price = None if kind < 0.2 else draw.choice(book.bids if side is Side.BUY else book.asks).price
        venue = self.engine.venue
        working = [order.order_id for order in self.engine.portfolio.orders()]
        if kind > 0.9 and working:
            await venue.execute([CancelOrder(venue.account, working[0])])
            return
        await venue.submit(
            SubmitOrder(
                account=venue.account, order_id=OrderId(f"o{self._count}"), symbol=SYMBOL, side=side, qty=qty,
                order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
                price=None if price is None else Ticks(price),
            )
        )  # fmt: skip


def played_again(recording: Recording, session: Session) -> list[OrderFilled]:
    """Tell a replay of the tape the same at the same instants, and return its fills."""
    market = ReplayMarket(recording)
    market.jump(market.start)
    account = session.engine.venue.account
    facts: list[Any] = []
    for asset in ("USDT", "BTC"):
        market.exchange.handle(Deposit(account, asset, Units(10**25)), market.start)
    for command, at, sent_at in session.handled:
        if isinstance(command, ListPair):
            continue
        facts += market.advance(at).facts
        facts += market.exchange.handle(command, at, sent_at)
    while not market.ended:
        assert market.end is not None
        facts += market.advance(market.end).facts
    return [fact for fact in facts if isinstance(fact, OrderFilled)]


@asynccontextmanager
async def opened(profile: Profile, house: Loopback) -> AsyncIterator[PublicEngine]:
    """Lend an engine over a feed of a venue on this machine."""
    bus = Bus()
    feed = await open_feed(house.venue, bus, spec=spec_of(house.venue).at(house.rest_url, house.socket_url))
    try:
        engine = await open_public(profile, house.venue, feed=feed, bus=bus, follow=[SYMBOL])
        try:
            yield engine
        finally:
            await engine.close()
    finally:
        await feed.close()


@pytest.mark.parametrize(
    ("venue", "latency", "steps"), [("binance", "off", 120), ("kraken", "data-centre", 45), ("coinbase", "off", 120)]
)
async def test_a_recorded_session_played_again_has_the_same_fills(
    venue: str, latency: str, steps: int, tmp_path: Path
) -> None:
    profile = Profile(tmp_path)
    profile.create()
    settings = changed(Settings(), "market.latency", latency)
    settings = changed(settings, "account.starting_balances", {"USDT": "1000000", "BTC": "10"})
    save(settings, profile.settings_file)
    async with loopback(demo(SYMBOL), venue) as house, opened(profile, house) as engine:
        await until(lambda: engine.live.market.is_synced(SYMBOL))
        await engine.recorder.start(SYMBOL)
        session = Session(engine)
        for step in range(steps):
            if step == steps // 2:
                house.faults.put("drop", "next@book")
            engine.tape.limits = replace(engine.tape.limits, file_s=0 if step % 20 == 7 else 3_600)  # 0: a new one now
            await play(house, 1)
            if step % 3 == 0 and engine.live.market.is_synced(SYMBOL):
                await session.act()
        await play(house, 20)
        await engine.recorder.stop(SYMBOL)
        fills = list(session.fills)
        library = engine.recorder.library
    files, _ = library.found()
    recording = library.open(files[-1].name)

    again = played_again(recording, session)

    assert len(files) > 1
    assert len(fills) > steps // 6
    assert {fill.liquidity for fill in fills} == set(Liquidity)
    assert [plain(fill) for fill in again] == [plain(fill) for fill in fills]
    assert any(not trusted for _, trusted in recording.marks[1:]) or venue == "kraken"  # its checksum heals at once


def plain(fill: OrderFilled) -> tuple[object, ...]:
    """Everything but the running number of the trade, which counts the trades of an exchange."""
    return fill.order_id, fill.side, fill.price, fill.qty, fill.fee, fill.liquidity, fill.left, fill.at


async def test_what_was_recorded_is_recorded_again_at_the_next_start_until_it_is_ended(tmp_path: Path) -> None:
    profile, other = Profile(tmp_path), "ETH/USDT"
    async with loopback(demo(SYMBOL, other), "binance") as house:
        async with opened(profile, house) as engine:
            assert engine.recorder.now() == []
            await engine.recorder.start(other)
            assert [pair.symbol for pair in engine.feed.pairs()] == [SYMBOL, other]
        for _ in range(2):
            async with opened(profile, house) as engine:
                await until(lambda: engine.recorder.is_on(other))
        async with opened(profile, house) as engine:
            await until(lambda: engine.recorder.is_on(other))
            await engine.recorder.stop(other)
            assert [pair.symbol for pair in engine.feed.pairs()] == [SYMBOL]
        async with opened(profile, house) as engine:
            await engine._keeping.finished()
            assert engine.recorder.now() == []


async def test_changed_limits_hold_for_what_is_being_recorded(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    async with loopback(demo(SYMBOL), "binance") as house, opened(profile, house) as engine:
        await engine.apply(changed(engine.settings, "recordings.file_minutes", 7))
        assert engine.recorder.limits.file_s == 420
