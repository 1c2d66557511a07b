import asyncio
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.ladder import GROUPINGS, LadderModel
from crs_desktop.viewmodels.ladder_centre import BAND, Centre
from crs_desktop.viewmodels.ladder_rows import LadderPicture, changed_rows, resting, stepped
from crs_desktop.viewmodels.traded import TradedVolume
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.market import BookSnapshot, FeedState, Level, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import ListKind, OrderId, OrderStatus, OrderType, Side
from engine.market.l2 import L2Book
from tests.crs_desktop.trading_floor import ME, Floor
from tests.crs_desktop.viewmodels.test_book import rest

MIDDLE = 6_425_000
BOOKS = st.dictionaries(st.integers(1, 400), st.integers(1, 10**9), max_size=60)


async def seated(**kinds: object) -> tuple[Floor, LadderModel]:
    floor = Floor()
    desk = await floor.sit()
    floor.stock()
    for path, value in kinds.items():
        floor.set(f"trading.{path}", value)
    return floor, LadderModel(desk)


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


def picture(model: LadderModel, rows: int = 200) -> LadderPicture:
    seen = model.picture(rows)
    assert seen is not None
    return seen


@given(BOOKS, st.sampled_from(list(Side)), st.sampled_from(GROUPINGS), st.integers(-5, 450), st.integers(1, 300))
def test_rows_hold_what_a_plain_count_of_the_levels_holds(
    levels: dict[int, int], side: Side, ticks: int, highest: int, count: int
) -> None:
    book, rows = L2Book("A/B"), tuple(Level(Ticks(p), Lots(q)) for p, q in levels.items())
    book.apply_snapshot(BookSnapshot("A/B", rows, (), 1, Nanos(0)) if side is Side.BUY else
                        BookSnapshot("A/B", (), rows, 1, Nanos(0)))  # fmt: skip

    got = resting(book, side, highest, count, ticks)

    expected: Counter[int] = Counter()
    for price, qty in levels.items():
        expected[highest - (price // ticks if side is Side.BUY else (price + ticks - 1) // ticks)] += qty
    assert got.tolist() == [expected[row] for row in range(count)]


@given(BOOKS, BOOKS, st.sampled_from(GROUPINGS))
def test_grouping_conserves_the_size_of_a_side(bids: dict[int, int], asks: dict[int, int], ticks: int) -> None:
    book = L2Book("A/B")
    sides = [tuple(Level(Ticks(p), Lots(q)) for p, q in each.items()) for each in (bids, asks)]
    book.apply_snapshot(BookSnapshot("A/B", sides[0], sides[1], 1, Nanos(0)))

    for side, levels in ((Side.BUY, bids), (Side.SELL, asks)):
        assert resting(book, side, 401, 402, ticks).sum() == sum(levels.values())


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=300), st.integers(8, 80))
def test_the_middle_moves_only_after_the_market_left_its_band_and_then_all_the_way(walk: list[int], rows: int) -> None:
    centre, market, under_way = Centre(), 1_000, False
    centre.follow(market, rows)
    for step in walk:
        market += step
        before = centre.at
        assert before is not None
        out = abs(market - before) > max(1, rows * BAND / 2)
        moved = centre.follow(market, rows)
        assert moved == (out or under_way)
        assert (centre.at == before) == (not moved or market == before)
        assert centre.at is not None
        assert abs(market - centre.at) <= abs(market - before)
        under_way = centre.is_moving
    for _ in range(60):
        centre.follow(market, rows)
    assert centre.at is not None
    assert abs(market - centre.at) <= max(1, rows * BAND / 2)


