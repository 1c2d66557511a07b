"""What was recorded while trading is what was shown: book, prints and trust, whatever the chunks and files are."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from engine.adapters.recordings import recorder as module
from engine.adapters.recordings.library import Library
from engine.adapters.recordings.recorder import Recorder, RecordingChanged, RecordingLimits
from engine.bus import Bus
from engine.domain.market import BookDiff, BookSnapshot, FeedState, Level, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange.offline import RECORDING, load_market, open_market
from engine.market.catalogue import PAIRS
from engine.market.l2 import L2Book
from engine.market.recording import Recording
from engine.ports.exchange import PairStateChanged
from engine.ports.feed import TradesPrinted

SECOND = NANOS_PER_SECOND
BTC = PAIRS[0].pair
START = 1_700_000_000 * SECOND


class SeededFeed:
    """A venue whose book and prints follow from a seed; what it publishes chains as every feed's does."""

    venue, title = "binance", "Binance"

    def __init__(self, bus: Bus, pair: TradingPair = BTC, seed: int = 1) -> None:
        self.bus, self.pair, self.now = bus, pair, Nanos(START)
        self.random = random.Random(seed)  # noqa: S311 - a seed, no secret
        self.book = L2Book(pair.symbol)
        self.state, self.followed = FeedState.SYNCED, 0
        self.prints: list[TradeTick] = []
        levels = range(1, 200)
        bids = tuple(Level(Ticks(6_000_000 - each), Lots(each * 7)) for each in levels)
        asks = tuple(Level(Ticks(6_000_000 + each), Lots(each * 5)) for each in levels)
        self.book.apply_snapshot(BookSnapshot(pair.symbol, bids, asks, 10, self.now))

    def pairs(self) -> tuple[TradingPair, ...]:
        return (self.pair,) if self.followed else ()

    async def follow(self, symbol: str) -> None:
        if symbol != self.pair.symbol:
            raise InvalidInput(f"Binance does not list {symbol}.")
        self.followed += 1

    async def unfollow(self, _symbol: str) -> None:
        self.followed -= 1

    def state_of(self, _symbol: str) -> FeedState:
        return self.state

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        top = self.book.top
        return BookSnapshot(
            symbol, tuple(top(Side.BUY, depth)), tuple(top(Side.SELL, depth)), self.book.seq, self.book.at
        )

    def trust(self, state: FeedState) -> None:
        self.state = state
        self.bus.publish(PairStateChanged(self.pair.symbol, state, "", self.now))

    def go_on(self, events: int, step_ns: int = SECOND // 10) -> None:
        draw = self.random
        for _ in range(events):
            self.now = Nanos(self.now + step_ns)
            if draw.random() < 0.3:
                side = draw.choice(list(Side))
                price = Ticks(6_000_000 + (1 if side is Side.BUY else -1))
                tick = TradeTick(
                    self.pair.symbol, price, Lots(draw.randint(1, 99)), side, self.now, len(self.prints) + 1
                )
                self.prints.append(tick)
                self.bus.publish(TradesPrinted(self.pair.symbol, (tick,)))
            else:
                bids = tuple(Level(Ticks(6_000_000 - draw.randint(2, 300)), Lots(draw.randint(0, 9))) for _ in range(3))
                asks = tuple(Level(Ticks(6_000_000 + draw.randint(2, 300)), Lots(draw.randint(0, 9))) for _ in range(3))
                diff = BookDiff(self.pair.symbol, bids, asks, self.book.seq + 1, self.book.seq + 2, self.now)
                assert self.book.apply_diff(diff)
                self.bus.publish(diff)


@pytest.fixture
def bus() -> Bus:
    return Bus()


def recorder_of(bus: Bus, feed: SeededFeed, directory: Path, **limits: int) -> Recorder:
    return Recorder(bus, feed, Library(directory), replace(RecordingLimits(), **limits))  # type: ignore[arg-type]


def opened(directory: Path) -> Iterator[Recording]:
    library = Library(directory)
    for each in reversed(library.found()[0]):
        yield Recording((directory / each.name).read_bytes())


def book_at_the_end(recording: Recording) -> L2Book:
    book = L2Book(recording.symbol)
    book.apply_snapshot(recording.snapshot())
    for number in range(recording.first_diff, recording.diffs):
        assert book.apply_diff(recording.diff(number))
    return book


async def test_a_recording_holds_the_book_and_every_print(bus: Bus, tmp_path: Path) -> None:
    feed = SeededFeed(bus)
    feed.go_on(100)
    before = len(feed.prints)
    recorder = recorder_of(bus, feed, tmp_path)
    await recorder.start(BTC.symbol)
    for _ in range(20):
        feed.go_on(100)
        await asyncio.sleep(0)
    (now,) = recorder.now()
    await recorder.close()

    (recording,) = opened(tmp_path)
    made = book_at_the_end(recording)
    assert made.top(Side.BUY, 500) == feed.book.top(Side.BUY, 500)
    assert made.top(Side.SELL, 500) == feed.book.top(Side.SELL, 500)
    assert recording.trades == feed.prints[before:]
    assert (recording.about["venue"], recording.about["tick"], now.rows) == ("binance", "0.01", 2_000)
    assert feed.followed == 0


async def test_whoever_dies_loses_the_last_chunk_and_no_other(bus: Bus, tmp_path: Path) -> None:
    feed = SeededFeed(bus)
    recorder = recorder_of(bus, feed, tmp_path)
    await recorder.start(BTC.symbol)
    sizes: list[tuple[int, int]] = []
    for _ in range(4):
        feed.go_on(400)  # 40 s: each makes a chunk
        await recorder._writes.finished()
        path = tmp_path / recorder.now()[0].file
        sizes.append((path.stat().st_size, len(Recording(path.read_bytes()).trades)))
    await recorder.close()
    whole = path.read_bytes()

    for cut in (sizes[1][0] + 1, sizes[2][0] - 1, sizes[2][0] + 9, len(whole) - 1):
        kept = Recording(whole[:cut])
        ended = [trades for size, trades in sizes if size <= cut]
        assert len(kept.trades) == ended[-1]
        assert kept.torn == cut - max(size for size, _ in sizes if size <= cut)
        book_at_the_end(kept)
    damaged = bytearray(whole)
    damaged[sizes[0][0] + 60] ^= 1
    with pytest.raises(InvalidInput, match="damaged in its middle"):
        Recording(bytes(damaged))


async def test_files_end_when_they_are_old_and_follow_each_other(bus: Bus, tmp_path: Path) -> None:
    feed = SeededFeed(bus)
    recorder = recorder_of(bus, feed, tmp_path, file_s=60)
    await recorder.start(BTC.symbol)
    feed.go_on(2_000)  # 200 s
    await recorder.close()

    parts = list(opened(tmp_path))
    assert len(parts) == 4
    assert [tick for part in parts for tick in part.trades] == feed.prints
    for earlier, later in pairwise(parts):
        assert book_at_the_end(earlier).top(Side.BUY, 500) == list(later.snapshot().bids)
    assert book_at_the_end(parts[-1]).top(Side.SELL, 500) == feed.book.top(Side.SELL, 500)


async def test_files_that_follow_each_other_are_played_as_one_up_to_a_gap(bus: Bus, tmp_path: Path) -> None:
    feed = SeededFeed(bus)
    recorder = recorder_of(bus, feed, tmp_path, file_s=60)
    await recorder.start(BTC.symbol)
    feed.go_on(2_000)
    await recorder.close()
    gap = len(feed.prints)
    feed.go_on(50)
    recorder = recorder_of(bus, feed, tmp_path)
    await recorder.start(BTC.symbol)
    feed.go_on(500)
    await recorder.close()
    library = Library(tmp_path)
    names = [each.name for each in reversed(library.found()[0])]

    whole, rest = library.open(names[0]), library.open(names[2])

    assert whole.trades == feed.prints[:gap]
    assert whole.trades[-len(rest.trades) :] == rest.trades
    assert whole.end == rest.end < library.open(names[4]).start
    market = open_market(RECORDING + names[0], seed=1, recordings=library.open)
    while not market.ended:
        market.advance(whole.end)
    book = book_at_the_end(whole)
    assert list(market.snapshot(BTC.symbol, 500).bids) == book.top(Side.BUY, 500)
    assert book_at_the_end(rest).top(Side.SELL, 500) == book.top(Side.SELL, 500)


async def test_the_oldest_files_make_room_and_the_open_one_stays(bus: Bus, tmp_path: Path) -> None:
    feed = SeededFeed(bus)
    recorder = recorder_of(bus, feed, tmp_path, file_s=60, total_bytes=25_000)
    await recorder.start(BTC.symbol)
    for _ in range(12):
        feed.go_on(700)
        await recorder._writes.finished()
    await recorder.close()

    kept = Library(tmp_path).found()[0]
    assert sum(each.bytes for each in kept) <= 25_000 + max(each.bytes for each in kept)
    assert len(kept) > 1
    assert kept[-1].started > START
    (*_, last) = opened(tmp_path)
    assert last.trades[-1] == feed.prints[-1]


async def test_a_disk_that_refuses_ends_the_recording_with_a_sentence(bus: Bus, tmp_path: Path) -> None:
    feed, told = SeededFeed(bus), list[RecordingChanged]()
    bus.subscribe(RecordingChanged, told.append)
    (tmp_path / "binance").write_text("in the way")
    recorder = recorder_of(bus, feed, tmp_path)
    await recorder.start(BTC.symbol)
    feed.go_on(400)
    await recorder._writes.finished()

    assert [each.on for each in told] == [True, False]
    assert "Nothing can be recorded" in told[-1].text
    assert recorder.now() == []
    await recorder.close()
    assert feed.followed == 0


async def test_too_slow_a_disk_ends_it_before_memory_does(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_ROWS", 1_000)
    feed, told = SeededFeed(bus), list[RecordingChanged]()
    bus.subscribe(RecordingChanged, told.append)
    recorder = recorder_of(bus, feed, tmp_path)
    await recorder.start(BTC.symbol)
    feed.go_on(4_000)  # no turn of the loop in between: nothing is written
    await recorder.close()

    assert "too slow" in told[-1].text


async def test_begun_and_ended_again_and_again_it_looks_at_the_clock_once(bus: Bus, tmp_path: Path) -> None:
    feed = SeededFeed(bus)
    recorder = recorder_of(bus, feed, tmp_path)
    for _ in range(5):
        await recorder.start(BTC.symbol)
        await asyncio.sleep(0)
        await recorder.stop(BTC.symbol)
    assert sum(task.get_name() == "recorder" for task in asyncio.all_tasks()) == 1
    await recorder.close()


async def test_an_unknown_pair_is_refused(bus: Bus, tmp_path: Path) -> None:
    recorder = recorder_of(bus, SeededFeed(bus), tmp_path)
    with pytest.raises(InvalidInput, match="does not list"):
        await recorder.start("ABC/XYZ")
    await recorder.close()
    assert Library(tmp_path).found() == ([], [])


@pytest.mark.parametrize(
    "name", ["../x.tape", "/etc/passwd", "a/b/c.txt", "a/..\\b.tape", "binance/BTC-USDT/gone.tape"]
)
def test_only_names_of_the_library_are_opened(tmp_path: Path, name: str) -> None:
    for act in (Library(tmp_path).open, Library(tmp_path).remove):
        with pytest.raises(InvalidInput):
            act(name)


async def test_a_recording_is_a_market_that_goes_on_after_a_dump(bus: Bus, tmp_path: Path) -> None:
    """A pair of another grid than the catalogue's, with a time at which its book was not to be trusted."""
    pair = replace(BTC, tick=BTC.tick * 10)
    feed = SeededFeed(bus, pair)
    recorder = recorder_of(bus, feed, tmp_path)
    await recorder.start(pair.symbol)
    feed.go_on(500)
    feed.trust(FeedState.GAP)
    feed.now = Nanos(feed.now + 20 * SECOND)
    feed.trust(FeedState.SYNCED)
    feed.go_on(500)
    await recorder.close()
    library = Library(tmp_path)
    name = library.found()[0][0].name

    market = open_market(RECORDING + name, seed=1, recordings=library.open)
    market.advance(Nanos(market.start + 60 * SECOND))  # within the gap
    again = load_market(market.dump(), recordings=library.open)
    end = market.end
    assert end is not None
    for each in (market, again):
        while not each.ended:
            each.advance(end)

    assert market.exchange.pairs() == (pair,)
    assert market.snapshot(pair.symbol, 500) == again.snapshot(pair.symbol, 500)
    assert list(market.snapshot(pair.symbol, 500).bids) == feed.book.top(Side.BUY, 500)
    library.remove(name)
    with pytest.raises(InvalidInput, match="removed to make room"):
        load_market(market.dump(), recordings=library.open)
