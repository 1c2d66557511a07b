"""Row 44: a venue sends prices that cannot be: they are quarantined, and nothing is traded on them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from engine.adapters.exchanges.book.leap import Leaps
from engine.adapters.exchanges.feed import outgoing, pairtape
from engine.adapters.exchanges.loopback.frame import Frame, Kind
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.wire.heard import BookHeard
from engine.bootstrap.public import open_public
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted, OrderFilled, OrderRejected
from engine.domain.market import FeedState, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, OrderId, OrderType, Reason, Side
from engine.profile import Profile
from engine.settings import Settings, changed, save
from tests.engine.adapters.exchanges.following import play, quick, until, watched
from tests.engine.adapters.exchanges.loopback import demo, loopback

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]

SYMBOL = "BTC/USDT"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a wild print wait shorter for the book."""
    for module in (pairtape, outgoing):
        monkeypatch.setattr(module, "PATIENCE_S", 0.1)


def order(
    account: AccountId, number: int, kind: OrderType, price: int | None, *, stop: int | None = None
) -> SubmitOrder:
    """An order for a few lots; a stop buys, anything else with a price sells."""
    return SubmitOrder(
        account=account,
        order_id=OrderId(f"o{number}"),
        symbol=SYMBOL,
        side=Side.BUY if stop or price is None else Side.SELL,
        order_type=kind,
        qty=Lots(500 if number else 1_000),
        price=None if price is None else Ticks(price),
        stop_price=None if stop is None else Ticks(stop),
    )


