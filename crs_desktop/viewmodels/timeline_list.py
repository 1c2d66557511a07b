"""What became of a list after Enter: entry, target and stop as one thing with one Undo."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.timeline import Stage, Timeline, TimelineFact
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.number import Nanos
from engine.domain.order import ListKind, OrderId, OrderType, Side
from engine.domain.pair import TradingPair

_BRACKET_WORDS = {
    Side.BUY: "Bracket: buy {qty} {base}{entry}, target {target}, stop {stop}",
    Side.SELL: "Bracket: sell {qty} {base}{entry}, target {target}, stop {stop}",
}
_OTO_WORDS = {
    (Side.BUY, OrderType.LIMIT): "OTO: buy {qty} {base}{entry}, then sell at {stop}",
    (Side.SELL, OrderType.LIMIT): "OTO: sell {qty} {base}{entry}, then buy at {stop}",
    (Side.BUY, OrderType.TRAILING_STOP): "OTO: buy {qty} {base}{entry}, then a stop that trails by {stop}",
    (Side.SELL, OrderType.TRAILING_STOP): "OTO: sell {qty} {base}{entry}, then a stop that trails by {stop}",
}
_OTO_STOP_WORDS = {
    Side.BUY: "OTO: buy {qty} {base}{entry}, then a stop at {stop}",
    Side.SELL: "OTO: sell {qty} {base}{entry}, then a stop at {stop}",
}
_OCO_WORDS = {
    Side.BUY: "OCO: buy {qty} {base} at {target} or from {stop} up",
    Side.SELL: "OCO: sell {qty} {base} at {target} or from {stop} down",
}


def timeline_of(pair: TradingPair, command: SubmitOrder | SubmitList, sent_at: Nanos) -> Timeline:
    """Return the timeline of an order or of a list that is about to be sent."""
    if isinstance(command, SubmitList):
        return ListTimeline(pair, command, sent_at)
    return Timeline(pair, command, sent_at)


def describe_list(pair: TradingPair, command: SubmitList) -> Sentence:
    """Return a list as a short sentence without a full stop."""
    lead, target, stop = command.orders[0], *command.orders[-2:]
    entry = lead.price if lead.price is not None else lead.stop_price
    if command.kind is ListKind.OTO:
        words = _OTO_WORDS.get((lead.side, stop.order_type), _OTO_STOP_WORDS[lead.side])
    else:
        words = (_BRACKET_WORDS if command.kind is ListKind.BRACKET else _OCO_WORDS)[lead.side]
    return Sentence(
        words,
        {
            "qty": fmt.quantity(pair, lead.qty),
            "base": pair.base.code,
            "entry": "" if entry is None else f" @ {fmt.price(pair, entry)}",
            "target": _level(pair, target),
            "stop": _level(pair, stop),
        },
    )


def _level(pair: TradingPair, order: SubmitOrder) -> str:
    """Return where an order stands or fires, or how far it trails."""
    if order.trail is not None:
        return f"{fmt.price(pair, order.trail)} {pair.quote.code}"
    if order.trail_bps is not None:
        return f"{fmt.decimal_text(order.trail_bps / 100)}%"
    price = order.stop_price if order.stop_price is not None else order.price
    return fmt.DASH if price is None else fmt.price(pair, price)


class ListTimeline(Timeline):
    """A list from the key press on; each of its orders has a timeline of its own inside."""

    __slots__ = ("lines", "list")

    def __init__(self, pair: TradingPair, command: SubmitList, sent_at: Nanos) -> None:
        super().__init__(pair, command.orders[0], sent_at)
        self.list = command
        self.lines = tuple(Timeline(pair, order, sent_at) for order in command.orders)

    @property
    def command(self) -> SubmitOrder | SubmitList:
        """What is sent."""
        return self.list

    @property
    def order_id(self) -> OrderId:
        """What cancels it: the list's id."""
        return self.list.order_id

    @property
    def title(self) -> Sentence:
        """The list as a sentence."""
        return describe_list(self.pair, self.list)

    @property
    def text(self) -> Sentence:
        """Where it stands, as a sentence."""
        if self.stage in (Stage.WORKING, Stage.STARTED) and self._entry is None:
            return say("Target and stop are alive; the first to trade cancels the other.")
        single = len(self._exits) == 1
        if self.stage is Stage.WORKING and single:
            return say("The entry is working; the way out starts when it fills.")
        if self.stage is Stage.WORKING:
            return say("The entry is working; target and stop start when it fills.")
        if self.stage is Stage.PARTIAL and self._entry is not None and self._entry.is_working:
            return say("Entry {percent}% filled at {price}.", percent=self.filled_percent, price=self.average_text)
        if self.stage is Stage.STARTED and self._entry is not None and single:
            return say("Entry filled at {price}; the way out is alive.", price=self._entry.average_text)
        if self.stage is Stage.STARTED and self._entry is not None:
            return say("Entry filled at {price}; target and stop are alive.", price=self._entry.average_text)
        if self.stage in (Stage.PARTIAL, Stage.FILLED):
            return self._exit_text()
        return super().text

    def can_undo(self, now: Nanos) -> bool:
        """Whether Undo is still offered: not once the entry has filled, which it could not take back."""
        return not (self._entry is not None and self._entry.filled) and super().can_undo(now)

    def concerns(self, order_id: OrderId) -> bool:
        """Whether it is about an order."""
        return any(line.concerns(order_id) for line in self.lines)

    def accept(self) -> None:
        """The venue has all of it."""
        for line in self.lines:
            line.accept()
        self._conclude()

    def take(self, fact: TimelineFact) -> None:
        """Let it get further by what happened to one of its orders."""
        for line in self.lines:
            if line.concerns(fact.order_id):
                line.take(fact)
        self._conclude()

    @property
    def _entry(self) -> Timeline | None:
        return None if self.list.kind is ListKind.OCO else self.lines[0]

    @property
    def _exits(self) -> tuple[Timeline, ...]:
        return self.lines if self._entry is None else self.lines[1:]

    def _conclude(self) -> None:
        entry = self._entry
        if entry is not None and (entry.is_working or not entry.filled):
            self._show(entry)
            return
        leader = max(self._exits, key=lambda line: line.filled)
        self._show(leader)
        if all(not line.is_working for line in self._exits):
            self.stage = Stage.FILLED if leader.stage is Stage.FILLED else leader.stage
        elif not leader.filled:
            self.stage = Stage.STARTED if entry is not None else Stage.WORKING
        else:
            self.stage = Stage.PARTIAL

    def _show(self, line: Timeline) -> None:
        self.order, self.stage, self.note = line.order, line.stage, line.note
        self.filled, self.tick_lots, self.fee = line.filled, line.tick_lots, line.fee

    def _exit_text(self) -> Sentence:
        leader = max(self._exits, key=lambda line: line.filled)
        values = {"percent": str(leader.filled_percent), "price": leader.average_text}
        target = leader.order.order_type is OrderType.LIMIT
        if leader.stage is not Stage.FILLED:
            text = "Target {percent}% filled at {price}." if target else "Stop {percent}% filled at {price}."
            return Sentence(text, values)
        return Sentence("Target filled at {price}." if target else "Stop filled at {price}.", values)
