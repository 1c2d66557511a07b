"""The orders of a pair's agents: makers around the fair path, takers, and those who follow a move.

A function of seed and time only: nothing here sees the book, so a user's impact decays as the makers
quote again. Time is cut into blocks (a second; longer for the coarse class, whose orders stand for
many). Within a block the touch moves a few times with the fair path; makers take back what the move
overtakes and quote behind it; takers arrive in clusters, leaning to the side of the move.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.domain.flow import FlowOrder
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.market.catalogue import PairSpec
from engine.market.generator import MEAN_SIZE, MORE_AT_ONCE, MORE_PRINTS
from engine.market.latent import SECONDS, LatentPath
from engine.market.levels import Levels, trade_sizes
from engine.market.noise import Floats, normal, stream, uniform
from engine.market.writer import Moves, Takers, Writer

SWEEP_ODDS = 0.3
"""How often a move of the touch begins with a taker."""
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
        self._moves_kept: tuple[int, Moves] | None = None
        self._prepared: tuple[int, list[FlowOrder]] | None = None
        self._prepared_entry: tuple[int, list[FlowOrder]] | None = None

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
        orders = self._writer(number).write(before, self._moves(number), self._takers(number))
        self._prepared = (number, orders)
        return True

    def entry(self, number: int) -> list[FlowOrder]:
        """Return the orders that make the agents' book of the start of a block out of nothing."""
        self.prepare_entry(number)
        assert self._prepared_entry is not None, "just prepared"  # noqa: S101 a promise between two methods
        return self._prepared_entry[1]

    def prepare_entry(self, number: int) -> bool:
        """Make an entry ahead of its time; return whether there was anything to do."""
        if self._prepared_entry is not None and self._prepared_entry[0] == number:
            return False
        self._prepared_entry = (number, self._writer(number).enter(self._moves(number - 1)))
        return True

    def _writer(self, number: int) -> Writer:
        return Writer(self._levels, self.flow_class.cells, self.block_nanos, number)

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
        return busy**MORE_PRINTS * share**MORE_AT_ONCE, busy ** (1 - MORE_PRINTS) * share ** (1 - MORE_AT_ONCE)

    def _moves(self, number: int) -> Moves:
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
        moves = Moves(at.tolist(), bid.tolist(), (bid + spread).tolist(), sweep.tolist(),
                       qty.tolist())  # fmt: skip
        self._moves_kept = (number, moves)
        return moves

    def _spreads(self, draws: Floats) -> Floats:
        """Return spreads in ticks: mostly one, else a skewed few dozen where ticks are that fine."""
        wide = 1.0 + self._spacing * np.exp(2.2 * (draws - 0.94) / 0.06) / 1.5
        return np.where(draws < 0.94, 1, wide).astype(np.int64)

    def _takers(self, number: int) -> Takers:
        flow_class, shape = self.flow_class, self.spec.shape
        seed, first = stream(*self._name, "take"), number * _DRAWS
        activity, scale = self._activity(number)
        wanted = shape.trades * flow_class.seconds * activity
        draws = uniform(seed, first + np.arange(2, dtype=np.int64))
        count = min(int(wanted + draws[0]), flow_class.most_trades)
        if not count:
            return Takers([], [], [])
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
        return Takers(at[order].tolist(), buys[belongs][order].tolist(), qty[order].tolist())
