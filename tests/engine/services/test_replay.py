"""A replay: what is hidden stays hidden, trading in it is a fold like any other, and time obeys its rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.domain.command import SetLotMethod, SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderAmended, OrderCancelled, OrderFilled, OrderRejected
from engine.domain.market import DataLabel, FeedState, Timeframe
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import ListKind, LotMethod, OrderId, OrderType, Side
from engine.errors import InvalidInput
from engine.market.bars import empty
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from engine.ports.venue import ListAccepted, ListCancelled
from engine.services.bars import BarClosed
from engine.services.replay.session import ReplaySession, open_replay
from tests.engine.services.replaying import BEGIN, HOUR, PAIR, PastBars, past_of, replay

QTY = Lots(1_000)


def order(session: ReplaySession, side: Side, kind: OrderType, *, price: int | None = None, stop: int | None = None,
          name: str = "") -> SubmitOrder:  # fmt: skip
    return SubmitOrder(
        account=session.venue.account, order_id=OrderId(name) if name else session.orders.new_id(), symbol=PAIR.symbol,
        side=side, order_type=kind, qty=QTY, price=None if price is None else Ticks(price),
        stop_price=None if stop is None else Ticks(stop),
    )  # fmt: skip


async def test_whatever_is_asked_no_bar_that_is_not_over_in_the_replay_comes_out(tmp_path: Path) -> None:
    bars = PastBars()
    session = await replay(bars, tmp_path)

    for _ in range(4):
        for timeframe in (Timeframe.M1, Timeframe.M5, Timeframe.H1):
            for end in (session.now, bars.end, Nanos(session.now + HOUR)):
                found = await session.bars.history(PAIR.symbol, timeframe, end=end)
                assert len(found)
                assert int(found.start[-1]) + timeframe.nanos <= session.now
        day = session.market_data.day(PAIR.symbol)
        known = bars.minutes.start < session.now
        assert day.high is not None
        assert day.high <= bars.minutes.high[known].max()
        await session.advance(session.after_bar(Timeframe.M5))
    session.close()


async def test_the_bars_of_a_replay_that_was_walked_are_those_of_the_past(tmp_path: Path) -> None:
    bars = PastBars()
    session = await replay(bars, tmp_path)
    closed: list[BarClosed] = []
    session.bus.subscribe(BarClosed, closed.append)
    await session.bars.watch(PAIR.symbol, Timeframe.H1)

    assert session.bars.forming(PAIR.symbol, Timeframe.H1) is None
    await session.advance(Nanos(session.now + HOUR // 2))
    half = session.bars.forming(PAIR.symbol, Timeframe.H1)
    await session.advance(Nanos(session.now + 2 * HOUR))

    assert half is not None
    assert half.high == bars.minutes.high[180:210].max()
    whole = await bars(PAIR.symbol, Timeframe.H1, end=Nanos(BEGIN + 5 * HOUR), count=2)
    made = np.array([each.bar[1:7] for each in closed], dtype=np.float64)
    expected = np.column_stack((whole.start, whole.open, whole.high, whole.low, whole.close, whole.volume))
    assert (made == expected).all()
    session.close()


async def test_portfolio_orders_and_kernel_agree_to_the_last_unit(tmp_path: Path) -> None:
    session = await replay(PastBars(), tmp_path)
    await session.orders.submit(order(session, Side.BUY, OrderType.MARKET))
    last = session.market.price
    await session.orders.submit(order(session, Side.SELL, OrderType.LIMIT, price=last + 20_000))
    await session.orders.submit(order(session, Side.BUY, OrderType.LIMIT, price=last - 10_000))
    await session.advance(Nanos(session.now + 5 * HOUR))

    assert session.traded
    assert len(session.orders.fills()) >= 2
    assert session.portfolio.balances() == session.market.exchange.balances(session.venue.account)
    assert session.portfolio.equity() == session.equity == session.result().equity
    assert session.fold.accounts() == (session.venue.account,)
    session.fold.check()
    position = session.portfolio.position(PAIR.symbol)
    assert position is not None
    assert position.qty == session.held
    history = session.lots.history.read(session.venue.account)
    assert [each.trade_id for each in history.fills] == [each.trade_id for each in session.orders.fills()[::-1]]
    assert len(history.deposits) == 1
    assert session.lots.history.days(session.venue.account)
    told = await session.stories.tell(session.orders.fills()[-1].order_id)
    assert told.fills
    session.close()


async def test_the_same_actions_end_the_same(tmp_path: Path) -> None:
    hashes = []
    for pause in (1, 3):
        session = await replay(PastBars(), tmp_path)
        await session.orders.submit(order(session, Side.BUY, OrderType.MARKET))
        await session.orders.submit(order(session, Side.SELL, OrderType.STOP, stop=session.market.price - 9_000))
        until = Nanos(session.now + 6 * HOUR)
        while session.now < until:
            await session.advance(Nanos(min(until, session.now + pause * HOUR)))
        hashes.append((session.market.exchange.state_hash(), session.fold.state_hash(), session.result()))
        session.close()

    assert hashes[0] == hashes[1]


async def test_an_order_arrives_with_the_open_of_the_next_bar(tmp_path: Path) -> None:
    bars = PastBars()
    session = await replay(bars, tmp_path)
    opened = int(bars.minutes.open[180])

    await session.orders.submit(order(session, Side.BUY, OrderType.MARKET))

    half = session.market.rules.half_spread(opened)
    assert [each.price for each in session.orders.fills()] == [opened + half]
    assert session.market_data.last_price(PAIR.symbol) == opened
    assert session.room(Side.BUY) == 100_000 - QTY
    session.close()


async def test_time_goes_back_until_an_order_was_sent_and_never_after(tmp_path: Path) -> None:
    session = await replay(PastBars(), tmp_path)
    states: list[FeedState] = []
    session.bus.subscribe(FeedStateChanged, lambda event: states.append(event.state))
    money = session.portfolio.balances()
    await session.advance(Nanos(session.now + HOUR))

    await session.go_to(Nanos(BEGIN + 2 * HOUR))

    assert states == [FeedState.SNAPSHOT]
    assert session.now == session.start == BEGIN + 2 * HOUR
    assert session.market.exchange.balances(session.venue.account) == money == session.portfolio.balances()
    await session.orders.submit(order(session, Side.BUY, OrderType.MARKET))
    with pytest.raises(InvalidInput, match="forward only"):
        await session.go_to(Nanos(BEGIN + HOUR))
    await session.go_to(Nanos(BEGIN + 4 * HOUR + 5))
    assert session.now == BEGIN + 4 * HOUR
    session.close()


async def test_at_its_end_it_says_so_and_the_end_can_be_gone_to_at_once(tmp_path: Path) -> None:
    bars = PastBars()
    session = await replay(bars, tmp_path)

    await session.advance(Nanos(bars.end + HOUR))

    assert session.ended
    states = [session.feed.state]
    await session.go_to(Nanos(bars.end - HOUR))
    states.append(session.feed.state)
    await session.go_to(Nanos(bars.end + HOUR))
    assert [*states, session.feed.state] == [FeedState.ENDED, FeedState.SYNCED, FeedState.ENDED]
    answer = await session.orders.submit(order(session, Side.BUY, OrderType.MARKET))
    assert isinstance(answer, OrderRejected | OrderAccepted)
    session.close()


async def test_the_venue_answers_every_command_and_repeats_its_answers(tmp_path: Path) -> None:
    session = await replay(PastBars(), tmp_path)
    venue, price = session.venue, session.market.price
    resting = order(session, Side.BUY, OrderType.LIMIT, price=price - 100_000)

    first = await venue.submit(resting)
    assert isinstance(first, OrderAccepted)
    assert await venue.submit(resting) == first
    assert isinstance(await session.orders.amend(resting.order_id, price=Ticks(price - 90_000)), OrderAmended)
    assert isinstance(await session.orders.cancel(resting.order_id), OrderCancelled)
    assert isinstance(await session.orders.cancel(OrderId("nothing")), OrderRejected)
    legs = tuple(
        order(session, side, kind, price=at if kind is OrderType.LIMIT else None,
              stop=at if kind is OrderType.STOP else None)
        for side, kind, at in (
            (Side.BUY, OrderType.LIMIT, price - 100_000),
            (Side.SELL, OrderType.LIMIT, price + 100_000),
            (Side.SELL, OrderType.STOP, price - 200_000),
        )
    )  # fmt: skip
    bracket = SubmitList(venue.account, OrderId("list"), ListKind.BRACKET, legs)
    listed = await session.orders.submit_list(bracket)
    assert isinstance(listed, ListAccepted)
    assert await venue.submit_list(bracket) == listed
    assert isinstance(await session.orders.cancel(OrderId("list")), ListCancelled)
    bad = SubmitList(venue.account, OrderId("bad"), ListKind.OCO, legs[:1])
    assert isinstance(await venue.submit_list(bad), OrderRejected)
    assert isinstance(await venue.submit_list(bad), OrderRejected)
    assert venue.place_in_queue(resting.order_id) is None
    assert venue.waits(resting.order_id) is None
    assert venue.trail_mark(OrderId("x")) is None
    assert not venue.is_live
    assert venue.pairs() == session.feed.pairs() == (PAIR,)
    session.close()


async def test_it_is_a_market_of_its_own(tmp_path: Path) -> None:
    session = await replay(PastBars(), tmp_path)
    seen: list[TradesPrinted] = []
    session.bus.subscribe(TradesPrinted, seen.append)
    await session.advance(session.after_bar(Timeframe.M1))

    assert session.feed.label is DataLabel.REPLAY
    assert sum(tick.qty for each in seen for tick in each.ticks) == 1_000_000
    assert session.prints.log(PAIR.symbol).count == 0  # a bar does not know which side took
    assert session.prints.log(PAIR.symbol).since == session.end
    with pytest.raises(InvalidInput):
        session.feed.snapshot("ETH/USDT")
    with pytest.raises(InvalidInput):
        await session.feed.bars("ETH/USDT", Timeframe.M1, end=session.now, count=1)
    with pytest.raises(InvalidInput):
        await session.stories.tell(OrderId("nothing"))
    await session.lots.choose(LotMethod.FIFO)
    assert session.lots.method is LotMethod.FIFO
    await session.memory.keep(SetLotMethod(session.venue.account, LotMethod.AVERAGE))
    session.close()
    session.close()
    assert session.bus.subscriber_count == 1


async def test_a_beginning_without_a_past_or_a_future_is_refused(tmp_path: Path) -> None:
    bars = PastBars()
    past = past_of(bars, tmp_path)

    with pytest.raises(InvalidInput, match="begin earlier"):
        await open_replay(PAIR, Timeframe.H1, bars.end, bars.end, past)
    with pytest.raises(InvalidInput, match="begin later"):
        await open_replay(PAIR, Timeframe.H1, Nanos(BEGIN), bars.end, past)


async def test_without_finer_bars_it_walks_those_that_are_replayed(tmp_path: Path) -> None:
    fine = await replay(PastBars(), tmp_path, timeframe=Timeframe.M1)
    assert fine.market.step is Timeframe.M1
    fine.close()

    class Hours(PastBars):
        async def __call__(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
            found = await super().__call__(symbol, timeframe, end=end, count=count)
            return found if timeframe is Timeframe.H1 else empty()

    coarse = await replay(Hours(), tmp_path)
    assert coarse.market.step is Timeframe.H1
    await coarse.orders.submit(order(coarse, Side.BUY, OrderType.MARKET))
    await coarse.advance(Nanos(coarse.now + 3 * HOUR))
    assert [each.at for each in coarse.orders.fills()] == [BEGIN + 3 * HOUR]
    assert isinstance(coarse.orders.fills()[0], OrderFilled)
    coarse.close()
