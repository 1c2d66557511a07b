"""What a block's agents decided, written down as orders.

Makers stand on the touch and on the levels behind it; when the touch moves they take back what it
overtakes, then quote anew, in this order, so that they never trade with each other. Everything that
is cancelled is known by its key, without a look at the book.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.levels import QUARTERS, Levels

TOUCH_ORDERS = 2
"""Orders that a side of the touch consists of."""


class Moves(NamedTuple):
    """What the touch does in a block: instants in ns from its start, best bid and ask after each."""

    at: list[int]
    bid: list[int]
    ask: list[int]
    sweep: list[int]
    """Lots that a taker takes to push the price there, 0 if the makers go by themselves."""
    touch: list[list[int]]
    """Quantities of the four touch orders set at each move: two bids, two asks."""


class Takers(NamedTuple):
    """Takers of a block in order of time."""

    at: list[int]
    buys: list[bool]
    qty: list[int]


class Writer:
    """Turns what a block's agents decide into orders."""

    def __init__(self, levels: Levels, cells: int, block_nanos: Nanos, number: int) -> None:
        self.cells = cells
        self.spacing = levels.spacing
        self._levels = levels
        self.start = number * block_nanos
        self.quarter_nanos = block_nanos // QUARTERS
        self.number = number
        self.orders: list[FlowOrder] = []
        self.touch: list[tuple[int, Side, int, int]] = []
        """Key, side, price and quantity of the touch orders now quoted."""
        self.bid_cell = self.ask_cell = 0

    def enter(self, before: Moves) -> list[FlowOrder]:
        """Quote everything as it stands after the moves of the block before."""
        bid, ask = before.bid[-1], before.ask[-1]
        self._prepare(bid, bid, ask, ask, self.number * QUARTERS - 1, 1)
        self._place_state(before)
        at = Nanos(self.start)
        for side, cells in ((Side.BUY, self._bid_cells()), (Side.SELL, self._ask_cells())):
            for cell in cells:
                self._quote(at, side, cell, 0)
        for key, side, price, qty in self.touch:
            self.orders.append(FlowOrder(at, FlowKind.LIMIT, key, side, Ticks(price), Lots(qty)))
        return self.orders

    def write(self, before: Moves, moves: Moves, takers: Takers) -> list[FlowOrder]:
        """Return the block's orders."""
        low = min(before.bid[-1], *moves.bid)
        high = max(before.ask[-1], *moves.ask)
        self._prepare(low, before.bid[-1], before.ask[-1], high, self.number * QUARTERS - 1, QUARTERS + 1)
        self._place_state(before)
        instants = sorted(
            [(quarter * self.quarter_nanos, 0, quarter) for quarter in range(QUARTERS)]
            + [(at, 1, index) for index, at in enumerate(moves.at)]
            + [(at, 2, index) for index, at in enumerate(takers.at)]
        )
        quarter = 0
        bid, ask = before.bid[-1], before.ask[-1]
        reach = self.spacing * self.cells // 2
        for offset, what, index in instants:
            at = Nanos(self.start + offset)
            if what == 2:
                side, limit = (Side.BUY, ask + reach) if takers.buys[index] else (Side.SELL, max(bid - reach, 1))
                self.orders.append(FlowOrder(at, FlowKind.IOC, 0, side, Ticks(limit), Lots(takers.qty[index])))
            elif what == 1:
                self._move(at, index, moves, (bid, ask), quarter)
                bid, ask = moves.bid[index], moves.ask[index]
            else:
                self._requote(at, index)
                quarter = index + 1
        return self.orders

    def _prepare(self, low: int, bid: int, ask: int, high: int, quarter: int, quarters: int) -> None:
        """Look up the levels that may be touched; column 0 of the versions is quarter `quarter`."""
        self.first = max(low // self.spacing - self.cells, 0)
        cells = np.arange(self.first, high // self.spacing + self.cells + 1, dtype=np.int64)
        period, phase = self._levels.rhythm(cells)
        version = (quarter + np.arange(quarters, dtype=np.int64)[:, None] + phase) // period
        self._version_rows = version
        self._cell_row = cells
        self._prices: list[int] = self._levels.prices(cells).tolist()
        self._versions: list[list[int]] = version.tolist()
        self._quantities: list[list[int]] = [self._levels.quantities(cells, row).tolist() for row in version]
        self.bid_cell, self.ask_cell = bid // self.spacing, ask // self.spacing

    def _place_state(self, before: Moves) -> None:
        """Recall the touch orders that the block before left, from its first move on."""
        touch: list[tuple[int, Side, int, int]] = []
        for index in range(len(before.at)):
            touch = _touch_after(touch, before, index, self.number - 1)
        self.touch = touch

    def _bid_cells(self) -> range:
        return range(max(self.bid_cell - self.cells, self.first), self.bid_cell)

    def _ask_cells(self) -> range:
        return range(self.ask_cell + 1, self.ask_cell + self.cells + 1)

    def _key(self, side: Side, cell: int, quarter: int) -> int:
        return ((cell << 32 | self._versions[quarter][cell - self.first]) << 1) | (side is Side.SELL)

    def _quote(self, at: Nanos, side: Side, cell: int, quarter: int) -> None:
        place = cell - self.first
        key, qty = self._key(side, cell, quarter), self._quantities[quarter][place]
        self.orders.append(FlowOrder(at, FlowKind.LIMIT, key, side, Ticks(self._prices[place]), Lots(qty)))

    def _cancel(self, at: Nanos, side: Side, cell: int, quarter: int) -> None:
        key = self._key(side, cell, quarter)
        self.orders.append(FlowOrder(at, FlowKind.CANCEL, key, side, Ticks(0), Lots(0)))

    def _requote(self, at: Nanos, index: int) -> None:
        """Renew the levels whose time has come at the start of a quarter."""
        changed = np.flatnonzero(self._version_rows[index] != self._version_rows[index + 1]) + self.first
        bids, asks = self._bid_cells(), self._ask_cells()
        for cell in changed.tolist():
            for side, cells in ((Side.BUY, bids), (Side.SELL, asks)):
                if cell in cells:
                    self._cancel(at, side, cell, index)
                    self._quote(at, side, cell, index + 1)

    def _move(self, at: Nanos, index: int, moves: Moves, old: tuple[int, int], quarter: int) -> None:
        """Carry the makers to a new touch: sweep, take back, quote."""
        bid, ask = moves.bid[index], moves.ask[index]
        if moves.sweep[index]:
            self._sweep(at, moves, index, old)
        old_bids, old_asks = self._bid_cells(), self._ask_cells()
        self.bid_cell, self.ask_cell = bid // self.spacing, ask // self.spacing
        bids, asks = self._bid_cells(), self._ask_cells()
        before, self.touch = self.touch, _touch_after(self.touch, moves, index, self.number)
        kept = {each[0] for each in self.touch}
        gone = {each[0] for each in before}
        for key, side, _, _ in before:
            if key not in kept:
                self.orders.append(FlowOrder(at, FlowKind.CANCEL, key, side, Ticks(0), Lots(0)))
        for side, was, now in ((Side.BUY, old_bids, bids), (Side.SELL, old_asks, asks)):
            for cell in _only_in(was, now):
                self._cancel(at, side, cell, quarter)
        for side, was, now in ((Side.BUY, old_bids, bids), (Side.SELL, old_asks, asks)):
            for cell in _only_in(now, was):
                self._quote(at, side, cell, quarter)
        for key, side, price, qty in self.touch:
            if key not in gone:
                self.orders.append(FlowOrder(at, FlowKind.LIMIT, key, side, Ticks(price), Lots(qty)))

    def _sweep(self, at: Nanos, moves: Moves, index: int, old: tuple[int, int]) -> None:
        """Let a taker push the price some of the way before the makers follow."""
        bid, ask = moves.bid[index], moves.ask[index]
        qty = Lots(moves.sweep[index])
        if bid >= old[1]:
            self.orders.append(FlowOrder(at, FlowKind.IOC, 0, Side.BUY, Ticks(ask), qty))
        elif ask <= old[0]:
            self.orders.append(FlowOrder(at, FlowKind.IOC, 0, Side.SELL, Ticks(bid), qty))


def _touch_after(
    touch: list[tuple[int, Side, int, int]], moves: Moves, index: int, number: int
) -> list[tuple[int, Side, int, int]]:
    """Return the touch orders after a move; a side whose price stays is kept, but renewed once a block."""
    quotes: list[tuple[int, Side, int, int]] = []
    for half, (side, price) in enumerate(((Side.BUY, moves.bid[index]), (Side.SELL, moves.ask[index]))):
        if index and price == (moves.bid if side is Side.BUY else moves.ask)[index - 1]:
            quotes += [each for each in touch if each[1] is side]
            continue
        for each in range(TOUCH_ORDERS):
            slot = half * TOUCH_ORDERS + each
            key = -(((number << 4 | index) << 2 | slot) + 1)
            quotes.append((key, side, price, moves.touch[index][slot]))
    return quotes


def _only_in(these: range, not_in: range) -> list[int]:
    """Return the numbers of one unbroken range that are not in another."""
    if these.start >= not_in.stop or these.stop <= not_in.start:
        return list(these)
    return [*range(these.start, not_in.start), *range(not_in.stop, these.stop)]