def test_a_ladder_scrolled_by_hand_stays_until_it_is_centred() -> None:
    centre = Centre()
    centre.follow(100, 20)
    centre.scroll(30)
    for market in range(100, 90, -1):
        centre.follow(market, 20)
    assert (centre.at, centre.auto) == (130, False)

    centre.centre()
    steps: list[int] = []
    while centre.is_moving:
        centre.follow(91, 20)
        assert centre.at is not None
        steps.append(centre.at)

    assert steps[-1] == 91
    assert steps == sorted(steps, reverse=True)
    assert len(steps) > 4, "smoothly"
    centre.scroll(100_000)
    centre.centre()
    centre.follow(91, 20)
    assert centre.at == 91, "from far away at once"


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 9), st.sampled_from(list(Side))), max_size=80),
    st.sampled_from((1, 2, 5, 10)),
)
def test_traded_volume_is_a_plain_count_of_the_prints(prints: list[tuple[int, int, Side]], ticks: int) -> None:
    traded = TradedVolume(window=1_000)
    traded.add(TradeTick("A/B", Ticks(p), Lots(q), side, Nanos(0), 1) for p, q, side in prints)

    bought, sold = traded.rows(0, 70, ticks)

    plain: Counter[tuple[Side, int]] = Counter()
    for price, qty, side in prints:
        plain[side, price // ticks if side is Side.SELL else (price + ticks - 1) // ticks] += qty
    assert bought.tolist() == [plain[Side.BUY, row] for row in range(70)]
    assert sold.tolist() == [plain[Side.SELL, row] for row in range(70)]


def test_traded_volume_forgets_what_is_far_away_and_nothing_near() -> None:
    traded = TradedVolume(window=100)
    traded.add(TradeTick("A/B", Ticks(p), Lots(1), Side.SELL, Nanos(0), 1) for p in (500, 560, 530))

    assert np.flatnonzero(traded.rows(400, 300, 1)[1]).tolist() == [130, 160], "560 moved the window to 510"
    traded.add([TradeTick("A/B", Ticks(90_000), Lots(1), Side.SELL, Nanos(0), 1)])
    assert traded.rows(400, 300, 1)[1].sum() == 0


async def test_the_picture_shows_touch_last_trade_and_own_orders_with_their_place() -> None:
    floor, model = await seated()
    rest(floor, Side.BUY, MIDDLE - 20, 300, "m1")
    floor.other(Side.BUY, "BTC/USDT", MIDDLE - 20, 50)
    model.set_grouping(1)

    seen = picture(model)

    assert int(seen.prices[0] - seen.prices[-1]) == 199
    row = seen.row_of(MIDDLE - 20, Side.BUY)
    assert row is not None
    assert (int(seen.prices[row]), int(seen.bids[row])) == (MIDDLE - 20, 4_000 + 300 + 50)
    assert seen.bid_row == seen.row_of(MIDDLE - 10, Side.BUY)
    assert seen.ask_row == seen.row_of(MIDDLE + 10, Side.SELL)
    assert seen.last_row == seen.row_of(MIDDLE, Side.BUY)
    (own,) = seen.own
    assert own.place is not None
    assert (own.left, own.place.ahead, own.place.level_qty) == (300, 4_000, 4_350)
    assert str(model.told(MIDDLE - 20)).startswith("Buy 0.00300 at 64,249.80: 0.04000 BTC ahead of it")
    assert int(seen.bought.sum() + seen.sold.sum()) == 2_000
    model.close()


async def test_an_armed_click_sends_a_limit_order_with_the_chosen_size() -> None:
    floor, model = await seated(ladder="armed")
    assert model.armed
    assert [text for _, text in model.size.presets()] == ["0.001", "0.002", "0.005", "0.01"]
    model.size.choose(Lots(500))

    model.click(Side.BUY, MIDDLE - 30)
    model.click(Side.BUY, MIDDLE - 50)  # before the first is acknowledged
    await settle()

    assert [(each.price, each.qty, each.side) for each in floor.orders.open()] == [
        (MIDDLE - 30, 500, Side.BUY), (MIDDLE - 50, 500, Side.BUY)
    ]  # fmt: skip
    model.close()


async def test_a_click_that_is_not_armed_only_fills_in_the_ticket() -> None:
    floor, model = await seated()
    picked: list[object] = []
    price, side = model.desk.on_price(picked.append), model.desk.on_side(picked.append)

    model.click(Side.SELL, MIDDLE + 30)
    await settle()

    assert (picked, floor.orders.open()) == ([MIDDLE + 30, Side.SELL], [])
    price.close()
    side.close()
    model.close()


async def test_refusals_and_questions_are_those_of_the_ticket() -> None:
    floor, model = await seated(ladder="armed", confirm="always", duplicate_guard_ms=0)
    model.click(Side.SELL, MIDDLE + 30)
    assert str(model.note) == "You hold no BTC to sell. Spot has no short positions."

    model.click(Side.BUY, MIDDLE - 30)
    assert str(model.question) == "Send this order of 64.25 USDT?"
    assert model.dismiss()
    assert (model.question, floor.orders.open()) == (None, [])

    model.click(Side.BUY, MIDDLE - 30, stop=True)
    assert str(model.note) == "A buy stop waits above the last price, 64,250.00."
    floor.set("trading.confirm", "off")
    floor.feed_state(FeedState.STALE)
    model.click(Side.BUY, MIDDLE - 30)
    assert str(model.question) == "Prices may be out of date. Send anyway?"
    model.close()


async def test_the_keyboard_places_confirms_and_cancels_at_the_cursor() -> None:
    now = [10**12]
    floor, seat = await seated()
    seat.close()
    model = LadderModel(seat.desk, clock=lambda: Nanos(now[0]))
    model.set_grouping(10)
    picture(model, 40)
    model.place_at_cursor(Side.BUY)
    assert str(model.note) == "Choose a row with the arrow keys first."
    model.move_cursor(1, 40)
    model.move_cursor(-3, 40)

    model.place_at_cursor(Side.BUY)
    assert str(model.question) == "Buy 0.00100 BTC at 64,249.70?"
    model.enter()
    assert floor.orders.open() == [], "too soon to be an answer"
    now[0] += 10**9
    model.enter()
    await settle()

    (order,) = floor.orders.open()
    assert order.price == model.cursor == MIDDLE - 30
    model.cancel(None, model.cursor)
    await settle()
    assert floor.orders.open() == []
    model.cancel(None, model.cursor)
    assert str(model.note) == "No order of yours stands there."
    model.close()


async def test_an_order_is_moved_with_a_ghost_until_acknowledged_and_snaps_back_with_a_reason() -> None:
    _, model = await seated(ladder="armed")
    model.set_grouping(10)
    model.click(Side.BUY, MIDDLE - 30)
    await settle()
    (own,) = picture(model).own

    model.move(own.order_id, MIDDLE - 60)
    (ghost,) = picture(model).own
    assert (ghost.price, ghost.moving_to) == (MIDDLE - 30, MIDDLE - 60)
    await settle()
    (moved,) = picture(model).own
    assert (moved.price, moved.moving_to) == (MIDDLE - 60, None)

    model.move(own.order_id, MIDDLE * 200)
    await settle()
    (kept,) = picture(model).own
    assert (kept.price, kept.moving_to) == (MIDDLE - 60, None)
    assert str(model.note).startswith("Not moved: ")
    model.close()


async def test_a_stop_waits_on_the_ladder_and_is_moved_by_its_trigger() -> None:
    floor, model = await seated(ladder="armed")
    model.set_grouping(10)
    model.click(Side.BUY, MIDDLE + 200, stop=True)
    await settle()
    (own,) = picture(model).own
    assert (own.price, own.place) == (MIDDLE + 200, None)
    assert str(model.told(MIDDLE + 200)) == "A stop to buy 0.00100 waits for 64,252.00."

    model.move(own.order_id, MIDDLE + 300)
    await settle()

    (order,) = floor.orders.open()
    assert (order.stop_price, order.status, order.order_type) == (MIDDLE + 300, OrderStatus.WAITING, OrderType.STOP)
    model.close()


async def test_cancelling_a_leg_asks_before_it_takes_the_list_along() -> None:
    floor, model = await seated()
    floor.give("BTC", "1")

    def leg(order_id: str, kind: OrderType, **prices: Ticks) -> SubmitOrder:
        return SubmitOrder(account=ME, order_id=OrderId(order_id), symbol="BTC/USDT", side=Side.SELL,
                           order_type=kind, qty=Lots(500), **prices)  # type: ignore[arg-type] # fmt: skip

    target = leg("t", OrderType.LIMIT, price=Ticks(MIDDLE + 50))
    legs = (target, leg("s", OrderType.STOP, stop_price=Ticks(MIDDLE - 50)))
    floor.apply(SubmitList(ME, OrderId("L"), ListKind.OCO, legs))
    model.set_grouping(10)

    model.cancel(Side.SELL, MIDDLE + 50)
    assert "stop" in str(model.question)
    assert model.dismiss()
    assert len(floor.orders.open()) == 2
    model.cancel(Side.SELL, MIDDLE + 50)
    model.enter()
    await settle()

    assert floor.orders.open() == []
    model.close()


async def test_another_pair_starts_a_ladder_of_its_own_and_closing_leaves_nothing() -> None:
    floor, model = await seated()
    floor.stock("ETH/USDT", middle=331_800)
    model.size.read("0.5")
    model.move_cursor(3, 20)
    before = model.desk

    before.select("ETH/USDT")

    seen = picture(model, 31)
    assert int(seen.prices[15]) == 331_800 // seen.ticks * seen.ticks
    assert (model.cursor, model.size.text) == (None, "0.0300")
    assert isinstance(before, Desk)
    links, subscriptions = before.link_count, floor.bus.subscriber_count
    model.close()
    assert before.link_count < links
    assert floor.bus.subscriber_count < subscriptions
    model.close()


@given(st.data())
def test_changed_rows_are_all_whose_content_differs_from_before(data: st.DataObject) -> None:
    count = 12
    lots = st.lists(st.integers(0, 3), min_size=count, max_size=count)
    rows = st.none() | st.integers(0, count - 1)

    def drawn() -> LadderPicture:
        bids, asks, bought, sold = (np.array(data.draw(lots), np.int64) for _ in range(4))
        prices = np.arange(count, 0, -1, dtype=np.int64)
        bid, ask, last = (data.draw(rows) for _ in range(3))
        return LadderPicture(1, prices, bids, asks, bought, sold, bid, ask, last, True, (), None)

    before, after = drawn(), drawn()
    changed = changed_rows(before, after)

    def content(seen: LadderPicture, row: int) -> tuple[object, ...]:
        ask_end = -1 if seen.ask_row is None else seen.ask_row
        bid_begin = count if seen.bid_row is None else seen.bid_row
        tone = "ask" if row <= ask_end else "bid" if row >= bid_begin else "between"
        touch = (row == seen.bid_row, row == seen.ask_row, row == seen.last_row)
        figures = (int(each[row]) for each in (seen.bids, seen.asks, seen.bought, seen.sold))
        return (*figures, tone, touch)

    if changed is None:
        assert (before.deepest, before.most) != (after.deepest, after.most)
        return
    missed = [row for row in range(count) if content(before, row) != content(after, row) and not changed[row]]
    assert missed == []


@given(st.integers(0, 10**15))
def test_a_bars_scale_is_at_least_what_it_shows_and_at_most_a_quarter_more(lots: int) -> None:
    scale = stepped(lots)

    assert lots <= scale <= max(lots + lots // 4, lots)
