"""Take-profits, trailing stops, icebergs, good-till-date, reduce-only: one test per sentence of what they promise."""

from __future__ import annotations

import pytest

from tests.engine.cli.simulating import (
    BTC,
    Entry,
    amend,
    cancel,
    deposit,
    order,
    run,
    stop,
    trading,
)

TINY: Entry = BTC | {"tick": "1", "lot": "1", "base_decimals": 0, "quote_decimals": 0, "min_notional": "0"}
"""One quote unit per tick x lot."""

RICH: list[Entry] = [
    TINY,
    *(deposit(who, asset, "100000") for who in ("A", "B", "C") for asset in ("BTC", "USDT")),
]


def tiny(*lines: Entry, state: bool = False):  # type: ignore[no-untyped-def] # noqa: ANN201 - an Answer
    answer = run([*RICH, *lines], state=state)
    assert (answer.status, answer.problem) == (0, "")
    return answer


def trade_at(price: str, ts: int = 1, name: str = "") -> list[Entry]:
    """B and C trade one lot at a price, so that it is the last one."""
    name = name or f"{price}.{ts}"
    return [order("B", f"s{name}", "sell", "1", price, ts), order("C", f"b{name}", "buy", "1", price, ts)]


def trail(account: str, id: str, side: str, qty: str, ts: int = 1, **more: object) -> Entry:
    return order(account, id, side, qty, None, ts) | {"order_type": "trailing_stop", **more}


def profit(account: str, id: str, side: str, qty: str, at: str, price: str | None = None, **more: object) -> Entry:
    kind = "take_profit" if price is None else "take_profit_limit"
    return order(account, id, side, qty, price) | {"order_type": kind, "stop_price": at, **more}


def triggered(answer) -> list[str]:  # type: ignore[no-untyped-def] # noqa: ANN001 - an Answer
    return [event["id"] for event in answer.of("triggered")]


# Take-profits


@pytest.mark.parametrize(
    ("side", "at", "fires", "waits"),
    [("sell", "110", "110", "109"), ("buy", "90", "90", "91"), ("sell", "110", "120", "100")],
)
def test_a_take_profit_fires_the_other_way_round(side: str, at: str, fires: str, waits: str) -> None:
    answer = tiny(*trade_at("100"), profit("A", "t", side, "1", at), *trade_at(waits), *trade_at(fires, 2))

    assert triggered(answer) == ["t"]
    assert answer.of("triggered")[0]["ts"] == 2


def test_a_take_profit_limit_rests_at_its_limit_once_it_fired() -> None:
    answer = tiny(*trade_at("100"), profit("A", "t", "sell", "5", "110", "112"), *trade_at("110", 2), state=True)

    assert triggered(answer) == ["t"]
    assert answer.state["books"]["BTC/USDT"]["asks"] == [["112", "5"]]


def test_a_take_profit_whose_trigger_holds_fires_at_once() -> None:
    answer = tiny(*trade_at("100"), order("B", "bid", "buy", "5", "99"), profit("A", "t", "sell", "1", "100"))

    assert answer.story[-3:] == ["accepted t", "triggered t", "trade bid t 1@99"]


def test_stops_and_take_profits_of_one_trade_enter_by_acceptance() -> None:
    lines = [
        *trade_at("100"),
        profit("A", "p1", "sell", "1", "105"),
        stop("A", "s1", "buy", "1", "104"),
        profit("A", "p2", "sell", "1", "103"),
    ]
    assert triggered(tiny(*lines, *trade_at("106", 2))) == ["p1", "s1", "p2"]


# Trailing stops


def test_a_trailing_sell_follows_the_best_price_up_and_fires_on_the_way_back() -> None:
    lines = [*trade_at("100"), trail("A", "t", "sell", "1", trail="5")]
    for number, price in enumerate(("103", "110", "106", "105")):
        lines += trade_at(price, 2 + number)

    answer = tiny(*lines)

    assert [(event["id"], event["ts"]) for event in answer.of("triggered")] == [("t", 5)]


def test_a_trailing_buy_follows_the_best_price_down() -> None:
    lines = [*trade_at("100"), trail("A", "t", "buy", "1", trail="5")]
    for number, price in enumerate(("103", "96", "100", "101")):
        lines += trade_at(price, 2 + number)

    assert [event["ts"] for event in tiny(*lines).of("triggered")] == [5]


def test_without_a_last_price_the_first_trade_after_makes_the_mark() -> None:
    lines = [trail("A", "t", "sell", "1", trail="5"), *trade_at("90", 2), *trade_at("86", 3), *trade_at("85", 4)]

    assert [event["ts"] for event in tiny(*lines).of("triggered")] == [4]


