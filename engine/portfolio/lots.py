"""Lots: which purchases every sale was taken from, by FIFO, LIFO, HIFO or average cost, in exact integers.

A purchase makes a lot that costs its notional plus the buying fee. A sale takes lots in the order of the
method and, of each, the share of its cost that belongs to the quantity taken, rounded *up* to a unit; who takes
the rest of a lot takes all that is left of its cost. What a sale gains is its proceeds less the selling fee less
that cost. By average cost there is one pool in place of lots, as in `engine.portfolio.position`, fill for fill.

A lot belongs to the pair in which it was bought. Coins that came by deposit are in no lot, for nothing says what
they cost: a sale takes the lots first, and what it sells `beyond` them gains nothing here (its fee, split in
proportion and rounded up on the side of the lots, neither). By every method, over the fills of a pair and as far
as sales were taken from lots: realised - cost held = proceeds - payments, fees included, to the last unit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from fractions import Fraction
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from engine.domain.account import Position
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Units, ceil_div
from engine.domain.order import LotMethod, Side
from engine.domain.pair import TradingPair


class Lot:
    """One purchase: `cost` is what it cost, fee included, `left` and `cost_left` what no sale has taken yet."""

    __slots__ = ("cost", "cost_left", "fill", "left", "number")

    def __init__(self, number: int, fill: OrderFilled, cost: int) -> None:
        self.number = number
        """Counts the purchases of the pair, from 1."""
        self.fill = fill
        self.cost = Units(cost)
        self.left = fill.qty
        self.cost_left = self.cost


class Piece(NamedTuple):
    """What a sale took of one lot, or of the pool."""

    lot: Lot | None
    """None: of the pool."""
    qty: Lots
    cost: Units
    of_qty: Lots
    """What the lot, or the pool, held before."""
    of_cost: Units
    """What that had cost."""


class Disposal(NamedTuple):
    """One sale, as far as it took lots; money in quote units."""

    fill: OrderFilled
    qty: Lots
    """Taken from lots; 0 if there were none."""
    proceeds: Units
    """Of `qty`, before the fee."""
    fee: Units
    """The part of the selling fee that belongs to `qty`."""
    cost: Units
    pieces: tuple[Piece, ...]

    @property
    def gain(self) -> Units:
        """What was realised."""
        return Units(self.proceeds - self.fee - self.cost)

    @property
    def beyond(self) -> Lots:
        """What was sold of coins that are in no lot."""
        return Lots(self.fill.qty - self.qty)


class _Order(Protocol):
    """Open lots in the order in which a method takes them."""

    def add(self, lot: Lot) -> None:
        """Take a new lot in."""
        ...

    def first(self) -> Lot:
        """Return the lot to take from next."""
        ...

    def drop(self) -> None:
        """Forget the first lot; nothing is left of it."""
        ...

    def lots(self) -> list[Lot]:
        """Return the open lots, in any order."""
        ...


class _Fifo:
    """The oldest first."""

    def __init__(self) -> None:
        self._lots: deque[Lot] = deque()

    def add(self, lot: Lot) -> None:
        self._lots.append(lot)

    def first(self) -> Lot:
        return self._lots[0]

    def drop(self) -> None:
        self._lots.popleft()

    def lots(self) -> list[Lot]:
        return list(self._lots)


class _Lifo:
    """The newest first."""

    def __init__(self) -> None:
        self._lots: list[Lot] = []

    def add(self, lot: Lot) -> None:
        self._lots.append(lot)

    def first(self) -> Lot:
        return self._lots[-1]

    def drop(self) -> None:
        self._lots.pop()

    def lots(self) -> list[Lot]:
        return list(self._lots)


class _Hifo:
    """The one first that cost most per lot when it was bought; of equals the oldest."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, Fraction, int, Lot]] = []

    def add(self, lot: Lot) -> None:
        whole, rest = divmod(lot.cost, lot.fill.qty)
        heappush(self._heap, (-whole, -Fraction(rest, lot.fill.qty), lot.number, lot))

    def first(self) -> Lot:
        return self._heap[0][3]

    def drop(self) -> None:
        heappop(self._heap)

    def lots(self) -> list[Lot]:
        return [each[3] for each in self._heap]


ORDERS: dict[LotMethod, type[_Order]] = {LotMethod.FIFO: _Fifo, LotMethod.LIFO: _Lifo, LotMethod.HIFO: _Hifo}
"""Of the methods that keep lots apart."""


