"""Random trading for proofs: pairs with coarse units, so that every rounding shows, and commands of all kinds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from engine.domain.asset import Asset
from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, ListPair, SetFees, SubmitOrder
from engine.domain.event import TradeExecuted
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange.kernel import Exchange
from engine.portfolio.fold import Fold
from engine.portfolio.ledger import LedgerRecord
from engine.risk.gate import Gate

COIN, GEM, CASH = Asset("COIN", 3), Asset("GEM", 2), Asset("CASH", 2)


def rate(text: str) -> FeeRate:
    return FeeRate.parse(Decimal(text))


def make_pair(base: Asset, quote: Asset, tick: str, lot: str, maker: str, taker: str, minimum: int = 1) -> TradingPair:
    symbol = f"{base.code}/{quote.code}"
    return TradingPair(symbol, base, quote, Decimal(tick), Decimal(lot), Units(minimum), rate(maker), rate(taker))


COIN_CASH = make_pair(COIN, CASH, "0.1", "0.1", "0.0007", "0.0013")
GEM_CASH = make_pair(GEM, CASH, "0.01", "1", "0.002", "0.001", minimum=5)
GEM_COIN = make_pair(GEM, COIN, "0.001", "1", "0", "0.03")
PAIRS = (COIN_CASH, GEM_CASH, GEM_COIN)
OWNERS = (AccountId("A"), AccountId("B"), AccountId("C"))

Act = Command | tuple[str, FlowOrder]
"""A command, or what an agent does in a pair."""

owners = st.sampled_from(OWNERS)
symbols = st.sampled_from([pair.symbol for pair in PAIRS])
order_ids = st.sampled_from([OrderId(f"o{n}") for n in range(30)])
prices = st.integers(95, 105).map(Ticks)
quantities = st.integers(1, 12).map(Lots)
rates = st.one_of(st.none(), st.sampled_from(["0", "0.0013", "0.37", "1", "2.5"]).map(rate))
deposits = st.builds(
    Deposit,
    owners,
    st.sampled_from(["COIN", "GEM", "CASH"]),
    st.one_of(st.integers(1, 200), st.integers(1_000, 1_000_000)).map(Units),
)


@st.composite
def submits(draw: st.DrawFn) -> SubmitOrder:
    kind = draw(st.sampled_from([OrderType.LIMIT] * 4 + [OrderType.MARKET, OrderType.STOP, OrderType.STOP_LIMIT]))
    limited, stopped = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT), kind in (OrderType.STOP, OrderType.STOP_LIMIT)
    tif = draw(st.sampled_from([TimeInForce.GTC] * 3 + [TimeInForce.IOC, TimeInForce.FOK]))
    return SubmitOrder(
        account=draw(owners),
        order_id=draw(order_ids),
        symbol=draw(symbols),
        side=draw(st.sampled_from(Side)),
        order_type=kind,
        qty=draw(quantities),
        price=draw(prices) if limited else None,
        stop_price=draw(prices) if stopped else None,
        tif=tif if kind is OrderType.LIMIT else TimeInForce.GTC,
        post_only=draw(st.booleans()) if kind is OrderType.LIMIT and tif is TimeInForce.GTC else False,
        stp=draw(st.sampled_from(SelfTrade)),
    )


amends = st.builds(
    AmendOrder,
    account=owners,
    order_id=order_ids,
    qty=st.one_of(st.none(), quantities),
    price=st.one_of(st.none(), prices),
    stop_price=st.one_of(st.none(), st.none(), prices),
)
commands: st.SearchStrategy[Command] = st.one_of(
    submits(),
    submits(),
    submits(),
    submits(),
    deposits,
    amends,
    st.builds(CancelOrder, owners, order_ids),
    st.builds(SetFees, owners, symbols, rates, rates),
)
flows = st.tuples(
    symbols,
    st.builds(
        FlowOrder,
        st.just(Nanos(0)),
        st.sampled_from([FlowKind.LIMIT, FlowKind.IOC]),
        st.integers(0, 10**9),
        st.sampled_from(Side),
        prices,
        quantities,
    ),
)
sessions: st.SearchStrategy[list[Act]] = st.lists(
    st.one_of(commands, commands, commands, flows), min_size=1, max_size=60
)


class Desk:
    """The real exchange and the journal it would have written, with a fold beside it."""

    def __init__(self, gate: Gate | None = None) -> None:
        self.exchange = Exchange(gate=gate)
        self.fold = Fold()
        self.journal: list[LedgerRecord] = []
        self.changes: list[object] = []
        self.now = 0
        self.keys = 0
        for pair in PAIRS:
            self.run(ListPair(pair))
        for owner in OWNERS[:2]:
            for asset in ("COIN", "GEM", "CASH"):
                self.run(Deposit(owner, asset, Units(40_000)))

    def run(self, act: Act) -> None:
        self.now += 1
        if isinstance(act, CancelOrder | AmendOrder):
            act = self.aim(act)
        if isinstance(act, tuple):
            symbol, order = act
            self.keys += 1
            events = self.exchange.flow(symbol, [order._replace(at=Nanos(self.now), key=self.keys)])
        elif isinstance(act, SetFees) and act.account not in self.exchange.accounts():
            return
        else:
            events = self.exchange.handle(act, Nanos(self.now))
            if isinstance(act, ListPair | SetFees):
                self.note(act)
        for event in events:
            if not isinstance(event, TradeExecuted):
                self.note(event)

    def aim(self, act: CancelOrder | AmendOrder) -> CancelOrder | AmendOrder:
        """Let most cancels and amends meet an open order: the id's number picks one of all."""
        there = [(owner, each.order_id) for owner in OWNERS for each in self.exchange.open_orders(owner)]
        number = int(act.order_id[1:])
        if not there or number % 5 == 0:
            return act
        account, order_id = there[number % len(there)]
        return replace(act, account=account, order_id=order_id)

    def note(self, record: LedgerRecord) -> None:
        self.journal.append(record)
        self.changes += self.fold.apply(record)
