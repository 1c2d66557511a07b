"""A real market of one busy pair, recorded: as exact as its reference, and small enough to keep."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.recordings.library import Library
from engine.adapters.recordings.recorder import Recorder, RecordingLimits
from engine.bus import Bus
from engine.domain.market import Level
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.order import Side
from engine.market.l2 import L2Book
from engine.market.recording import Recording
from tests.engine.adapters.recordings.captured_feed import BTC, FINE, CapturedFeed

CAPTURE, REFERENCE = "binance_spot_btcusdt_20240808T235414_raw.txt.gz", "binance_spot_btcusdt_expected_top20.json.gz"
DAY_S, MOST = 86_400, 200_000_000
"""Bytes that a day of a busy pair may take."""
EVERY = 500

pytestmark = pytest.mark.integration


async def recorded(
    books: Path, directory: Path, most: int | None
) -> tuple[Recording, dict[int, int], int, CapturedFeed]:
    """Record a capture; return the tape, our number of each 500th diff, bytes, and the feed."""
    feed = CapturedFeed(bus := Bus(), books / CAPTURE, most)
    library = Library(directory)
    recorder = Recorder(bus, feed, library, RecordingLimits())  # type: ignore[arg-type]
    numbers: dict[int, int] = {}
    begun = 0
    for diffs in feed.play():
        if diffs and not begun:
            begun = feed.now
            await recorder.start(BTC.symbol)
        if diffs and diffs % EVERY == 0:
            numbers.setdefault(diffs, feed.pair.seq)
    await recorder.close()
    (found,) = library.found()[0]
    return library.open(found.name), numbers, found.bytes, feed


@pytest.mark.parametrize("most", [13_000, pytest.param(None, marks=pytest.mark.soak)])
async def test_a_recorded_capture_is_its_reference_and_a_day_of_it_is_below_200_mb(
    most: int | None, shared_data: Path, tmp_path: Path
) -> None:
    recording, numbers, size, feed = await recorded(shared_data / "books", tmp_path, most)
    with gzip.open(shared_data / "books" / REFERENCE) as file:
        wanted = json.load(file)

    book, points = L2Book(BTC.symbol), {seq: count for count, seq in numbers.items()}
    book.apply_snapshot(recording.snapshot())
    found = []
    for number in range(recording.first_diff, recording.diffs):
        diff = recording.diff(number)
        assert book.apply_diff(diff)
        if diff.seq in points:
            found.append([texts(book.top(side, 20)) for side in Side])
    assert len(found) == len(numbers) > (1 if most else 10)
    assert found == [[decimals(each["bids"]), decimals(each["asks"])] for each in wanted[: len(found)]]
    assert len(recording.trades) == feed.trades - before(recording, feed)
    seconds = (recording.end - recording.start) / NANOS_PER_SECOND
    assert size / seconds * DAY_S <= MOST


def before(recording: Recording, feed: CapturedFeed) -> int:
    """Return how many prints came before the recording began."""
    first = recording.trades[0].trade_id
    return feed.trades - (recording.trades[-1].trade_id - first + 1)


def texts(levels: list[Level]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(FINE.price_text(price)), Decimal(FINE.qty_text(qty))) for price, qty in levels]


def decimals(rows: Any) -> list[tuple[Decimal, Decimal]]:  # noqa: ANN401 - from a file
    return [(Decimal(price), Decimal(qty)) for price, qty in rows]