@pytest.mark.parametrize(("bps", "fires"), [(50, 4), ("50", 4), ("49.5", 3), ("100", 5)])
def test_basis_points_are_compared_exactly_and_never_rounded_to_the_tick(bps: object, fires: int) -> None:
    # The mark is 1000. 50 bps: 995.0; 49.5 bps: 995.05, so 995 is beyond; 100 bps: 990.
    lines = [*trade_at("1000"), trail("A", "t", "sell", "1", trail_bps=bps)]
    for number, price in enumerate(("996", "995.0" if bps == "49.5" else "996", "995", "990")):
        lines += trade_at(str(int(float(price))), 2 + number)

    assert [event["ts"] for event in tiny(*lines).of("triggered")] == [fires]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"trail": "0.5"}, "off_tick"),
        ({"trail": "0"}, "bad_stop"),
        ({"trail": "-1"}, "bad_stop"),
        ({"trail": "NaN"}, "bad_stop"),
        ({"trail_bps": "NaN"}, "bad_stop"),
        ({"trail_bps": "0"}, "bad_stop"),
        ({"trail_bps": -5}, "bad_stop"),
        ({"trail_bps": "10000"}, "bad_stop"),
        ({"trail": "5", "stop_price": "90"}, "bad_order"),
        ({}, "bad_order"),
    ],
)
def test_a_bad_distance_is_refused(more: Entry, reason: str) -> None:
    assert tiny(trail("A", "t", "sell", "1", **more)).story == [f"rejected t {reason}"]


@pytest.mark.parametrize("value", [True, 1.5, None, "abc", "1e2", []])
def test_basis_points_that_are_no_number_are_malformed(value: object) -> None:
    answer = run([*RICH, trail("A", "t", "sell", "1", trail_bps=value)])

    assert (answer.status, answer.events) == (2, [])
    assert '"trail_bps"' in answer.problem


def test_the_distance_of_a_waiting_trailing_stop_can_be_amended_and_may_fire_it() -> None:
    lines = [*trade_at("100"), trail("A", "t", "sell", "1", trail="9"), *trade_at("97", 2)]

    answer = tiny(*lines, amend("A", "t", 3, trail="5"), amend("A", "t", 4, trail="3"))

    assert answer.of("amended") == [
        {"seq": answer.of("amended")[0]["seq"], "ts": 3, "type": "amended", "account": "A", "id": "t", "qty": "1",
         "price": None, "left": "1"},
        {"seq": answer.of("amended")[1]["seq"], "ts": 4, "type": "amended", "account": "A", "id": "t", "qty": "1",
         "price": None, "left": "1"},
    ]  # fmt: skip
    assert [event["ts"] for event in answer.of("triggered")] == [4]


@pytest.mark.parametrize(
    ("entry", "changes", "reason"),
    [
        (trail("A", "t", "sell", "1", trail_bps=50), {"trail": "5"}, "bad_order"),
        (trail("A", "t", "sell", "1", trail="9"), {"trail": "0"}, "bad_stop"),
        (trail("A", "t", "sell", "1", trail="9"), {"trail": "0.5"}, "off_tick"),
        (trail("A", "t", "sell", "1", trail="9"), {"stop_price": "5"}, "bad_order"),
        (stop("A", "t", "sell", "1", "90"), {"trail": "5"}, "bad_order"),
        (order("A", "t", "buy", "1", "90"), {"trail": "5"}, "bad_order"),
    ],
)
def test_a_distance_that_is_not_there_cannot_be_amended(entry: Entry, changes: dict[str, str], reason: str) -> None:
    answer = tiny(*trade_at("100"), entry, amend("A", "t", **changes))

    assert answer.story[-1] == f"rejected t {reason}"


def test_a_trailing_stop_is_worth_its_quantity_at_the_last_price() -> None:
    pair = TINY | {"min_notional": "100"}
    accounts = RICH[1:]
    waiting = trail("A", "t", "sell", "9", trail="5")

    blind = run([pair, *accounts, waiting])
    small = run([pair, *accounts, order("B", "s", "sell", "10", "10"), order("C", "b", "buy", "10", "10"), waiting])
    amended = run([pair, *accounts, waiting | {"qty": "50"}, order("B", "s", "sell", "10", "10"),
                   order("C", "b", "buy", "10", "10"), amend("A", "t", 1, qty="9")])  # fmt: skip

    assert blind.story == ["accepted t"]
    assert small.story[-1] == "rejected t min_notional"
    assert amended.story[-1] == "rejected t min_notional"


# Icebergs


def test_as_maker_each_slice_is_a_fill_and_a_new_slice_goes_to_the_back() -> None:
    answer = tiny(
        order("A", "ice", "sell", "10", "100", display_qty="3"),
        order("B", "b1", "sell", "2", "100"),
        order("C", "take", "buy", "9", "100"),
        state=True,
    )

    assert answer.story[3:] == [
        "trade ice take 3@100",
        "trade b1 take 2@100",
        "trade ice take 3@100",
        "trade ice take 1@100",
    ]
    assert answer.state["books"]["BTC/USDT"]["asks"] == [["100", "3"]]


