"""OCO, OTO and bracket: one test per sentence of what they promise."""

from __future__ import annotations

import pytest

from tests.engine.cli.simulating import (
    BTC,
    ETH,
    Answer,
    Entry,
    amend,
    cancel,
    deposit,
    order,
    run,
)

TINY: Entry = BTC | {"tick": "1", "lot": "1", "base_decimals": 0, "quote_decimals": 0, "min_notional": "0"}
FREE: Entry = TINY | {"maker_fee": "0", "taker_fee": "0"}

RICH: list[Entry] = [
    TINY,
    *(deposit(who, asset, "100000") for who in ("A", "B", "C") for asset in ("BTC", "USDT")),
]


def tiny(*lines: Entry, state: bool = False) -> Answer:
    answer = run([*RICH, *lines], state=state)
    assert (answer.status, answer.problem) == (0, "")
    return answer


def leg(id: str, side: str, qty: str, price: str | None = None, at: str | None = None, **more: object) -> Entry:
    kind = {
        (True, False): "limit",
        (False, False): "market",
        (False, True): "stop",
        (True, True): "stop_limit",
    }[price is not None, at is not None]
    entry: Entry = {"id": id, "symbol": "BTC/USDT", "side": side, "order_type": kind, "qty": qty}
    entry |= {} if price is None else {"price": price}
    entry |= {} if at is None else {"stop_price": at}
    return entry | more


def of(kind: str, *orders: Entry, id: str = "L", ts: int = 1, account: str = "A") -> Entry:
    return {"type": "submit_list", "ts": ts, "account": account, "id": id, "kind": kind, "orders": list(orders)}


def trade_at(price: str, ts: int = 1) -> list[Entry]:
    return [
        order("B", f"s{price}.{ts}", "sell", "1", price, ts),
        order("C", f"b{price}.{ts}", "buy", "1", price, ts),
    ]


OCO = of("oco", leg("up", "sell", "5", "110"), leg("down", "sell", "5", at="90"))
BRACKET = of("bracket", leg("in", "buy", "5", "100"), leg("tp", "sell", "5", "110"), leg("sl", "sell", "5", at="90"))


def fills(answer: Answer, id: str) -> int:
    return sum(int(event["qty"]) for event in answer.of("trade") if id in (event["maker_id"], event["taker_id"]))


# OCO


def test_every_order_of_a_list_is_accepted_and_none_for_the_lists_id() -> None:
    answer = tiny(OCO, state=True)

    assert answer.story == ["accepted up", "accepted down"]
    assert answer.state["open_orders"] == [["A", "down", "5"], ["A", "up", "5"]]


def test_the_first_fill_of_a_limit_leg_takes_the_other_out_right_after() -> None:
    answer = tiny(*trade_at("100"), OCO, order("C", "x", "buy", "2", "110"), *trade_at("80", 5), state=True)

    at = answer.story.index("trade up x 2@110")
    assert answer.story[at + 1] == "cancelled down oco 5"
    assert answer.of("triggered") == []
    assert answer.state["open_orders"] == [["A", "up", "3"]]


def test_a_triggered_leg_takes_the_other_out_before_it_enters() -> None:
    answer = tiny(*trade_at("100"), OCO, order("C", "bid", "buy", "9", "85"), *trade_at("90", 5))

    assert answer.story[-3:] == ["triggered down", "cancelled up oco 5", "trade bid down 5@85"]


def test_the_two_legs_lock_the_larger_of_both_once() -> None:
    sells = tiny(OCO, state=True)
    buys = run(
        [
            FREE,
            deposit("A", "USDT", "1000"),
            of("oco", leg("dip", "buy", "5", "90"), leg("out", "buy", "5", "120", "110")),
        ],
        state=True,
    )

    assert sells.state["balances"]["A"]["BTC"] == {"free": "99995", "locked": "5"}
    assert buys.state["balances"]["A"]["USDT"] == {"free": "400", "locked": "600"}


