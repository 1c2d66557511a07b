"""A desktop on a server whose network fails: lost replies, cut and silent connections, what happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from engine.adapters.crs import feed, link, venue
from engine.adapters.secrets.memory import MemorySecrets
from engine.bootstrap.remote import RemoteEngine, close_server, find_server, open_remote
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted, OrderFilled
from engine.domain.market import BookDiff, FeedState
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.errors import VenueUnavailable
from engine.market.l2 import L2Book
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.server import ConnectionChanged, ConnectionState
from engine.profile import Profile
from engine.services.reconcile import Fate, Reconciled
from engine.wire.order import Orders
from tests.engine.adapters.crs.running_server import PASSWORD, RunningServer, running_server
from tests.faults.proxy import FaultProxy

pytestmark = pytest.mark.integration

SYMBOL = "BTC/USDT"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server") / "data") as found:
        yield found


@pytest.fixture
async def proxy(server: RunningServer) -> AsyncIterator[FaultProxy]:
    found = FaultProxy(server.port)
    await found.start()
    yield found
    await found.close()


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


def through(proxy: FaultProxy) -> str:
    return f"http://127.0.0.1:{proxy.port}"


def limit(engine: RemoteEngine, side: Side, price: int, qty: int, name: str | None = None) -> SubmitOrder:
    return SubmitOrder(
        account=engine.venue.account, order_id=OrderId(name) if name else engine.orders.new_id(), symbol=SYMBOL,
        side=side, order_type=OrderType.LIMIT, qty=Lots(qty), price=Ticks(price),
    )  # fmt: skip


async def until(what: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not what():  # noqa: ASYNC110 - several things at once
            await asyncio.sleep(0.01)


async def orders_there(engine: RemoteEngine) -> list[str]:
    """Return the ids of all orders that the server has of the account, asked past every fault."""
    found = await engine.session.api.call("GET", "/v1/orders", Orders, query={"account": engine.venue.account})
    return [order.order_id for order in found.orders]


async def test_row_07_a_lost_reply_is_asked_again_and_makes_one_order(
    server: RunningServer, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(venue, "TRY_S", 0.4)
    email, _ = server.person()
    async with desktop(through(proxy), email, tmp_path) as engine:
        facts: list[OrderAccepted] = []
        engine.bus.subscribe(OrderAccepted, facts.append)
        bid = engine.market_data.quote(SYMBOL).bid or 0
        order = limit(engine, Side.BUY, int(bid * 0.9), 100_000)
        proxy.swallow_replies = True
        sending = asyncio.create_task(engine.orders.submit(order))
        await asyncio.sleep(1.0)
        assert not sending.done(), "nobody knows yet"
        proxy.swallow_replies = False
        answer = await sending

        assert isinstance(answer, OrderAccepted)
        assert await orders_there(engine) == [order.order_id]
        assert facts == [answer]
        assert [record.order.order_id for record in engine.orders.records()] == [order.order_id]


async def test_row_07_an_order_that_surely_did_not_leave_is_said_to_be_not_sent(
    server: RunningServer, proxy: FaultProxy, tmp_path: Path
) -> None:
    email, _ = server.person()
    async with desktop(through(proxy), email, tmp_path) as engine:
        order = limit(engine, Side.BUY, 100_000, 100_000)
        assert proxy._listener is not None
        proxy._listener.close()
        proxy.reset()
        await until(lambda: engine.link.state is ConnectionState.WAITING)
        with pytest.raises(VenueUnavailable, match="Not sent"):
            await engine.orders.submit(order)


async def test_row_08_a_desktop_that_is_cut_off_again_and_again_ends_like_one_that_never_was(
    server: RunningServer, proxy: FaultProxy, tmp_path: Path
) -> None:
    email, _ = server.person()
    async with (
        desktop(server.url, email, tmp_path / "twin") as twin,
        desktop(through(proxy), email, tmp_path / "cut") as cut,
    ):
        prints: dict[str, list[int]] = {"twin": [], "cut": []}
        book = L2Book(SYMBOL)
        book.apply_snapshot(cut.feed.snapshot(SYMBOL))
        broken: list[BookDiff] = []
        for name, engine in (("twin", twin), ("cut", cut)):
            engine.bus.subscribe(TradesPrinted, partial(_note, prints[name]))
        cut.bus.subscribe(
            BookDiff, lambda diff: broken.append(diff) if diff.symbol == SYMBOL and not book.apply_diff(diff) else None
        )
        connects = cut.link.connects
        for round_ in range(3):
            bid = twin.market_data.quote(SYMBOL).bid or 0
            await twin.orders.submit(limit(twin, Side.BUY, bid + 1_000, 1_000 * (round_ + 1)))
            await twin.orders.submit(limit(twin, Side.BUY, int(bid * 0.9), 100_000))
            proxy.reset()
            await until(lambda: cut.link.state is not ConnectionState.ONLINE)
            await twin.orders.submit(limit(twin, Side.SELL, bid - 1_000, 500))
            await until(lambda: cut.link.state is ConnectionState.ONLINE, 20)
        server.hold_market()
        try:
            await until(lambda: twin.feed.snapshot(SYMBOL).seq == cut.feed.snapshot(SYMBOL).seq, 5)
            pass
            await until(lambda: prints["twin"][-1] == prints["cut"][-1], 5)

            assert cut.link.connects == connects + 3
            assert broken == [], "the diffs that are published chain, whatever was missed"
            assert twin.feed.snapshot(SYMBOL) == cut.feed.snapshot(SYMBOL)
            assert tuple(book.top(Side.BUY, 20)) == twin.feed.snapshot(SYMBOL).bids[:20]
            assert twin.venue.fold.state_hash() == cut.venue.fold.state_hash()
            first = max(prints["twin"][0], prints["cut"][0])
            assert [n for n in prints["cut"] if n >= first] == [n for n in prints["twin"] if n >= first]
            assert [each.shown() for each in twin.orders.records()] == [each.shown() for each in cut.orders.records()]
            assert twin.orders.fills() == cut.orders.fills()
        finally:
            server.hold_market(still=False)


def _note(ids: list[int], event: TradesPrinted) -> None:
    if event.symbol == SYMBOL:
        ids += [tick.trade_id for tick in event.ticks]


async def test_row_10_a_half_open_connection_is_shown_as_stale_and_left(
    server: RunningServer, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert link.QUIET_S + link.PING_S <= 5, "stale within five seconds"
    assert link.DEAD_S + link.PING_S <= 20, "left within twenty"
    for name, seconds in (("PING_S", 0.1), ("QUIET_S", 0.4), ("DEAD_S", 1.2)):
        monkeypatch.setattr(link, name, seconds)
    email, _ = server.person()
    async with desktop(through(proxy), email, tmp_path) as engine:
        said: list[FeedStateChanged] = []
        connection: list[ConnectionChanged] = []
        engine.bus.subscribe(FeedStateChanged, said.append)
        engine.bus.subscribe(ConnectionChanged, connection.append)
        proxy.hold()
        await until(lambda: engine.feed.state is FeedState.STALE, 2)
        assert "silent" in said[-1].text
        await until(lambda: any(each.state is ConnectionState.WAITING for each in connection), 3)
        proxy.release()
        await until(lambda: engine.feed.state is FeedState.SYNCED, 15)
        assert engine.link.state is ConnectionState.ONLINE


async def test_row_11_a_desktop_that_loses_and_repeats_messages_is_whole_in_the_end(
    server: RunningServer, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PICTURE_S", 0.3)
    email, _ = server.person()
    async with (
        desktop(server.url, email, tmp_path / "twin") as twin,
        desktop(through(proxy), email, tmp_path / "poor") as poor,
    ):
        crossed: list[BookDiff] = []
        poor.bus.subscribe(
            BookDiff, lambda diff: crossed.append(diff) if poor.market_data.book(diff.symbol).is_crossed else None
        )
        proxy.frames = spoiled
        for _ in range(5):
            bid = twin.market_data.quote(SYMBOL).bid or 0
            await twin.orders.submit(limit(twin, Side.BUY, bid + 1_000, 1_000))
            await asyncio.sleep(0.3)
        proxy.frames = None
        await until(lambda: poor.feed.state is FeedState.SYNCED)
        await twin.orders.submit(limit(twin, Side.BUY, 100_000, 50_000))  # what is lost last shows with what comes next
        await asyncio.sleep(0.3)
        server.hold_market()
        try:
            await until(lambda: twin.venue.fold.state_hash() == poor.venue.fold.state_hash())
            await until(lambda: twin.feed.snapshot(SYMBOL) == poor.feed.snapshot(SYMBOL))
            assert crossed == []
            assert poor.feed.resyncs > 0
            assert poor.metrics()["records_missed"]
            assert poor.orders.fills() == twin.orders.fills()
        finally:
            server.hold_market(still=False)


def spoiled(number: int, frame: bytes) -> list[bytes]:
    """Lose, or repeat, messages about books and about the account."""
    if not (b'"ch":"book:' in frame or b'"ch":"journal"' in frame):
        return [frame]
    if number % 5 == 0:
        return []
    return [frame, frame] if number % 7 == 0 else [frame]


async def test_row_45_partly_filled_then_cut_off_then_filled_agrees_with_the_exchange(
    server: RunningServer, proxy: FaultProxy, tmp_path: Path
) -> None:
    email, account = server.person()
    other, rich = server.person()
    server.pay(rich, 100_000, "BTC")
    server.hold_market()
    try:
        async with (
            desktop(through(proxy), email, tmp_path / "cut") as engine,
            desktop(server.url, other, tmp_path / "other") as seller,
        ):
            await _fill_in_two(proxy, engine, seller)
            position = engine.portfolio.position(SYMBOL)
            fills = engine.orders.fills(SYMBOL)
            assert position is not None
            assert position.qty == 1_000 == sum(fill.qty for fill in fills)
            assert len({fill.trade_id for fill in fills}) == len(fills) >= 2
            truth = server.services.core._engine.venue.fold  # type: ignore[attr-defined]
            assert truth.position(account, SYMBOL) == position
            assert truth.balances(account) == engine.portfolio.balances()
    finally:
        server.hold_market(still=False)


async def _fill_in_two(proxy: FaultProxy, engine: RemoteEngine, seller: RemoteEngine) -> None:
    """Have an order filled in part, cut its owner off, fill the rest, let its owner back."""
    reports: list[Reconciled] = []
    fills: list[OrderFilled] = []
    engine.bus.subscribe(Reconciled, reports.append)
    engine.bus.subscribe(OrderFilled, fills.append)
    price = engine.market_data.quote(SYMBOL).bid or 0
    level = engine.market_data.book(SYMBOL).quantity_at(Side.BUY, Ticks(price))
    sent = limit(engine, Side.BUY, price, 1_000)
    await engine.orders.submit(sent)
    await seller.orders.submit(limit(seller, Side.SELL, price, level + 400))
    await until(lambda: sum(fill.qty for fill in fills) == 400)
    proxy.refuse = True
    proxy.reset()
    await until(lambda: engine.link.state is ConnectionState.WAITING)
    await seller.orders.submit(limit(seller, Side.SELL, price, 600))
    proxy.refuse = False
    await until(lambda: bool(reports), 30)
    assert [(each.order_id, each.fate, each.filled) for each in reports[0].changes] == [
        (sent.order_id, Fate.FILLED, 600)
    ]
