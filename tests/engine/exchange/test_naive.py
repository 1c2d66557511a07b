"""Sentence by sentence: what the specification decides, worked out by hand, for the naive exchange and the real one.

A session is written one command a line: `a1 A buy 5 @10 tif=IOC` submits, `cancel A a1`, `amend A a1 qty=3 price=9`,
`deposit A Q 7`, `clock 5`, and `oco A L | x buy 2 @9 | y buy 2 stop=12` submits a list. `at=7` on any of them sets
the time. What follows a line that starts with `>` is what must be told, and `=` what an account must own at the end:
`= A Q 90.00 10.00` free and locked. Everybody begins with 1000 Q and 100 B; a fill costs the maker 1 %, the taker 2 %.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr
from typing import Any

import pytest

from engine.cli.simulate import simulate
from tests.engine.exchange.naive_text import run as naive

Entry = dict[str, Any]

PAIR: Entry = {
    "type": "pair", "symbol": "B/Q", "base": "B", "quote": "Q", "tick": "1", "lot": "1", "base_decimals": 0,
    "quote_decimals": 2, "min_notional": "5", "maker_fee": "0.01", "taker_fee": "0.02",
}  # fmt: skip
FUNDED = [f"deposit {account} {asset}" for account in "ABC" for asset in ("Q 1000", "B 100")]
WHOLE = ("expire_ts", "trail_bps", "at")
FLAGS = ("post_only", "reduce_only")

SESSIONS = {
    # Money
    "a resting buy locks its price and the higher fee, rounded up": """
        a A buy 3 @33
        > accepted a
        = A Q 899.02 100.98""",
    "a resting sell locks its quantity": """
        a A sell 3 @33
        > accepted a
        = A B 97 3""",
    "a trade is at the maker's price and releases the difference at once": """
        m B sell 5 @10
        a A buy 5 @12
        > accepted m, accepted a, trade m a 5@10
        = A Q 949.00 0.00
        = B Q 1049.50 0.00""",
    "a market buy that cannot pay its walk is rejected whole": """
        m B sell 99 @11
        a A buy 99
        > accepted m, rejected a insufficient_funds""",
    "a market buy takes what there is and cancels the rest": """
        m B sell 2 @10
        a A buy 5
        > accepted m, accepted a, trade m a 2@10, cancelled a no_liquidity 3""",
    "an immediate order must be able to lock at its limit too": """
        m B sell 1 @10
        a A buy 99 @11 tif=IOC
        > accepted m, rejected a insufficient_funds""",
    "a sell needs its whole quantity whatever the book shows": """
        a A sell 101
        > rejected a insufficient_funds""",
    "a stop market buy locks nothing and is cancelled if it cannot pay when it fires": """
        s A buy 99 stop=10
        m B sell 1 @10
        n B sell 99 @11
        t C buy 1
        > accepted s, accepted m, accepted n, accepted t, trade m t 1@10, triggered s, cancelled s insufficient_funds 99
        = A Q 1000.00 0.00""",
    "a stop-limit buy locks as if it rested": """
        s A buy 3 @33 stop=40
        > accepted s
        = A Q 899.02 100.98""",
    "a stop sell locks its base": """
        s A sell 3 stop=5
        > accepted s
        = A B 97 3""",
    "the minimum of a market order is counted at the best opposite price": """
        m B sell 5 @3
        a A buy 1
        b A buy 2
        > accepted m, rejected a min_notional, accepted b, trade m b 2@3""",
    "the minimum of a stop is counted at its stop price": """
        a A sell 2 stop=2
        b A sell 2 stop=3
        > rejected a min_notional, accepted b""",
    "the minimum after an amend is counted on the total quantity": """
        a A buy 5 @2
        amend A a qty=2
        amend A a qty=3
        > accepted a, rejected a min_notional, amended a 3@2 3""",
    # Triggers
    "a buy stop fires at or above, a sell stop at or below, take-profits the other way round": """
        b1 A buy 1 stop=10
        b2 A buy 1 stop=11
        b3 A buy 1 type=take_profit stop=10
        b4 A buy 1 type=take_profit stop=9
        s1 A sell 1 stop=10
        s2 A sell 1 stop=9
        s3 A sell 1 type=take_profit stop=10
        s4 A sell 1 type=take_profit stop=11
        m B sell 1 @10
        t C buy 1
        > accepted b1, accepted b2, accepted b3, accepted b4, accepted s1, accepted s2, accepted s3, accepted s4
        > accepted m, accepted t, trade m t 1@10
        > triggered b1, cancelled b1 no_liquidity 1, triggered b3, cancelled b3 no_liquidity 1
        > triggered s1, cancelled s1 no_liquidity 1, triggered s3, cancelled s3 no_liquidity 1""",
    "what fires stands in one line by trade, and enters when the order now matching has ended": """
        s1 C buy 1 stop=12
        s2 C buy 1 stop=11
        m1 B sell 1 @10
        m2 B sell 1 @11
        m3 B sell 1 @12
        m4 B sell 1 @13
        m5 B sell 1 @14
        t A buy 3 @12
        > accepted s1, accepted s2, accepted m1, accepted m2, accepted m3, accepted m4, accepted m5
        > accepted t, trade m1 t 1@10, trade m2 t 1@11, trade m3 t 1@12
        > triggered s2, trade m4 s2 1@13, triggered s1, trade m5 s1 1@14""",
    "stops that one trade fires enter as they were accepted, and what they trade fires more": """
        s3 C sell 1 stop=8
        s1 C sell 1 stop=10
        s2 C sell 1 stop=9
        b1 B buy 1 @10
        b2 B buy 1 @9
        b3 B buy 1 @8
        b4 B buy 1 @7
        t A sell 1
        > accepted s3, accepted s1, accepted s2, accepted b1, accepted b2, accepted b3, accepted b4
        > accepted t, trade b1 t 1@10, triggered s1, trade b2 s1 1@9, triggered s2, trade b3 s2 1@8
        > triggered s3, trade b4 s3 1@7""",
    "an order whose trigger holds when it arrives fires at once": """
        m B sell 1 @10
        t C buy 1
        s A buy 1 @9 stop=8
        > accepted m, accepted t, trade m t 1@10, accepted s, triggered s""",
    "a trailing mark starts at the last price at acceptance, else at the first trade after": """
        r A sell 1 trail=2
        m1 B sell 1 @10
        t1 C buy 1
        q A sell 1 trail=1
        m2 B sell 1 @12
        t2 C buy 1
        m3 B sell 1 @11
        t3 C buy 1
        m4 B sell 1 @10
        t4 C buy 1
        > accepted r, accepted m1, accepted t1, trade m1 t1 1@10, accepted q, accepted m2, accepted t2, trade m2 t2 1@12
        > accepted m3, accepted t3, trade m3 t3 1@11, triggered q, cancelled q no_liquidity 1
        > accepted m4, accepted t4, trade m4 t4 1@10, triggered r, cancelled r no_liquidity 1""",
    "basis points are compared exactly": """
        m1 B sell 1 @10
        t1 C buy 1
        p A buy 1 trail_bps=2000
        q A buy 1 trail_bps=2001
        m2 B sell 1 @12
        t2 C buy 1
        > accepted m1, accepted t1, trade m1 t1 1@10, accepted p, accepted q, accepted m2, accepted t2
        > trade m2 t2 1@12, triggered p, cancelled p no_liquidity 1""",
    "a bad distance is a bad stop, a distance beside a stop price a bad order": """
        a A sell 1 trail=0
        b A sell 1 trail=0.5
        c A sell 1 trail=1 stop=5
        d A sell 1 trail_bps=0
        e A sell 1 trail_bps=10000
        f A sell 1 trail=1 trail_bps=1
        > rejected a bad_stop, rejected b off_tick, rejected c bad_order, rejected d bad_stop, rejected e bad_stop
        > rejected f bad_order""",
    "what has a trigger cannot be FOK or post-only, what has no limit no time in force": """
        a A buy 1 @10 stop=9 tif=FOK
        b A buy 1 @10 stop=9 post_only=1
        c A buy 1 stop=9 tif=IOC
        d A buy 1 tif=IOC
        e A buy 1 @10 stop=9 tif=IOC
        > rejected a bad_order, rejected b bad_order, rejected c bad_order, rejected d bad_order, accepted e""",
    "a waiting order can be amended and keeps its acceptance": """
        s1 C sell 1 stop=7
        s2 C sell 1 stop=10
        amend C s1 stop_price=10 qty=2
        b1 B buy 1 @10
        b2 B buy 4 @9
        t A sell 1
        > accepted s1, accepted s2, amended s1 2@None 2, accepted b1, accepted b2, accepted t, trade b1 t 1@10
        > triggered s1, trade b2 s1 2@9, triggered s2, trade b2 s2 1@9""",
    # Flags and types
    "reduce-only refuses every buy and a sell above the position": """
        a A buy 1 @10 reduce_only=1
        b A sell 101 @10 reduce_only=1
        c A sell 100 @10 reduce_only=1
        > rejected a reduce_only, rejected b reduce_only, accepted c""",
    "a slice of an iceberg is a fill of its own and the next goes to the back": """
        i B sell 5 @10 display_qty=2
        j B sell 2 @10
        t A buy 6 @10
        > accepted i, accepted j, accepted t, trade i t 2@10, trade j t 2@10, trade i t 2@10""",
    "an iceberg that takes shows nothing smaller than its whole": """
        m B sell 5 @10
        i A buy 7 @10 display_qty=1
        t C sell 2 @10
        > accepted m, accepted i, trade m i 5@10, accepted t, trade i t 1@10, trade i t 1@10""",
    "an amend to less cuts what an iceberg hides first and keeps its place": """
        i B sell 9 @10 display_qty=2
        j B sell 2 @10
        amend B i qty=3
        t A buy 5 @10
        > accepted i, accepted j, amended i 3@10 3, accepted t, trade i t 2@10, trade j t 2@10, trade i t 1@10""",
    "an iceberg must show a positive part of itself, in lots, and be able to rest": """
        a A buy 5 @10 display_qty=0
        b A buy 5 @10 display_qty=6
        c A buy 5 @10 display_qty=0.5
        d A buy 5 @10 display_qty=2 tif=IOC
        e A buy 5 display_qty=2
        > rejected a bad_quantity, rejected b bad_quantity, rejected c off_lot, rejected d bad_order
        > rejected e bad_order""",
    "fill or kill counts what is hidden, and its own orders only if it may meet them": """
        i B sell 5 @10 display_qty=1
        o A sell 2 @10
        a A buy 7 @10 tif=FOK stp=cancel_maker
        b A buy 7 @10 tif=FOK
        > accepted i, accepted o, rejected a fok_not_fillable, accepted b
        > trade i b 1@10, trade o b 2@10, trade i b 1@10, trade i b 1@10, trade i b 1@10, trade i b 1@10""",
    "post-only is refused if it would take, even from itself": """
        o A sell 1 @10
        a A buy 1 @10 post_only=1 stp=cancel_maker
        b A buy 1 @9 post_only=1
        amend A b price=10
        > accepted o, rejected a post_only_would_take, accepted b, rejected b post_only_would_take""",
    "the taker's mode rules; cancelling both tells the maker's end first": """
        o A sell 1 @10 stp=cancel_both
        a A buy 2 @10 stp=cancel_maker
        p A sell 3 @10 stp=cancel_taker
        q A sell 2 @10 stp=cancel_both
        r A buy 2 @11 stp=cancel_both
        > accepted o, accepted a, cancelled o stp 1, accepted p, cancelled p stp 3, accepted q, cancelled a stp 2
        > cancelled q stp 2, accepted r""",
    "a trade with oneself pays both fees": """
        o A sell 1 @10
        a A buy 1 @10
        > accepted o, accepted a, trade o a 1@10
        = A Q 999.70 0.00""",
    "an amend to no more than what filled is refused; to less keeps the place, to more loses it": """
        a A buy 5 @10
        b B buy 5 @10
        t C sell 2 @10
        amend A a qty=2
        amend A a qty=4
        u C sell 1 @10
        amend A a qty=5
        v C sell 1 @10
        > accepted a, accepted b, accepted t, trade a t 2@10, rejected a bad_quantity, amended a 4@10 2
        > accepted u, trade a u 1@10, amended a 5@10 2, accepted v, trade b v 1@10""",
    "an amend that changes nothing keeps its place": """
        a A buy 5 @10
        b B buy 5 @10
        amend A a price=10 qty=5
        t C sell 1 @10
        > accepted a, accepted b, amended a 5@10 5, accepted t, trade a t 1@10""",
    "an amend that changes nothing is never refused": """
        s A sell 1 trail=1
        m B sell 2 @3
        t C buy 2 @3
        amend A s
        amend A s trail=1
        amend A s trail=2
        > accepted s, accepted m, accepted t, trade m t 2@3, amended s 1@None 1, amended s 1@None 1
        > rejected s min_notional""",
    "an amend that crosses trades as taker": """
        a A buy 5 @10
        m B sell 2 @12
        amend A a price=13
        > accepted a, accepted m, amended a 5@13 5, trade m a 2@12""",
    "what expires does so at its instant, before any command of it": """
        a A buy 1 @10 tif=GTD expire_ts=9 at=1
        b A buy 1 @10 tif=GTD expire_ts=8 at=2
        c A buy 1 @10 tif=GTD expire_ts=2 at=2
        d A buy 1 @10 tif=GTD at=2
        t C sell 1 @10 at=9
        > accepted a, accepted b, rejected c bad_order, rejected d bad_order, expired b 1, expired a 1, accepted t""",
    # Lists
    "the other leg of an OCO goes at the first fill of a limit leg, right after it": """
        oco A L | x sell 3 @12 | y sell 3 stop=8
        m C sell 1 @13
        t B buy 2 @13
        > accepted x, accepted y, accepted m, accepted t, trade x t 2@12, cancelled y oco 3""",
    "the other leg of an OCO goes when a leg is triggered, before that leg enters": """
        oco A L | x sell 3 @12 | y sell 3 stop=8
        m B buy 4 @8
        t C sell 1 @8
        > accepted x, accepted y, accepted m, accepted t, trade m t 1@8, triggered y, cancelled x oco 3
        > trade m y 3@8""",
    "an OCO locks the larger of its legs once per asset": """
        oco A L | x buy 3 @10 | y buy 2 @20 stop=18
        > accepted x, accepted y
        = A Q 959.20 40.80""",
    "who fills one leg of an OCO cannot count on the other": """
        oco A L | x sell 2 @10 | y sell 2 @11
        f B buy 4 @11 tif=FOK
        g B buy 2 @11 tif=FOK
        > accepted x, accepted y, rejected f fok_not_fillable, accepted g, trade x g 2@10, cancelled y oco 2""",
    "who fills one leg of an OCO need not pay for the other": """
        oco A L | x sell 50 @10 | y sell 50 @11
        t B buy 99
        > accepted x, accepted y, accepted t, trade x t 50@10, cancelled y oco 50, cancelled t no_liquidity 49""",
    "legs of one OCO that meet make way for each other": """
        oco A L | x buy 2 @10 | y sell 2 @12
        amend A y price=9
        > accepted x, accepted y, amended y 2@9 2, cancelled x oco 2""",
    "a leg that is in line goes if the other fills meanwhile": """
        oco A L | x sell 3 @12 | y sell 3 stop=10
        s B buy 1 stop=10
        m C buy 1 @10
        amend A x price=11
        t C sell 1 @10
        > accepted x, accepted y, accepted s, accepted m, amended x 3@11 3, accepted t, trade m t 1@10
        > triggered y, cancelled x oco 3, cancelled y no_liquidity 3, triggered s, cancelled s no_liquidity 1""",
    "later legs lock nothing until they start, with what the entry filled": """
        oto A L | e buy 5 @10 | x sell 5 @12
        t B sell 3 @10
        cancel A e
        > accepted e, accepted x, accepted t, trade e t 3@10, cancelled e user 2
        = A B 100 3""",
    "later legs go with an entry that filled nothing": """
        bracket A L | e buy 5 @10 | x sell 5 @12 | y sell 5 stop=8
        cancel A e
        > accepted e, accepted x, accepted y, cancelled e user 5, cancelled x oco 5, cancelled y oco 5""",
    "the legs of a bracket are an OCO once they started": """
        bracket A L | e buy 5 @10 | x sell 5 @12 | y sell 5 stop=8
        t B sell 5 @10
        u B buy 2 @12
        > accepted e, accepted x, accepted y, accepted t, trade e t 5@10, accepted u, trade x u 2@12, cancelled y oco 5
        = A B 100 3""",
    "legs stand in one line with stops, by acceptance": """
        s1 C buy 1 stop=10
        oto A L | e buy 1 @10 | x sell 1 @11
        s2 C buy 1 stop=10
        t B sell 1 @10
        > accepted s1, accepted e, accepted x, accepted s2, accepted t, trade e t 1@10
        > triggered s1, cancelled s1 no_liquidity 1, triggered s2, trade x s2 1@11""",
    "a leg that cannot be paid when it starts is cancelled and the rest with it": """
        oto A L | e sell 90 @10 | x buy 9 @9 | y buy 9 @20
        t B buy 90 @10
        > accepted e, accepted x, accepted y, accepted t, trade e t 90@10
        > cancelled y insufficient_funds 90, cancelled x oco 90""",
    "cancelling a leg cancels the rest of the list, and so does the list's id": """
        oco A L | x sell 3 @12 | y sell 3 stop=8
        cancel A y
        oco A M | v sell 3 @12 | w sell 3 stop=8
        cancel A M
        cancel A M
        > accepted x, accepted y, cancelled y user 3, cancelled x oco 3, accepted v, accepted w
        > cancelled v oco 3, cancelled w oco 3, rejected M unknown_order""",
    "cancelling a pending leg cancels everything else, the entry too": """
        oto A L | e buy 5 @10 | x sell 5 @12 | y sell 5 @13
        cancel A x
        > accepted e, accepted x, accepted y, cancelled x user 5, cancelled e oco 5, cancelled y oco 5""",
    "a leg's prices can be amended, its quantity cannot": """
        oto A L | e buy 5 @10 | x sell 5 @12
        amend A x qty=4
        amend A x price=13
        amend A e qty=4
        > accepted e, accepted x, rejected x bad_order, amended x 5@13 5, amended e 4@10 4""",
    "one bad order refuses the whole list, under its id, for the gravest reason": """
        oto A L | e buy 5 @10.5 | x sell 0 @12
        oco A M | x sell 3 @12 | y sell 3
        oco A M | x sell 3 @12 | y sell 3
        x A sell 3 @12
        > rejected L bad_quantity, rejected M bad_order, accepted x""",
    "lists and orders share one space of ids": """
        a A buy 1 @10
        oco A a | x sell 3 @12 | y sell 3 stop=8
        oco A L | a sell 3 @12 | y sell 3 stop=8
        oco A M | x sell 3 @12 | y sell 3 stop=8
        M A buy 1 @10
        > accepted a, rejected a duplicate_id, rejected L duplicate_id, accepted x, accepted y
        > rejected M duplicate_id""",
    # Input and output
    "a submit said twice re-emits nothing, refused or not; another under its id is refused": """
        a A buy 1 @10
        a A buy 1.0 @10.00 tif=GTC stp=none post_only=0
        a A buy 2 @10
        b A buy 0 @10
        b A buy 0 @10
        > accepted a, rejected a duplicate_id, rejected b bad_quantity""",
    "what an unknown account says is not remembered": """
        a D buy 1 @10
        a D buy 1 @10
        deposit D Q 100
        a D buy 1 @10
        > rejected a unknown_account, rejected a unknown_account, accepted a""",
    "of several reasons the gravest is given": """
        a A buy 0.5 @-0.5 symbol=X/Y
        b A buy 0.5 @-0.5 stop=3 type=limit
        c A buy -0.5 @-0.5
        d A buy 0.5 @-0.5
        e A buy 1 @-0.5
        f A buy 1 @0.5 post_only=1
        > rejected a unknown_symbol, rejected b bad_order, rejected c bad_quantity, rejected d off_lot
        > rejected e bad_price
        > rejected f off_tick""",
    "what is unknown or ended cannot be cancelled or amended": """
        cancel A a
        amend A a qty=2
        a A buy 1 @10 tif=IOC
        cancel A a
        > rejected a unknown_order, rejected a unknown_order, accepted a, cancelled a ioc 1
        > rejected a unknown_order""",
}  # fmt: skip


def command(line: str) -> Entry:
    """Read one command of a session."""
    head, *orders = (part.split() for part in line.split("|"))
    more = dict(word.split("=") for word in head if "=" in word)
    entry: Entry = {"ts": int(more.pop("at", 0))}
    words = [word for word in head if "=" not in word]
    match words:
        case ["clock", at]:
            return {"type": "clock", "ts": int(at)}
        case ["deposit", account, asset, amount]:
            return {"type": "deposit", **entry, "account": account, "asset": asset, "amount": amount}
        case [("cancel" | "amend") as kind, account, name]:
            return {"type": kind, **entry, "account": account, "id": name, **more}
        case [("oco" | "oto" | "bracket") as kind, account, name]:
            legs = [order([leg[0], *leg[1:]]) for leg in orders]
            return {"type": "submit_list", **entry, "account": account, "id": name, "kind": kind, "orders": legs}
        case [name, account, *_]:
            rest = [word for word in head if word != account and not word.startswith("at=")]
            return {"type": "submit", **entry, "account": account, **order([name, *rest[1:]])}
    raise AssertionError(line)


def order(words: list[str]) -> Entry:
    """Read `id side qty @price key=value …`; the type follows from the prices unless it is said."""
    entry: Entry = {"id": words[0], "symbol": "B/Q", "side": words[1], "qty": words[2]}
    for word in words[3:]:
        key, value = ("price", word[1:]) if word.startswith("@") else word.split("=")
        key = "stop_price" if key == "stop" else "order_type" if key == "type" else key
        entry[key] = int(value) if key in WHOLE else value == "1" if key in FLAGS else value
    if "trail" in entry or "trail_bps" in entry:
        entry.setdefault("order_type", "trailing_stop")
    kinds = {(True, False): "limit", (False, False): "market", (True, True): "stop_limit", (False, True): "stop"}
    return {"order_type": kinds["price" in entry, "stop_price" in entry], **entry}


def told(event: Entry) -> str:
    match event:
        case {"type": "trade"}:
            return f"trade {event['maker_id']} {event['taker_id']} {event['qty']}@{event['price']}"
        case {"type": "amended"}:
            return f"amended {event['id']} {event['qty']}@{event['price']} {event['left']}"
    return " ".join([event["type"], event["id"], *(event[key] for key in ("reason", "left") if key in event)])


def real(lines: list[str]) -> tuple[int, list[Entry]]:
    target = io.BytesIO()
    with redirect_stderr(io.StringIO()):
        status = simulate(io.BytesIO("\n".join(lines).encode()), target, state=True)
    return status, [json.loads(line) for line in target.getvalue().splitlines()]


@pytest.mark.parametrize("exchange", [naive, real], ids=["naive", "real"])
@pytest.mark.parametrize("sentence", SESSIONS)
def test_decided(sentence: str, exchange: Any) -> None:  # noqa: ANN401
    lines = [line.strip() for line in SESSIONS[sentence].strip().splitlines()]
    said = [word for line in lines if line.startswith(">") for word in line[1:].strip().split(", ")]
    commands = [command(line) for line in [*FUNDED, *lines] if line[0] not in ">="]

    status, events = exchange([json.dumps(entry) for entry in [PAIR, *commands]])

    assert status == 0
    assert [told(event) for event in events[:-1]] == said
    for _, account, asset, free, locked in (line.split() for line in lines if line.startswith("=")):
        assert events[-1]["balances"][account][asset] == {"free": free, "locked": locked}