def test_legs_on_both_sides_lock_each_asset() -> None:
    answer = run(
        [
            FREE,
            deposit("A", "USDT", "1000"),
            deposit("A", "BTC", "5"),
            of("oco", leg("dip", "buy", "5", "90"), leg("top", "sell", "5", "120")),
        ],
        state=True,
    )

    assert answer.state["balances"]["A"] == {
        "BTC": {"free": "0", "locked": "5"},
        "USDT": {"free": "550", "locked": "450"},
    }


def test_at_the_first_fill_only_what_the_filling_leg_needs_stays_locked() -> None:
    lines = [FREE, deposit("A", "USDT", "1000"), deposit("B", "BTC", "9")]
    oco = of("oco", leg("dip", "buy", "5", "90"), leg("out", "buy", "5", "120", "110"))

    answer = run([*lines, oco, order("B", "x", "sell", "2", "90")], state=True)

    assert answer.story[-2:] == ["trade dip x 2@90", "cancelled out oco 5"]
    assert answer.state["balances"]["A"]["USDT"] == {"free": "550", "locked": "270"}


def test_an_oco_must_be_able_to_lock_its_dearer_leg() -> None:
    oco = of("oco", leg("dip", "buy", "5", "90"), leg("out", "buy", "5", "120", "110"))

    short = run([FREE, deposit("A", "USDT", "599"), oco])
    enough = run([FREE, deposit("A", "USDT", "600"), oco])

    assert short.story == ["rejected L insufficient_funds"]
    assert enough.story == ["accepted dip", "accepted out"]


def test_cancelling_a_leg_cancels_the_other_and_frees_everything() -> None:
    answer = tiny(OCO, cancel("A", "down"), state=True)

    assert answer.story[2:] == ["cancelled down user 5", "cancelled up oco 5"]
    assert answer.state["balances"]["A"]["BTC"] == {"free": "100000", "locked": "0"}


def test_cancelling_the_lists_id_cancels_all_of_it() -> None:
    answer = tiny(OCO, cancel("A", "L"), cancel("A", "L"))

    assert answer.story[2:] == ["cancelled up oco 5", "cancelled down oco 5", "rejected L unknown_order"]


def test_an_expired_leg_takes_the_other_with_it() -> None:
    oco = of("oco", leg("up", "sell", "5", "110", tif="GTD", expire_ts=9), leg("down", "sell", "5", at="90"))

    answer = tiny(*trade_at("100"), oco, {"type": "clock", "ts": 9}, state=True)

    assert answer.story[-2:] == ["expired up", "cancelled down oco 5"]
    assert answer.state["open_orders"] == []


def test_a_leg_that_prevents_a_self_trade_takes_the_other_with_it() -> None:
    answer = tiny(OCO, order("A", "x", "buy", "1", "110", stp="cancel_maker"), state=True)

    assert answer.story[3:] == ["cancelled up stp 5", "cancelled down oco 5"]
    assert [row[1] for row in answer.state["open_orders"]] == ["x"]


def test_legs_that_meet_each_other_do_not_trade() -> None:
    both = of("oco", leg("top", "sell", "5", "120"), leg("dip", "buy", "5", "90"))

    answer = tiny(both, amend("A", "dip", price="120"), state=True)

    assert answer.story[2:] == ["amended dip 5@120 5", "cancelled top oco 5"]
    assert answer.of("trade") == []
    assert answer.state["open_orders"] == [["A", "dip", "5"]]


def test_a_marketable_leg_fills_at_once_and_the_other_never_stands() -> None:
    answer = tiny(order("B", "bid", "buy", "3", "120"), OCO, state=True)

    assert answer.story[1:] == ["accepted up", "accepted down", "trade bid up 3@120", "cancelled down oco 5"]


