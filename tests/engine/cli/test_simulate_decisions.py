"""One test per sentence of "Decisions, so that two readers build the same engine", as far as it is built."""

from __future__ import annotations

import pytest

from tests.engine.cli.simulating import (
    BTC,
    ETH,
    FUNDED,
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
"""One quote unit per tick x lot, so that rounding shows."""

# Money


def test_the_lock_of_a_resting_order_is_recomputed_from_what_remains() -> None:
    answer = trading(order("A", "a", "buy", "1", "1000.00"), order("B", "b", "sell", "0.4", "1000"), state=True)

    assert answer.state["balances"]["A"]["USDT"] == {"free": "98999.00000000", "locked": "600.60000000"}


def test_a_unit_that_rounding_asks_for_beyond_the_lock_comes_from_free() -> None:
    # 3 lots at 7: lock 21 + ceil(0.021) = 22. Each fill of 1 costs 7 + 1, and releases 22-15, 15-8, 8-0 = 7, 7, 8.
    lines = [TINY, deposit("A", "USDT", "100"), deposit("B", "BTC", "9"), order("A", "a", "buy", "3", "7")]
    answer = run([*lines, *(order("B", f"b{n}", "sell", "1", "7") for n in range(3))], state=True)

    assert [event["maker_fee"] for event in answer.of("trade")] == ["1", "1", "1"]
    assert answer.state["balances"]["A"]["USDT"] == {"free": "76", "locked": "0"}


def test_if_free_has_no_such_unit_the_fee_of_that_fill_is_that_much_lower() -> None:
    lines = [TINY, deposit("A", "USDT", "22"), deposit("B", "BTC", "9"), order("A", "a", "buy", "3", "7")]
    answer = run([*lines, *(order("B", f"b{n}", "sell", "1", "7") for n in range(3))], state=True)

    assert [event["maker_fee"] for event in answer.of("trade")] == ["0", "0", "1"]
    assert answer.state["balances"]["A"]["USDT"] == {"free": "0", "locked": "0"}
    assert answer.state["fees"] == {"USDT": "4"}


@pytest.mark.parametrize("tif", ["GTC", "IOC", "FOK"])
def test_every_limit_buy_must_be_able_to_lock_its_limit_with_the_higher_fee(tif: str) -> None:
    pair = BTC | {"maker_fee": "0.002"}
    lines = [pair, deposit("A", "USDT", "1001"), deposit("B", "BTC", "1"), order("B", "b", "sell", "1", "500")]

    short = run([*lines, order("A", "a", "buy", "1", "1000", tif=tif)])
    enough = run([*lines, deposit("A", "USDT", "1", 1), order("A", "a", "buy", "1", "1000", tif=tif)])

    assert short.story[-1] == "rejected a insufficient_funds"
    assert short.events[-1]["text"] == "You need 1.00 USDT more: 1,002.00 with the fee, 1,001.00 available."
    assert enough.story[-1] == "trade b a 1.00000@500.00"


@pytest.mark.parametrize("price", [None, "1000"])
def test_a_sell_needs_its_whole_quantity_free_whatever_the_book_shows(price: str | None) -> None:
    answer = trading(order("B", "b", "sell", "10.00001", price))

    assert answer.story == ["rejected b insufficient_funds"]
    assert answer.events[0]["text"] == "You need 0.00001 BTC more: 10.00001 to sell, 10.00 available."


def test_the_walk_of_a_market_buy_counts_own_orders_and_the_fee_fill_by_fill() -> None:
    # Fees round up fill by fill: 7 + 1 and 7 + 1, not 14 + 1.
    lines = [TINY, deposit("A", "BTC", "1"), deposit("B", "BTC", "1")]
    book = [order("A", "own", "sell", "1", "7"), order("B", "b", "sell", "1", "7")]

    short = run([*lines, deposit("A", "USDT", "15"), *book, order("A", "a", "buy", "2")])
    enough = run([*lines, deposit("A", "USDT", "16"), *book, order("A", "a", "buy", "2")])

    assert short.story[-1] == "rejected a insufficient_funds"
    assert enough.story[-2:] == ["trade own a 1@7", "trade b a 1@7"]


def test_a_market_buy_that_self_trade_prevention_leads_deeper_than_it_can_pay_ends_there() -> None:
    lines = [TINY, deposit("A", "BTC", "1"), deposit("A", "USDT", "8"), deposit("B", "BTC", "1")]
    book = [order("A", "own", "sell", "1", "7"), order("B", "b", "sell", "1", "70")]

    answer = run([*lines, *book, order("A", "a", "buy", "1", stp="cancel_maker")])

    assert answer.story[-3:] == ["accepted a", "cancelled own stp 1", "cancelled a insufficient_funds 1"]


def test_a_waiting_sell_locks_its_base() -> None:
    answer = trading(stop("A", "s", "sell", "4", "900"), state=True)

    assert answer.state["balances"]["A"]["BTC"] == {"free": "6.00000000", "locked": "4.00000000"}
    assert answer.state["open_orders"] == [["A", "s", "4.00000"]]


def test_a_waiting_stop_limit_buy_locks_as_if_resting_at_its_limit() -> None:
    answer = trading(stop("A", "s", "buy", "1", "900", "1000"), state=True)

    assert answer.state["balances"]["A"]["USDT"] == {"free": "98999.00000000", "locked": "1001.00000000"}


def test_a_waiting_market_type_buy_locks_nothing_and_is_cancelled_if_it_cannot_pay_when_fired() -> None:
    lines = [BTC, deposit("A", "USDT", "1000"), deposit("B", "BTC", "3"), deposit("C", "USDT", "9000")]
    answer = run(
        [
            *lines,
            stop("A", "s", "buy", "1", "1000"),
            order("B", "b", "sell", "2", "1000"),
            order("C", "c", "buy", "1", "1000"),
        ],
        state=True,
    )

    assert answer.story[-3:] == ["trade b c 1.00000@1000.00", "triggered s", "cancelled s insufficient_funds 1.00000"]
    assert answer.state["balances"]["A"]["USDT"] == {"free": "1000.00000000", "locked": "0.00000000"}


@pytest.mark.parametrize(
    "small",
    [
        order("A", "x", "buy", "0.00499", "1000"),
        stop("A", "x", "buy", "0.00499", "1", "1000"),
        stop("A", "x", "buy", "0.00499", "1000"),
        order("A", "x", "sell", "0.00499"),
    ],
    ids=[
        "limit types at the limit",
        "stop-limit at the limit",
        "stop at its stop price",
        "market at the best opposite",
    ],
)
def test_minimum_notional(small: Entry) -> None:
    bid = order("B", "b", "buy", "1", "1000")

    refused = trading(bid, small)
    passed = trading(bid, small | {"qty": "0.00500"})

    assert refused.story[-1] == "rejected x min_notional"
    assert refused.events[-1]["text"] == "The order is worth 4.99 USDT; BTC/USDT trades from 5.00 USDT."
    assert "accepted x" in passed.story


def test_the_minimum_of_a_market_order_is_checked_at_the_last_price_or_not_at_all_without_a_book() -> None:
    nothing = trading(order("A", "x", "sell", "0.00001"))
    last = trading(
        order("B", "b", "buy", "1", "1000"), order("A", "a", "sell", "1", "1000"), order("A", "x", "sell", "0.00001")
    )

    assert nothing.story == ["accepted x", "cancelled x no_liquidity 0.00001"]
    assert last.story[-1] == "rejected x min_notional"


def test_the_minimum_on_amend_is_that_of_the_new_total_quantity() -> None:
    fill = (order("A", "a", "buy", "0.01", "1000"), order("B", "b", "sell", "0.006", "1000"))

    assert trading(*fill, amend("A", "a", qty="0.007")).story[-1] == "amended a 0.00700@1000.00 0.00100"
    assert trading(*fill, amend("A", "a", price="400")).story[-1] == "rejected a min_notional"


# Triggers


def test_triggers_are_looked_at_after_every_single_trade_and_enter_when_the_order_now_matching_has_ended() -> None:
    answer = trading(
        order("B", "b1", "sell", "1", "1000"),
        order("B", "b2", "sell", "1", "1010"),
        order("B", "b3", "sell", "1", "1020"),
        stop("A", "late", "buy", "0.5", "1010"),
        stop("A", "early", "buy", "0.5", "1000"),
        stop("A", "later", "buy", "0.5", "1010"),
        order("A", "a", "buy", "2", "1015"),
    )

    assert answer.story[-9:] == [
        "accepted a",
        "trade b1 a 1.00000@1000.00",
        "trade b2 a 1.00000@1010.00",
        "triggered early",
        "trade b3 early 0.50000@1020.00",
        "triggered late",
        "trade b3 late 0.50000@1020.00",
        "triggered later",
        "cancelled later no_liquidity 0.50000",
    ]


def test_what_a_fired_order_trades_fires_more_first_in_first_out() -> None:
    answer = trading(
        order("B", "b1", "buy", "1", "1000"),
        order("B", "b2", "buy", "1", "990"),
        order("B", "b3", "buy", "1", "980"),
        stop("A", "second", "sell", "1", "990"),
        stop("A", "first", "sell", "1", "1000"),
        order("A", "a", "sell", "1", "1000"),
    )

    assert answer.story[-6:] == [
        "accepted a",
        "trade b1 a 1.00000@1000.00",
        "triggered first",
        "trade b2 first 1.00000@990.00",
        "triggered second",
        "trade b3 second 1.00000@980.00",
    ]


def test_an_order_that_rests_does_so_before_what_it_fired_enters() -> None:
    answer = trading(
        order("B", "b", "sell", "1", "1000"),
        stop("B", "s", "sell", "1", "1000", "1000"),
        order("A", "a", "buy", "2", "1000"),
    )

    assert answer.story[-3:] == ["trade b a 1.00000@1000.00", "triggered s", "trade a s 1.00000@1000.00"]


def test_an_order_whose_trigger_already_holds_fires_at_once() -> None:
    trade = (order("B", "b", "sell", "2", "1000"), order("A", "a", "buy", "1", "1000"))

    assert trading(*trade, stop("A", "s", "buy", "1", "1000")).story[-3:] == [
        "accepted s",
        "triggered s",
        "trade b s 1.00000@1000.00",
    ]
    assert trading(*trade, stop("A", "s", "buy", "1", "1000.01")).story[-1] == "accepted s"
    assert trading(*trade, stop("A", "s", "sell", "1", "999.99")).story[-1] == "accepted s"


def test_an_amended_stop_price_is_checked_like_a_new_one() -> None:
    waits = stop("A", "s", "buy", "1", "1000")

    assert trading(waits, amend("A", "s", stop_price="0")).story[-1] == "rejected s bad_stop"
    assert trading(waits, amend("A", "s", stop_price="NaN")).story[-1] == "rejected s bad_stop"
    assert trading(waits, amend("A", "s", stop_price="1000.001")).story[-1] == "rejected s off_tick"
    assert trading(waits, amend("A", "s", stop_price="0.01")).story[-1] == "rejected s min_notional"


def test_an_amended_stop_price_that_holds_fires_after_amended() -> None:
    trade = (order("B", "b", "sell", "2", "1000"), order("A", "a", "buy", "1", "1000"))
    answer = trading(*trade, stop("A", "s", "buy", "1", "1001"), amend("A", "s", stop_price="999"))

    assert answer.story[-3:] == ["amended s 1.00000@None 1.00000", "triggered s", "trade b s 1.00000@1000.00"]


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity", None])
def test_a_stop_price_missing_nan_zero_or_negative_is_bad_stop(value: str | None) -> None:
    entry = stop("A", "s", "buy", "1", "1000")
    del entry["stop_price"]
    if value is not None:
        entry["stop_price"] = value

    assert trading(entry).story == ["rejected s bad_stop"]


def test_a_stop_price_off_the_grid_is_off_tick() -> None:
    assert trading(stop("A", "s", "buy", "1", "1000.001")).story == ["rejected s off_tick"]


@pytest.mark.parametrize(
    "entry",
    [
        stop("A", "s", "buy", "1", "1000", "1000", tif="FOK"),
        stop("A", "s", "buy", "1", "1000", "1000", post_only=True),
        stop("A", "s", "buy", "1", "1000", post_only=True),
        stop("A", "s", "buy", "1", "1000", tif="IOC"),
        order("A", "s", "buy", "1", tif="IOC"),
        order("A", "s", "buy", "1", tif="FOK"),
    ],
)
def test_fok_or_post_only_on_a_triggered_order_or_a_tif_on_a_market_type_is_bad_order(entry: Entry) -> None:
    assert trading(entry).story == ["rejected s bad_order"]


def test_a_stop_limit_may_be_immediate_or_cancel() -> None:
    trade = (order("B", "b", "sell", "1", "1000"), order("A", "a", "buy", "1", "1000"))

    answer = trading(*trade, stop("A", "s", "buy", "1", "1000", "1000", tif="IOC"))

    assert answer.story[-3:] == ["accepted s", "triggered s", "cancelled s ioc 1.00000"]


def test_an_amended_waiting_order_keeps_its_acceptance_order() -> None:
    answer = trading(
        stop("A", "one", "sell", "1", "900"),
        stop("A", "two", "sell", "1", "1000"),
        amend("A", "one", qty="2", stop_price="1000"),
        order("B", "b", "buy", "3", "1000"),
        order("A", "a", "sell", "1", "1000"),
    )

    assert [event["id"] for event in answer.of("triggered")] == ["one", "two"]


def test_a_fill_of_one_pair_never_fires_another_pairs_triggers() -> None:
    answer = trading(
        deposit("A", "ETH", "5"),
        stop("A", "s", "sell", "1", "1000", symbol="ETH/USDT"),
        order("B", "b", "buy", "1", "900"),
        order("A", "a", "sell", "1", "900"),
    )

    assert answer.of("triggered") == []


# Flags and types


def test_fok_counts_own_orders_only_with_stp_none() -> None:
    book = (order("A", "own", "sell", "1", "1000"), order("B", "b", "sell", "1", "1000"))

    def fok(stp: str, qty: str) -> list[str]:
        return trading(*book, order("A", "f", "buy", qty, "1000", tif="FOK", stp=stp)).story[2:]

    assert fok("none", "2") == ["accepted f", "trade own f 1.00000@1000.00", "trade b f 1.00000@1000.00"]
    assert fok("cancel_maker", "2") == ["rejected f fok_not_fillable"]
    assert fok("cancel_maker", "1") == ["accepted f", "cancelled own stp 1.00000", "trade b f 1.00000@1000.00"]
    assert fok("cancel_taker", "1") == ["rejected f fok_not_fillable"]
    assert fok("cancel_both", "1") == ["rejected f fok_not_fillable"]


def test_fok_that_is_full_before_it_would_meet_its_own_order_fills() -> None:
    book = (order("B", "b", "sell", "1", "1000"), order("A", "own", "sell", "1", "1000"))

    answer = trading(*book, order("A", "f", "buy", "1", "1000", tif="FOK", stp="cancel_taker"))

    assert answer.story[2:] == ["accepted f", "trade b f 1.00000@1000.00"]


def test_post_only_looks_at_prices_only() -> None:
    own = order("A", "own", "sell", "1", "1000")

    at = trading(own, order("A", "p", "buy", "1", "1000", post_only=True, stp="cancel_maker"))
    below = trading(own, order("A", "p", "buy", "1", "999.99", post_only=True))

    assert at.story[-1] == "rejected p post_only_would_take"
    assert at.events[-1]["text"] == "Post-only: at 1,000.00 it would trade at once, the best ask is 1,000.00."
    assert below.story[-1] == "accepted p"


def test_self_trade_prevention_follows_the_takers_mode_and_prints_the_makers_cancel_first() -> None:
    book = (order("A", "own", "sell", "1", "1000", stp="cancel_both"), order("B", "b", "sell", "1", "1001"))

    def taker(stp: str) -> list[str]:
        return trading(*book, order("A", "t", "buy", "2", "1001", stp=stp)).story[3:]

    assert taker("none") == ["trade own t 1.00000@1000.00", "trade b t 1.00000@1001.00"]
    assert taker("cancel_taker") == ["cancelled t stp 2.00000"]
    assert taker("cancel_maker") == ["cancelled own stp 1.00000", "trade b t 1.00000@1001.00"]
    assert taker("cancel_both") == ["cancelled own stp 1.00000", "cancelled t stp 2.00000"]


def test_a_self_trade_under_none_pays_both_fees() -> None:
    answer = trading(order("A", "own", "sell", "1", "1000"), order("A", "t", "buy", "1", "1000"), state=True)

    assert answer.state["fees"] == {"USDT": "2.00000000"}
    assert answer.state["balances"]["A"]["USDT"]["free"] == "99998.00000000"


def test_amend_to_what_is_filled_or_less_is_bad_quantity() -> None:
    fill = (order("A", "a", "buy", "1", "1000"), order("B", "b", "sell", "0.4", "1000"))

    for qty in ("0.4", "0.3", "0", "-1", "NaN"):
        assert trading(*fill, amend("A", "a", qty=qty)).story[-1] == "rejected a bad_quantity"


def test_an_amend_off_the_lot_is_off_lot_unless_it_asks_for_no_more_than_is_filled() -> None:
    fill = (order("A", "a", "buy", "1", "1000"), order("B", "b", "sell", "0.4", "1000"))

    for qty in ("0.400001", "0.7000000001", "123456789.000001"):
        assert trading(*fill, amend("A", "a", qty=qty)).story[-1] == "rejected a off_lot"
    for qty in ("0.399999", "0.000001", "-0.500001"):
        assert trading(*fill, amend("A", "a", qty=qty)).story[-1] == "rejected a bad_quantity"


def test_an_amend_that_changes_nothing_or_only_cuts_keeps_its_place_and_any_other_loses_it() -> None:
    queue = (order("A", "a", "buy", "1", "1000"), order("B", "b", "buy", "1", "1000"))
    hit = order("B", "s", "sell", "0.1", "1000")

    def first(**changes: str) -> str:
        trade = trading(*queue, amend("A", "a", **changes), hit).of("trade")[0]
        return str(trade["maker_id"])

    assert first() == "a"
    assert first(qty="1", price="1000.0") == "a"
    assert first(qty="0.5") == "a"
    assert first(qty="2") == "b"
    assert (
        trading(*queue, amend("A", "a", price="999"), amend("A", "a", price="1000"), hit)
        .story[-1]
        .startswith("trade b s")
    )


def test_an_amend_that_would_make_a_post_only_order_take_is_refused_and_changes_nothing() -> None:
    answer = trading(
        order("B", "b", "sell", "1", "1010"),
        order("A", "a", "buy", "1", "1000", post_only=True),
        amend("A", "a", price="1010", qty="2"),
        state=True,
    )

    assert answer.story[-1] == "rejected a post_only_would_take"
    assert answer.state["books"]["BTC/USDT"]["bids"] == [["1000.00", "1.00000"]]


def test_an_amend_that_crosses_trades_as_taker_after_amended() -> None:
    answer = trading(
        order("B", "b", "sell", "1", "1010"),
        order("A", "a", "buy", "2", "1000"),
        amend("A", "a", price="1020"),
        state=True,
    )

    assert answer.story[-2:] == ["amended a 2.00000@1020.00 2.00000", "trade b a 1.00000@1010.00"]
    assert answer.state["books"]["BTC/USDT"] == {"bids": [["1020.00", "1.00000"]], "asks": []}


def test_an_amend_beyond_the_money_is_refused_with_what_the_order_holds_counted_as_available() -> None:
    lines = [BTC, deposit("A", "USDT", "1101.1"), order("A", "a", "buy", "1", "1000")]

    assert run([*lines, amend("A", "a", price="1100")]).story[-1] == "amended a 1.00000@1100.00 1.00000"
    refused = run([*lines, amend("A", "a", price="1100.01")])
    assert refused.story[-1] == "rejected a insufficient_funds"
    assert refused.events[-1]["text"] == "You need 0.01001 USDT more: 1,101.11001 with the fee, 1,101.10 available."


@pytest.mark.parametrize(
    ("first", "changes"),
    [
        (order("A", "a", "buy", "1", "1000"), {"stop_price": "1000"}),
        (stop("A", "a", "buy", "1", "1000"), {"price": "1000"}),
        (order("A", "a", "buy", "1", "1000"), {"trail": "1"}),
    ],
)
def test_amending_what_the_order_does_not_have_is_bad_order(first: Entry, changes: dict[str, str]) -> None:
    assert trading(first, amend("A", "a", **changes)).story[-1] == "rejected a bad_order"


def test_a_fired_stop_limit_has_no_stop_price_to_change() -> None:
    answer = trading(
        stop("A", "s", "buy", "1", "1000", "900"),
        order("B", "b", "sell", "1", "1000"),
        order("A", "a", "buy", "1", "1000"),
        amend("A", "s", stop_price="1100"),
        amend("A", "s", price="901"),
    )

    assert answer.story[-2:] == ["rejected s bad_order", "amended s 1.00000@901.00 1.00000"]


# Input and output


def test_pair_deposit_and_clock_print_nothing() -> None:
    assert trading({"type": "clock", "ts": 1}).events == []


def test_trade_id_counts_over_all_pairs() -> None:
    answer = trading(
        deposit("B", "ETH", "1"),
        order("B", "b1", "sell", "1", "1000"),
        order("A", "a1", "buy", "1", "1000"),
        order("B", "b2", "sell", "1", "1000", symbol="ETH/USDT"),
        order("A", "a2", "buy", "1", "1000", symbol="ETH/USDT"),
    )

    assert [event["trade_id"] for event in answer.of("trade")] == [1, 2]


def test_an_asset_once_touched_stays_listed() -> None:
    lines = [BTC, deposit("A", "USDT", "1001"), deposit("B", "BTC", "1"), order("A", "a", "buy", "1", "1000")]
    answer = run([*lines, order("B", "b", "sell", "1", "1000")], state=True)

    assert answer.state["balances"] == {
        "A": {
            "BTC": {"free": "1.00000000", "locked": "0.00000000"},
            "USDT": {"free": "0.00000000", "locked": "0.00000000"},
        },
        "B": {
            "BTC": {"free": "0.00000000", "locked": "0.00000000"},
            "USDT": {"free": "999.00000000", "locked": "0.00000000"},
        },
    }


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "-1", "0", "-0.00", "-0.000001"])
def test_a_quantity_or_price_that_is_no_positive_number_is_refused(value: str) -> None:
    assert trading(order("A", "x", "buy", value, "1000")).story == ["rejected x bad_quantity"]
    assert trading(order("A", "x", "buy", "1", value)).story == ["rejected x bad_price"]


