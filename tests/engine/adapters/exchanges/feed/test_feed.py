"""A feed over each venue's wire, fault by fault: it ends synced and equal to a twin that saw none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from engine.adapters.exchanges.dialect.listing import Listing
from engine.adapters.exchanges.loopback.faults import Faults
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.wire.heard import BookHeard
from engine.domain.market import FeedState, Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import InvalidInput
from tests.engine.adapters.exchanges.following import Watched, play, quick, until, watched
from tests.engine.adapters.exchanges.loopback import demo, loopback

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]

BTC = "BTC/USDT"
MOST = 10_000
VENUES = ("binance", "binance_usdm", "coinbase", "coinbase_exchange", "kraken")

Trouble = Callable[[Loopback], Awaitable[None]]


def symbol_of(watch: Watched) -> str:
    """What BTC/USDT is called there."""
    return next(each.symbol for each in watch.feed.instruments() if each.symbol.startswith(BTC))


def fault(name: str, text: str, steps: int = 8) -> Trouble:
    """Have something go wrong for a while."""

    async def trouble(venue: Loopback) -> None:
        venue.faults.put(name, text)
        await play(venue, steps)
        venue.faults.clear()

    return trouble


TROUBLES: dict[str, Trouble] = {
    "drop": fault("drop", "every:3@book", 12),
    "drop prints": fault("drop", "every:2@trades", 12),
    "duplicate": fault("duplicate", "every:2"),
    "reorder": fault("reorder", "every:3@book", 12),
    "truncate": fault("truncate", "every:5"),
    "disconnect": fault("disconnect", "next"),
    "disconnect mid-burst": fault("disconnect", "after:7", 20),
    "24 hours": fault("hangup", "now"),
    "shutdown": fault("shutdown", "now"),
}


UNTOLD = {("coinbase_exchange", "drop"), ("coinbase_exchange", "reorder")}
"""Its updates carry neither numbers nor checksums: what is missing cannot be seen by anybody."""
OFTEN = {"drop", "disconnect"}


def cases() -> list[object]:
    """Every trouble at Binance, some of them everywhere; all of them in the long form."""
    return [
        pytest.param(name, trouble, marks=[] if name == "binance" or trouble in OFTEN else [pytest.mark.soak])
        for name in VENUES
        for trouble in TROUBLES
        if (name, trouble) not in UNTOLD
    ]


@pytest.mark.parametrize(("name", "trouble"), cases())
async def test_it_ends_equal_to_a_twin_that_saw_no_fault(name: str, trouble: str) -> None:
    async with (
        loopback(demo(BTC), name) as venue,
        Loopback(venue.stage, name, faults=Faults()) as sound,
        watched(venue) as watch,
        watched(sound) as twin,
    ):
        symbol = symbol_of(watch)
        for each in (watch, twin):
            await each.follow(symbol)
        await until(lambda: all(each.clients == 1 for each in (venue, sound)))
        await play(venue, 4, sound)
        await watch.synced(symbol)
        await twin.synced(symbol)

        await TROUBLES[trouble](venue)
        await same_again(venue, sound, watch, twin, symbol)

        assert watch.top(symbol, MOST) == twin.top(symbol, MOST)
        assert watch.wrong == twin.wrong == []
        assert twin.feed.health().gaps == twin.feed.health().reconnects == 0
        if trouble in {"disconnect", "disconnect mid-burst", "24 hours"}:
            assert watch.feed.health().reconnects == 1
        if name == "binance" and trouble in {"drop", "reorder"}:
            assert watch.feed.health().gaps
        ids = watch.ids(symbol)
        assert ids == sorted(set(ids))
        if watch.feed.spec.numbers_prints:
            assert ids == list(range(ids[0], ids[-1] + 1))


async def same_again(venue: Loopback, sound: Loopback, watch: Watched, twin: Watched, symbol: str) -> None:
    """Let the market go on until both show the same: what was lost last shows with what comes next."""
    for _ in range(60):
        await play(venue, 1, sound)
        await watch.synced(symbol)
        await twin.synced(symbol)
        if watch.top(symbol, MOST) == twin.top(symbol, MOST):
            return


async def test_a_snapshot_that_is_too_old_is_asked_for_again() -> None:
    async with loopback(demo(BTC)) as venue:
        venue.stage.play(Nanos(venue.stage.now + 50 * NANOS_PER_SECOND))  # the old picture is from before these
        venue.faults.put("stale", "2")
        async with watched(venue) as watch:
            await watch.follow(BTC)
            await until(lambda: venue.clients == 1)
            await play(venue, 5)
            await watch.synced(BTC)
            await play(venue, 5)

            assert [state for _, state in watch.pair_states[-2:]] == [FeedState.SNAPSHOT, FeedState.SYNCED]
            assert watch.wrong == []
            assert watch.feed.health(BTC).last_seq == venue.stage.market.pairs[BTC].last


async def test_another_connection_takes_over_without_a_hole() -> None:
    async with loopback(demo(BTC)) as venue, watched(venue) as watch:
        await watch.follow(BTC)
        await until(lambda: venue.clients == 1)
        await play(venue, 5)
        await watch.synced(BTC)
        watch.states.clear()

        watch.feed._lines.leave()
        line = watch.feed._lines._lines[0]
        while not line.takeovers:
            await play(venue, 1)
        await play(venue, 5)
        await until(lambda: venue.clients == 1)

        assert watch.states == []  # nobody noticed
        assert watch.wrong == []
        assert watch.feed.health(BTC).last_seq == venue.stage.market.pairs[BTC].last
        ids = watch.ids(BTC)
        assert ids == list(range(ids[0], ids[-1] + 1))


async def test_silence_makes_it_stale_and_then_another_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from engine.adapters.exchanges import venues
    from engine.adapters.exchanges.net import socket

    monkeypatch.setattr(socket, "WATCH_S", 0.05)
    limits = replace(venues.BINANCE.socket_limits, ping_s=0.1, quiet_s=0.3, dead_s=0.8)
    monkeypatch.setattr(venues, "SPECS", {"binance": replace(venues.BINANCE, socket_limits=limits)})
    async with loopback(demo(BTC)) as venue, watched(venue) as watch:
        await watch.follow(BTC)
        await until(lambda: venue.clients == 1)
        await play(venue, 5)
        await watch.synced(BTC)

        await asyncio.sleep(0.6)  # the market stands still, but pings are answered
        assert watch.feed.state is FeedState.SYNCED

        venue.faults.put("silence", "on")
        await until(lambda: watch.feed.state is FeedState.STALE)
        assert FeedState.STALE in watch.venue_states
        await until(lambda: watch.feed.health().reconnects == 1)
        await play(venue, 5)
        await watch.synced(BTC)
        assert watch.feed.state is FeedState.SYNCED
        assert watch.wrong == []


async def test_its_time_is_the_venues() -> None:
    async with loopback(demo(BTC)) as venue:
        venue.faults.put("skew", "1300ms")
        async with watched(venue) as watch:
            assert watch.feed.now == pytest.approx(venue.stage.now + 1_300_000_000, abs=200_000_000)
            skew = watch.feed.health().skew_ms
            assert skew is not None
            first = watch.feed.now
            watch.feed._connection.clock.measured(0, 0, 0)
            watch.feed._connection.clock.measured(0, 0, 0)
            assert watch.feed.now >= first  # it never goes back


async def test_prints_that_cannot_be_had_any_more_make_the_past_void(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.adapters.exchanges.binance.rest import BinanceRest
    from engine.adapters.exchanges.dialect.rest import Ask

    async with loopback(demo(BTC)) as venue, watched(venue) as watch:
        await watch.follow(BTC)
        await until(lambda: venue.clients == 1)
        await play(venue, 10)
        await watch.synced(BTC)
        before = watch.ids(BTC)[-1]
        monkeypatch.setattr(
            BinanceRest, "ask_trades", lambda _self, native: Ask("/api/v3/trades", {"symbol": native, "limit": 2})
        )
        watch.states.clear()

        venue.faults.put("hangup", "now")
        while venue.stage.market.pairs[BTC].prints[-1].trade_id < before + 20:
            await play(venue, 1)
        await watch.synced(BTC)

        await until(lambda: FeedState.SNAPSHOT in watch.states)
        assert watch.past[BTC].ticks[0].trade_id > before + 1
        ids = watch.ids(BTC)
        assert ids == list(range(ids[0], ids[-1] + 1))


async def test_a_pair_is_followed_once_however_many_ask() -> None:
    async with loopback(demo(BTC, "ETH/USDT")) as venue, watched(venue) as watch:
        await watch.follow(BTC, "ETH/USDT")
        await watch.feed.follow(BTC)
        await until(lambda: venue.clients == 1)
        await watch.feed.unfollow(BTC)
        assert {pair.symbol for pair in watch.feed.pairs()} == {BTC, "ETH/USDT"}

        await watch.feed.unfollow(BTC)
        assert [pair.symbol for pair in watch.feed.pairs()] == ["ETH/USDT"]
        with pytest.raises(InvalidInput, match="not followed"):
            watch.feed.snapshot(BTC)
        with pytest.raises(InvalidInput, match="does not list NO/SUCH"):
            await watch.feed.follow("NO/SUCH")
        await watch.feed.unfollow("ETH/USDT")
        await until(lambda: venue.clients == 0)


async def test_what_breaks_while_it_is_closed_begins_nothing_that_stays() -> None:
    async with loopback(demo(BTC)) as venue, watched(venue) as watch:
        await watch.follow(BTC)
        await until(lambda: venue.clients == 1)
        await play(venue, 3)
        await watch.synced(BTC)

        closing = asyncio.create_task(watch.feed.close())
        await asyncio.sleep(0)
        pair = watch.feed.followed(BTC)
        watch.feed.heard([BookHeard(pair.native, False, [], [], first=1 << 60, last=1 << 60)])
        assert pair.state is FeedState.RESYNCING or pair.state is FeedState.GAP
        await closing
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("books of")]


async def test_nothing_is_left_when_it_is_closed() -> None:
    async with loopback(demo(BTC)) as venue:
        before = len(asyncio.all_tasks())
        async with watched(venue) as watch:
            await watch.follow(BTC)
            await until(lambda: venue.clients == 1)
            await play(venue, 2)
        await until(lambda: venue.clients == 0)
        await until(lambda: len(asyncio.all_tasks()) <= before)
        assert watch.states[-1] is FeedState.ENDED
        assert watch.venue_states[-1] is FeedState.ENDED


async def test_a_finer_grid_is_told_and_taken_up_when_the_pair_is_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with loopback(demo(BTC)) as venue, watched(venue) as watch:
        await watch.follow(BTC)
        await until(lambda: venue.clients == 1)
        await play(venue, 3)
        await watch.synced(BTC)
        before, connection = watch.feed.followed(BTC).instrument, watch.feed._connection
        finer = replace(before, pair=replace(before.pair, tick=before.pair.tick / 10))
        monkeypatch.setattr(connection.dialect, "hear_listing", lambda _: Listing((finer,), {}))
        pair, off = watch.feed.followed(BTC), [(str(before.pair.tick / 10), "1")]
        number = pair.last_number + 1
        watch.feed.on_book(pair, BookHeard(pair.native, False, off, [], first=number, last=number))
        await until(lambda: watch.feed.state_of(BTC) is FeedState.STALE)  # one price off the grid has the list read

        seq = pair.seq
        await play(venue, 3)
        assert pair.seq == seq
        assert "Close it and open it again" in pair.told[1]
        bars = await watch.feed.bars(BTC, Timeframe.M1, end=watch.feed.now, count=5)
        assert bars.close[-1] * float(before.pair.tick) == pytest.approx(
            float(before.pair.price(max(pair._bids.levels))), rel=0.2
        )

        await watch.feed.unfollow(BTC)
        await watch.follow(BTC)
        await play(venue, 3)
        await watch.synced(BTC)
        assert watch.feed.pairs()[0].tick == finer.pair.tick


async def test_bars_of_every_length_come_from_what_the_venue_has() -> None:
    async with loopback(demo(BTC), "coinbase_exchange") as venue, watched(venue) as watch:
        symbol = symbol_of(watch)
        now = watch.feed.now
        hours = await watch.feed.bars(symbol, Timeframe.H1, end=now, count=400)
        fours = await watch.feed.bars(symbol, Timeframe.H4, end=now, count=99)
        assert len(hours) == 400  # two pages
        assert (hours.start[1:] - hours.start[:-1] == Timeframe.H1.nanos).all()
        assert len(fours) == 99  # built of hours
        assert fours.start[-1] + Timeframe.H4.nanos <= now
        within = (hours.start >= fours.start[-1]) & (hours.start < fours.start[-1] + Timeframe.H4.nanos)
        assert fours.high[-1] == hours.high[within].max()
        assert fours.volume[-1] == hours.volume[within].sum()

        await watch.follow(symbol)
        await until(lambda: venue.clients == 1)
        await play(venue, 30)
        await watch.synced(symbol)
        watch.feed._connection.clock.forget()
        watch.feed._connection.clock.measured(venue.stage.now, 0, watch.feed._connection.clock.elapsed())
        seconds = await watch.feed.bars(symbol, Timeframe.S1, end=watch.feed.now, count=100)
        assert len(seconds)  # of prints, for the venue has none
        known = (*watch.past[symbol].ticks, *watch.prints[symbol])
        last = seconds.start[-1]
        assert seconds.volume[-1] == sum(tick.qty for tick in known if last <= tick.at < last + 1_000_000_000)
