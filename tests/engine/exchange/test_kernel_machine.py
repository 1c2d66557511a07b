"""The exchange beside a naive one: same commands, same events, same money, whatever the sequence."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.domain.asset import Asset
from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, ListPair, SubmitOrder
from engine.domain.event import (
    KernelEvent,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    TradeExecuted,
)
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange.kernel import Exchange
from tests.engine.exchange.naive import MAKER, MINIMUM, TAKER, Naive, Row

PAIR = TradingPair(
    "B/Q",
    Asset("B", 0),
    Asset("Q", 0),
    Decimal(1),
    Decimal(1),
    Units(MINIMUM),
    FeeRate.parse(Decimal(MAKER.numerator) / MAKER.denominator),
    FeeRate.parse(Decimal(TAKER.numerator) / TAKER.denominator),
)
WHO = st.sampled_from(["A", "B", "C"])
IDS = st.sampled_from([f"o{n}" for n in range(40)])
PRICES = st.integers(95, 105) | st.sampled_from([0, -1, 1])
QTYS = st.integers(1, 30) | st.sampled_from([0, 200])


def row(event: KernelEvent) -> Row | None:
    """Return an event as the naive exchange writes it."""
    match event:
        case OrderAccepted():
            return ("accepted", event.account, event.order_id)
        case OrderRejected():
            return ("rejected", event.account, event.order_id, str(event.reason))
        case OrderCancelled():
            return ("cancelled", event.account, event.order_id, str(event.reason), event.left)
        case OrderTriggered():
            return ("triggered", event.account, event.order_id)
        case OrderAmended():
            return ("amended", event.account, event.order_id, event.qty, event.price, event.left)
        case TradeExecuted():
            e = event
            return ("trade", e.trade_id, e.price, e.qty, e.maker_account, e.maker_id, e.taker_account, e.taker_id,
                    str(e.taker_side), e.maker_fee, e.taker_fee)  # fmt: skip
    return None


class ExchangeBesideNaive(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.real, self.naive = Exchange(), Naive()
        self.time = 0
        self.deposited = {"B": 0, "Q": 0}
        self.filled: dict[tuple[str, str], int] = {}
        self.real.handle(ListPair(PAIR), Nanos(0))

    @initialize(rich=st.integers(0, 2))
    def fund(self, rich: int) -> None:
        for who in "ABC"[:rich]:
            self.deposit(who, "B", 400)
            self.deposit(who, "Q", 40_000)

    def both(self, command: Command) -> None:
        self.time += 1
        events = self.real.handle(command, Nanos(self.time))
        rows = [each for event in events if (each := row(event)) is not None]
        assert rows == self.naive.take_out()
        for event in events:
            if isinstance(event, OrderFilled):
                self.check_fill(event)

    def check_fill(self, fill: OrderFilled) -> None:
        key = fill.account, fill.order_id
        self.filled[key] = self.filled.get(key, 0) + fill.qty
        assert fill.qty > 0
        assert fill.left >= 0

    @rule(who=WHO, asset=st.sampled_from("BQ"), amount=st.integers(1, 5_000))
    def deposit(self, who: str, asset: str, amount: int) -> None:
        self.naive.pay(who, asset, amount)
        self.deposited[asset] += amount
        self.both(Deposit(AccountId(who), asset, Units(amount)))

    @rule(
        who=WHO,
        id=IDS,
        buy=st.booleans(),
        kind=st.sampled_from(["limit", "limit", "limit", "market", "stop", "stop_limit"]),
        qty=QTYS,
        price=PRICES,
        stop=PRICES,
        tif=st.sampled_from(["GTC", "GTC", "GTC", "IOC", "FOK"]),
        post=st.sampled_from([False, False, False, True]),
        stp=st.sampled_from(list(SelfTrade)),
        odd=st.integers(0, 30),
    )
    def submit(self, who: str, id: str, buy: bool, kind: str, qty: int, price: int, stop: int, tif: str, post: bool,
               stp: SelfTrade, odd: int) -> None:  # fmt: skip
        if odd:  # mostly well formed
            post = post and kind == "limit"
            tif = "GTC" if kind in ("market", "stop") or (kind == "stop_limit" and tif == "FOK") else tif
        limit = price if (kind in ("limit", "stop_limit")) == (odd != 1) else None
        mark = stop if (kind in ("stop", "stop_limit")) == (odd != 2) else None
        self.naive.submit(who, id, buy, kind, qty, limit, mark, tif, post, str(stp))
        self.both(
            SubmitOrder(
                account=AccountId(who),
                order_id=OrderId(id),
                symbol="B/Q",
                side=Side.BUY if buy else Side.SELL,
                order_type=OrderType(kind),
                qty=Lots(qty),
                price=None if limit is None else Ticks(limit),
                stop_price=None if mark is None else Ticks(mark),
                tif=TimeInForce(tif),
                post_only=post,
                stp=stp,
            )
        )

    @rule(who=WHO, id=IDS)
    def cancel(self, who: str, id: str) -> None:
        self.naive.cancel(who, id)
        self.both(CancelOrder(AccountId(who), OrderId(id)))

    @rule(who=WHO, id=IDS, qty=st.none() | QTYS, price=st.none() | PRICES, stop=st.none() | PRICES)
    def amend(self, who: str, id: str, qty: int | None, price: int | None, stop: int | None) -> None:
        self.amend_both(who, id, qty, price, stop)

    @rule(data=st.data(), qty=st.none() | QTYS, price=st.none() | PRICES)
    def amend_an_open_one(self, data: st.DataObject, qty: int | None, price: int | None) -> None:
        if self.naive.live:
            chosen = data.draw(st.sampled_from(self.naive.live))
            price = price if chosen.price is not None else None
            stop = data.draw(st.none() | PRICES) if chosen.waits else None
            self.amend_both(chosen.who, chosen.id, qty, price, stop)

    def amend_both(self, who: str, id: str, qty: int | None, price: int | None, stop: int | None) -> None:
        self.naive.amend(who, id, qty, price, stop)
        self.both(
            AmendOrder(
                account=AccountId(who),
                order_id=OrderId(id),
                qty=None if qty is None else Lots(qty),
                price=None if price is None else Ticks(price),
                stop_price=None if stop is None else Ticks(stop),
            )
        )

    @rule()
    def dump_and_load(self) -> None:
        dump = self.real.dump()
        again = Exchange.load(json.loads(json.dumps(dump)), [PAIR])
        assert again.dump() == dump
        self.real = again

    @invariant()
    def money_is_the_same_and_conserved(self) -> None:
        sums = {"B": 0, "Q": 0}
        for who in self.real.accounts():
            for asset, balance in self.real.balances(who).items():
                assert balance.free == self.naive.free(who, asset)
                assert balance.locked == self.naive.locked(who, asset)
                assert balance.free >= 0
                assert balance.locked >= 0
                sums[asset] += balance.total
        sums["Q"] += self.naive.fees
        assert sums == self.deposited

    @invariant()
    def queues_are_the_same_and_never_crossed(self) -> None:
        book = self.real.book("B/Q")
        for side, buy in ((Side.BUY, True), (Side.SELL, False)):
            levels: dict[int, int] = {}
            for order in self.naive.resting(buy):
                assert order.price is not None
                ahead = self.real.queue_ahead(AccountId(order.who), OrderId(order.id))
                assert ahead == levels.get(order.price, 0)
                levels[order.price] = levels.get(order.price, 0) + order.left
            assert [tuple(level) for level in book.levels(side)] == list(levels.items())
        assert book.best_bid is None or book.best_ask is None or book.best_bid < book.best_ask
        assert book.last_price == self.naive.last

    @invariant()
    def what_works_is_summed_up_for_the_gate(self) -> None:
        for who in self.real.accounts():
            sums = [sum(o.left for o in self.naive.live if o.who == who and o.buy == buy) for buy in (False, True)]
            assert self.real._floor.accounts[who].works.get("B/Q", [0, 0]) == sums

    @invariant()
    def open_orders_lock_what_is_locked(self) -> None:
        for who in self.real.accounts():
            orders = self.real.open_orders(who)
            for asset, side in (("B", Side.SELL), ("Q", Side.BUY)):
                balance = self.real.balances(who).get(asset)
                locked = balance.locked if balance else 0
                assert locked == sum(order.locked for order in orders if order.side is side)


ExchangeBesideNaive.TestCase.settings = settings(stateful_step_count=60)
test_the_exchange_does_what_the_naive_one_does = ExchangeBesideNaive.TestCase