def test_trailing_zeros_do_not_put_a_number_off_its_grid_but_other_digits_do() -> None:
    assert trading(order("A", "x", "buy", "1.0000000000", "1000.000")).story == ["accepted x"]
    assert trading(order("A", "x", "buy", "1.000001", "1000")).story == ["rejected x off_lot"]
    assert trading(order("A", "x", "buy", "1", "1000.001")).story == ["rejected x off_tick"]


def test_a_grid_need_not_be_a_power_of_ten() -> None:
    lines = [BTC | {"tick": "0.25", "lot": "3", "base_decimals": 0}, deposit("A", "USDT", "100000")]

    assert run([*lines, order("A", "x", "buy", "9", "1000.75")]).story == ["accepted x"]
    assert run([*lines, order("A", "x", "buy", "9", "1000.80")]).story == ["rejected x off_tick"]
    assert run([*lines, order("A", "x", "buy", "8", "1000.75")]).story == ["rejected x off_lot"]
    state = run([*lines, order("A", "x", "buy", "9", "1000.75")], state=True).state
    assert state["books"]["BTC/USDT"]["bids"] == [["1000.75", "9"]]


def test_huge_numbers_are_not_special() -> None:
    huge = "1" + "0" * 5000
    answer = trading(
        order("A", "x", "buy", huge, "1000"), order("A", "y", "buy", "1", huge), deposit("A", "USDT", huge, 1)
    )

    assert answer.story == ["rejected x insufficient_funds", "rejected y insufficient_funds"]