def test_a_leg_whose_trigger_holds_fires_at_once() -> None:
    answer = tiny(*trade_at("90"), order("B", "bid", "buy", "9", "80"), OCO)

    assert answer.story[-5:] == [
        "accepted up",
        "accepted down",
        "triggered down",
        "cancelled up oco 5",
        "trade bid down 5@80",
    ]


def test_a_leg_that_stands_in_line_goes_when_the_other_fills_meanwhile() -> None:
    # The trade at 110 fires the stop leg; before it enters, the same order fills the limit leg at 120.
    oco = of("oco", leg("cap", "sell", "5", "120"), leg("chase", "buy", "5", at="110"))

    answer = tiny(order("B", "s110", "sell", "1", "110"), oco, order("C", "x", "buy", "3", "120"))

    assert answer.story[3:] == ["accepted x", "trade s110 x 1@110", "trade cap x 2@120", "cancelled chase oco 5"]


def test_an_oco_never_fills_past_its_size() -> None:
    answer = tiny(
        *trade_at("100"),
        OCO,
        order("C", "x", "buy", "9", "110"),
        order("C", "bid", "buy", "9", "80"),
        *trade_at("80", 5),
    )

    assert fills(answer, "up") + fills(answer, "down") == 5


def test_a_fill_or_kill_order_and_the_walk_of_a_market_buy_meet_one_leg_of_an_oco_only() -> None:
    lines = [FREE, deposit("A", "BTC", "9"), deposit("B", "USDT", "45")]
    oco = of("oco", leg("x", "sell", "2", "10"), leg("y", "sell", "2", "11"))

    refused = run([*lines, oco, order("B", "f", "buy", "4", "11", tif="FOK")])
    whole = run([*lines, oco, order("B", "f", "buy", "2", "11", tif="FOK")])
    market = run([FREE, deposit("A", "BTC", "9"), deposit("B", "USDT", "20"), oco, order("B", "m", "buy", "4")])

    assert refused.story[2:] == ["rejected f fok_not_fillable"]
    assert whole.story[2:] == ["accepted f", "trade x f 2@10", "cancelled y oco 2"]
    assert market.story[2:] == ["accepted m", "trade x m 2@10", "cancelled y oco 2", "cancelled m no_liquidity 2"]


# OTO and bracket


def test_later_legs_start_when_the_entry_has_filled_and_are_pending_until_then() -> None:
    before = tiny(BRACKET, state=True)
    after = tiny(BRACKET, order("B", "x", "sell", "5", "100"), state=True)

    assert before.story == ["accepted in", "accepted tp", "accepted sl"]
    assert before.state["open_orders"] == [["A", "in", "5"]]
    assert before.state["balances"]["A"]["BTC"]["locked"] == "0"
    assert after.state["open_orders"] == [["A", "sl", "5"], ["A", "tp", "5"]]
    assert after.state["balances"]["A"]["BTC"]["locked"] == "5"
    assert after.state["books"]["BTC/USDT"]["asks"] == [["110", "5"]]


def test_later_legs_start_with_what_the_entry_filled() -> None:
    entry = leg("in", "buy", "5", "100", tif="IOC")
    answer = tiny(order("B", "x", "sell", "2", "100"), of("bracket", entry, *BRACKET["orders"][1:]), state=True)

    assert answer.story[-2:] == ["trade x in 2@100", "cancelled in ioc 3"]
    assert answer.state["open_orders"] == [["A", "sl", "2"], ["A", "tp", "2"]]


def test_an_entry_that_is_cancelled_after_a_part_starts_its_legs_with_that_part() -> None:
    answer = tiny(BRACKET, order("B", "x", "sell", "2", "100"), cancel("A", "in"), state=True)

    assert answer.story[-1] == "cancelled in user 3"
    assert answer.state["open_orders"] == [["A", "sl", "2"], ["A", "tp", "2"]]


def test_an_entry_that_filled_nothing_takes_its_legs_with_it() -> None:
    answer = tiny(BRACKET, cancel("A", "in"), state=True)

    assert answer.story[3:] == ["cancelled in user 5", "cancelled tp oco 5", "cancelled sl oco 5"]
    assert answer.state["open_orders"] == []


