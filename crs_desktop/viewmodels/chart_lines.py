"""Order lines of a chart: where each order stands, what a drag of it changes, and what it would bring there.

Prices are ticks. Money is in quote units, net of the fees of the way in and of the way out, as `engine.portfolio.exits`
reckons them; it is None where nothing says what the way in cost. R counts in the distance from entry to stop: the
entry of a position is its average cost (fees included), of a leg that has not started the price of its list's entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.amend import PRICE, STOP_PRICE, TRAIL
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.order_groups import ROLES, STOP, TARGET, role
from crs_desktop.viewmodels.ticket_kind import KINDS, Kind
from crs_desktop.viewmodels.trailing import fires_at
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import OrderId, OrderStatus, OrderType, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.portfolio.exits import Exit, exits, share_of_cost
from engine.portfolio.position import average_ticks
from engine.services.orders import OrderRecord

UNFIRED = (OrderStatus.PENDING, OrderStatus.WAITING)
"""Where an order is still told by its stop price."""


@dataclass(frozen=True, slots=True)
class Stake:
    """What an exit ends: from which price (ticks), at which cost of its quantity, and where its stop is."""

    entry: Fraction | None = None
    basis: Units | None = None
    stop: Ticks | None = None

    def risk(self, side: Side, at: int) -> Fraction | None:
        """Return where an exit of a side at a price stands in multiples of R; None without a risk to count in."""
        way = 1 if side is Side.SELL else -1
        if self.entry is None or self.stop is None or (self.entry - self.stop) * way <= 0:
            return None
        return (at - self.entry) / (self.entry - self.stop)


NO_STAKE = Stake()


@dataclass(frozen=True, slots=True)
class Line:
    """One level of one order; an order that waits for a stop and then rests at a limit has two."""

    record: OrderRecord
    pair: TradingPair
    field: str
    """What a drag changes: price, stop_price, trail; empty if nothing can be."""
    at: Ticks
    stake: Stake = NO_STAKE
    profit: Units | None = None
    is_limit_of_stop: bool = False
    """Whether it is the limit of an order whose stop has a line, too."""

    @property
    def order_id(self) -> OrderId:
        """Whose it is."""
        return self.record.order.order_id

    @property
    def side(self) -> Side:
        """Which way it trades."""
        return self.record.order.side

    @property
    def list_id(self) -> OrderId | None:
        """The list that it is part of."""
        return self.record.list_id

    @property
    def risk(self) -> Fraction | None:
        """Where it stands in multiples of R."""
        return self.stake.risk(self.side, self.at)

    @property
    def filled_share(self) -> float:
        """How much of the order is filled, 0 to 1, for the screen."""
        return self.record.filled / self.record.order.qty

    @property
    def title(self) -> Sentence:
        """What its tag says first: side, type, quantity left."""
        return line_title(self.record, self.pair)

    @property
    def filled_text(self) -> Sentence | None:
        """How much of it is filled; None for nothing."""
        if not self.record.filled:
            return None
        filled, whole = (fmt.quantity(self.pair, each) for each in (self.record.filled, self.record.order.qty))
        return say("{filled}/{whole} filled", filled=filled, whole=whole)

    @property
    def result_text(self) -> str:
        """Money and R at this price; empty where neither is known."""
        return result_text(self.pair, self.profit, self.risk)


def line_title(record: OrderRecord, pair: TradingPair) -> Sentence:
    """Return side, kind and what is left of an order, e.g. `Buy Limit 0.50000`."""
    order, part = record.order, role(record)
    kind = ROLES[part] if part in (STOP, TARGET) else KINDS[Kind(order.order_type.value)].short
    values = {"kind": str(kind), "qty": fmt.quantity(pair, record.left)}
    if record.status is OrderStatus.PENDING:
        waits = "Buy {kind} {qty}, once the entry fills", "Sell {kind} {qty}, once the entry fills"
        return Sentence(waits[order.side is Side.SELL], values)
    return Sentence("Buy {kind} {qty}" if order.side is Side.BUY else "Sell {kind} {qty}", values)


def result_text(pair: TradingPair, profit: int | None, risk: Fraction | None) -> str:
    """Return money and R as text, e.g. `+12.30 USDT  +2.00 R`."""
    parts = []
    if profit is not None:
        parts.append(f"{fmt.signed_money(pair.quote, profit, 2)} {pair.quote.code}")
    if risk is not None:
        hundredths = int(abs(risk) * 100 + Fraction(1, 2))
        text = f"{hundredths // 100}.{hundredths % 100:02d}"
        parts.append(f"{fmt.signed(fmt.MINUS + text if risk < 0 and hundredths else text)} R")
    return "  ".join(parts)


def lines_of(desk: Desk, pair: TradingPair) -> list[Line]:
    """Return the lines of a pair's open orders, oldest order first; an order without a price has none."""
    records = desk.orders.records(pair.symbol)
    found: list[Line] = []
    for record in records:
        stake = stake_of(desk, pair, record, records)
        for field, at, second in _levels(desk, record):
            line = Line(record, pair, field, at, stake, is_limit_of_stop=second)
            found.append(replace(line, profit=profit_at(desk, line, at)))
    return found