@pytest.mark.parametrize(
    "entry",
    [
        order("A", "x", "buy", "1", order_type="limit"),
        order("A", "x", "buy", "1", "1000", order_type="market"),
        order("A", "x", "buy", "1", "1000", stop_price="1000"),
        order("A", "x", "buy", "1", stop_price="1000"),
        stop("A", "x", "buy", "1", "1000") | {"order_type": "stop_limit"},
        stop("A", "x", "buy", "1", "1000", "1000") | {"order_type": "stop"},
        order("A", "x", "buy", "1", post_only=True),
    ],
)
def test_a_missing_or_superfluous_field_of_an_order_type_is_bad_order(entry: Entry) -> None:
    assert trading(entry).story == ["rejected x bad_order"]


@pytest.mark.parametrize(
    "more",
    [
        {"order_type": "take_profit", "stop_price": "1000", "price": "1000"},
        {"order_type": "take_profit_limit", "stop_price": "1000"},
        {"order_type": "take_profit", "stop_price": "1000", "tif": "IOC"},
        {"order_type": "trailing_stop"},
        {"order_type": "trailing_stop", "trail": "10", "trail_bps": 50},
        {"order_type": "trailing_stop", "trail": "10", "stop_price": "900"},
        {"order_type": "trailing_stop", "trail": "10", "price": "900"},
        {"order_type": "limit", "price": "1000", "trail": "10"},
        {"order_type": "market", "display_qty": "0.1"},
        {"order_type": "stop", "stop_price": "900", "display_qty": "0.1"},
        {"display_qty": "0.1", "price": "1000", "order_type": "limit", "tif": "IOC"},
        {"display_qty": "0.1", "price": "1000", "order_type": "limit", "tif": "FOK"},
        {"tif": "GTD", "price": "1000", "order_type": "limit"},
        {"tif": "GTD", "price": "1000", "order_type": "limit", "expire_ts": 1},
        {"expire_ts": 9, "price": "1000", "order_type": "limit"},
        {"tif": "GTD", "expire_ts": 9},
    ],
)
def test_what_does_not_fit_the_type_of_an_order_is_bad_order(more: Entry) -> None:
    assert trading(order("A", "x", "buy", "1", **more)).story == ["rejected x bad_order"]