def test_as_taker_its_whole_quantity_trades_and_the_rest_hides() -> None:
    answer = tiny(
        order("B", "b", "sell", "7", "100"),
        order("A", "ice", "buy", "12", "100", display_qty="2"),
        order("C", "c", "buy", "1", "100"),
        order("B", "hit", "sell", "4", "100"),
        state=True,
    )

    assert answer.story[2] == "trade b ice 7@100"
    assert answer.story[-3:] == ["trade ice hit 2@100", "trade c hit 1@100", "trade ice hit 1@100"]
    assert answer.state["books"]["BTC/USDT"]["bids"] == [["100", "2"]]


def test_levels_show_displayed_plus_hidden() -> None:
    answer = tiny(order("A", "ice", "sell", "10", "100", display_qty="3"), state=True)

    assert answer.state["books"]["BTC/USDT"]["asks"] == [["100", "10"]]
    assert answer.state["open_orders"] == [["A", "ice", "10"]]


@pytest.mark.parametrize(
    ("display", "reason"),
    [
        ("0", "bad_quantity"),
        ("-1", "bad_quantity"),
        ("11", "bad_quantity"),
        ("0.5", "off_lot"),
        ("NaN", "bad_quantity"),
    ],
)
def test_a_bad_displayed_quantity_is_refused(display: str, reason: str) -> None:
    assert tiny(order("A", "x", "sell", "10", "100", display_qty=display)).story == [f"rejected x {reason}"]


def test_an_amend_to_less_cuts_the_hidden_part_first_and_keeps_the_place() -> None:
    answer = tiny(
        order("A", "ice", "sell", "10", "100", display_qty="3"),
        order("B", "b", "sell", "5", "100"),
        amend("A", "ice", qty="4"),
        order("C", "take", "buy", "9", "100"),
    )

    assert answer.story[2:] == [
        "amended ice 4@100 4",
        "accepted take",
        "trade ice take 3@100",
        "trade b take 5@100",
        "trade ice take 1@100",
    ]


def test_a_fill_or_kill_order_counts_what_is_hidden() -> None:
    ice = order("A", "ice", "sell", "10", "100", display_qty="3")

    assert tiny(ice, order("C", "x", "buy", "10", "100", tif="FOK")).story[-1] == "trade ice x 1@100"
    assert tiny(ice, order("C", "x", "buy", "11", "100", tif="FOK")).story[-1] == "rejected x fok_not_fillable"


def test_a_fill_or_kill_order_that_would_cancel_itself_counts_only_what_comes_before_its_own() -> None:
    # In turn: ice 3, own 2, then ice's next slices, which are behind the own order.
    book = [order("A", "ice", "sell", "10", "100", display_qty="3"), order("C", "own", "sell", "2", "100")]

    fits = tiny(*book, order("C", "x", "buy", "3", "100", tif="FOK", stp="cancel_taker"))
    not_so = tiny(*book, order("C", "x", "buy", "4", "100", tif="FOK", stp="cancel_taker"))
    over = tiny(*book, order("C", "x", "buy", "10", "100", tif="FOK", stp="cancel_maker"))

    assert fits.story[-1] == "trade ice x 3@100"
    assert not_so.story[-1] == "rejected x fok_not_fillable"
    assert over.of("cancelled")[0]["id"] == "own"
    assert sum(int(event["qty"]) for event in over.of("trade")) == 10


def test_the_walk_of_a_market_buy_counts_hidden_slices_as_fills_of_their_own() -> None:
    # 4 lots at 7 in slices of 1: each costs 7 + 1 of fee, so 32 in all and not 28 + 1.
    lines = [TINY, deposit("A", "BTC", "9"), order("A", "ice", "sell", "4", "7", display_qty="1")]

    short = run([*lines, deposit("B", "USDT", "31", 1), order("B", "x", "buy", "4")])
    enough = run([*lines, deposit("B", "USDT", "32", 1), order("B", "x", "buy", "4")])

    assert short.story[-1] == "rejected x insufficient_funds"
    assert [event["taker_fee"] for event in enough.of("trade")] == ["1"] * 4


def test_post_only_looks_at_prices_only_and_an_iceberg_can_be_post_only() -> None:
    answer = tiny(
        order("A", "ice", "sell", "10", "100", display_qty="3", post_only=True),
        order("B", "x", "buy", "1", "100", post_only=True),
    )

    assert answer.story == ["accepted ice", "rejected x post_only_would_take"]


