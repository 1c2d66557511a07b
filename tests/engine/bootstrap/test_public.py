"""Paper accounts on a public exchange: opened, traded on, closed, found again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sql.reader import Reader
from engine.bootstrap.public import PublicEngine, open_public
from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.command import CancelOrder, SetFees, SubmitOrder
from engine.domain.event import OrderAccepted, OrderExpired, OrderFilled, OrderRejected
from engine.domain.market import FeedState
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import OrderId, OrderType, Reason, Side, TimeInForce
from engine.domain.pair import FeeRate
from engine.errors import InvalidInput, ProfileInUse
from engine.ports.journal import StorageStateChanged
from engine.profile import Profile
from engine.services.explain import Number, Question
from engine.settings import Settings, changed, load, save
from tests.engine.bootstrap.scripted_exchange import ASK, BID, BTC_USDT, PERPETUAL, SECOND, START, ScriptedExchange

pytestmark = pytest.mark.integration

BTC = "BTC/USDT"


class Desk:
    """An open account and the exchange beside it."""

    def __init__(self, engine: PublicEngine, feed: ScriptedExchange) -> None:
        self.engine, self.feed = engine, feed
        self.fills: list[OrderFilled] = []
        engine.bus.subscribe(OrderFilled, self.fills.append)
        self._count = 0

    def order(self, side: str, qty: int, price: int | None = None, **more: object) -> SubmitOrder:
        self._count += 1
        sent = SubmitOrder(
            account=self.engine.venue.account,
            order_id=OrderId(f"{self.engine.recovery.records}-{self._count}"),
            symbol=BTC,
            side=Side(side),
            order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
            qty=Lots(qty),
            price=None if price is None else Ticks(price),
        )
        return replace(sent, **more)  # type: ignore[arg-type]

    async def send(
        self, side: str, qty: int, price: int | None = None, **more: object
    ) -> OrderAccepted | OrderRejected:
        return await self.engine.venue.submit(self.order(side, qty, price, **more))

    async def settled(self) -> None:
        """Wait until everything that happened is durable and published."""
        await self.engine.venue.execute([])


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path)
    made.create()
    save(changed(Settings(), "market.latency", "off"), made.settings_file)
    return made


@asynccontextmanager
async def opened(profile: Profile, feed: ScriptedExchange | None = None, **more: object) -> AsyncIterator[Desk]:
    bus = Bus()
    if feed is None:
        feed = ScriptedExchange(bus)
    else:
        feed._bus = bus
    engine = await open_public(profile, "binance", feed=feed, bus=bus, **more)  # type: ignore[arg-type]
    try:
        yield Desk(engine, feed)
    finally:
        await engine.close()


async def test_a_new_account_has_the_starting_balances_and_the_fees_of_the_venue(profile: Profile) -> None:
    save(changed(Settings(), "account.taker_fee", "0.05"), profile.settings_file)
    async with opened(profile) as desk:
        engine = desk.engine
        assert engine.accounts == ("PAPER-1",)
        assert engine.portfolio.balances()["USDT"].free == 10_000 * 10**8
        assert [pair.symbol for pair in engine.venue.pairs()] == [BTC]
        assert "opened" in engine.recovery.text
        engine.live.set_latency(None)

        await desk.send("buy", 1_000)

        assert [(fill.price, fill.fee) for fill in desk.fills] == [(ASK, ASK * 1_000 * 10 // 1_000)]


async def test_it_fills_what_the_venue_shows_and_says_why(profile: Profile) -> None:
    async with opened(profile) as desk:
        feed = desk.feed
        answer = await desk.send("buy", 500, BID)
        assert isinstance(answer, OrderAccepted)
        place = desk.engine.venue.place_in_queue(answer.order_id)
        assert place is not None
        assert place.ahead == 50_000

        feed.print(BTC, BID, 49_900)
        feed.print(BTC, BID, 300)
        await desk.settled()
        assert [(fill.qty, fill.left) for fill in desk.fills] == [(200, 300)]

        feed.print(BTC, BID - 10, 1_000)
        await desk.settled()
        assert [(fill.qty, fill.left) for fill in desk.fills] == [(200, 300), (300, 0)]
        told = await desk.engine.stories.tell(answer.order_id)
        assert [why.rule for _, why in told.fills if why is not None] == ["queue", "through"]


async def test_while_the_book_is_not_known_nothing_fills_and_orders_wait_for_it(profile: Profile) -> None:
    async with opened(profile) as desk:
        feed, engine = desk.feed, desk.engine
        resting = await desk.send("buy", 500, BID)
        feed.state_is(BTC, FeedState.GAP)

        refused = await desk.send("buy", 500)
        assert isinstance(refused, OrderRejected)
        assert refused.reason is Reason.NO_BOOK
        assert "not in step" in refused.text
        waits = await desk.send("buy", 700, ASK + 50)
        assert isinstance(waits, OrderAccepted)
        feed.change(BTC, asks={BID - 100: 10_000})
        feed.print(BTC, BID - 1_000, 10**6)
        await desk.settled()
        assert desk.fills == []
        assert len(engine.portfolio.orders()) == 2

        feed.resync(BTC, asks={BID - 100: 0})
        await desk.settled()
        assert [(fill.order_id, fill.price, fill.qty) for fill in desk.fills] == [(waits.order_id, ASK, 700)]
        feed.print(BTC, BID - 10, 1_000)
        await desk.settled()
        assert desk.fills[-1].order_id == resting.order_id


async def test_orders_wait_in_the_venue_while_the_program_is_closed(profile: Profile) -> None:
    async with opened(profile) as desk:
        feed = desk.feed
        kept = await desk.send("buy", 500, BID)
        between = await desk.send("buy", 500, BID - 5)
        assert isinstance(between, OrderAccepted)
        ends = await desk.send("buy", 500, BID, tif=TimeInForce.GTD, expire_ts=Nanos(feed.now + 60 * SECOND))
        balances = desk.engine.portfolio.balances()
        assert isinstance(kept, OrderAccepted)
        assert isinstance(ends, OrderAccepted)
    assert not feed.follows
    feed.later(3_700 * SECOND)
    feed.syncs = False

    expired: list[OrderExpired] = []
    async with opened(profile, feed) as desk:
        engine = desk.engine
        desk.engine.bus.subscribe(OrderExpired, expired.append)
        assert "closed for 1 h 1 min" in engine.recovery.text
        assert engine.public.closed_ns >= 3_700 * SECOND
        assert tuple(feed.follows) == (BTC,)
        await desk.settled()
        assert [order.order_id for order in engine.portfolio.orders()] == [kept.order_id, between.order_id]
        assert engine.portfolio.balances()["USDT"].total == balances["USDT"].total
        place = engine.venue.place_in_queue(kept.order_id)
        assert place is not None
        assert place.ahead is None

        feed.print(BTC, BID, 10**6)
        feed.bids[BTC][BID] = 7_000
        feed.state_is(BTC, FeedState.SYNCED)
        place = engine.venue.place_in_queue(kept.order_id)
        assert place is not None
        assert place.ahead == 7_000
        place = engine.venue.place_in_queue(between.order_id)
        assert place is not None
        assert place.ahead == 0, "the picture shows nobody there"
        feed.print(BTC, BID, 7_100)
        await desk.settled()
        assert [(fill.order_id, fill.qty) for fill in desk.fills] == [(kept.order_id, 100)]


async def test_a_perpetual_is_shown_and_not_traded(profile: Profile) -> None:
    async with opened(profile, follow=(BTC, "BTC/USDT:USDT")) as desk:
        answer = await desk.send("buy", 500, BID, symbol="BTC/USDT:USDT")

        assert isinstance(answer, OrderRejected)
        assert answer.text == "BTC/USDT:USDT is a perpetual contract: it is shown here, not traded."
        assert [pair.symbol for pair in desk.engine.venue.pairs()] == [BTC]


async def test_where_there_are_only_perpetuals_an_account_opens_and_trades_nothing(profile: Profile) -> None:
    bus = Bus()
    feed = ScriptedExchange(bus, [PERPETUAL])
    engine = await open_public(profile, "binance_usdm", feed=feed, bus=bus)
    try:
        assert [pair.symbol for pair in engine.venue.pairs()] == [PERPETUAL.symbol]
        assert engine.portfolio.equity() == 10_000 * 10**8
        desk = Desk(engine, feed)
        answer = await desk.send("buy", 500, BID, symbol=PERPETUAL.symbol)
        assert isinstance(answer, OrderRejected)
        assert "shown here, not traded" in answer.text
        assert await engine.kill("a test") is not None
    finally:
        await engine.close()


async def test_what_the_venue_itself_would_refuse_is_refused_with_a_sentence(profile: Profile) -> None:
    async with opened(profile) as desk:
        desk.feed.least = Lots(400)
        small = await desk.send("buy", 300, BID)
        assert isinstance(small, OrderRejected)
        assert small.text == "Binance takes orders in BTC/USDT from 0.00400 BTC on."
        assert isinstance(await desk.send("buy", 400, BID), OrderAccepted)
        desk.feed.trading = False
        rests = await desk.send("buy", 400, BID)
        assert isinstance(rests, OrderRejected)
        assert rests.text == "Binance takes no orders in BTC/USDT now."


async def test_pairs_are_listed_as_they_are_followed_and_found_again(profile: Profile) -> None:
    async with opened(profile) as desk:
        following = desk.engine.public.following
        await following.follow("ETH/USDT")
        assert [pair.symbol for pair in desk.engine.venue.pairs()] == [BTC, "ETH/USDT"]
        answer = await desk.send("buy", 1_000, symbol="ETH/USDT")
        assert isinstance(answer, OrderAccepted)
        await desk.settled()
        with pytest.raises(InvalidInput, match="as long as there is"):
            await following.unfollow("ETH/USDT")
        with pytest.raises(InvalidInput, match="does not list"):
            await following.follow("NO/SUCH")
        waits = await desk.send("buy", 500, BID)
        await desk.settled()
        assert set(following.kept) == {"ETH/USDT", BTC}
        await desk.engine.venue.cancel(CancelOrder(desk.engine.venue.account, waits.order_id))
        await asyncio.sleep(0)
        assert set(following.kept) == {"ETH/USDT"}
        feed = desk.feed
    async with opened(profile, feed) as desk:
        assert set(feed.follows) == {BTC, "ETH/USDT"}
        assert {each.position.symbol for each in desk.engine.portfolio.positions()} == {"ETH/USDT"}


async def test_a_pair_stays_followed_whose_order_is_replaced_in_one_turn(profile: Profile) -> None:
    async with opened(profile) as desk:
        venue, following = desk.engine.venue, desk.engine.public.following
        first = await desk.send("buy", 500, BID)
        assert isinstance(first, OrderAccepted)
        await desk.settled()
        await asyncio.gather(venue.cancel(CancelOrder(venue.account, first.order_id)), desk.send("buy", 500, BID))
        await desk.settled()
        await asyncio.sleep(0)
        assert following.kept == (BTC,)

        last = desk.engine.portfolio.orders()[-1]
        await asyncio.gather(desk.send("buy", 500, BID - 10), venue.cancel(CancelOrder(venue.account, last.order_id)))
        await desk.engine.venue.cancel(CancelOrder(venue.account, desk.engine.portfolio.orders()[-1].order_id))
        await desk.settled()
        await asyncio.sleep(0)
        assert not following.kept


async def test_another_program_has_to_wait_and_the_same_one_may_share(profile: Profile) -> None:
    async with opened(profile) as desk:
        with pytest.raises(ProfileInUse):
            await open_public(profile, "binance", feed=desk.feed, bus=Bus())


async def test_a_pair_on_another_grid_is_left_out(profile: Profile) -> None:
    async with opened(profile) as desk:
        await desk.send("buy", 500, BID)
        feed = desk.feed
    feed.regrid(BTC, "0.1")
    async with opened(profile, feed) as desk:
        assert "changed tick or lot" in desk.engine.public.left_out[BTC]
        feed.change(BTC, asks={10: 10**6})
        feed.print(BTC, 10, 10**6)
        await desk.settled()
        assert desk.fills == []
        assert len(desk.engine.portfolio.orders()) == 1


async def test_on_a_venue_of_dollars_accounts_are_paid_in_and_valued_in_dollars(profile: Profile) -> None:
    usd = Asset("USD", 8, 2)
    pair = replace(BTC_USDT, symbol="BTC/USD", quote=usd)
    bus = Bus()
    engine = await open_public(profile, "kraken", feed=ScriptedExchange(bus, [pair]), bus=bus)
    try:
        assert engine.public.currency == engine.portfolio.currency == "USD"
        assert {code: each.total for code, each in engine.portfolio.balances().items()} == {"USD": 10_000 * 10**8}
        assert engine.portfolio.equity() == 10_000 * 10**8
        told = await engine.explainer.explain(Question(Number.REALISED))
        assert told.total.amount == 0
    finally:
        await engine.close()


async def test_while_the_disk_refuses_nothing_is_filled_and_then_the_books_are_taken_anew(profile: Profile) -> None:
    async with opened(profile) as desk:
        bus, feed, engine = desk.engine.bus, desk.feed, desk.engine
        resting = await desk.send("buy", 500, BID)
        bus.publish(StorageStateChanged(False, "The disk is full.", Nanos(0)))
        feed.change(BTC, asks={BID - 50: 9_000}, bids={BID: 0})
        feed.print(BTC, BID - 100, 10**6)
        assert not engine.live.market.is_synced(BTC)
        assert len(engine.live.market.exchange.open_orders(engine.venue.account)) == 1

        feed.change(BTC, asks={BID - 50: 0})
        bus.publish(StorageStateChanged(True, "The disk takes records again.", Nanos(0)))
        assert engine.live.market.is_synced(BTC)
        feed.print(BTC, BID - 100, 10**6)
        await desk.settled()
        assert [fill.order_id for fill in desk.fills] == [resting.order_id]


async def test_a_command_under_way_arrives_after_its_latency(profile: Profile) -> None:
    save(changed(load(profile.settings_file), "market.latency", "home"), profile.settings_file)
    async with opened(profile) as desk:
        sent = asyncio.ensure_future(desk.send("buy", 500, BID))
        await asyncio.sleep(0.01)
        assert not sent.done()
        answer = await sent
        assert isinstance(answer, OrderAccepted)
        assert answer.at - START >= 60_000_000
        again = asyncio.ensure_future(desk.send("sell", 500))
        await asyncio.sleep(0)
    assert isinstance(await again, OrderRejected), "what is under way at the end is carried out"


async def test_a_command_that_landed_with_an_event_leaves_no_timer_behind(profile: Profile) -> None:
    save(changed(load(profile.settings_file), "market.latency", "home"), profile.settings_file)
    errors: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context))
    async with opened(profile) as desk:
        sent = asyncio.ensure_future(desk.send("buy", 500, BID))
        while (handle := desk.engine.live._arrival) is None:  # noqa: ASYNC110 - nobody tells of a timer
            await asyncio.sleep(0)
        market = desk.engine.live.market
        desk.feed.later(SECOND)
        desk.feed.change(BTC, bids={BID - 10: 7})
        assert isinstance(await sent, OrderAccepted)
        handle.cancel()
        desk.engine.live._arrive()

        assert market.now < desk.feed.now + SECOND
        assert errors == []


async def test_a_clock_that_was_ahead_stops_nothing(profile: Profile) -> None:
    save(changed(load(profile.settings_file), "market.latency", "data-centre"), profile.settings_file)
    async with opened(profile) as desk:
        feed = desk.feed
        feed.later(10**6 * SECOND)
        await desk.engine.venue.execute([])
    feed.later(-(10**6) * SECOND)
    async with opened(profile, feed) as desk:
        answer = await asyncio.wait_for(desk.send("buy", 500, BID), 5)
        assert isinstance(answer, OrderAccepted)
        feed.print(BTC, BID, 50_600)
        await desk.settled()
        assert [fill.order_id for fill in desk.fills] == [answer.order_id]


async def test_fees_that_the_venue_changed_hold_from_the_next_start_on(profile: Profile) -> None:
    async with opened(profile) as desk:
        await desk.send("buy", 1_000)
        feed, before = desk.feed, desk.fills[0].fee
    feed.listed[BTC] = replace(BTC_USDT, taker_fee=FeeRate.parse(Decimal("0.002")))
    for _ in range(2):  # journaled once, and found again
        async with opened(profile, feed) as desk:
            await desk.send("buy", 1_000)
            assert [fill.fee for fill in desk.fills] == [2 * before]
            with Reader(desk.engine.home.database) as reader:
                changes = [each for _, each in reader.records() if isinstance(each, SetFees)]
            assert len(changes) == 1