def test_several_reasons_at_once_come_in_the_documented_order() -> None:
    sick = order(
        "Z", "x", "buy", "-0.0000001", "-0.001", symbol="no", post_only=True, order_type="market", stop_price="0"
    )
    mended: list[Entry] = [
        {},
        {"account": "A"},
        {"symbol": "BTC/USDT"},
        {"id": "y"},
        {"order_type": "stop_limit", "post_only": False},
        {"qty": "0.0000001"},
        {"qty": "0.00001"},
        {"price": "0.001"},
        {"price": "1", "stop_price": "-1"},
        {"stop_price": "1"},
        {"qty": "1000000"},
        {"qty": "5"},
    ]
    lines: list[Entry] = [order("A", "x", "buy", "1", "1000")]
    for index, change in enumerate(mended):
        sick = sick | change
        if index > 3:
            sick = sick | {"id": f"y{index}"}
        lines.append(sick)

    assert [line.split()[-1] for line in trading(*lines).story[1:]] == [
        "unknown_account",
        "unknown_symbol",
        "duplicate_id",
        "bad_order",
        "bad_quantity",
        "off_lot",
        "bad_price",
        "off_tick",
        "bad_stop",
        "min_notional",
        "insufficient_funds",
        "y11",
    ]


def test_a_repeated_identical_submit_re_emits_nothing_whatever_became_of_the_first() -> None:
    first = order("A", "x", "buy", "1.0", "1000.00")
    same = order("A", "x", "buy", "1", "1000", ts=2, tif="GTC", post_only=False, reduce_only=False, stp="none")

    assert trading(first, same).story == ["accepted x"]
    assert trading(first, cancel("A", "x"), same).story == ["accepted x", "cancelled x user 1.00000"]


