"""Columns beside a plain fold of the same diffs; pictures beside plain loops."""

import asyncio
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.heat_picture import block, cut, reduced
from crs_desktop.viewmodels.heat_ring import Flow, HeatRing, lots_of, shades_of
from crs_desktop.viewmodels.heatmap import SAMPLE_NS, HeatmapModel
from engine.bus import Bus
from engine.domain.market import BookDiff, BookSnapshot, FeedState, Level
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.l2 import L2Book
from tests.crs_desktop.trading_floor import Floor

MIDDLE = 6_425_000
MOVES = st.lists(st.tuples(st.integers(1, 120), st.integers(0, 50)), max_size=4)


def levels(rows: Iterable[tuple[int, int]]) -> tuple[Level, ...]:
    return tuple(Level(Ticks(price), Lots(qty)) for price, qty in rows)


def book_of(bids: dict[int, int], asks: dict[int, int], at: int = 0) -> L2Book:
    book = L2Book("A/B")
    book.apply_snapshot(BookSnapshot("A/B", levels(bids.items()), levels(asks.items()), 1, Nanos(at)))
    return book


@given(st.lists(st.tuples(MOVES, MOVES), min_size=1, max_size=30), st.sampled_from((1, 2, 5)), st.integers(3, 12))
def test_columns_equal_a_plain_fold_of_the_diffs_at_their_instants(
    steps: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]], step: int, columns: int
) -> None:
    ring, bids, asks = HeatRing(step, columns=columns, rows=60), {60: 5}, {61: 4}
    book = book_of(bids, asks)
    expected: list[dict[int, int]] = []
    windows: list[tuple[int, int]] = []
    for number, (bid_moves, ask_moves) in enumerate(steps, start=2):
        changed = [(p, q) for p, q in bid_moves if p <= 60], [(p, q) for p, q in ask_moves if p > 60]
        diff = BookDiff("A/B", levels(changed[0]), levels(changed[1]), number, number, Nanos(number))
        assert book.apply_diff(diff)
        bids |= dict(changed[0])
        asks |= dict(changed[1])
        ring.write(book, number, trusted=True)
        rows: dict[int, int] = {}
        for price, qty in (*bids.items(), *asks.items()):
            rows[price // step] = rows.get(price // step, 0) + qty
        expected.append(rows)
        assert ring.low is not None or not any(rows.values())
        windows.append((ring.low or 0, (ring.low or 0) + ring.rows))

    for column in range(ring.first, ring.count):
        low = max(each[0] for each in windows[column:])
        high = min(each[1] for each in windows[column:])
        for row in range(low, high):
            assert ring.size_at(column, row) == expected[column].get(row, 0)
    counted = np.bincount(ring.shades.ravel(), minlength=255)
    assert ring._counts.tolist() == counted.tolist()
    assert (ring.shades == shades_of(ring.sizes)).all()


def test_the_window_moves_only_when_the_market_leaves_its_middle_and_memory_stays() -> None:
    ring, low = HeatRing(1, columns=50, rows=100), 950
    before, stood = ring.nbytes, list[int]()
    for middle in [*range(1_000, 1_080), *range(1_080, 900, -1), 5_000]:
        ring.write(book_of({middle: 1}, {middle + 1: 1}), 0, trusted=True)
        assert ring.low is not None
        assert ring.low == (low if low + 20 <= middle < low + 80 else middle - 50)
        low = ring.low
        stood.append(middle)
        assert ring.size_at(ring.count - 1, middle) == 1
        for column in range(ring.first, ring.count, 7):
            rows = [row for row in range(low, low + 100) if ring.size_at(column, row)]
            assert set(rows) <= {stood[column], stood[column] + 1}, "what left the window does not come back elsewhere"

    assert ring.nbytes == before
    assert int((ring.sizes > 0).sum()) == 2, "after a jump nothing of the old prices is left"


@given(st.integers(1, 2**43))
def test_a_shade_tells_its_size_within_a_step(lots: int) -> None:
    shade = int(shades_of(np.array([lots]))[0])

    assert 0.93 < lots_of(shade) / lots < 1.07


def test_a_shade_of_nothing_is_zero_and_more_is_never_darker() -> None:
    sizes = np.array([0, *sorted({int(1.3**k) for k in range(100)})])
    shades = shades_of(sizes)

    assert shades[0] == 0
    assert (np.diff(shades[1:].astype(int)) >= 0).all()
    assert shades[1] == 1


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 50), st.integers(1, 50), st.integers(0, 2**31))
def test_a_smaller_picture_keeps_the_largest_size_of_each_pixel(
    rows: int, columns: int, width: int, height: int, seed: int
) -> None:
    shades = np.random.default_rng(seed).integers(0, 255, (rows, columns)).astype(np.uint8)

    got = reduced(shades, width, height)

    def parts(count: int, pixels: int) -> list[range]:
        if count <= pixels:
            return [range(each, each + 1) for each in range(count)]
        edges = [each * count // pixels for each in range(pixels + 1)]
        return [range(a, b) for a, b in pairwise(edges)]

    for y, lines in enumerate(parts(rows, height)):
        for x, places in enumerate(parts(columns, width)):
            assert got[y, x] == max(int(shades[a, b]) for a in lines for b in places)


def test_a_picture_across_the_ends_of_the_ring_is_in_order() -> None:
    ring = HeatRing(1, columns=7, rows=30)
    for number in range(17):
        ring.write(
            book_of({100: number + 1}, {101: 100}), number, trusted=number != 12, flow=Flow(number, 100 * number)
        )

    seen, shades = cut(ring, 11, 17, 95, 105), block(ring, 11, 17, 95, 105)

    assert seen.at.tolist() == [11, 12, 13, 14, 15, 16]
    assert shades.shape == (10, 6)
    assert (shades[10 - 1 - 5] == shades_of(np.arange(12, 18))).all(), "100 is the sixth row from below"
    assert (shades[10 - 1 - 6] == shades_of(np.array([100]))[0]).all()
    assert seen.trusted.tolist() == [True, False, True, True, True, True]
    assert seen.flow[0].tolist() == [11, 12, 13, 14, 15, 16]
    assert cut(ring, 0, 99, 95, 105).first == 10, "what was overwritten is gone"
    assert not block(ring, 11, 17, 500, 510).any()


async def sampled() -> tuple[Floor, Desk, HeatmapModel]:
    floor = Floor()
    desk = await floor.sit()
    floor.stock()
    return floor, desk, HeatmapModel(desk, columns=64, rows=100)


def tick(floor: Floor, nanos: int, side: Side = Side.BUY, away: int = 500) -> None:
    """Let time pass, then change the book far from the touch."""
    floor.now = Nanos(floor.now + nanos - 1_000_000)
    floor.other(side, "BTC/USDT", MIDDLE - away if side is Side.BUY else MIDDLE + away, 70)


async def test_ten_columns_a_second_whether_anybody_looks_or_not() -> None:
    floor, _, model = await sampled()
    for _ in range(100):
        tick(floor, SAMPLE_NS // 4)
    assert model.ring is not None
    taken = model.ring.count
    assert taken == pytest.approx(25, abs=1)

    tick(floor, SAMPLE_NS * 10)

    assert model.ring.count == taken + 10
    spaces = np.diff(model.ring.at[: model.ring.count])
    assert (spaces > 0).all()
    model.close()


async def test_trades_become_the_flow_of_their_column() -> None:
    floor, _, model = await sampled()
    tick(floor, SAMPLE_NS)
    floor.other(Side.BUY, "BTC/USDT", MIDDLE + 10, 50)
    floor.other(Side.SELL, "BTC/USDT", MIDDLE - 10, 30)
    tick(floor, SAMPLE_NS)

    assert model.ring is not None
    flow = model.ring.flow[:, : model.ring.count].sum(axis=1).tolist()
    assert flow == [50, 50 * (MIDDLE + 10), 30, 30 * (MIDDLE - 10)]
    model.close()


async def test_what_was_recorded_without_trust_is_marked() -> None:
    floor, _, model = await sampled()
    tick(floor, SAMPLE_NS)
    floor.feed_state(FeedState.STALE)
    tick(floor, SAMPLE_NS * 5)
    floor.feed_state(FeedState.SYNCED)
    tick(floor, SAMPLE_NS)

    assert model.ring is not None
    marks = model.ring.trusted[: model.ring.count].tolist()
    assert marks[0]
    assert marks[-1]
    assert marks.count(False) >= 1
    model.close()


async def test_the_view_pauses_goes_back_and_is_live_again() -> None:
    floor, desk, model = await sampled()
    for _ in range(200):
        tick(floor, SAMPLE_NS)
    assert model.ring is not None
    live = model.picture(40)
    assert live is not None
    assert (live.stop, live.stop - live.first) == (model.ring.count, 20)

    model.set_paused(True)
    stop = model.ring.count
    for _ in range(5):
        tick(floor, SAMPLE_NS)
    paused = model.picture(40)
    assert paused is not None
    assert (paused.stop, model.is_live, model.ring.count) == (stop, False, stop + 5)
    model.pan(-10)
    assert model.right == stop - 10
    model.pan(-(10**9))
    assert model.right == model.ring.first + 1
    model.pan(10**9)
    assert model.is_live
    model.zoom(-99)
    wide = model.picture(40)
    assert wide is not None
    assert wide.first == model.ring.first

    desk.select("ETH/USDT")
    assert model.picture(40) is None
    assert "recorded from now on" in str(model.state)
    subscriptions = floor.bus.subscriber_count
    model.close()
    assert floor.bus.subscriber_count < subscriptions


def test_a_jump_in_time_starts_a_new_recording(bus: Bus) -> None:
    async def jump() -> None:
        floor, _, model = await sampled()
        tick(floor, SAMPLE_NS)
        assert model.ring is not None
        floor.feed_state(FeedState.SNAPSHOT)
        assert model.ring is None
        model.close()
        floor.market_data.close()
        await asyncio.sleep(0)

    asyncio.run(jump())
