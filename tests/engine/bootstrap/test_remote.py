"""An account on a server, opened as an engine: what a window does on paper works there too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.adapters.secrets.memory import MemorySecrets
from engine.bootstrap.front import FrontEngine
from engine.bootstrap.remote import RemoteEngine, close_server, find_server, open_remote
from engine.domain.command import SubmitOrder
from engine.domain.course import TradingState
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.market import FeedState, Timeframe
from engine.domain.number import Lots, Ticks
from engine.domain.order import AccountId, LotMethod, OrderType, Reason, Side
from engine.errors import InvalidInput, ProfileInUse, SignInNeeded
from engine.ports.server import ConnectionState
from engine.profile import Profile
from engine.services.emergency import Kill, KillFinished
from engine.services.explain import Number, Question
from engine.settings import Settings, changed
from tests.engine.adapters.crs.running_server import PASSWORD, RunningServer, running_server
from tests.faults.proxy import FaultProxy

pytestmark = pytest.mark.integration

SYMBOL = "BTC/USDT"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server") / "data") as found:
        yield found


@asynccontextmanager
async def desktop(url: str, email: str, directory: Path) -> AsyncIterator[RemoteEngine]:
    """Lend an engine on somebody's account."""
    session = await find_server(Profile(directory), url, MemorySecrets())
    try:
        await session.sign_in(email, PASSWORD)
        engine = await open_remote(Profile(directory), session)
        try:
            yield engine
        finally:
            await engine.close()
    finally:
        await close_server(session)


def market(engine: RemoteEngine, side: Side, qty: int) -> SubmitOrder:
    return SubmitOrder(
        account=engine.venue.account, order_id=engine.orders.new_id(), symbol=SYMBOL, side=side,
        order_type=OrderType.MARKET, qty=Lots(qty),
    )  # fmt: skip


def resting(engine: RemoteEngine) -> SubmitOrder:
    price = Ticks(int((engine.market_data.quote(SYMBOL).bid or 0) * 0.9))
    return SubmitOrder(
        account=engine.venue.account, order_id=engine.orders.new_id(), symbol=SYMBOL, side=Side.BUY,
        order_type=OrderType.LIMIT, qty=Lots(50_000), price=price,
    )  # fmt: skip