@pytest.mark.parametrize(
    "other",
    [{"qty": "2"}, {"price": "1001"}, {"tif": "IOC"}, {"side": "sell"}, {"stp": "cancel_both"}, {"symbol": "ETH/USDT"}],
)
def test_a_repeated_id_with_other_content_is_duplicate_id(other: Entry) -> None:
    first = order("A", "x", "buy", "1", "1000")

    assert trading(first, first | other).story[-1] == "rejected x duplicate_id"
    assert trading(first, cancel("A", "x"), first | other).story[-1] == "rejected x duplicate_id"


@pytest.mark.parametrize("qty", ["1000000", "1.0000001", "-1", "NaN"])
def test_refused_submits_are_remembered_too(qty: str) -> None:
    refused = order("A", "x", "buy", qty, "1000")
    again = refused | {"qty": qty if qty == "NaN" else f"0{qty}0".replace("0-", "-0") if "." in qty else qty}

    answer = trading(refused, again, refused | {"qty": "1"})

    assert [line.split()[0] + line.split()[-1] for line in answer.story][1:] == ["rejectedduplicate_id"]


def test_submits_to_an_unknown_account_or_symbol_are_not_remembered() -> None:
    lines = [*FUNDED, order("C", "x", "buy", "1", "1000"), order("A", "y", "buy", "1", "1000", symbol="DOGE/USDT")]
    later = [deposit("C", "USDT", "5000", 1), BTC | {"symbol": "DOGE/USDT", "base": "DOGE"}]

    answer = run([*lines, *later, order("C", "x", "buy", "1", "1000"), lines[-1]])

    assert answer.story == ["rejected x unknown_account", "rejected y unknown_symbol", "accepted x", "accepted y"]


