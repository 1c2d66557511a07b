"""The exchange beside a naive one: same commands, same events, same state, and no invariant broken on the way.

Commands go in as lines of `crs simulate`, so that what is compared is what is printed. Now and then the exchange
is dumped and loaded again, and goes on as if nothing had happened.
"""

from __future__ import annotations

import json
from decimal import localcontext
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from engine.domain.order import AccountId, OrderId, Side
from tests.engine.exchange.naive import EXACT, LIMITED, STOPS, TAKE_PROFITS, TRIGGERED, ZERO, Entry
from tests.engine.exchange.naive_text import NaiveText
from tests.engine.exchange.real import Real
from tests.engine.exchange.watching import Watch

PAIRS: list[Entry] = [
    {
        "type": "pair", "symbol": symbol, "base": symbol[0], "quote": "Q", "tick": "1", "lot": "1", "base_decimals": 0,
        "quote_decimals": 0, "min_notional": "101", "maker_fee": "0.001", "taker_fee": "0.0015",
    }
    for symbol in ("B/Q", "C/Q")
]  # fmt: skip
WHO = st.sampled_from(["A", "B", "B", "C"])
SIDES = st.sampled_from(["buy", "sell"])
SYMBOLS = st.sampled_from(["B/Q", "B/Q", "B/Q", "B/Q", "C/Q"])
PRICES = st.integers(98, 102).map(str)
QTYS = st.integers(1, 9).map(str)
TRAILS = st.integers(1, 3).map(str)
BAD = st.sampled_from(["0", "-1", "0.5", "NaN", "10000"])
MODES = st.sampled_from(["none", "none", "none", "cancel_taker", "cancel_maker", "cancel_both"])
RARELY = st.integers(0, 15).map(lambda drawn: drawn == 15)
ANY = ("market", "limit", "limit", *TRIGGERED)


@st.composite
def orders(draw: st.DrawFn, kinds: tuple[str, ...] = ANY, leg: bool = False) -> Entry:
    """An order without account, time and id, mostly well formed."""
    kind = draw(st.sampled_from(kinds))
    order: Entry = {"symbol": draw(SYMBOLS), "side": draw(SIDES), "order_type": kind, "qty": draw(QTYS)}
    if kind in LIMITED:
        order["price"] = draw(PRICES)
        order["tif"] = draw(st.sampled_from(["GTC", "GTC", "GTD"] if leg else ["GTC", "GTC", "GTD", "IOC", "FOK"]))
        if order["tif"] == "GTD":
            order["expire_ts"] = draw(st.integers(1, 15))  # from now
        if draw(st.integers(0, 3)) == 3:
            order["display_qty"] = str(draw(st.integers(1, int(order["qty"]))))
        if kind == "limit" and not leg and draw(RARELY):
            order["post_only"] = True
    if kind == "trailing_stop":
        order |= draw(st.builds(dict, trail=TRAILS) | st.builds(dict, trail_bps=st.integers(1, 400)))
    elif kind in TRIGGERED:
        order["stop_price"] = draw(PRICES)
    order["stp"] = draw(MODES)
    order["reduce_only"] = draw(RARELY) and order["side"] == "sell"
    if draw(RARELY):
        order[draw(st.sampled_from(["qty", "price", "stop_price", "trail", "display_qty"]))] = draw(BAD)
    if draw(RARELY):
        order |= draw(st.sampled_from([{"reduce_only": True}, {"post_only": True}, {"tif": "FOK"}, {"tif": "GTD"}]))
    return order


LEGS = orders(ANY[1:], leg=True)
TAKES, STOPPED = orders(("limit", *TAKE_PROFITS), leg=True), orders(STOPS, leg=True)