def test_a_displayed_quantity_above_a_quantity_off_the_lot_is_the_graver_fault() -> None:
    assert tiny(order("A", "x", "sell", "0.333", "100", display_qty="1")).story == ["rejected x bad_quantity"]
    assert tiny(order("A", "x", "sell", "1.333", "100", display_qty="1")).story == ["rejected x off_lot"]


def test_an_amend_that_changes_nothing_is_amended_whatever_would_be_against_the_order_by_now() -> None:
    pair = TINY | {"min_notional": "100"}
    waiting = trail("A", "t", "sell", "9", trail="5")
    trades = [order("B", "s", "sell", "10", "10"), order("C", "b", "buy", "10", "10")]

    same = run([pair, *RICH[1:], waiting, *trades, amend("A", "t"), amend("A", "t", 1, trail="5", qty="9")])

    assert same.story[-2:] == ["amended t 9@None 9"] * 2


# Good till date


def test_an_order_expires_at_its_instant_before_any_command_of_that_instant() -> None:
    answer = tiny(
        order("A", "x", "sell", "5", "100", tif="GTD", expire_ts=10),
        order("B", "b", "buy", "2", "100", 9),
        order("B", "late", "buy", "2", "100", 10),
        state=True,
    )

    assert answer.story[2:] == ["trade x b 2@100", "expired x", "accepted late"]
    expired = answer.of("expired")[0]
    assert {key: expired[key] for key in ("ts", "account", "id", "left")} == {
        "ts": 10,
        "account": "A",
        "id": "x",
        "left": "3",
    }
    assert answer.state["balances"]["A"]["BTC"]["locked"] == "0"


def test_several_expire_by_instant_then_by_acceptance_each_at_its_own_time() -> None:
    lines = [
        order("A", f"x{number}", "sell", "1", "100", tif="GTD", expire_ts=at) for number, at in enumerate((8, 7, 8, 5))
    ]
    answer = tiny(*lines, cancel("A", "x1", 2), {"type": "clock", "ts": 99})

    assert [(event["id"], event["ts"]) for event in answer.of("expired")] == [("x3", 5), ("x0", 8), ("x2", 8)]


def test_a_waiting_order_expires_too() -> None:
    waiting = stop("A", "x", "sell", "1", "90", "90", tif="GTD", expire_ts=5)

    answer = tiny(*trade_at("100"), waiting, {"type": "clock", "ts": 5}, *trade_at("80", 6), state=True)

    assert [event["id"] for event in answer.of("expired")] == ["x"]
    assert answer.of("triggered") == []
    assert answer.state["open_orders"] == []


def test_what_filled_or_was_cancelled_does_not_expire() -> None:
    answer = tiny(
        order("A", "filled", "sell", "1", "100", tif="GTD", expire_ts=5),
        order("B", "b", "buy", "1", "100"),
        order("A", "gone", "sell", "1", "100", tif="GTD", expire_ts=5),
        cancel("A", "gone"),
        {"type": "clock", "ts": 9},
    )

    assert answer.of("expired") == []


# Reduce-only


def test_a_reduce_only_buy_is_always_refused_and_a_sell_above_the_position_is_not_cut() -> None:
    lines = [TINY, deposit("A", "BTC", "5"), deposit("A", "USDT", "1000"), order("A", "locked", "sell", "2", "900")]

    buy = run([*lines, order("A", "x", "buy", "1", "100", reduce_only=True)])
    more = run([*lines, order("A", "x", "sell", "6", "100", reduce_only=True)])
    locked = run([*lines, order("A", "x", "sell", "5", "100", reduce_only=True)])
    less = run([*lines, order("A", "x", "sell", "3", "100", reduce_only=True)])

    assert buy.story[-1] == more.story[-1] == "rejected x reduce_only"
    assert more.events[-1]["text"] == "Reduce-only: it would sell 6.00 BTC, you hold 5.00."
    assert locked.story[-1] == "rejected x insufficient_funds"  # the position is the total, locked coins included
    assert less.story[-1] == "accepted x"


def test_a_reduce_only_order_cannot_be_amended_beyond_the_position() -> None:
    lines = [TINY, deposit("A", "BTC", "5"), order("A", "x", "sell", "3", "100", reduce_only=True)]

    assert run([*lines, amend("A", "x", qty="6")]).story[-1] == "rejected x reduce_only"
    assert run([*lines, amend("A", "x", qty="5")]).story[-1] == "amended x 5@100 5"


def test_the_minimum_is_graver_than_reduce_only_and_that_than_post_only() -> None:
    both = order("A", "x", "buy", "0.001", "1000.00", reduce_only=True, post_only=True)
    book = order("B", "b", "sell", "1", "900")

    assert trading(book, both).story[-1] == "rejected x min_notional"
    assert trading(book, both | {"qty": "1"}).story[-1] == "rejected x reduce_only"