def test_ids_belong_to_their_account() -> None:
    assert trading(order("A", "x", "buy", "1", "1000"), order("B", "x", "buy", "2", "900")).story == [
        "accepted x",
        "accepted x",
    ]


def test_cancel_or_amend_of_an_unknown_or_finished_order_is_unknown_order() -> None:
    gone = (order("A", "x", "buy", "1", "1000"), cancel("A", "x"))

    assert trading(*gone, cancel("A", "x"), amend("A", "x", qty="0")).story[2:] == [
        "rejected x unknown_order",
        "rejected x unknown_order",
    ]
    assert trading(cancel("Z", "x"), amend("Z", "x")).story == ["rejected x unknown_account"] * 2


def test_a_market_remainder_is_cancelled_for_want_of_liquidity_and_an_ioc_remainder_as_such() -> None:
    ask = order("B", "b", "sell", "1", "1000")

    assert trading(ask, order("A", "x", "buy", "2")).story[-1] == "cancelled x no_liquidity 1.00000"
    assert trading(ask, order("A", "x", "buy", "2", "1000", tif="IOC")).story[-1] == "cancelled x ioc 1.00000"
    assert trading(ask, order("A", "x", "buy", "2", "1000", tif="FOK")).story[-1] == "rejected x fok_not_fillable"


