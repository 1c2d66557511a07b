"""The simulated market: an exchange in which seeded agents trade with each other and with the user.

The agents' orders are a function of seed and time; what they trade depends on the book. The same seed,
speed class and commands at the same instants therefore give the same market, byte for byte. The class
(full or coarse) of `advance` takes effect at the next boundary of a block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from engine.domain.command import Command, ListPair
from engine.domain.event import KernelEvent, TradeExecuted
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.market import Bar, BookSnapshot, DataLabel, Timeframe
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.exchange.latency import Line
from engine.exchange.packing import pack
from engine.exchange.slice import GoOn, Slice, to_the_end
from engine.exchange.tape import Display
from engine.market.bars import empty, resample
from engine.market.catalogue import PAIRS, PairSpec
from engine.market.flow import COARSE, FULL, FlowClass, FlowGenerator
from engine.market.generator import BarGenerator
from engine.market.history import MINUTE_NANOS, LiveBars, PastBars, joined_bars
from engine.market.latent import LatentPath
from engine.market.stage import FIRST_DAY, LIVE_START, day_start
from engine.ports.feed import BarArrays
from engine.risk.gate import Gate

PIECE = 250
"""Orders that act between two questions whether to go on: about a millisecond of work."""

_AT = itemgetter(0)
_PAIR = itemgetter(1)


class _PairMarket:
    """Everything that is particular to one pair."""

    def __init__(self, spec: PairSpec, seed: int) -> None:
        path = LatentPath(BarGenerator(spec, seed))
        self.symbol = spec.symbol
        self.flows = {flow_class: FlowGenerator(spec, path, flow_class) for flow_class in (FULL, COARSE)}
        self.past = PastBars(path)
        self.live = LiveBars(spec.symbol)


class SimulatedMarket:
    """All catalogued pairs, alive from `LIVE_START` on; see `OfflineMarket` for what its methods promise."""

    label = DataLabel.SIMULATED
    ended = False
    start = day_start(FIRST_DAY + 1)
    end: Nanos | None = None

    def __init__(self, seed: int, *, gate: Gate | None = None, pairs: tuple[PairSpec, ...] = PAIRS) -> None:
        self.seed = seed
        self._gate = gate
        self._specs = pairs
        self._pairs = tuple(_PairMarket(spec, seed) for spec in pairs)
        self._by_symbol = {each.symbol: each for each in self._pairs}
        self.exchange = Exchange(gate=gate, explain=True)
        for spec in pairs:
            self.exchange.handle(ListPair(spec.pair), LIVE_START)
        self._display = Display(self._by_symbol)
        self.line = Line()
        """Not used: the agents have no latency either."""
        self.now = LIVE_START
        self._since = LIVE_START
        """When live trading began: at the start, or where the last jump went."""
        self._class: FlowClass = FULL
        self._block = LIVE_START
        """Start of the block under way…"""
        self._made = LIVE_START
        """…and its end: all orders before this instant have been made."""
        self._pending: list[tuple[int, int, FlowOrder]] = []
        """Orders of the block under way; those before `_place` have acted."""
        self._place = 0
        self._begin(LIVE_START, [])

    # Time

    def advance(self, until: Nanos, *, coarse: bool = False, go_on: GoOn = to_the_end) -> Slice:
        """Let the agents act up to `until`, or as far as `go_on` lets them."""
        if until < self.now:
            raise InvalidInput(f"The market's time cannot go back: {until} is before {self.now}.")
        facts: list[KernelEvent] = []
        if self._class is COARSE and not coarse:
            self._cut_coarse()
        reached = self._act(until, coarse, facts, go_on)
        if reached == until and until - self.now < NANOS_PER_SECOND // 5:
            self._prepare(self._class)
        self.now = reached
        self._note(self.exchange.advance(reached), facts)
        prints = self._display.take_prints()
        for each in self._pairs:
            each.live.add(prints.get(each.symbol, ()), reached)
        return Slice(facts, prints, self._display.take_diffs(self.exchange, reached), self._class is COARSE)

    def _act(self, until: Nanos, coarse: bool, facts: list[KernelEvent], go_on: GoOn) -> Nanos:
        """Let the agents act piece by piece; return how far it came: of that instant nothing is left to do."""
        reached = self.now
        while True:
            if self._run(until, facts):
                reached = Nanos(self._pending[self._place - 1][0])
            elif self._place < len(self._pending) or self._made > until:
                return until
            elif not self._prepare(self._next_class(coarse)):
                self._make_block(coarse, facts)
                continue  # a change of class is of the block's first instant, and so are its first orders
            if not go_on():
                return reached

    def command(self, command: Command) -> list[KernelEvent]:
        """Carry out a command now."""
        events = self.exchange.handle(command, self.now)
        self._note(events, [])
        return events

    def jump(self, to: Nanos) -> list[KernelEvent]:
        """Cancel what works, then go to another instant."""
        if to < self.start:
            raise InvalidInput("The simulated market has no history that far back.")
        facts: list[KernelEvent] = []
        for account in self.exchange.accounts():
            for cancel in self.exchange.cancels(account):
                self._note(self.exchange.handle(cancel, self.now), facts)
        self._display.take_prints()
        second = Nanos(to - to % NANOS_PER_SECOND)
        dump: dict[str, Any] = self.exchange.dump()
        dump["now"] = second
        for account in dump["accounts"]:
            account["recent"] = []  # the minute before is another one there
        for market in dump["markets"]:
            market["bids"], market["asks"], market["last"] = [], [], None
        self.exchange = Exchange.load(dump, [spec.pair for spec in self._specs], gate=self._gate)
        self._begin(second, [])
        self.advance(to)
        return facts

    def reopen(self, to: Nanos) -> list[KernelEvent]:
        """Go on at a later second: the agents leave, time passes, agents enter; what else rests stays."""
        if to <= self.now or to % NANOS_PER_SECOND:
            raise InvalidInput("The market can reopen at a later whole second only.")
        facts: list[KernelEvent] = []
        self._leave(self.now, facts)
        self._note(self.exchange.advance(to), facts)
        self._begin(to, facts)
        return facts

    # What it shows

    def traded(self) -> dict[str, list[Bar]]:
        """Return the minutes traded since the market opened last."""
        return {each.symbol: each.live.minutes() for each in self._pairs}

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the displayed book."""
        return self._display.snapshot(self.exchange, symbol, depth, self.now)

    def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars before `end`."""
        each = self._by_symbol.get(symbol)
        if each is None:
            raise InvalidInput(f"{symbol} is not traded here.")
        length, until = timeframe.nanos, min(end, self.now)
        last = Nanos(until - until % length)
        first = Nanos(max(last - count * length, day_start(FIRST_DAY)))
        if first >= last:
            return empty()
        return joined_bars(each.past, each.live, self._since, timeframe, first, last)

    def past_prints(self, symbol: str) -> None:
        """Return None: what is older than the live market are bars that were never traded."""

    # Keeping

    def dump(self) -> bytes:
        """Return everything as bytes."""
        return self.freeze()()

    def freeze(self) -> Callable[[], bytes]:
        """Return what makes the dump of this instant; the long rows of bars are copied, the rest is short."""
        live = [each.live.freeze() for each in self._pairs]
        state: dict[str, object] = {
            "seed": self.seed,
            "pairs": [spec.symbol for spec in self._specs],
            "now": self.now,
            "since": self._since,
            "coarse": self._class is COARSE,
            "block": self._block,
            "made": self._made,
            "place": self._place,
            "display": self._display.dump(),
            "exchange": self.exchange.dump(),
        }
        return lambda: pack("simulated", state | {"live": [make() for make in live]})

    @classmethod
    def restored(cls, dump: Mapping[str, Any], *, gate: Gate | None = None) -> SimulatedMarket:
        """Return the market that was dumped."""
        specs = tuple(spec for spec in PAIRS if spec.symbol in dump["pairs"])
        if len(specs) != len(dump["pairs"]):
            raise InvalidInput("The stored market state has pairs that are not listed any more.")
        market = cls(dump["seed"], gate=gate, pairs=specs)
        market.exchange = Exchange.load(dump["exchange"], [spec.pair for spec in specs], gate=gate)
        market.now, market._since = Nanos(dump["now"]), Nanos(dump["since"])
        market._class = COARSE if dump["coarse"] else FULL
        market._block, market._made, market._place = Nanos(dump["block"]), Nanos(dump["made"]), dump["place"]
        market._pending = [each for each in market._orders_from(market._block) if each[0] < market._made]
        market._display.load(dump["display"])
        market._display.watch(market.exchange)
        for each, live in zip(market._pairs, dump["live"], strict=True):
            each.live.load(live)
        return market

    # The agents

    def _begin(self, at: Nanos, facts: list[KernelEvent]) -> None:
        """Quote all books afresh at a whole second; of the agents before nothing is kept."""
        self.now = self._since = self._block = self._made = at
        self._class, self._pending, self._place = FULL, [], 0
        self._enter(at, facts)
        for each in self._pairs:
            each.live.begin(_minute_so_far(each, at))
        self._display.watch(self.exchange)

    def _enter(self, at: Nanos, facts: list[KernelEvent]) -> None:
        for each in self._pairs:
            flow = each.flows[self._class]
            self._note(self.exchange.flow(each.symbol, flow.entry(at // flow.block_nanos)), facts)

    def _leave(self, at: Nanos, facts: list[KernelEvent]) -> None:
        for each in self._pairs:
            cancels = [
                FlowOrder(at, FlowKind.CANCEL, key, Side.BUY, Ticks(0), Lots(0))
                for key in sorted(self.exchange.flow_keys(each.symbol))
            ]
            self._note(self.exchange.flow(each.symbol, cancels), facts)

    def _run(self, until: Nanos, facts: list[KernelEvent]) -> bool:
        """Let a piece of the pending orders whose time has come act, in order of time, then of listing.

        A piece ends between two instants. Returns whether there was any.
        """
        pending, first = self._pending, self._place
        last = first
        while last < len(pending) and pending[last][0] <= until:
            if last - first >= PIECE and pending[last][0] != pending[last - 1][0]:
                break
            last += 1
        self._place = last
        flow, note, pairs = self.exchange.flow, self._note, self._pairs
        for index, group in groupby(pending[first:last], key=_PAIR):
            note(flow(pairs[index].symbol, [each[2] for each in group]), facts)
        return last > first

    def _next_class(self, coarse: bool) -> FlowClass:
        """Return the class of the next block: the one asked for, if its blocks begin then."""
        wanted = COARSE if coarse else FULL
        return wanted if self._made % (wanted.seconds * NANOS_PER_SECOND) == 0 else self._class

    def _make_block(self, coarse: bool, facts: list[KernelEvent]) -> None:
        """Make the orders from `_made` on; if the class changes, other makers take over the books."""
        at, wanted = self._made, self._next_class(coarse)
        if wanted is not self._class:
            self._leave(at, facts)
            self._class = wanted
            self._enter(at, facts)
        self._block, self._place = at, 0
        self._pending = self._orders_from(at)
        self._made = Nanos(at + self._class.seconds * NANOS_PER_SECOND)

    def _orders_from(self, at: Nanos) -> list[tuple[int, int, FlowOrder]]:
        orders: list[tuple[int, int, FlowOrder]] = [
            (order.at, index, order)
            for index, each in enumerate(self._pairs)
            for order in each.flows[self._class].block(at // each.flows[self._class].block_nanos)
        ]
        orders.sort(key=_AT)
        return orders

    def _prepare(self, flow_class: FlowClass) -> bool:
        """Make one pair's next block ahead, so that no piece of work is long; return whether one was left."""
        for each in self._pairs:
            flow = each.flows[flow_class]
            number = self._made // flow.block_nanos
            if flow.prepare(number) or (flow_class is not self._class and flow.prepare_entry(number)):
                return True
        return False

    def _cut_coarse(self) -> None:
        """End a coarse block at the next whole second, now that full flow is wanted again."""
        at = Nanos(-(-self.now // NANOS_PER_SECOND) * NANOS_PER_SECOND)
        if at < self._made:
            self._pending = [each for each in self._pending if each[0] < at]
            self._place = min(self._place, len(self._pending))
            self._made = at

    def _note(self, events: Iterable[KernelEvent], facts: list[KernelEvent]) -> None:
        for event in events:
            if isinstance(event, TradeExecuted):
                self._display.show(event)
            else:
                facts.append(event)


def _minute_so_far(each: _PairMarket, at: Nanos) -> Bar | None:
    """Return what the generator says of the open minute's past seconds."""
    minute = Nanos(at - at % MINUTE_NANOS)
    if minute == at:
        return None
    bars = resample(each.past.span(Timeframe.S1, minute, at), Timeframe.M1)
    opened, high, low, close, volume = (
        int(column[0]) for column in (bars.open, bars.high, bars.low, bars.close, bars.volume)
    )
    return Bar(each.symbol, minute, Ticks(opened), Ticks(high), Ticks(low), Ticks(close), Lots(volume), 1)
