"""Queues and levels beside plain lists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import Level
from engine.domain.number import Lots, Ticks
from engine.domain.order import Side
from engine.matching.book import CrossingBook, Sweep
from engine.matching.ladder import Ladder, Resting

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "iceberg", "remove", "trade", "shrink", "look"]),
        st.integers(90, 110),
        st.integers(1, 9),
    ),
    max_size=80,
)


@given(is_buy=st.booleans(), steps=STEPS)
def test_a_ladder_holds_what_a_list_sorted_by_price_and_arrival_holds(
    is_buy: bool, steps: list[tuple[str, int, int]]
) -> None:
    ladder, plain = Ladder(is_buy), list[Resting]()
    seen: dict[int, int] = {}
    for key, (what, price, qty) in enumerate(steps):
        if what in ("add", "iceberg"):
            order = Resting(None, key, is_buy, price, qty)
            if what == "iceberg":
                order.display = 2
                order.hidden = max(0, qty - 2)
            ladder.add(order)
            plain.append(order)
        elif what == "remove" and plain:
            ladder.remove(plain.pop(price % len(plain)))
        elif what == "trade" and plain:
            order = plain[price % len(plain)]
            slice_left = order.left - order.hidden
            ladder.trade(order, min(qty, slice_left))
            if qty >= slice_left:  # used up: it leaves, or shows the next slice behind all others
                plain.remove(order)
                plain += [order] if order.left else []
                assert order.hidden == max(0, order.left - order.display)
        elif what == "shrink" and plain:
            order = plain[price % len(plain)]
            cut = min(qty, order.left - 1)
            hidden = order.hidden
            ladder.shrink(order, cut)
            assert order.hidden == max(0, hidden - cut)
        elif what == "look":
            seen |= dict(ladder.take_changes())
        plain.sort(key=lambda each: -each.price if is_buy else each.price)
        assert ladder.seen(2) == tuple((price, qty, 0) for price, qty in ladder.depth(2))

        assert [order for level in ladder for order in level] == plain
        best = ladder.best()
        assert ladder.front(None) is (plain[0] if plain else None)
        assert (best.price if best else None) == ladder.best_price() == (plain[0].price if plain else None)
        assert [(level.price, level.qty, level.hidden) for level in ladder] == [
            (
                price,
                sum(each.left - each.hidden for each in plain if each.price == price),
                sum(each.hidden for each in plain if each.price == price),
            )
            for price in dict.fromkeys(each.price for each in plain)
        ]
        for level in ladder:
            assert sum(part for _, part in level.fills()) == level.qty + level.hidden
    seen |= dict(ladder.take_changes())
    assert {price: qty for price, qty in seen.items() if qty} == dict(ladder.depth(None))
    assert ladder.take_changes() == []


def test_front_stops_at_the_limit_on_both_sides() -> None:
    bids, asks = Ladder(is_buy=True), Ladder(is_buy=False)
    bid, ask = Resting(None, 1, True, 100, 5), Resting(None, 2, False, 101, 5)
    bids.add(bid)
    asks.add(ask)

    assert [bids.front(limit) for limit in (99, 100, 101)] == [bid, bid, None]
    assert [asks.front(limit) for limit in (100, 101, 102)] == [None, ask, ask]


def test_an_order_that_left_holds_on_to_nothing() -> None:
    ladder = Ladder(is_buy=True)
    orders = [Resting(None, key, True, 100, 5) for key in range(3)]
    for order in orders:
        ladder.add(order)

    ladder.remove(orders[1])

    assert not hasattr(orders[1], "level")
    assert orders[1].before is orders[1].behind is None
    assert (ladder.levels[100].qty, ladder.depth(1)) == (10, [Level(Ticks(100), Lots(10))])


def test_cancel_churn_leaves_nothing_behind() -> None:
    ladder = Ladder(is_buy=False)
    for key in range(10_000):
        order = Resting(None, key, False, 100 + key % 977, 1)
        ladder.add(order)
        ladder.remove(order)

    assert (ladder.levels, ladder.ranks) == ({}, [])


def test_walking_a_book_adds_up_price_times_quantity_to_the_last_price_it_needs() -> None:
    book = CrossingBook()
    for key, (price, qty) in enumerate([(101, 5), (102, 5), (104, 5)]):
        book.rest(Resting(None, key, False, price, qty))

    assert book.cost_to_fill(Side.BUY, Lots(7)) == Sweep(Lots(7), 5 * 101 + 2 * 102, Ticks(102))
    assert book.cost_to_fill(Side.BUY, Lots(99)) == Sweep(Lots(15), 5 * (101 + 102 + 104), Ticks(104))
    assert book.cost_to_fill(Side.SELL, Lots(1)) == Sweep(Lots(0), 0, None)
    assert [order.price for order, _ in book.fills(True, 102)] == [101, 102]
    assert [order.price for order, _ in book.fills(True, None)] == [101, 102, 104]
