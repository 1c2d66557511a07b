"""A fold as plain frozen values, and back: what a snapshot of the accounts keeps instead of all records before it.

A fold that was loaded goes on exactly as the dumped one would. Whoever gives `Fold`, `Ledger` or `Commitment` more
to remember adds it here and raises the version of the snapshot that holds this; a test compares every attribute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from engine.domain.account import Position
from engine.domain.event import LedgerFact, OrderAccepted
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderStatus
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.commitment import Commitment
from engine.portfolio.fold import Fold
from engine.portfolio.position import PositionBook

_KINDS = {kind.__name__: kind for kind in get_args(LedgerFact)}


@dataclass(frozen=True, slots=True)
class RatesDump:
    """An account's own fees for a pair."""

    account: AccountId
    symbol: str
    maker: FeeRate | None
    taker: FeeRate | None


@dataclass(frozen=True, slots=True)
class CommitmentDump:
    """An open order: how it was accepted, and what changed since."""

    accepted: OrderAccepted
    pair: TradingPair
    maker: FeeRate
    taker: FeeRate
    qty: Lots
    left: Lots
    price: Ticks | None
    stop_price: Ticks | None
    trail: Ticks | None
    status: OrderStatus
    locked: int
    mate: OrderId | None
    """The other of two legs of which only one can trade."""


@dataclass(frozen=True, slots=True)
class TotalDump:
    """The running total of a ledger account in an asset."""

    account: str
    asset: str
    units: int


@dataclass(frozen=True, slots=True)
class HeldDump:
    """An owner and the assets that it ever touched."""

    owner: AccountId
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PositionDump:
    """A position of an account."""

    account: AccountId
    symbol: str
    qty: Lots
    cost: Units
    realised: Units
    fees: Units


@dataclass(frozen=True, slots=True)
class CountDump:
    """How many facts of a kind there were."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class FoldDump:
    """Everything a fold remembers, each part in its own order, so that equal folds have equal dumps."""

    pairs: tuple[TradingPair, ...]
    rates: tuple[RatesDump, ...]
    orders: tuple[CommitmentDump, ...]
    totals: tuple[TotalDump, ...]
    held: tuple[HeldDump, ...]
    positions: tuple[PositionDump, ...]
    counts: tuple[CountDump, ...]
    last_at: Nanos
    last_number: int
    last_trade: int


def dump_fold(fold: Fold) -> FoldDump:
    """Return all that a fold remembers, but for what its last record moved."""
    ledger = fold.ledger
    return FoldDump(
        pairs=tuple(ledger._pairs.values()),
        rates=tuple(RatesDump(account, symbol, *rates) for (account, symbol), rates in ledger._rates.items()),
        orders=tuple(_dump_order(order) for _, orders in sorted(ledger._orders.items()) for order in orders.values()),
        totals=tuple(TotalDump(account, asset, units) for (account, asset), units in ledger._totals.items()),
        held=tuple(HeldDump(owner, tuple(assets)) for owner, assets in ledger._held.items()),
        positions=tuple(_dump_positions(fold)),
        counts=tuple(CountDump(kind.__name__, count) for kind, count in fold._counts.items()),
        last_at=fold.last_at,
        last_number=fold._last_number,
        last_trade=fold._last_trade,
    )


def load_fold(dump: FoldDump) -> Fold:
    """Return the fold that was dumped."""
    fold = Fold(dump.pairs)
    ledger = fold.ledger
    ledger._rates = {(each.account, each.symbol): (each.maker, each.taker) for each in dump.rates}
    for each in dump.orders:
        ledger._orders.setdefault(each.accepted.account, {})[each.accepted.order_id] = _load_order(each)
    for each in dump.orders:
        if each.mate is not None:
            orders = ledger._orders[each.accepted.account]
            orders[each.accepted.order_id].mate = orders[each.mate]
    ledger._totals = {(total.account, total.asset): total.units for total in dump.totals}
    ledger._held = {held.owner: dict.fromkeys(held.assets) for held in dump.held}
    for line in dump.positions:
        position = Position(line.symbol, line.qty, line.cost, line.realised, line.fees)
        fold._positions.setdefault(line.account, PositionBook())._positions[line.symbol] = position
    fold._counts = {_KINDS[count.kind]: count.count for count in dump.counts}
    fold.last_at, fold._last_number, fold._last_trade = dump.last_at, dump.last_number, dump.last_trade
    return fold


def _dump_positions(fold: Fold) -> Iterator[PositionDump]:
    for account, book in fold._positions.items():
        for position in book.positions():
            yield PositionDump(account, *position)


def _dump_order(order: Commitment) -> CommitmentDump:
    return CommitmentDump(
        accepted=order.fact,
        pair=order.pair,
        maker=order.maker,
        taker=order.taker,
        qty=order.qty,
        left=order.left,
        price=order.price,
        stop_price=order.stop_price,
        trail=order.trail,
        status=order.status,
        locked=order.locked,
        mate=order.mate.order.order_id if order.mate is not None else None,
    )


def _load_order(dump: CommitmentDump) -> Commitment:
    order = Commitment(dump.accepted, dump.pair, dump.maker, dump.taker)
    order.qty, order.left, order.price = dump.qty, dump.left, dump.price
    order.stop_price, order.trail = dump.stop_price, dump.trail
    order.status, order.locked = dump.status, dump.locked
    return order
