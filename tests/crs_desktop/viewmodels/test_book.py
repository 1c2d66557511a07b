import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.book import BookModel, group
from crs_desktop.viewmodels.tape import TapeModel
from crs_desktop.viewmodels.watchlist import WatchlistModel
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.market import FeedState, Level
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import ListKind, OrderId, OrderType, Side, TimeInForce
from tests.crs_desktop.trading_floor import ME, Floor

MIDDLE = 6_425_000


def rest(floor: Floor, side: Side, price: int, qty: int, order_id: str) -> None:
    floor.apply(
        SubmitOrder(
            account=ME,
            order_id=OrderId(order_id),
            symbol="BTC/USDT",
            side=side,
            order_type=OrderType.LIMIT,
            qty=Lots(qty),
            price=Ticks(price),
        )
    )


@given(
    st.dictionaries(st.integers(1, 500), st.integers(1, 1000), max_size=80),
    st.dictionaries(st.integers(1, 500), st.integers(1, 9)),
    st.sampled_from(list(Side)),
    st.sampled_from([1, 2, 5, 10]),
    st.integers(1, 40),
)
def test_grouped_rows_sum_what_brute_force_sums(
    levels: dict[int, int], mine: dict[int, int], side: Side, ticks: int, count: int
) -> None:
    ordered = [Level(Ticks(p), Lots(q)) for p, q in sorted(levels.items(), reverse=side is Side.BUY)]

    rows = group(ordered, side, ticks, mine, count)

    sums: Counter[int] = Counter()
    own: Counter[int] = Counter()
    for price, qty in levels.items():
        key = price - price % ticks if side is Side.BUY else price + -price % ticks
        sums[key] += qty
        own[key] += mine.get(price, 0)
    best = sorted(sums, reverse=side is Side.BUY)[:count]
    total = 0
    for row, key in zip(rows, best, strict=True):
        total += sums[key]
        assert row == (key, sums[key], total, own[key])


def test_own_orders_are_marked_where_they_rest_until_they_are_gone() -> None:
    floor = Floor()
    model = BookModel(floor.desk())
    floor.stock()
    rest(floor, Side.BUY, MIDDLE - 20, 300, "m1")

    rows = {int(row.price): row.mine for row in model.rows(Side.BUY, 5)}
    assert rows[MIDDLE - 20] == 300
    model.set_grouping(5)
    assert next(row for row in model.rows(Side.BUY, 5) if row.mine).price == (MIDDLE - 20) // 5 * 5
    asyncio.run(model.desk.orders.cancel_all())
    assert not any(row.mine for row in model.rows(Side.BUY, 5))
    model.set_grouping(3)
    assert model.grouping == 5


def test_the_spread_row_has_width_bps_last_price_and_direction() -> None:
    floor = Floor()
    model = BookModel(floor.desk())
    floor.stock()
    assert (model.spread().last, model.spread().direction) == ("64,250.00", 0)
    floor.other(Side.BUY, "BTC/USDT", MIDDLE + 10, 50)
    floor.other(Side.BUY, "BTC/USDT", MIDDLE + 10, 1950)
    floor.other(Side.BUY, "BTC/USDT", MIDDLE + 20, 50)

    spread = model.spread()

    assert (spread.last, spread.direction, spread.width) == ("64,250.20", 1, "0.30")
    assert spread.bps == "0.05"
    floor.other(Side.SELL, "BTC/USDT", MIDDLE - 10, 50)
    assert model.spread().direction == -1


def test_a_book_that_cannot_be_trusted_says_why() -> None:
    floor = Floor()
    model = BookModel(floor.desk())
    assert str(model.state) == "No orders in the book."
    assert model.spread().width == "\u2013"
    floor.stock()
    assert (model.state, model.is_synced) == (None, True)
    sentences = []
    for state in (FeedState.STALE, FeedState.GAP, FeedState.CONNECTING):
        floor.feed_state(state)
        assert not model.is_synced
        sentences.append(str(model.state))
    assert sentences == [
        "Stale: no update for a while.",
        "An update was lost. Taking a new snapshot.",
        "Waiting for the first snapshot of BTC/USDT.",
    ]


