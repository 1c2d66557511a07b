"""The orders of a pair's agents: makers around the fair path, takers, and those who follow a move.

A function of seed and time only: nothing here sees the book, so a user's impact decays as the makers
quote again. Time is cut into blocks (a second; longer for the coarse class, whose orders stand for
many). Within a block the touch moves a few times with the fair path; makers take back what the move
overtakes and quote behind it; takers arrive in clusters, leaning to the side of the move.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.catalogue import PairSpec
from engine.market.generator import MEAN_SIZE
from engine.market.latent import SECONDS, LatentPath
from engine.market.levels import QUARTERS, Levels, trade_sizes
from engine.market.noise import Floats, normal, stream, uniform

SWEEP_ODDS = 0.3
"""How often a move of the touch begins with a taker."""
TOUCH_ORDERS = 2
"""Orders that a side of the touch consists of."""
_DRAWS = 1 << 12
"""Room for random numbers of one purpose in one block."""


class FlowClass(NamedTuple):
    """How finely the agents act."""

    seconds: int
    """Length of a block; divides a minute."""
    cells: int
    """Levels on a side beyond the touch."""
    widen: int
    """Factor on the spacing of levels."""
    moves: float
    """Mean moves of the touch in a block of the busiest pair."""
    most_trades: int
    """Takers in a block at most; beyond it they grow larger instead."""


FULL = FlowClass(seconds=1, cells=70, widen=1, moves=5.0, most_trades=180)
COARSE = FlowClass(seconds=15, cells=24, widen=12, moves=2.0, most_trades=5)


class _Moves(NamedTuple):
    """What the touch does in a block: instants in ns from its start, best bid and ask after each."""

    at: list[int]
    bid: list[int]
    ask: list[int]
    sweep: list[int]
    """Lots that a taker takes to push the price there, 0 if the makers go by themselves."""
    touch: list[list[int]]
    """Quantities of the four touch orders set at each move: two bids, two asks."""


class _Takers(NamedTuple):
    """Takers of a block in order of time."""

    at: list[int]
    buys: list[bool]
    qty: list[int]


class FlowGenerator:
    """The flow of one pair, seed and class, block by block."""

    def __init__(self, spec: PairSpec, path: LatentPath, flow_class: FlowClass = FULL) -> None:
        shape = spec.shape
        self.spec = spec
        self.flow_class = flow_class
        self._path = path
        self._name = (path.bars.seed, "flow", spec.symbol, flow_class.seconds)
        self._spacing = shape.spacing * flow_class.widen
        self._stack = 1.0 if flow_class.seconds == 1 else 0.25 * flow_class.seconds
        """Coarse levels stand for more than one real one."""
        self._levels = Levels(self._name, self._spacing, shape.size_lots * shape.depth * self._stack)
        self._usual_minute = shape.trades * SECONDS * MEAN_SIZE * shape.size_lots
        self._moves_kept: tuple[int, _Moves] | None = None
        self._prepared: tuple[int, list[FlowOrder]] | None = None

    @property
    def block_nanos(self) -> Nanos:
        """Length of a block."""
        return Nanos(self.flow_class.seconds * NANOS_PER_SECOND)

    def block(self, number: int) -> list[FlowOrder]:
        """Return the orders of block `number` (since 1970) in order of time.

        They presume the book that `entry(number)` or the blocks before have made.
        """
        self.prepare(number)
        assert self._prepared is not None, "just prepared"  # noqa: S101 a promise between two methods
        return self._prepared[1]

    def prepare(self, number: int) -> bool:
        """Make a block ahead of its time; return whether there was anything to do."""
        if self._prepared is not None and self._prepared[0] == number:
            return False
        before = self._moves(number - 1)
        orders = _Writer(self, number).write(before, self._moves(number), self._takers(number))
        self._prepared = (number, orders)
        return True

    def entry(self, number: int) -> list[FlowOrder]:
        """Return the orders that make the agents' book of the start of a block out of nothing."""
        return _Writer(self, number).enter(self._moves(number - 1))

    def _fair(self, number: int, seconds: Floats) -> Floats:
        """Return the fair price in ticks at instants, in seconds from the start of a block."""
        minute, first = divmod(number * self.flow_class.seconds, SECONDS)
        return np.interp(seconds + first, np.arange(SECONDS + 1), self._path.minute(minute).price)

    def _activity(self, number: int) -> tuple[float, float]:
        """Return the block's volume relative to a usual block, and its size relative to its number of trades."""
        length = self.flow_class.seconds
        minute, first = divmod(number * length, SECONDS)
        inside = self._path.minute(minute)
        busy = inside.volume / self._usual_minute
        share = float(inside.share[first : first + length].sum()) * SECONDS / length
        return busy**0.45 * share**0.95, busy**0.55 * share**0.05

    def _moves(self, number: int) -> _Moves:
        kept = self._moves_kept
        if kept is not None and kept[0] == number:
            return kept[1]
        flow_class, shape = self.flow_class, self.spec.shape
        seed = stream(*self._name, "move")
        draws = uniform(seed, number * _DRAWS + np.arange(64, dtype=np.int64))
        activity = min(self._activity(number)[0], 4.0)
        mean = (flow_class.moves - 1.0) * (0.25 + 0.75 * activity) * min(1.0, 0.4 + shape.trades / 50.0)
        count = 1 + min(int(mean * -np.log(draws[0]) + draws[1] * 0.5), 15)
        when = np.sort(draws[2 : 2 + count])
        fair = self._fair(number, when * flow_class.seconds)
        spread = self._spreads(draws[20 : 20 + count])
        bid = np.maximum(np.floor(fair).astype(np.int64) - (spread - 1) // 2, 1)
        touch = np.exp(1.15 * normal(seed, number * _DRAWS + 64 + np.arange(4 * count, dtype=np.int64)))
        lots = shape.size_lots * shape.depth * self._stack
        qty = np.maximum(np.rint((0.06 + 0.42 * touch) * lots).astype(np.int64), 1).reshape(count, 4)
        pushes = draws[40 : 40 + count]
        sizes = np.maximum(np.rint(trade_sizes(pushes / SWEEP_ODDS % 1.0) * shape.size_lots), 1).astype(np.int64)
        sweep = np.where(pushes < SWEEP_ODDS, sizes, 0)
        at = (when * 1_000 * flow_class.seconds).astype(np.int64) * 1_000_000
        moves = _Moves(at.tolist(), bid.tolist(), (bid + spread).tolist(), sweep.tolist(),
                       qty.tolist())  # fmt: skip
        self._moves_kept = (number, moves)
        return moves

    def _spreads(self, draws: Floats) -> Floats:
        """Return spreads in ticks: mostly one, else a skewed few dozen where ticks are that fine."""
        wide = 1.0 + self._spacing * np.exp(2.2 * (draws - 0.94) / 0.06) / 1.5
        return np.where(draws < 0.94, 1, wide).astype(np.int64)

    def _takers(self, number: int) -> _Takers:
        flow_class, shape = self.flow_class, self.spec.shape
        seed, first = stream(*self._name, "take"), number * _DRAWS
        activity, scale = self._activity(number)
        wanted = shape.trades * flow_class.seconds * activity
        draws = uniform(seed, first + np.arange(2, dtype=np.int64))
        count = min(int(wanted + draws[0]), flow_class.most_trades)
        if not count:
            return _Takers([], [], [])
        scale *= max(1.0, wanted / count) * 0.80
        clusters = 1 + int(0.85 * count + draws[1] * 0.5)
        draws = uniform(seed, first + 2 + np.arange(2 * count + 2 * clusters, dtype=np.int64))
        when, lean = draws[:clusters], draws[clusters : 2 * clusters]
        belongs = (draws[2 * clusters : 2 * clusters + count] * clusters).astype(np.int64)
        size = draws[2 * clusters + count :]
        begin, end = self._fair(number, np.array([0.0, float(flow_class.seconds)]))
        drift = np.tanh((end - begin) / (shape.minute_bp * 1e-4 * begin * 0.13 * np.sqrt(flow_class.seconds)))
        buys = lean < 0.5 + 0.25 * drift
        order = np.argsort(when[belongs], kind="stable")
        at = (when[belongs] * 1_000 * flow_class.seconds).astype(np.int64) * 1_000_000 + 500_000
        grown = scale ** np.clip(size * 1.25 - 0.25, 0.0, 1.0)  # a busy hour brings large orders, not larger small ones
        qty = np.maximum(np.rint(trade_sizes(size**1.06) * shape.size_lots * grown).astype(np.int64), 1)
        return _Takers(at[order].tolist(), buys[belongs][order].tolist(), qty[order].tolist())


class _Writer:
    """Turns what a block's agents decide into orders."""

    def __init__(self, flow: FlowGenerator, number: int) -> None:
        self.cells = flow.flow_class.cells
        self.spacing = flow._spacing
        self._levels = flow._levels
        self.start = number * flow.block_nanos
        self.quarter_nanos = flow.block_nanos // QUARTERS
        self.number = number
        self.orders: list[FlowOrder] = []
        self.touch: list[tuple[int, Side, int, int]] = []
        """Key, side, price and quantity of the touch orders now quoted."""
        self.bid_cell = self.ask_cell = 0

    def enter(self, before: _Moves) -> list[FlowOrder]:
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

    def write(self, before: _Moves, moves: _Moves, takers: _Takers) -> list[FlowOrder]:
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

    def _place_state(self, before: _Moves) -> None:
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

    def _move(self, at: Nanos, index: int, moves: _Moves, old: tuple[int, int], quarter: int) -> None:
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

    def _sweep(self, at: Nanos, moves: _Moves, index: int, old: tuple[int, int]) -> None:
        """Let a taker push the price some of the way before the makers follow."""
        bid, ask = moves.bid[index], moves.ask[index]
        qty = Lots(moves.sweep[index])
        if bid >= old[1]:
            self.orders.append(FlowOrder(at, FlowKind.IOC, 0, Side.BUY, Ticks(ask), qty))
        elif ask <= old[0]:
            self.orders.append(FlowOrder(at, FlowKind.IOC, 0, Side.SELL, Ticks(bid), qty))


def _touch_after(
    touch: list[tuple[int, Side, int, int]], moves: _Moves, index: int, number: int
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