def _levels(desk: Desk, record: OrderRecord) -> Iterable[tuple[str, Ticks, bool]]:
    order = record.order
    unfired = record.status in UNFIRED
    if order.order_type is OrderType.TRAILING_STOP:
        at = fires_at(desk, record.shown())
        if at is not None:
            yield (TRAIL if order.trail is not None else ""), at, False
        return
    if order.stop_price is not None and unfired:
        yield STOP_PRICE, order.stop_price, False
    if order.price is not None:
        yield PRICE, order.price, order.stop_price is not None and unfired


def stake_of(desk: Desk, pair: TradingPair, record: OrderRecord, records: Sequence[OrderRecord]) -> Stake:
    """Return what an order ends, as far as that is known."""
    if record.starts_after is not None:
        return _planned(desk, pair, record, _stop_of(record, records))
    position = desk.portfolio.position(pair.symbol)
    if record.order.side is Side.BUY or position is None or position.qty <= 0 or role(record) == "entry":
        return NO_STAKE
    basis = share_of_cost(position.cost, position.qty, record.left)
    return Stake(average_ticks(position, pair), basis, _stop_of(record, records))


def _planned(desk: Desk, pair: TradingPair, record: OrderRecord, stop: Ticks | None) -> Stake:
    """Return the stake of a leg whose entry has not ended: at the entry's own price."""
    try:
        entry = desk.orders.record(record.starts_after or OrderId("")).order
    except InvalidInput:  # the entry ended long ago
        return Stake(stop=stop)
    at = entry.price or entry.stop_price or desk.market_data.last_price(pair.symbol)
    if at is None:
        return Stake(stop=stop)
    maker, taker = rates(desk, pair)
    notional = pair.notional(at, record.left)
    fee = (taker if entry.price is None else maker).of(notional)
    basis = notional + fee if entry.side is Side.BUY else notional - fee
    return Stake(Fraction(at), Units(basis), stop)


def _stop_of(record: OrderRecord, records: Sequence[OrderRecord]) -> Ticks | None:
    """Return the stop that an exit's R counts in: its list's, else the newest one that stands alone."""
    stops = [
        each
        for each in records
        if each.order.side is record.order.side
        and each.order.order_type in (OrderType.STOP, OrderType.STOP_LIMIT)
        and each.status in UNFIRED
        and each.list_id == record.list_id
        and (each.list_id is None or role(each) == STOP)
    ]
    if not stops:
        return None
    return max(stops, key=lambda each: each.number).order.stop_price


def rates(desk: Desk, pair: TradingPair) -> tuple[FeeRate, FeeRate]:
    """Return the fee rates of resting and of arriving orders."""
    return desk.fees(pair)


def profit_at(desk: Desk, line: Line, at: int) -> Units | None:
    """Return what an exit would bring beyond its cost if it traded at a price, after both fees."""
    if line.stake.basis is None:
        return None
    found = exit_at(desk, line, at, line.record.left)
    return found.profit if found is not None else None


def exit_at(desk: Desk, line: Line, at: int, qty: Lots) -> Exit | None:
    """Return what an order at a price does with a quantity: its fee, its money, its profit."""
    order = line.record.order
    if order.price is not None:
        order = replace(order, price=Ticks(at))
    elif order.stop_price is not None:
        order = replace(order, stop_price=Ticks(at))
    ways = exits(line.pair, [order], qty, line.stake.basis, *rates(desk, line.pair), trails_to=Ticks(at))
    return ways.target or ways.loss
