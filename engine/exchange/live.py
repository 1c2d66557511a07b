"""The live market: the exchange beside a public venue's feed, so that paper orders meet what that venue really shows.

Pure and synchronous: whoever runs it tells what the feed published, in order of arrival, and how far the venue's time
has come. Paper orders stand beside each pair's book (`engine.matching.shadow`). Until the first snapshot of a pair,
and from `distrust` to the next one, its book is not known: diffs are passed over, nothing is filled, plain limit orders
and stops that fire wait for the book, and whatever only the book could judge is refused. Own trades are not on the
feed: the venue never knew of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from engine.domain.command import Command, ListPair
from engine.domain.event import KernelEvent, TradeExecuted
from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange.checks import is_contract
from engine.exchange.kernel import Exchange
from engine.exchange.latency import Line
from engine.exchange.packing import pack
from engine.exchange.slice import Slice
from engine.risk.gate import Gate


class LiveMarket:
    """The pairs of one venue that were ever followed; `take` hands over what came of what was told since the last call.

    `now` is the venue's time as last told. It never goes back: what is stamped earlier happens now.
    """

    def __init__(
        self, pairs: Iterable[TradingPair] = (), *, at: Nanos, gate: Gate | None = None, contracts: bool = False
    ) -> None:
        """`contracts` are listed only where there is nothing else; orders in them are refused all the same."""
        self._contracts = contracts
        self.exchange = Exchange(gate=gate, explain=True)
        self.line = Line()
        self.now = at
        self._seqs: dict[str, int | None] = {}
        """By symbol the number of the last update in its book; None while that is not known."""
        self._since: dict[str, Nanos] = {}
        """Of when each book is that was taken over last: prints of before that are in it already."""
        self._facts: list[KernelEvent] = []
        self._answers: list[tuple[int, tuple[KernelEvent, ...]]] = []
        """What came of commands that arrived since the last `take`, by ticket."""
        self.left_out: dict[str, str] = {}
        """Pairs that cannot be traded here, with the reason."""
        for pair in pairs:
            self._list(pair)

    # Pairs

    def list_pairs(self, pairs: Iterable[TradingPair]) -> list[TradingPair]:
        """List those that can be traded here and are not listed yet, their books unknown; return them.

        What is offered on another grid than it is listed on is left out: what is held is counted in the old one.
        """
        listed, new = {pair.symbol: pair for pair in self.exchange.pairs()}, []
        for pair in pairs:
            known = listed.get(pair.symbol)
            if is_contract(pair.symbol) and not self._contracts:
                continue
            if known is not None and _grid(known) == _grid(pair):
                continue
            try:
                if known is not None:
                    raise InvalidInput(
                        f"The venue has changed tick or lot of {pair.symbol}, which is traded by the old."
                    )
                self._list(pair)
                new.append(pair)
            except InvalidInput as error:
                self.left_out[pair.symbol] = str(error)
                self.distrust(pair.symbol)
        return new

    def _list(self, pair: TradingPair) -> None:
        self.exchange.handle(ListPair(pair), self.now)
        self.exchange.use_feed(pair.symbol)
        self.exchange.distrust(pair.symbol)
        self._seqs[pair.symbol] = None

    def lists(self, symbol: str) -> bool:
        """Whether a pair is listed and its feed can be used."""
        return symbol in self._seqs and symbol not in self.left_out

    def is_synced(self, symbol: str) -> bool:
        """Whether the book of a pair is known, so that orders can be filled."""
        return self._seqs.get(symbol) is not None

    def since(self, symbol: str) -> Nanos:
        """Return of when a pair's book was when it was taken over last; 0 if it never was."""
        return self._since.get(symbol, Nanos(0))

    # What the feed says

    def hear_snapshot(self, snapshot: BookSnapshot, now: Nanos | None = None) -> bool:
        """Take over a book that can be trusted; return False for one that is crossed or has nothing, which cannot.

        `now` is when it arrived, here and below; None: at the instant with which the venue stamped it.
        """
        self._check(snapshot.symbol)
        bids, asks = snapshot.bids, snapshot.asks
        if not (bids or asks) or (bids and asks and bids[0].price >= asks[0].price):
            self.distrust(snapshot.symbol)
            return False
        self._come_to(now or snapshot.at)
        self._seqs[snapshot.symbol], self._since[snapshot.symbol] = snapshot.seq, snapshot.at
        self._keep(self.exchange.feed_snapshot(snapshot, self.now))
        return True

    def hear_diff(self, diff: BookDiff, now: Nanos | None = None) -> bool:
        """Take over changed levels; return False if something before them is missing: then a snapshot is needed.

        While the book is not known, or has them already, they are passed over.
        """
        seq = self._seqs.get(diff.symbol)
        if seq is None or diff.seq <= seq:
            return True
        if diff.first_seq > seq + 1:
            self.distrust(diff.symbol)
            return False
        self._come_to(now or diff.at)
        self._seqs[diff.symbol] = diff.seq
        self._keep(self.exchange.feed_diff(diff, self.now))
        return True

    def hear_print(self, tick: TradeTick, now: Nanos | None = None) -> None:
        """Take over a print: fill whom it meets if the book is known, and fire what it triggers in any case.

        One that was missed and comes later than the book was taken anew fills nobody: it is in the book already.
        """
        if tick.symbol not in self._seqs:
            return
        self._come_to(now or tick.at)
        is_past = tick.at < self._since.get(tick.symbol, self.now)
        self._keep((self.exchange.feed_price if is_past else self.exchange.feed_print)(tick, self.now))

    def distrust(self, symbol: str) -> None:
        """Let a pair's book stand still until its next snapshot."""
        if symbol in self._seqs:
            self._seqs[symbol] = None
            self.exchange.distrust(symbol)

    # Time and commands

    def advance(self, until: Nanos) -> None:
        """Let the venue's time go to `until`, if that is later: orders expire, commands arrive."""
        until = max(until, self.now)
        self._land(until)
        self.now = until
        self._keep(self.exchange.advance(until))

    def command(self, command: Command) -> list[KernelEvent]:
        """Carry out a command now, whatever the latency, and return what happened."""
        return self.exchange.handle(command, self.now)

    def bring_in(self) -> None:
        """Let the time go to the arrival of the last command under way."""
        last = self.line.last_at
        if last is not None:
            self.advance(Nanos(last))

    def take(self) -> Slice:
        """Return what happened since the last call."""
        facts, answers = self._facts, tuple(self._answers)
        self._facts, self._answers = [], []
        return Slice(facts, {}, [], coarse=False, answers=answers)

    def _come_to(self, at: Nanos) -> None:
        """Go on to an instant at which the feed says something; commands that arrive at that very one come after it."""
        if at > self.now:
            self._land(at - 1)
            self.now = at

    def _land(self, until: int) -> None:
        """Let commands that arrive until then take effect, each at its own instant."""
        while self.line.next_at <= until:
            sent = self.line.take(until)
            assert sent is not None, "something arrives by then"  # noqa: S101 - as was just asked
            self.now = max(self.now, Nanos(sent.arrives_at))
            events = self._keep(self.exchange.handle(sent.command, self.now, sent.sent_at))
            self._answers.append((sent.ticket, tuple(events)))

    def _keep(self, events: Iterable[KernelEvent]) -> list[KernelEvent]:
        """Keep facts until they are taken; trades of ours are on no tape."""
        facts: list[KernelEvent] = [event for event in events if not isinstance(event, TradeExecuted)]
        self._facts += facts
        return facts

    def _check(self, symbol: str) -> None:
        if symbol not in self._seqs:
            raise InvalidInput(f"{symbol} is not followed here.")

    # Keeping

    def freeze(self) -> Callable[[], bytes]:
        """Return what makes a dump of this instant, to be looked at: a start goes by the journal and the feed."""
        exchange = self.exchange.dump(whole=False)
        state: dict[str, object] = {"now": self.now, "line": self.line.dump(), "exchange": exchange}
        return partial(pack, "live", state)


def _grid(pair: TradingPair) -> tuple[object, ...]:
    """Return what ticks, lots and amounts of a pair mean."""
    return pair.tick, pair.lot, pair.base.decimals, pair.quote.decimals
