"""Our orders beside a feed's book, worked by hand: queues, prints, what we took, what we cannot see."""

from __future__ import annotations

import json

from engine.domain.number import Lots, Ticks
from engine.domain.order import Side
from engine.matching.book import Sweep
from engine.matching.shadow import ShadowBook
from tests.engine.matching.shadowing import Feeder, levels

SOON = 50_000_000
"""Nanoseconds after a change of the book in which a print still may be late."""


def test_the_queue_example_of_the_nautilus_trader_docs_comes_out_the_same() -> None:
    # docs/concepts/backtesting/trade-execution.md, "Queue position tracking", example scenario.
    feed = Feeder(bids=[(100, 100)], asks=[(101, 10)])
    feed.buy("o", 100, 50)
    assert feed.ahead("o") == 100

    assert feed.sold(100, 80) == []
    assert feed.ahead("o") == 20
    assert feed.sold(100, 30) == ["o 10@100 queue"]
    assert feed.sold(100, 50) == ["o 40@100 queue"]


def test_the_example_also_holds_with_the_book_following_its_prints() -> None:
    feed = Feeder(bids=[(100, 100)], asks=[(101, 10)])
    feed.buy("o", 100, 50)

    feed.sold(100, 80)
    feed.diff(bids=[(100, 20)], after=SOON)
    assert feed.ahead("o") == 20
    assert feed.sold(100, 30, after=SOON) == ["o 10@100 queue"]
    feed.diff(bids=[(100, 0)], after=SOON)
    assert feed.sold(100, 50) == ["o 40@100 queue"]


def test_a_sell_waits_in_its_queue_as_a_buy_does() -> None:
    feed = Feeder(bids=[(100, 5)], asks=[(101, 10), (102, 7)])
    feed.sell("o", 102, 4)

    assert feed.bought(102, 8) == ["o 1@102 queue"]
    assert feed.bought(103, 2) == ["o 2@102 through"]
    assert feed.sold(102, 9) == []
    assert feed.bought(102, 1) == ["o 1@102 queue"]


def test_only_the_opposite_aggressor_fills() -> None:
    feed = Feeder(bids=[(100, 1)], asks=[(101, 10)])
    feed.buy("o", 100, 5)

    assert feed.bought(100, 50) == []
    assert feed.bought(99, 50) == []
    assert feed.ahead("o") == 1


def test_what_vanishes_without_a_print_stood_behind_us_as_long_as_that_can_be() -> None:
    feed = Feeder(bids=[(100, 100)])
    feed.buy("o", 100, 5)
    feed.diff(bids=[(100, 160)])
    assert feed.ahead("o") == 100

    feed.diff(bids=[(100, 110)])
    assert feed.ahead("o") == 100
    feed.diff(bids=[(100, 30)])
    assert feed.ahead("o") == 30
    feed.diff(bids=[(100, 90)])
    assert feed.ahead("o") == 30


def test_a_level_that_goes_and_comes_back_does_not_move_us_to_the_front() -> None:
    feed = Feeder(bids=[(100, 50), (99, 5)])
    feed.buy("o", 100, 5)

    feed.diff(bids=[(100, 0)])
    assert feed.ahead("o") == 50
    feed.diff(bids=[(100, 80)])
    assert feed.ahead("o") == 50
    assert feed.sold(100, 30) == []
    assert feed.ahead("o") == 20
    feed.diff(bids=[(100, 0)])
    feed.diff(bids=[(100, 7)])
    assert feed.ahead("o") == 7


def test_a_print_that_comes_after_its_own_change_of_the_book_counts_once() -> None:
    feed = Feeder(bids=[(100, 100)])
    feed.buy("o", 100, 50)

    feed.diff(bids=[(100, 20)])
    assert feed.ahead("o") == 20
    assert feed.sold(100, 80, after=SOON) == []
    assert feed.ahead("o") == 20
    assert feed.sold(100, 30, after=SOON) == ["o 10@100 queue"]


def test_a_late_print_fills_whom_it_would_have_met_before_the_change() -> None:
    feed = Feeder(bids=[(100, 0), (99, 1)])
    feed.buy("o", 100, 50)
    feed.diff(bids=[(100, 90)])
    feed.diff(bids=[(100, 70)])

    feed.buy("late", 100, 50)

    assert feed.sold(100, 15, after=SOON) == ["o 15@100 queue"]
    assert feed.ahead("late") == 70
    assert feed.sold(100, 40, after=SOON) == ["o 5@100 queue", "o 30@100 queue"]
    assert feed.ahead("late") == 65


def test_a_late_print_does_not_concern_who_came_after_the_change() -> None:
    feed = Feeder(bids=[(100, 100)])
    feed.buy("o", 100, 5)
    feed.diff(bids=[(100, 20)])
    feed.buy("late", 100, 5)
    feed.book.remove(feed.orders["o"])

    assert feed.sold(100, 60, after=SOON) == []
    assert feed.ahead("late") == 20