def test_the_book_is_dirty_for_its_own_pair_only_and_clean_when_closed() -> None:
    floor = Floor()
    model = BookModel(floor.desk())
    model.dirty = False
    floor.stock("ETH/USDT", middle=331_800, levels=1)
    assert not model._touched
    floor.stock(levels=1)
    assert model._touched
    assert not model.dirty, "not sooner than anybody reads"
    model.hurry()
    assert model.dirty
    picked = []
    model.desk.on_price(picked.append)
    model.pick(Ticks(5))
    assert picked == [5]
    model.desk.select("ETH/USDT")
    assert model.dirty
    before = floor.bus.subscriber_count
    model.close()
    assert floor.bus.subscriber_count == before - 11


def test_the_tape_shows_the_newest_print_first_with_its_takers_side() -> None:
    floor = Floor()
    tape = TapeModel(floor.desk())
    assert str(tape.state) == "No trades yet. They appear here as they happen."
    floor.stock()
    floor.other(Side.BUY, "BTC/USDT", MIDDLE + 10, 50)
    floor.other(Side.SELL, "BTC/USDT", MIDDLE - 10, 25)

    prints = tape.prints(2)

    assert [(p.price, p.qty, p.side, p.weight) for p in prints] == [
        ("64,249.90", "0.00025", Side.SELL, 0.5),
        ("64,250.10", "0.00050", Side.BUY, 1.0),
    ]
    assert tape.prints(5, skip=2)[0].price == "64,250.00"
    assert (tape.total, tape.state, tape.is_synced) == (3, None, True)


def test_the_watchlist_knows_every_market_and_flashes_what_moved() -> None:
    floor = Floor()
    model = WatchlistModel(floor.desk())
    floor.stock()
    first = model.rows()
    assert [row.symbol for row in first][:2] == ["BTC/USDT", "ETH/USDT"]
    assert (first[0].last, first[0].spread, first[0].is_current, first[0].flash) == ("64,250.00", "<0.1", True, 0)
    assert (first[1].last, first[1].change, first[1].direction) == ("\u2013", "\u2013", 0)
    floor.other(Side.BUY, "BTC/USDT", MIDDLE + 10, 50)
    assert model.rows()[0].flash == 1
    assert model.rows()[0].flash == 0
    model.step(1)
    assert model.rows()[1].is_current
    model.select("BTC/USDT")
    model.step(-1)
    assert model.desk.symbol == floor.pairs[-1].symbol
    assert model.is_synced


def test_a_recording_of_one_pair_shows_no_stale_prices_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    floor = Floor()
    model = WatchlistModel(floor.desk())
    floor.stock()
    monkeypatch.setattr(floor.feed, "pairs", lambda: floor.pairs[:1])

    assert [row.symbol for row in model.rows()] == ["BTC/USDT"]
    model.step(1)
    assert model.desk.symbol == "BTC/USDT"


def test_an_order_that_expires_or_a_leg_that_starts_changes_the_marks_at_once() -> None:
    floor = Floor()
    model = BookModel(floor.desk())
    floor.stock()
    dated = SubmitOrder(
        account=ME, order_id=OrderId("d"), symbol="BTC/USDT", side=Side.BUY, order_type=OrderType.LIMIT, qty=Lots(300),
        price=Ticks(MIDDLE - 20), tif=TimeInForce.GTD, expire_ts=Nanos(floor.now + 10**9),
    )  # fmt: skip
    floor.apply(dated)
    assert model.mine(Side.BUY) == {MIDDLE - 20: 300}
    floor.now = Nanos(floor.now + 2 * 10**9)
    entry = replace(dated, order_id=OrderId("e"), order_type=OrderType.MARKET, price=None, tif=TimeInForce.GTC,
                    expire_ts=None)  # fmt: skip
    target = replace(
        entry, order_id=OrderId("t"), side=Side.SELL, order_type=OrderType.LIMIT, price=Ticks(MIDDLE + 500)
    )
    floor.apply(SubmitList(ME, OrderId("L"), ListKind.OTO, (entry, target)))

    assert model.mine(Side.BUY) == {}
    assert model.mine(Side.SELL) == {MIDDLE + 500: 300}
