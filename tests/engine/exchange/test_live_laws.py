"""What holds of a live market whatever its feed says, gaps and all, and whatever its accounts send."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.command import AmendOrder, CancelOrder, Deposit, SubmitOrder
from engine.domain.event import KernelEvent, OrderFilled
from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, OrderType, Side, TimeInForce
from engine.domain.why import FillExplained
from engine.exchange.live import LiveMarket
from tests.engine.exchange.live_play import BTC

ME = AccountId("me")
SYMBOL, PAIR = BTC.symbol, BTC.pair
LOW, HIGH = 6_000_000, 6_000_012
MINUTE = 60 * 10**9
HAD = {"USDT": 10**15, "BTC": 10**10}

PRICE, QTY = st.integers(LOW, HIGH), st.integers(0, 60)
SIDE_OF_BOOK = st.dictionaries(PRICE, QTY, max_size=6)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("diff"), SIDE_OF_BOOK, SIDE_OF_BOOK),
        st.tuples(st.just("snapshot"), SIDE_OF_BOOK, SIDE_OF_BOOK),
        st.tuples(st.just("gap"), st.just(0), st.just(0)),
        st.tuples(st.just("print"), PRICE, st.integers(1, 80), st.sampled_from(Side)),
        st.tuples(st.just("limit"), PRICE, st.integers(100, 500), st.sampled_from(Side)),
        st.tuples(st.just("stop"), PRICE, st.integers(100, 500), st.sampled_from(Side)),
        st.tuples(st.just("market"), st.just(0), st.integers(100, 500), st.sampled_from(Side)),
        st.tuples(st.just("amend"), PRICE, st.integers(0, 20)),
        st.tuples(st.just("cancel"), st.just(0), st.integers(0, 20)),
        st.tuples(st.just("wait"), st.just(0), st.integers(0, 2 * MINUTE)),
    ),
    max_size=60,
)


class Bench:
    """A live market with an account in it, and a record of everything."""

    def __init__(self) -> None:
        self.market = LiveMarket([PAIR], at=Nanos(MINUTE))
        for code, units in HAD.items():
            self.market.command(Deposit(ME, code, Units(units)))
        self.seq = 1
        self.events: list[KernelEvent] = []
        self.ids: list[OrderId] = []
        self.shown: dict[bool, dict[int, int]] = {True: {}, False: {}}
        self.printed: dict[int, int] = {}
        """Lots by trade id."""
        self.taken: dict[int, int] = defaultdict(int)
        """By the print that filled us."""

    def act(self, act: tuple) -> None:  # type: ignore[type-arg]
        kind, first, second = act[:3]
        fills_before = self._fills()
        getattr(self, f"on_{kind}")(first, second, *act[3:])
        step = self.market.take()
        self.events += step.facts
        if not self.market.is_synced(SYMBOL):
            assert self._fills() == fills_before, "nothing fills while the book is not known"

    def on_diff(self, bids: dict[int, int], asks: dict[int, int]) -> None:
        self.seq += 1
        self._show(bids, asks)
        self.market.hear_diff(BookDiff(SYMBOL, levels(bids), levels(asks), self.seq, self.seq, self.market.now))

    def on_snapshot(self, bids: dict[int, int], asks: dict[int, int]) -> None:
        bids, asks = ({p: q for p, q in side.items() if q} for side in (bids, asks))
        ordered = levels(dict(sorted(bids.items(), reverse=True))), levels(dict(sorted(asks.items())))
        crossed = bool(bids and asks) and max(bids) >= min(asks)
        taken = self.market.hear_snapshot(BookSnapshot(SYMBOL, *ordered, self.seq, self.market.now))
        assert taken is (not crossed and bool(bids or asks))

    def on_gap(self, *_: int) -> None:
        self.market.distrust(SYMBOL)

    def on_print(self, price: int, qty: int, side: Side) -> None:
        number = len(self.printed) + 1
        self.printed[number] = qty
        before = len(self.market._facts)
        self.market.hear_print(TradeTick(SYMBOL, Ticks(price), Lots(qty), side, self.market.now, number))
        got = [each for each in self.market._facts[before:] if isinstance(each, OrderFilled)]
        makers = sum(each.qty for each in got if each.liquidity is Liquidity.MAKER)
        assert makers <= qty, "together our orders get no more than was printed"

    def on_limit(self, price: int, qty: int, side: Side) -> None:
        self._send(side, qty, price=Ticks(price), order_type=OrderType.LIMIT)

    def on_stop(self, price: int, qty: int, side: Side) -> None:
        self._send(side, qty, stop_price=Ticks(price), order_type=OrderType.STOP)

    def on_market(self, _: int, qty: int, side: Side) -> None:
        book = self.market.exchange.book(SYMBOL)
        there = sum(level.qty for level in book.levels(side.opposite)) if self.market.is_synced(SYMBOL) else 0
        events = self._send(side, qty, order_type=OrderType.MARKET)
        assert sum(each.qty for each in events if isinstance(each, OrderFilled)) <= there

    def on_amend(self, price: int, number: int) -> None:
        if number < len(self.ids):
            self._command(AmendOrder(account=ME, order_id=self.ids[number], price=Ticks(price)))

    def on_cancel(self, _: int, number: int) -> None:
        if number < len(self.ids):
            self._command(CancelOrder(ME, self.ids[number]))

    def on_wait(self, _: int, nanos: int) -> None:
        self.market.advance(Nanos(self.market.now + nanos))

    def _send(self, side: Side, qty: int, **more: object) -> list[KernelEvent]:
        order_id = OrderId(f"o{len(self.ids)}")
        self.ids.append(order_id)
        order = SubmitOrder(
            account=ME, order_id=order_id, symbol=SYMBOL, side=side, order_type=OrderType.MARKET, qty=Lots(qty)
        )
        if len(self.ids) % 3 == 0 and "price" in more:
            more |= {"tif": TimeInForce.GTD, "expire_ts": Nanos(self.market.now + MINUTE)}
        return self._command(replace(order, **more))  # type: ignore[arg-type]

    def _command(self, command: SubmitOrder | AmendOrder | CancelOrder) -> list[KernelEvent]:
        events = self.market.command(command)
        self.events += events
        return events

    def _show(self, bids: dict[int, int], asks: dict[int, int]) -> None:
        self.shown[True].update(bids)
        self.shown[False].update(asks)

    def _fills(self) -> int:
        return sum(isinstance(each, OrderFilled) for each in self.events)


def levels(side: dict[int, int]) -> tuple[Level, ...]:
    return tuple(Level(Ticks(price), Lots(qty)) for price, qty in side.items())


@settings(max_examples=150, deadline=None)
@given(ACTS)
def test_money_is_conserved_and_nothing_fills_beyond_what_was_shown(acts: list[tuple]) -> None:  # type: ignore[type-arg]
    bench = Bench()
    for act in acts:
        bench.act(act)

    fills = [each for each in bench.events if isinstance(each, OrderFilled)]
    money, coins = HAD["USDT"], HAD["BTC"]
    for fill in fills:
        sign = 1 if fill.side is Side.BUY else -1
        money -= sign * PAIR.notional(fill.price, fill.qty) + fill.fee
        coins += sign * PAIR.base_units(fill.qty)
    held = bench.market.exchange.balances(ME)
    assert (held["USDT"].total, held["BTC"].total) == (money, coins)
    assert all(each.free >= 0 and each.locked >= 0 for each in held.values())
    explained = [each for each in bench.events if isinstance(each, FillExplained)]
    assert [each.trade_id for each in explained] == [each.trade_id for each in fills], "every fill says why"


@pytest.mark.no_cover
@settings(max_examples=40, deadline=None)
@given(ACTS)
def test_the_same_feed_and_the_same_orders_give_the_same_market(acts: list[tuple]) -> None:  # type: ignore[type-arg]
    first, second = Bench(), Bench()
    for act in acts:
        first.act(act)
        second.act(act)

    assert first.events == second.events
    assert first.market.freeze()() == second.market.freeze()()