def test_the_legs_of_a_bracket_are_then_an_oco() -> None:
    filled = tiny(BRACKET, order("B", "x", "sell", "5", "100"), order("C", "y", "buy", "1", "110"))
    fired = tiny(BRACKET, order("B", "x", "sell", "5", "100"), *trade_at("90", 2))

    assert filled.story[-2:] == ["trade tp y 1@110", "cancelled sl oco 5"]
    assert fired.story[-3:] == ["triggered sl", "cancelled tp oco 5", "cancelled sl no_liquidity 5"]


def test_a_leg_whose_trigger_holds_when_it_starts_fires_then() -> None:
    held = tiny(
        order("B", "bid", "buy", "9", "70"),
        of("bracket", leg("in", "buy", "5", "80"), leg("tp", "sell", "5", "110"), leg("sl", "sell", "5", at="90")),
        order("B", "x", "sell", "5", "80", 2),
    )

    assert held.story[-5:] == [
        "accepted x",
        "trade in x 5@80",
        "triggered sl",
        "cancelled tp oco 5",
        "trade bid sl 5@70",
    ]


def test_legs_stand_in_one_line_with_what_the_same_trade_fired_by_acceptance() -> None:
    # One trade at 100 fires `early` and `late` and ends the entry, whose legs were accepted between the two.
    lines = [
        order("A", "early", "buy", "1", None, 1) | {"order_type": "take_profit", "stop_price": "100"},
        of("oto", leg("in", "buy", "5", "100"), leg("next", "sell", "5", "90")),
        order("A", "late", "buy", "1", None, 1) | {"order_type": "take_profit", "stop_price": "100"},
        order("C", "bid", "buy", "9", "95"),
        order("C", "offer", "sell", "9", "130"),
    ]

    answer = tiny(*lines, order("B", "x", "sell", "5", "100", 2))

    at = answer.story.index("trade in x 5@100")
    assert answer.story[at + 1 :] == [
        "triggered early",
        "trade offer early 1@130",
        "trade bid next 5@95",
        "triggered late",
        "trade offer late 1@130",
    ]


def test_a_leg_that_cannot_be_paid_when_it_starts_is_cancelled_and_the_rest_with_it() -> None:
    lines = [FREE, deposit("A", "USDT", "500"), deposit("B", "BTC", "9"), deposit("B", "USDT", "1000")]
    entry_then_dearer = of(
        "oto", leg("in", "buy", "5", "100"), leg("more", "buy", "5", "50"), leg("third", "sell", "5", "120")
    )

    answer = run([*lines, entry_then_dearer, order("B", "x", "sell", "5", "100")], state=True)

    assert answer.story[-3:] == ["trade in x 5@100", "cancelled more insufficient_funds 5", "cancelled third oco 5"]
    assert answer.state["open_orders"] == []


def test_cancelling_a_pending_leg_cancels_the_rest_of_the_list() -> None:
    answer = tiny(BRACKET, cancel("A", "tp"), state=True)

    assert answer.story[3:] == ["cancelled tp user 5", "cancelled in oco 5", "cancelled sl oco 5"]
    assert answer.state["balances"]["A"]["USDT"]["locked"] == "0"


def test_cancelling_the_list_after_a_part_starts_nothing() -> None:
    answer = tiny(BRACKET, order("B", "x", "sell", "2", "100"), cancel("A", "L"), state=True)

    assert answer.story[-3:] == ["cancelled in oco 3", "cancelled tp oco 5", "cancelled sl oco 5"]
    assert answer.state["open_orders"] == []


def test_a_pending_leg_expires_and_takes_the_list_with_it() -> None:
    late = leg("tp", "sell", "5", "110", tif="GTD", expire_ts=7)

    answer = tiny(of("bracket", BRACKET["orders"][0], late, BRACKET["orders"][2]), {"type": "clock", "ts": 7})

    assert answer.story[3:] == ["expired tp", "cancelled in oco 5", "cancelled sl oco 5"]