async def until(what: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not what():  # noqa: ASYNC110 - several things at once
            await asyncio.sleep(0.01)


async def test_a_window_finds_everything_that_it_asks_a_paper_engine_for(server: RunningServer, tmp_path: Path) -> None:
    email, account = server.person()
    async with desktop(server.url, email, tmp_path) as engine:
        front: FrontEngine = engine

        assert (front.runner, front.recovery) == (None, None)
        assert front.server is not None
        assert front.server.is_demo
        assert front.accounts == (account,)
        assert front.feed.state is FeedState.SYNCED
        assert front.market_data.quote(SYMBOL).bid
        assert len(await front.bars.history(SYMBOL, Timeframe.M1, count=2_000)) > 500
        await front.bars.watch(SYMBOL, Timeframe.M1)
        assert front.bars.forming(SYMBOL, Timeframe.M1) is not None
        assert front.prints.log(SYMBOL).count > 0


async def test_fills_are_explained_told_and_matched_by_any_lot_method(server: RunningServer, tmp_path: Path) -> None:
    email, account = server.person()
    async with desktop(server.url, email, tmp_path) as engine:
        for side, qty in ((Side.BUY, 1_000), (Side.BUY, 2_000), (Side.SELL, 1_500)):
            assert isinstance(await engine.orders.submit(market(engine, side, qty)), OrderAccepted)
        await engine.set_lot_method(LotMethod.FIFO)
        told = await engine.explainer.explain(Question(Number.REALISED, SYMBOL))
        position = engine.portfolio.position(SYMBOL)
        last = engine.stories.last()
        assert last is not None
        story = await engine.stories.tell(last)

        assert position is not None
        assert position.qty == 1_500
        assert told.total.amount == position.realised
        assert story.fills
        assert all(why is not None for _, why in story.fills)
        truth = server.services.core._engine.venue.fold  # type: ignore[attr-defined]
        assert engine.venue.fold.balances(account) == truth.balances(account)
    async with desktop(server.url, email, tmp_path) as again:
        assert again.lots.method is LotMethod.FIFO
        assert again.portfolio.position(SYMBOL) == position
        assert again.orders.fill_count == engine.orders.fill_count


async def test_limits_of_the_settings_hold_an_order_back_here(server: RunningServer, tmp_path: Path) -> None:
    email, _ = server.person()
    async with desktop(server.url, email, tmp_path) as engine:
        await engine.apply(changed(Settings(), "risk.max_order_value", 10))
        answer = await engine.orders.submit(market(engine, Side.BUY, 1_000))

        assert isinstance(answer, OrderRejected)
        assert answer.reason is Reason.LIMIT_EXCEEDED
        assert "Settings" in answer.text
        known = server.services.core._engine.venue.fold  # type: ignore[attr-defined]
        assert known.orders(engine.venue.account) == []


async def test_the_kill_switch_holds_here_cancels_there_and_is_found_again(
    server: RunningServer, tmp_path: Path
) -> None:
    email, _ = server.person()
    async with desktop(server.url, email, tmp_path) as engine:
        for _ in range(3):
            await engine.orders.submit(resting(engine))
        report = await engine.kill("enough", Kill.CANCEL)
        refused = await engine.orders.submit(market(engine, Side.BUY, 1_000))

        assert (report.cancelled, report.waits) == (3, "")
        assert engine.orders.records() == []
        assert isinstance(refused, OrderRejected)
        assert refused.reason is Reason.HALTED
    async with desktop(server.url, email, tmp_path) as again:
        assert again.gate.state is TradingState.HALTED
        assert again.kill_switch.last is not None
        assert again.kill_switch.last.reason == "enough"
        await again.set_trading_state(TradingState.ACTIVE)
        assert isinstance(await again.orders.submit(market(again, Side.BUY, 1_000)), OrderAccepted)


async def test_what_the_kill_switch_could_not_tell_the_server_is_done_when_it_is_back(
    server: RunningServer, tmp_path: Path
) -> None:
    email, _ = server.person()
    proxy = FaultProxy(server.port)
    await proxy.start()
    try:
        async with desktop(f"http://127.0.0.1:{proxy.port}", email, tmp_path) as engine:
            finished: list[KillFinished] = []
            engine.bus.subscribe(KillFinished, finished.append)
            await engine.orders.submit(resting(engine))
            proxy.refuse = True
            proxy.reset()
            await until(lambda: engine.link.state is ConnectionState.WAITING)
            report = await engine.kill("now", Kill.CANCEL)
            assert report.waits
            assert engine.gate.state is TradingState.HALTED
            proxy.refuse = False
            await until(lambda: bool(finished), 20)
            await until(lambda: engine.orders.records() == [])
    finally:
        await proxy.close()


async def test_only_who_is_signed_in_opens_only_own_accounts_and_one_at_a_time(
    server: RunningServer, tmp_path: Path
) -> None:
    email, _ = server.person()
    _, foreign = server.person()
    session = await find_server(Profile(tmp_path), server.url, MemorySecrets())
    with pytest.raises(SignInNeeded):
        await open_remote(Profile(tmp_path), session)
    await session.sign_in(email, PASSWORD)
    with pytest.raises(InvalidInput, match=str(foreign)):
        await open_remote(Profile(tmp_path), session, AccountId(foreign))
    engine = await open_remote(Profile(tmp_path), session)
    with pytest.raises(ProfileInUse):
        await open_remote(Profile(tmp_path), session)
    await engine.close()
    await engine.close()
    assert engine.bus.subscriber_count == 0
    await close_server(session)
