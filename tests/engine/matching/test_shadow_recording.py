"""The shadow matcher on the shipped recording: beside its naive twin, and what the feed itself is like."""

from __future__ import annotations

import numpy as np
import pytest

from engine.market.recording import Recording, shipped
from tests.engine.matching.shadow_acts import Matcher, Twin, merged

SECOND = 1_000_000_000


class Timed:
    """Tells both the same, at the instants of the recording."""

    def __init__(self, start: int) -> None:
        self.matcher, self.twin, self.fills = Matcher(), Twin(), 0
        self.matcher.now = self.twin.now = start

    def act(self, *act: object) -> None:
        fills = merged(self.matcher.act(act))
        assert fills == merged(self.twin.act(act))
        self.fills += len(fills)

    def wait(self, at: int) -> int:
        return at - self.matcher.now


@pytest.mark.no_cover
@pytest.mark.slow
def test_on_real_prints_and_levels_it_fills_as_its_naive_twin_does() -> None:
    recording = shipped()
    timed = Timed(recording.start)
    snapshot = recording.snapshot()
    timed.act("snapshot", list(snapshot.bids), list(snapshot.asks), 0)
    number, next_order, end = recording.first_diff, int(recording.start), recording.start + 45 * SECOND
    for tick in recording.trades:
        while number < recording.diffs and recording.diff_times[number] <= min(tick.at, end):
            diff = recording.diff(number)
            timed.act("diff", list(diff.bids), list(diff.asks), timed.wait(int(recording.diff_times[number])))
            number += 1
        if tick.at > end:
            break
        timed.act("print", tick.price, tick.qty, tick.side == "sell", timed.wait(tick.at))
        if tick.at >= next_order:
            next_order = tick.at + SECOND // 2
            count = timed.matcher.count
            timed.act("order", tick.price - (count % 3), 200, True)
            timed.act("order", tick.price + (count % 2), 150, False)
            timed.act("cancel", count - 12)

    assert timed.fills > 100


def test_one_seventh_of_the_recorded_volume_is_printed_after_the_change_of_the_book_that_it_caused() -> None:
    # The reason for `engine.matching.queue.LATE`; docs/explanation/shadow-matcher.md quotes the figures.
    recording: Recording = shipped()
    columns = recording._columns
    place = np.searchsorted(columns["diffs.at"], columns["trades.at"], side="right") - 1
    seen = columns["diffs.venue_ms"][np.maximum(place, 0)]
    late = (place >= 0) & (columns["trades.venue_ms"] <= seen)
    since = columns["trades.at"] - columns["diffs.at"][np.maximum(place, 0)]

    assert 0.12 < columns["trades.qty"][late].sum() / columns["trades.qty"].sum() < 0.16
    assert np.quantile(since[late], 0.99) < 100_000_000