@pytest.mark.parametrize("venue", ["binance", "kraken", "coinbase"])
async def test_row_44_a_print_a_hundred_times_too_high_makes_no_bar_no_fill_and_fires_no_stop(
    venue: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    profile = Profile(tmp_path)
    profile.create()
    save(changed(Settings(), "market.latency", "off"), profile.settings_file)
    async with loopback(demo(SYMBOL), venue) as house, watched(house) as seen:
        feed = seen.feed
        await seen.follow(SYMBOL)
        engine = await open_public(profile, venue, feed=feed, bus=feed._bus, follow=[SYMBOL])
        fills: list[OrderFilled] = []
        engine.bus.subscribe(OrderFilled, fills.append)
        try:
            await play(house, 5)
            await until(lambda: engine.live.market.is_synced(SYMBOL) and not feed.is_catching_up)
            best, mine = feed.snapshot(SYMBOL, 1).asks[0].price, engine.venue.account
            for each in (
                order(mine, 0, OrderType.MARKET, None),  # so that there is something to sell
                order(mine, 1, OrderType.STOP, None, stop=best * 3 // 2),
                order(mine, 2, OrderType.LIMIT, best * 3 // 2),
            ):
                assert isinstance(await engine.venue.submit(each), OrderAccepted)
            fills.clear()
            house.faults.put("spike", "next:3@trades")
            with caplog.at_level(logging.WARNING):
                for _ in range(100):
                    await play(house, 1)
                    if house.faults.wire["spike"]._when.left:  # type: ignore[attr-defined]
                        continue
                    if feed.health().quarantined:
                        break
                    house.faults.put("spike", "next:3@trades")  # no print that was new here was among those
            house.faults.clear()
            await play(house, 20)
            await until(lambda: not feed._outgoing.is_holding(SYMBOL))

            assert feed.health().quarantined >= 1
            assert any("far from the market" in each.message for each in caplog.records)
            assert seen.prints[SYMBOL]
            assert max(tick.price for tick in seen.prints[SYMBOL]) < best * 6 // 5
            ids = seen.ids(SYMBOL)
            assert ids == sorted(set(ids))
            assert ids[-1] == house.stage.market.pairs[SYMBOL].prints[-1].trade_id
            assert fills == []
            assert feed.state_of(SYMBOL) is FeedState.SYNCED
        finally:
            await engine.close()


async def test_row_44_a_book_that_leaps_is_not_traded_on_until_a_new_one_bears_it_out(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    profile.create()
    save(changed(Settings(), "market.latency", "off"), profile.settings_file)
    async with loopback(demo(SYMBOL)) as house, watched(house) as seen:
        feed = seen.feed
        await seen.follow(SYMBOL)
        engine = await open_public(profile, "binance", feed=feed, bus=feed._bus, follow=[SYMBOL])
        try:
            await play(house, 5)
            await until(lambda: engine.live.market.is_synced(SYMBOL))
            best = feed.snapshot(SYMBOL, 1).asks[0].price
            house.faults.put("429", "1")  # the new snapshot takes a while
            lie(house)
            await until(lambda: feed.state_of(SYMBOL) is not FeedState.SYNCED)
            refused = await engine.venue.submit(order(engine.venue.account, 1, OrderType.MARKET, None))
            assert isinstance(refused, OrderRejected)
            assert refused.reason is Reason.NO_BOOK
            assert feed.snapshot(SYMBOL, 1).asks[0].price == best
            assert feed.health().quarantined == 1
            await play(house, 5)
            await seen.synced(SYMBOL)
            for _ in range(20):
                await play(house, 1)
            assert seen.wrong == []
            assert feed.snapshot(SYMBOL, 1).asks[0].price < best * 6 // 5
            last = house.stage.market.pairs[SYMBOL].last
            await until(lambda: feed.health(SYMBOL).last_seq == last)
        finally:
            await engine.close()


def lie(house: Loopback) -> None:
    """Have the venue take all its asks away but one, a hundred times as dear."""
    shown = house.stage.market.pairs[SYMBOL]
    _, asks = shown.top(10_000)
    price, number = asks[0][0], shown.last + 1
    whole, _, part = price.partition(".")
    gone = [*((each, "0") for each, _ in asks), (f"{whole}00.{part}", "1")]
    at = house.stage.now
    house._tell(Told(at, BookHeard(SYMBOL, False, [], gone, number, number, shown.last, None, at)))


@pytest.mark.parametrize("price", ["0", "0.00", "-1", "NaN", "Infinity", "-Infinity", "1e400", "", "1,5"])
async def test_row_44_a_price_that_is_none_is_refused_and_the_feed_goes_on(price: str) -> None:
    async with loopback(demo(SYMBOL)) as house, watched(house) as seen:
        await seen.follow(SYMBOL)
        await play(house, 3)
        await until(lambda: not seen.feed.is_catching_up)
        await seen.synced(SYMBOL)
        last, shown = seen.feed._prints[SYMBOL].last or 0, house.stage.market.pairs[SYMBOL]
        trade = f'{{"e":"trade","E":1,"s":"BTCUSDT","t":{last},"p":"{price}","q":"1","T":1,"m":true}}'
        number = shown.last + 1
        diff = f'{{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":{number},"u":{number},"b":[["{price}","1"]],"a":[]}}'
        for connection in house._connections:
            connection.put([Frame(Kind.TRADES, trade), Frame(Kind.BOOK, diff)])
        await play(house, 10)
        await seen.synced(SYMBOL)
        assert seen.wrong == []
        assert all(tick.price > 0 for tick in seen.prints[SYMBOL])
        assert all(level.price > 0 for side in seen.top(SYMBOL, 10_000) for level in side)
        assert seen.ids(SYMBOL) == sorted(set(seen.ids(SYMBOL)))


# -- the judges alone ------------------------------------------------------------------------------------------


def tick(price: int, number: int) -> TradeTick:
    """A print."""
    return TradeTick(SYMBOL, Ticks(price), Lots(1), Side.BUY, Nanos(number), number)


def test_row_44_prints_wait_for_the_book_in_order_and_go_out_if_it_follows() -> None:
    touch, is_whole = [(99_000, 101_000)], [True]
    tape = pairtape.PairTape(1_000, lambda: touch[0], lambda: is_whole[0])
    tape.add([tick(100, 1), tick(130, 2), tick(101, 3)])
    assert [each.trade_id for each in tape.take(0.0)] == [1]
    assert list(tape.take(0.05)) == []
    touch[0] = (125_000, 126_000)
    assert [each.trade_id for each in tape.take(0.06)] == [2, 3]
    assert tape.quarantined == 0


def test_row_44_a_wild_print_is_given_up_when_nothing_bears_it_out_and_the_rest_goes_out() -> None:
    tape = pairtape.PairTape(1_000, lambda: (99_000, 101_000), lambda: True)
    tape.add([tick(100, 1), tick(10_000, 2), tick(101, 3), tick(1, 4), tick(102, 5)])
    assert [each.trade_id for each in tape.take(0.0)] == [1]
    assert [each.trade_id for each in tape.take(1.0)] == [3]
    assert [each.trade_id for each in tape.take(2.0)] == [5]
    assert tape.quarantined == 2


def test_row_44_a_fall_in_steps_is_no_error() -> None:
    tape = pairtape.PairTape(1_000, lambda: (99_000, 101_000), lambda: True)
    tape.add([tick(price, number) for number, price in enumerate(range(100, 20, -5), 1)][:14])
    assert len(tape.take(0.0)) == 14


def test_row_44_a_touch_far_away_needs_a_picture_and_one_seen_before_does_not() -> None:
    leaps = Leaps()
    near, far = (99, 101), (990, 1_010)
    assert not leaps.is_wild(near, pictured=True)
    assert leaps.is_wild(far, pictured=False)
    assert leaps.touch == near
    assert not leaps.is_wild(far, pictured=True)
    assert not leaps.is_wild(near, pictured=False)
    assert leaps.is_wild((9, 11), pictured=True)
    assert not leaps.is_wild((9, 11), pictured=True)
    assert leaps.count == 2