def test_a_print_is_new_once_it_is_too_old_to_be_late() -> None:
    feed = Feeder(bids=[(100, 100)])
    feed.buy("o", 100, 50)
    feed.diff(bids=[(100, 20)])

    assert feed.sold(100, 25, after=300_000_000) == ["o 5@100 queue"]


def test_a_late_print_is_counted_as_late_only_as_far_as_the_level_lost_something() -> None:
    feed = Feeder(bids=[(100, 100)])
    feed.buy("o", 100, 50)
    feed.diff(bids=[(100, 50)])

    assert feed.sold(100, 80, after=SOON) == []
    assert feed.ahead("o") == 20


def test_own_orders_at_one_price_stand_in_line_and_share_a_print() -> None:
    feed = Feeder(bids=[(100, 20)])
    feed.buy("o1", 100, 5)
    feed.diff(bids=[(100, 30)])
    feed.buy("o2", 100, 5)
    assert (feed.ahead("o1"), feed.ahead("o2")) == (20, 30)

    assert feed.sold(100, 27) == ["o1 5@100 queue"]
    assert feed.ahead("o2") == 8
    assert feed.sold(100, 9) == ["o2 1@100 queue"]


def test_who_joins_an_empty_level_is_behind_those_believed_to_be_ahead_of_ours() -> None:
    feed = Feeder(bids=[(100, 20)])
    feed.buy("o1", 100, 5)
    feed.diff(bids=[(100, 0)])

    feed.buy("o2", 100, 5)

    assert (feed.ahead("o1"), feed.ahead("o2")) == (20, 20)


def test_a_print_beyond_our_price_fills_best_price_first_up_to_its_size() -> None:
    feed = Feeder(bids=[(100, 50), (99, 10), (98, 10)])
    feed.buy("o99", 99, 4)
    feed.buy("o98", 98, 4)
    feed.buy("o100", 100, 4)

    assert feed.sold(98, 6) == ["o100 4@100 through", "o99 2@99 through"]
    assert feed.ahead("o99") == 0
    assert feed.ahead("o98") == 10
    assert feed.sold(99, 1) == ["o99 1@99 queue"]
    assert feed.sold(98, 12) == ["o99 1@99 through", "o98 1@98 queue"]


def test_beyond_what_the_feed_shows_nothing_at_our_price_fills_us_until_it_is_shown() -> None:
    feed = Feeder(bids=[(100, 50), (99, 10)])
    feed.buy("o1", 95, 10)
    feed.buy("o2", 95, 10)
    assert (feed.ahead("o1"), feed.ahead("o2")) == (None, None)

    assert feed.sold(95, 30) == []
    feed.diff(bids=[(95, 40)])
    assert (feed.ahead("o1"), feed.ahead("o2")) == (40, 40)
    feed.buy("o3", 94, 10)
    feed.diff(bids=[(94, 0)])
    assert feed.ahead("o3") == 0
    feed.buy("o4", 93, 10)
    assert feed.sold(92, 3) != []
    assert feed.ahead("o4") == 0


def test_the_other_side_fills_us_as_far_as_it_is_displayed_and_not_taken() -> None:
    feed = Feeder(bids=[(99, 5)], asks=[(101, 5), (102, 5)])
    assert feed.buy("o", 102, 12) == ["o 5@101", "o 5@102"]
    assert feed.book.best_ask is None

    assert feed.diff(asks=[(101, 5)]) == []
    assert feed.diff(asks=[(101, 6)]) == ["o 1@102 displayed"]
    assert feed.diff(asks=[(101, 6), (103, 4)]) == []
    assert feed.diff(bids=[(99, 5)], asks=[(100, 9)]) == ["o 1@102 displayed"]
    assert feed.book.levels(Side.SELL) == list(levels((100, 8), (103, 4)))


def test_the_other_side_fills_a_sell_too() -> None:
    feed = Feeder(bids=[(99, 5)], asks=[(101, 5)])
    feed.sell("o", 100, 5)

    assert feed.snapshot(bids=[(100, 2)], asks=[(101, 5)]) == ["o 2@100 displayed"]


def test_a_feed_that_is_crossed_in_itself_fills_nobody() -> None:
    feed = Feeder(bids=[(99, 5)], asks=[(101, 5)])
    feed.buy("o", 100, 5)

    assert feed.diff(bids=[(100, 3)], asks=[(100, 3)]) == []
    assert feed.diff(bids=[(100, 0)]) == ["o 3@100 displayed"]


def test_what_we_took_stays_taken_until_fresh_size_comes() -> None:
    feed = Feeder(asks=[(101, 10), (102, 5)])
    feed.buy("o1", 101, 4)
    assert feed.book.levels(Side.SELL, 1) == list(levels((101, 6)))

    feed.diff(asks=[(101, 10)])
    assert feed.book.levels(Side.SELL, 1) == list(levels((101, 6)))
    feed.diff(asks=[(101, 12)])
    assert feed.book.levels(Side.SELL, 1) == list(levels((101, 8)))
    feed.diff(asks=[(101, 3)])
    assert feed.book.levels(Side.SELL, 1) == list(levels((102, 5)))
    feed.diff(asks=[(101, 5)])
    assert feed.book.levels(Side.SELL, 1) == list(levels((101, 2)))
    feed.diff(asks=[(101, 0)])
    feed.diff(asks=[(101, 5)])
    assert feed.book.levels(Side.SELL, 1) == list(levels((101, 5)))


