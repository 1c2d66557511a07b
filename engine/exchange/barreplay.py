"""A market made of bars: one pair's past, walked through once more with an exchange of its own in it.

Bars are handed over by `extend` and walked along the path of `engine.exchange.barpath`. At every price the market
shows a bid and an ask half a spread away, so that
 - what takes liquidity pays half the spread, at the price that comes next: a command arrives with the open of the
   next bar, never at a price that was already seen;
 - a resting limit fills when the price has gone through it by half the spread, at its own price;
 - a stop fires at its own price inside a bar, and at the open where the market opened beyond it;
 - of what traded within a window only a share can be ours, each side for itself.

What happens depends on the bars walked and the commands given, on nothing else: what is not handed over, or not yet
walked, cannot matter. Prices in ticks, quantities in lots. `docs/explanation/bar-replay.md` tells the trader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from engine.domain.command import Command, ListPair
from engine.domain.event import KernelEvent, OrderFilled, TradeExecuted
from engine.domain.market import BookDiff, BookSnapshot, Level, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import OrderStatus, Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange.barpath import POINTS, PathBar, path_bars
from engine.exchange.kernel import Exchange
from engine.ports.feed import BarArrays
from engine.risk.gate import Gate

BPS = 10_000
WINDOW = Nanos(60 * NANOS_PER_SECOND)
"""The share of the volume is counted over a minute, or over one bar if that is longer."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is assumed of a market of which only bars are known."""

    spread_bps: int = 2
    """The whole spread in basis points of the price; at least two ticks."""
    share_percent: int = 10
    """How much of what traded can have been ours, for each side."""

    def half_spread(self, price: int) -> int:
        """Return how far bid and ask stand from a price, in ticks, at least one."""
        return max(1, price * self.spread_bps // (2 * BPS))


class Walked(NamedTuple):
    """What a stretch of the way showed: facts of accounts in order, and public prints."""

    facts: list[KernelEvent]
    prints: list[TradeTick]


class BarMarket:
    """One pair, walked bar by bar; `now` is how far it has come."""

    def __init__(
        self, pair: TradingPair, step: Timeframe, start: Nanos, before: BarArrays, *, rules: Rules,
        gate: Gate | None = None,
    ) -> None:  # fmt: skip
        """Stand at `start` after the bars `before`, one at least; bars of length `step` follow by `extend`."""
        past = path_bars(before)
        price = past[-1].close
        self.pair, self.step, self.rules = pair, step, rules
        self.now, self.price = start, price
        self.exchange = Exchange(gate=gate)
        self.exchange.handle(ListPair(pair), start)
        self.exchange.use_feed(pair.symbol)
        self.on_bar: Callable[[int], object] = _nobody
        """Told the close of every bar that is over."""
        self._bars: deque[PathBar] = deque()
        """Still to be walked; the first may be under way."""
        self._passed = 0
        """Points of the first bar that are passed."""
        volumes = [bar.volume for bar in past]
        self._volumes: deque[int] = deque(volumes, maxlen=window(step))
        self._taken: dict[Side, deque[int]] = {side: deque([0] * len(volumes), window(step)) for side in Side}
        """Our fills of each side, by bar, as far back as volumes go."""
        self._half = rules.half_spread(price)
        self._quoted: tuple[int, int] = (0, 0)
        """Where bid and ask stand, taken or not."""
        self._is_late = False
        """Whether bid and ask are still where the price was before: nobody was there to trade with them."""
        self._shown: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._printed = price
        self.seq = self._prints = 0
        self._stand(price)

    @property
    def waiting(self) -> int:
        """Bars that are handed over and not yet walked to their end."""
        return len(self._bars)

    @property
    def is_within(self) -> bool:
        """Whether a bar is under way."""
        return self._passed > 0

    def extend(self, bars: BarArrays) -> None:
        """Hand over the bars that come next; intervals without one are passed in silence.

        Raises:
            InvalidInput: they begin before what was handed over, or was walked, ends.
        """
        new = path_bars(bars)
        ended = self._bars[-1].start + self.step.nanos if self._bars else self.now
        if new and new[0].start < ended:
            raise InvalidInput(f"Bars from {new[0].start} on come too late: the market stands at {ended}.")
        self._bars += new

    # Time

    def open_next(self) -> Walked:
        """Go on to the next price, if the market stands between two bars and the next one traded."""
        walked = Walked([], [])
        while not self._passed and self._bars:
            bar = self._bars[0]
            if bar.volume:
                self._point(bar, walked)
            else:
                self._end_bar(self._bars.popleft(), walked)
        return walked

    def walk(self, until: Nanos) -> Walked:
        """Walk the bars that are over at `until`; one that is under way then stays where it is."""
        walked = Walked([], [])
        while self._bars and self._bars[0].start + self.step.nanos <= until:
            bar = self._bars[0]
            while bar.volume and self._passed < POINTS:
                self._point(bar, walked)
            self._end_bar(self._bars.popleft(), walked)
        if until > self.now:
            self._pass_time(until, walked)
        return walked

    def command(self, command: Command) -> list[KernelEvent]:
        """Carry out a command now."""
        self._catch_up()
        return self._count(self.exchange.handle(command, self.now))

    # What it shows

    def snapshot(self) -> BookSnapshot:
        """Return bid and ask as of the last `diff`."""
        bids, asks = (tuple(Level(Ticks(p), Lots(q)) for p, q in side.items()) for side in self._shown)
        return BookSnapshot(self.pair.symbol, bids, asks, self.seq, self.now)

    def diff(self) -> BookDiff:
        """Return what changed of bid and ask since the last call; perhaps nothing, but always a later time."""
        self._catch_up()
        changes = []
        for before, side in zip(self._shown, (Side.BUY, Side.SELL), strict=True):
            now: dict[int, int] = dict(self.exchange.book(self.pair.symbol).levels(side))
            changed = dict.fromkeys(before, 0) | now
            changes.append(tuple(Level(Ticks(p), Lots(q)) for p, q in changed.items() if before.get(p, 0) != q))
            before.clear()
            before.update(now)
        self.seq += 1
        return BookDiff(self.pair.symbol, changes[0], changes[1], self.seq, self.seq, self.now)

    def left(self, side: Side) -> int:
        """Return how much can still be bought (or sold) now: our share of the window less what we had of it."""
        return max(0, sum(self._volumes) * self.rules.share_percent // 100 - sum(self._taken[side]))

    # The way

    def _point(self, bar: PathBar, walked: Walked) -> None:
        """Go to the next point of a bar; to the open by a jump, to the others through all that lies between."""
        at = Nanos(bar.start + self._passed * self.step.nanos // POINTS)
        self._pass_time(at, walked)
        goal, qty = bar.path[self._passed], bar.shares[self._passed]
        if not self._passed:
            self._begin_bar(bar)
        if not any(self.exchange.open_orders(account) for account in self.exchange.accounts()):
            self.price, self._is_late = goal, True
        elif not self._passed:
            walked.facts.extend(self._stand(goal))
        while self.price != goal:
            walked.facts.extend(self._stand(self._next_level(goal)))
        self._passed += 1
        if qty:
            self._prints += 1
            side = Side.SELL if goal < self._printed else Side.BUY
            walked.prints.append(TradeTick(self.pair.symbol, Ticks(goal), Lots(qty), side, at, self._prints))
            self._printed = goal

    def _next_level(self, goal: int) -> int:
        """Return the first price on the way at which something of ours happens, or the goal."""
        up = goal > self.price
        ahead = [goal]
        for account in self.exchange.accounts():
            for order in self.exchange.open_orders(account):
                level: int | None = self.exchange.trigger_price(account, order.order_id)
                if order.status is OrderStatus.WORKING and order.price is not None:
                    level = order.price - self._half if order.side is Side.BUY else order.price + self._half
                if level is not None and (self.price < level < goal if up else goal < level < self.price):
                    ahead.append(level)
        return min(ahead) if up else max(ahead)

    def _stand(self, price: int) -> list[KernelEvent]:
        """Let the price be there: show bid and ask, fill what they meet, then fire what waits for the price."""
        bid, ask = price - self._half, price + self._half
        bids, asks = (
            (Level(Ticks(before), Lots(0)), Level(Ticks(at), Lots(qty)))
            for before, at, qty in (
                (self._quoted[0], bid, self.left(Side.SELL) if bid > 0 else 0),
                (self._quoted[1], ask, self.left(Side.BUY)),
            )
        )
        self._quoted, self._is_late = (bid, ask), False
        facts = self._count(self.exchange.feed_diff(BookDiff(self.pair.symbol, bids, asks, 0, 0, self.now)))
        taker = Side.SELL if price < self.price else Side.BUY
        tick = TradeTick(self.pair.symbol, Ticks(price), Lots(0), taker, self.now, 0)
        facts += self._count(self.exchange.feed_print(tick))
        self.price = price
        return facts

    def _catch_up(self) -> None:
        """Let bid and ask be where the price is."""
        if self._is_late:
            self._stand(self.price)

    def _begin_bar(self, bar: PathBar) -> None:
        """Move the window of the volume on by a bar."""
        self._half = self.rules.half_spread(bar.open)
        self._volumes.append(bar.volume)
        for taken in self._taken.values():
            taken.append(0)

    def _end_bar(self, bar: PathBar, walked: Walked) -> None:
        if not bar.volume:
            self._begin_bar(bar)
            walked.facts.extend(self._stand(self.price))
        self._passed = 0
        self._pass_time(Nanos(bar.start + self.step.nanos), walked)
        self.on_bar(self.price)

    def _pass_time(self, at: Nanos, walked: Walked) -> None:
        self.now = at
        walked.facts.extend(self._count(self.exchange.advance(at)))

    def _count(self, events: list[KernelEvent]) -> list[KernelEvent]:
        """Note our fills, and return the facts of accounts."""
        for event in events:
            if isinstance(event, OrderFilled):
                self._taken[event.side][-1] += event.qty
        return [event for event in events if not isinstance(event, TradeExecuted)]


def window(step: Timeframe) -> int:
    """Return how many bars of a length the share of the volume is counted over."""
    return max(1, WINDOW // step.nanos)


def _nobody(_close: int) -> None:
    """Nobody wants to know."""