def test_legs_of_an_oto_are_independent_until_the_user_cancels_one() -> None:
    oto = of("oto", leg("in", "buy", "5", "100"), leg("one", "sell", "2", "120"), leg("two", "sell", "3", "130"))
    started = [oto, order("B", "x", "sell", "5", "100")]
    rich = [
        TINY,
        deposit("A", "USDT", "100000"),
        deposit("A", "BTC", "50"),
        deposit("B", "BTC", "50"),
        deposit("B", "USDT", "9999"),
    ]

    filled = run([*rich, *started, order("B", "y", "buy", "5", "120")], state=True)
    gone = run([*rich, *started, cancel("A", "one")])

    assert filled.state["open_orders"] == [["A", "two", "5"]]
    assert gone.story[-2:] == ["cancelled one user 5", "cancelled two oco 5"]


def test_prices_of_legs_can_be_amended_but_not_their_quantity() -> None:
    answer = tiny(
        BRACKET,
        amend("A", "tp", price="115"),
        amend("A", "sl", stop_price="85"),
        amend("A", "tp", qty="4"),
        amend("A", "in", qty="4"),
        order("B", "x", "sell", "4", "100"),
        amend("A", "sl", qty="3"),
        state=True,
    )

    assert answer.story[3:] == [
        "amended tp 5@115 5",
        "amended sl 5@None 5",
        "rejected tp bad_order",
        "amended in 4@100 4",
        "accepted x",
        "trade in x 4@100",
        "rejected sl bad_order",
    ]
    assert answer.state["books"]["BTC/USDT"]["asks"] == [["115", "4"]]


def test_an_amended_leg_of_an_oco_locks_the_larger_of_both() -> None:
    oco = of("oco", leg("dip", "buy", "5", "90"), leg("out", "buy", "5", "120", "110"))
    lines = [FREE, deposit("A", "USDT", "700"), oco]

    dearer = run([*lines, amend("A", "dip", price="130")], state=True)
    too_dear = run([*lines, amend("A", "dip", price="141")], state=True)
    cheaper = run([*lines, amend("A", "out", price="70", stop_price="70")], state=True)

    assert dearer.state["balances"]["A"]["USDT"] == {"free": "50", "locked": "650"}
    assert too_dear.story[-1] == "rejected dip insufficient_funds"
    assert cheaper.state["balances"]["A"]["USDT"] == {"free": "250", "locked": "450"}


def test_a_trailing_leg_follows_the_price_from_its_start() -> None:
    bracket = of(
        "bracket",
        leg("in", "buy", "5", "90"),
        leg("tp", "sell", "5", "200"),
        {**leg("sl", "sell", "5"), "order_type": "trailing_stop", "trail": "5"},
    )
    lines = [*trade_at("100"), bracket, order("B", "x", "sell", "5", "90", 2), *trade_at("94", 3), *trade_at("90", 4)]

    answer = tiny(*lines, *trade_at("89", 5))

    assert [event["ts"] for event in answer.of("triggered")] == [5]


def test_an_entry_that_waits_starts_its_legs_in_the_end() -> None:
    bracket = of(
        "bracket", leg("in", "buy", "2", at="105"), leg("tp", "sell", "2", "120"), leg("sl", "sell", "2", at="95")
    )
    answer = tiny(*trade_at("100"), order("B", "offer", "sell", "9", "106"), bracket, *trade_at("105", 2), state=True)

    assert "trade offer in 2@106" in answer.story
    assert answer.state["open_orders"][:2] == [["A", "sl", "2"], ["A", "tp", "2"]]


# Identity