def test_an_iceberg_fills_slice_by_slice_each_from_the_back() -> None:
    feed = Feeder(bids=[(100, 20)])
    feed.buy("ice", 100, 25, display=10)
    feed.diff(bids=[(100, 60)])

    assert feed.sold(100, 22) == ["ice 2@100 queue"]
    assert feed.sold(100, 8) == ["ice 8@100 queue"]
    assert feed.ahead("ice") == 60
    feed.diff(bids=[(100, 38)])
    assert feed.ahead("ice") == 38
    assert feed.sold(99, 12) == ["ice 10@100 through", "ice 2@100 through"]
    assert feed.orders["ice"].left == 3


def test_amending_down_keeps_the_place_and_leaving_forgets_it() -> None:
    feed = Feeder(bids=[(100, 20)])
    feed.buy("o", 100, 25)
    feed.sold(100, 5)

    feed.book.shrink(feed.orders["o"], 10)

    assert feed.ahead("o") == 15
    feed.book.remove(feed.orders["o"])
    assert feed.sold(99, 50) == []
    assert feed.book.dump_external() == Feeder(bids=[(100, 20)]).book.dump_external()


def test_the_book_shows_what_the_feed_displays_less_what_we_took() -> None:
    feed = Feeder(bids=[(99, 5), (98, 5)], asks=[(101, 5), (102, 5)])
    book = feed.book
    assert book.take_changes() == (list(levels((99, 5), (98, 5))), list(levels((101, 5), (102, 5))))
    feed.buy("o", 101, 4)

    assert book.take_changes() == ([], list(levels((101, 1))))
    assert book.displayed(False, 101) == (5, 4)
    assert (book.best_bid, book.best_ask) == (99, 101)
    assert book.cost_to_fill(Side.BUY, Lots(9)) == Sweep(Lots(6), 101 + 5 * 102, Ticks(102))
    assert book.cost_to_fill(Side.SELL, Lots(6)) == Sweep(Lots(6), 5 * 99 + 98, Ticks(98))
    feed.snapshot(bids=[(98, 6)], asks=[(102, 5)])
    assert book.take_changes() == (list(levels((99, 0), (98, 6))), list(levels((102, 5), (101, 0))[::-1]))


def test_a_restored_book_goes_on_as_it_was() -> None:
    feed = Feeder(bids=[(100, 100), (99, 10)], asks=[(101, 5)])
    feed.buy("o1", 100, 50)
    feed.buy("o2", 90, 50)
    feed.buy("o3", 101, 3)
    feed.sold(100, 10)
    feed.diff(bids=[(100, 20)])
    dump = json.loads(json.dumps(feed.book.dump_external()))

    again = ShadowBook()
    again.load_external(dump)
    for side in (True, False):
        for level in feed.book.side_of(side):
            for order in list(level):
                feed.book.side_of(side).remove(order)
                again.rest(order)
    feed.book = again

    assert json.loads(json.dumps(again.dump_external())) == dump
    assert feed.ahead("o1") == 20
    assert feed.sold(100, 60, after=SOON) == []
    assert feed.ahead("o1") == 20
    assert feed.sold(100, 30, after=SOON) == []
    assert feed.sold(100, 11, after=SOON) == ["o1 11@100 queue"]


def test_whoever_watches_hears_how_a_queue_became_shorter() -> None:
    feed = Feeder(bids=[(100, 20)])
    heard: list[tuple[int, int, int | None]] = []
    feed.book.watch(lambda order, qty: heard.append((order.key, qty, feed.book.ahead(order))))
    feed.buy("o1", 100, 5)
    feed.buy("o2", 100, 5)

    feed.sold(100, 4)
    feed.diff(bids=[(100, 10)])
    feed.sold(99, 1)

    assert heard == [(1, 4, 16), (2, 4, 16), (1, 0, 10), (2, 0, 10), (1, 0, 0), (2, 0, 0)]


def test_a_late_print_shortens_the_queue_only_of_who_stood_there_before() -> None:
    feed = Feeder(bids=[(100, 100)])
    feed.buy("o", 100, 5)
    feed.diff(bids=[(100, 90)])
    feed.buy("late", 100, 5)

    feed.sold(100, 10, after=SOON)
    feed.diff(bids=[(100, 90)])

    assert (feed.ahead("o"), feed.ahead("late")) == (90, 90)
    assert feed.sold(100, 92) == ["o 2@100 queue"]


def test_where_the_best_price_has_been_the_feed_shows_all_there_is() -> None:
    feed = Feeder(bids=[(100, 50), (99, 10)])
    feed.diff(bids=[(100, 0), (99, 0), (95, 5)])
    feed.diff(bids=[(98, 5)])

    feed.buy("o1", 97, 10)
    feed.buy("o2", 94, 10)

    assert (feed.ahead("o1"), feed.ahead("o2")) == (0, None)