class ExchangeBesideNaive(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.real, self.naive, self.watch = Real(), NaiveText(), Watch()
        self.time = 1
        self.ids = 0
        for pair in PAIRS:
            self.both(pair)

    def both(self, entry: Entry) -> None:
        line = json.dumps(entry)
        said = self.real.answer(line)
        for event in said:
            event.pop("text", None)
        assert said == self.naive.answer(line)
        self.watch.see(entry, said)

    def send(self, type: str, who: str, **more: Any) -> None:  # noqa: ANN401
        self.both({"type": type, "ts": self.time, "account": who, **more})

    def named(self, order: Entry, old: int) -> Entry:
        """The order with a name, a new one mostly, and its end as an instant."""
        self.ids += 1
        name = f"o{self.ids if old else max(1, self.ids // 2)}"
        ends = {"expire_ts": self.time + order["expire_ts"]} if "expire_ts" in order else {}
        return {**order, **ends, "id": name}

    @initialize(who=st.sampled_from(["ABC", "ABC", "AB"]))
    def fund(self, who: str) -> None:
        for each in who:
            for asset, amount in (("B", "60"), ("C", "30"), ("Q", "6000")):
                self.send("deposit", each, asset=asset, amount=amount)

    @rule(who=WHO, asset=st.sampled_from("BCQ"), amount=st.integers(1, 500).map(str), nanos=st.integers(1, 9))
    def deposit(self, who: str, asset: str, amount: str, nanos: int) -> None:
        self.time += nanos
        self.both({"type": "clock", "ts": self.time})
        self.send("deposit", who, asset=asset, amount=amount)

    @rule(who=WHO, order=orders(), old=st.integers(0, 20), later=st.booleans())
    def submit(self, who: str, order: Entry, old: int, later: bool) -> None:
        self.time += later
        self.send("submit", who, **self.named(order, old))

    @rule(who=WHO, order=orders(("limit", "limit", "market")))
    def trade(self, who: str, order: Entry) -> None:
        self.send("submit", who, **self.named(order, 1))

    @rule(who=WHO, order=orders(TRIGGERED))
    def lie_in_wait(self, who: str, order: Entry) -> None:
        self.send("submit", who, **self.named(order, 1))

    @rule(who=WHO, legs=st.tuples(LEGS, LEGS), odd=RARELY)
    def submit_an_oco(self, who: str, legs: tuple[Entry, Entry], odd: bool) -> None:
        if not odd:
            legs[1]["side"] = legs[0]["side"]
        self.submit_list(who, "oco", list(legs), odd)

    @rule(who=WHO, entry=orders(), legs=st.lists(LEGS, min_size=1, max_size=3), odd=RARELY)
    def submit_an_oto(self, who: str, entry: Entry, legs: list[Entry], odd: bool) -> None:
        self.submit_list(who, "oto", [entry, *legs], odd)

    @rule(who=WHO, entry=orders(), profit=TAKES, stop=STOPPED, odd=RARELY)
    def submit_a_bracket(self, who: str, entry: Entry, profit: Entry, stop: Entry, odd: bool) -> None:
        if not odd:
            profit["side"] = stop["side"] = "sell" if entry["side"] == "buy" else "buy"
        self.submit_list(who, "bracket", [entry, profit, stop], odd)

    def submit_list(self, who: str, kind: str, orders: list[Entry], odd: bool) -> None:
        for order in [] if odd else orders:
            order["symbol"] = orders[0]["symbol"]
        named = [self.named(order, 1) for order in orders]
        self.ids += 1
        self.send("submit_list", who, id=f"o{self.ids}", kind=kind, orders=named)

    def target(self, data: st.DataObject) -> tuple[str, str, list[str]]:
        """An open order or its list, or anything: account, id, and what of it can be amended."""
        live = self.naive.naive.live
        if not live or data.draw(RARELY):
            return data.draw(WHO), f"o{data.draw(st.integers(1, 9))}", ["qty", "price", "trail"]
        o = data.draw(st.sampled_from(live))
        fits = {"qty": o.group is None or o.group.is_entry(o), "price": o.price, "stop_price": o.stop, "trail": o.trail}
        whole_list = o.group is not None and data.draw(st.integers(0, 3)) == 0
        return o.account, o.group.id if o.group and whole_list else o.id, [key for key, fit in fits.items() if fit]

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        who, id, _ = self.target(data)
        self.send("cancel", who, id=id)

    @rule(data=st.data(), qty=QTYS | BAD, price=PRICES, stop_price=PRICES, trail=TRAILS, misfit=RARELY)
    def amend(self, data: st.DataObject, misfit: bool, **changes: str) -> None:
        who, id, fits = self.target(data)
        chosen = data.draw(st.sets(st.sampled_from(sorted(changes) if misfit else fits or ["price"])))
        self.send("amend", who, id=id, **{key: changes[key] for key in sorted(chosen)})

    @rule()
    def dump_and_load(self) -> None:
        self.real.dump_and_load()

    @invariant()
    def states_are_the_same_and_sound(self) -> None:
        state = self.real.state()
        assert state.pop("hash") == self.real.exchange.state_hash()
        assert state == self.naive.state()
        self.watch.check_state(state)

    @invariant()
    def first_come_is_first_served_within_a_level(self) -> None:
        naive, exchange = self.naive.naive, self.real.exchange
        with localcontext(EXACT):
            for pair in naive.pairs.values():
                ahead = dict.fromkeys([(buy, o.price) for o in naive.live for buy in (True, False)], ZERO)
                for o in sorted((o for o in naive.live if o.rank and o.pair is pair), key=lambda o: o.rank):
                    assert exchange.queue_ahead(AccountId(o.account), OrderId(o.id)) == ahead[o.buy, o.price]
                    ahead[o.buy, o.price] += o.shown
                assert exchange.book(pair.symbol).last_price == pair.last

    @invariant()
    def what_works_is_summed_up_for_the_gate(self) -> None:
        for who in self.real.exchange.accounts():
            for symbol in ("B/Q", "C/Q"):
                mine = [o for o in self.naive.naive.live if (o.account, o.pair.symbol) == (who, symbol)]
                sums = [sum(o.left for o in mine if o.buy == buy and not o.pending) for buy in (False, True)]
                assert self.real.exchange._floor.accounts[who].works.get(symbol, [0, 0]) == sums

    @invariant()
    def open_orders_lock_what_is_locked(self) -> None:
        exchange = self.real.exchange
        for who in exchange.accounts():
            for asset, balance in exchange.balances(who).items():
                spent = {
                    o.order_id: o.symbol[-1] if o.side is Side.BUY else o.symbol[0] for o in exchange.open_orders(who)
                }
                mine = [o for o in exchange.open_orders(who) if spent[o.order_id] == asset]
                assert balance.locked == sum(order.locked for order in mine)


ExchangeBesideNaive.TestCase.settings = settings(max_examples=40, stateful_step_count=50)
test_the_exchange_does_what_the_naive_one_does = pytest.mark.no_cover(ExchangeBesideNaive.TestCase)


@pytest.mark.soak
def test_the_exchange_does_what_the_naive_one_does_for_long() -> None:
    run_state_machine_as_test(ExchangeBesideNaive, settings=settings(max_examples=3_000, stateful_step_count=100))