class PairLots:
    """The lots of one account in one pair, by one method."""

    def __init__(self, pair: TradingPair, method: LotMethod, *, keep: bool = True) -> None:
        self.pair, self.method, self._keep = pair, method, keep
        self.qty, self.cost, self.realised, self.fees = Lots(0), Units(0), Units(0), Units(0)
        self.disposals: list[Disposal] = []
        """In the order of happening; none if the past is not kept."""
        self.pooled: list[Lot | Disposal] = []
        """By average cost: what went into the pool and out of it since it was last empty, if the past is kept."""
        self._purchases = 0
        self._open: _Order | None = ORDERS[method]() if method in ORDERS else None

    def apply(self, fill: OrderFilled) -> Disposal | None:
        """Count a fill of the pair; return what it disposed of, None for a purchase."""
        self.fees = Units(self.fees + fill.fee)
        if fill.side is Side.BUY:
            self._buy(fill)
            return None
        disposal = self._sell(fill)
        if self._keep:
            self.disposals.append(disposal)
        return disposal

    def position(self) -> Position:
        """Return what is held and what was gained."""
        return Position(self.pair.symbol, self.qty, self.cost, self.realised, self.fees)

    def held(self) -> list[Lot]:
        """Return the lots of which something is left, oldest first; none by average cost, where there is one pool."""
        return [] if self._open is None else sorted(self._open.lots(), key=lambda lot: lot.number)

    def _buy(self, fill: OrderFilled) -> None:
        self._purchases += 1
        lot = Lot(self._purchases, fill, self.pair.notional(fill.price, fill.qty) + fill.fee)
        if self._open is None:
            if not self.qty:
                self.pooled = []
            if self._keep:
                self.pooled.append(lot)
        else:
            self._open.add(lot)
        self.qty, self.cost = Lots(self.qty + fill.qty), Units(self.cost + lot.cost)

    def _sell(self, fill: OrderFilled) -> Disposal:
        qty = min(fill.qty, self.qty)
        if not qty:
            return Disposal(fill, Lots(0), Units(0), Units(0), Units(0), ())
        pieces = self._pool(qty) if self._open is None else _take(self._open, qty)
        cost = sum(piece.cost for piece in pieces)
        fee = ceil_div(fill.fee * qty, fill.qty)
        disposal = Disposal(fill, qty, self.pair.notional(fill.price, qty), Units(fee), Units(cost), pieces)
        self.qty, self.cost = Lots(self.qty - qty), Units(self.cost - cost)
        self.realised = Units(self.realised + disposal.gain)
        if self._open is None and self._keep:
            self.pooled.append(disposal)
        return disposal

    def _pool(self, qty: Lots) -> tuple[Piece, ...]:
        return (Piece(None, qty, Units(ceil_div(self.cost * qty, self.qty)), self.qty, self.cost),)


def _take(order: _Order, qty: int) -> tuple[Piece, ...]:
    """Take a quantity, which the open lots have, from them."""
    pieces = []
    while qty:
        lot = order.first()
        part = min(qty, lot.left)
        cost = ceil_div(lot.cost_left * part, lot.left)
        pieces.append(Piece(lot, Lots(part), Units(cost), lot.left, lot.cost_left))
        lot.left, lot.cost_left = Lots(lot.left - part), Units(lot.cost_left - cost)
        if not lot.left:
            order.drop()
        qty -= part
    return tuple(pieces)


class LotBook:
    """All lots of one account, by one method; `apply` takes its fills in the journal's order.

    Unless the past is kept, for explanations and statements, it holds only what is needed to go on.
    """

    def __init__(
        self,
        pairs: Mapping[str, TradingPair],
        method: LotMethod,
        fills: Iterable[OrderFilled] = (),
        *,
        keep: bool = True,
    ) -> None:
        self.method, self._keep = method, keep
        self._listed = dict(pairs)
        self._pairs: dict[str, PairLots] = {}
        for fill in fills:
            self.apply(fill)

    def apply(self, fill: OrderFilled) -> Disposal | None:
        """Count a fill; return what it disposed of, None for a purchase."""
        lots = self._pairs.get(fill.symbol)
        if lots is None:
            lots = self._pairs[fill.symbol] = PairLots(self._listed[fill.symbol], self.method, keep=self._keep)
        return lots.apply(fill)

    def pairs(self) -> list[PairLots]:
        """Return every pair that was ever traded, in the order of first trade."""
        return list(self._pairs.values())

    def pair(self, symbol: str) -> PairLots:
        """Return the lots of a pair, none if it was never traded; the pair must be listed."""
        return self._pairs.get(symbol) or PairLots(self._listed[symbol], self.method)

    def positions(self) -> list[Position]:
        """Return every position that was ever traded."""
        return [lots.position() for lots in self._pairs.values()]