def test_a_repeated_list_re_emits_nothing_and_another_under_its_id_is_refused() -> None:
    other = OCO | {"orders": [leg("up", "sell", "5", "111"), OCO["orders"][1]]}

    answer = tiny(OCO, OCO, other, cancel("A", "L"), OCO, other)

    assert answer.story == [
        "accepted up",
        "accepted down",
        "rejected L duplicate_id",
        "cancelled up oco 5",
        "cancelled down oco 5",
        "rejected L duplicate_id",
    ]


def test_a_refused_list_is_remembered_under_its_id_and_its_orders_are_not() -> None:
    bad = OCO | {"orders": [OCO["orders"][0], leg("down", "sell", "5", at="-1")]}

    answer = tiny(bad, bad, OCO, order("A", "up", "sell", "1", "110"))

    assert answer.story == ["rejected L bad_stop", "rejected L duplicate_id", "accepted up"]


def test_one_bad_order_refuses_the_whole_list_with_the_gravest_reason() -> None:
    first, second = leg("up", "sell", "5", "-1"), leg("down", "sell", "0", at="90")

    assert tiny(of("oco", first, second)).story == ["rejected L bad_quantity"]
    assert tiny(of("oco", first, OCO["orders"][1])).story == ["rejected L bad_price"]


@pytest.mark.parametrize(
    "entry",
    [
        of("oco", leg("a", "sell", "5", "110")),
        of("oco", leg("a", "sell", "5", "110"), leg("b", "sell", "5", at="90"), leg("c", "sell", "5", at="80")),
        of("oto", leg("a", "buy", "5", "110")),
        of("bracket", leg("a", "buy", "5", "110"), leg("b", "sell", "5", "120")),
        of("oco", leg("a", "sell", "5"), leg("b", "sell", "5", at="90")),
        of("oco", leg("a", "sell", "5", "110", tif="IOC"), leg("b", "sell", "5", at="90")),
        of("oto", leg("a", "buy", "5", "110"), leg("b", "sell", "5")),
        of("oto", leg("a", "buy", "5", "110"), leg("b", "sell", "5", "120", post_only=True)),
        of("oto", leg("a", "buy", "5", "110"), leg("b", "sell", "5", "120", tif="FOK")),
        of("bracket", leg("a", "buy", "5", "110"), leg("b", "buy", "5", "120"), leg("c", "sell", "5", at="90")),
        of("bracket", leg("a", "buy", "5", "110"), leg("b", "sell", "5", at="120"), leg("c", "sell", "5", at="90")),
        of("bracket", leg("a", "buy", "5", "110"), leg("b", "sell", "5", "120"), leg("c", "sell", "5", "90")),
    ],
)
def test_orders_that_do_not_fit_together_are_a_bad_order(entry: Entry) -> None:
    assert tiny(entry).story == ["rejected L bad_order"]


def test_all_orders_of_a_list_are_of_one_pair() -> None:
    other = leg("b", "sell", "5", at="90", symbol="ETH/USDT")
    lines = [BTC, ETH, deposit("A", "BTC", "9"), deposit("A", "ETH", "9")]

    assert run([*lines, of("oco", leg("a", "sell", "5", "110"), other)]).story == ["rejected L bad_order"]


def test_a_reduce_only_leg_is_judged_when_it_starts() -> None:
    bracket = of(
        "bracket",
        leg("in", "buy", "5", "100"),
        leg("tp", "sell", "5", "110", reduce_only=True),
        leg("sl", "sell", "5", at="90", reduce_only=True),
    )
    lines = [TINY, deposit("A", "USDT", "1000"), deposit("B", "BTC", "9")]

    answer = run([*lines, bracket, order("B", "x", "sell", "5", "100")], state=True)

    assert answer.state["open_orders"] == [["A", "sl", "5"], ["A", "tp", "5"]]


@pytest.mark.parametrize("orders", [[], "x", [1], [leg("a", "buy", "1", "1") | {"ts": 1}], None])
def test_what_is_no_list_of_orders_is_malformed(orders: object) -> None:
    answer = run([*RICH, of("oco") | {"orders": orders}])

    assert answer.status == 2
    assert answer.events == []