def test_a_fill_at_a_better_price_releases_the_difference_at_once() -> None:
    answer = trading(order("B", "b", "sell", "1", "900"), order("A", "a", "buy", "2", "1000"), state=True)

    assert answer.state["balances"]["A"]["USDT"] == {"free": "98098.10000000", "locked": "1001.00000000"}


def test_lists_are_refused_under_their_own_id_which_they_share_with_orders() -> None:
    legs = [
        {"id": "l1", "symbol": "BTC/USDT", "side": "sell", "order_type": "limit", "qty": "1", "price": "2000"},
        {"id": "l2", "symbol": "BTC/USDT", "side": "sell", "order_type": "stop", "qty": "1", "stop_price": "900"},
    ]
    oco: Entry = {"type": "submit_list", "ts": 1, "account": "A", "id": "L", "kind": "oco", "orders": legs}
    strange = oco | {"id": "M", "orders": [legs[0] | {"symbol": "no"}]}

    answer = trading(
        oco,
        oco,
        oco | {"kind": "oto"},
        order("A", "L", "buy", "1", "1000"),
        order("A", "l1", "buy", "1", "1000"),
        oco | {"id": "N"},
        oco | {"id": "P", "orders": [legs[1], legs[1]]},
        strange,
        oco | {"account": "Z"},
        state=True,
    )

    assert answer.story == [
        "accepted l1",
        "accepted l2",
        "rejected L duplicate_id",
        "rejected L duplicate_id",
        "rejected l1 duplicate_id",
        "rejected N duplicate_id",
        "rejected P duplicate_id",
        "rejected M unknown_symbol",
        "rejected L unknown_account",
    ]


def test_two_pairs_may_share_assets_with_the_same_decimals() -> None:
    assert run([BTC, ETH]).status == 0
