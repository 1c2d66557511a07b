"""Moving order lines: a ghost at the new price until the venue has acknowledged it.

    held      under the pointer or the keyboard; its consequences follow the market
    asked     dropped where it would trade at once, or on doubtful prices; Enter sends, Escape drops
    sent      on its way: the line stands at the old price, the ghost at the new one
    refused   the venue said no: the line stands where it was, the reason beside it for a while

One change of an order is on its way at a time; another drag of it meanwhile is refused with a sentence. What was
changed can be changed back for three seconds. Instants are monotonic nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.amend import PRICE, STOP_PRICE, TRAIL
from crs_desktop.viewmodels.chart_consequence import consequences, trouble
from crs_desktop.viewmodels.chart_lines import Line
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.guard import Question, doubtful
from crs_desktop.viewmodels.server.venue import live_name
from crs_desktop.viewmodels.timeline import UNDO_NS
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.event import OrderRejected
from engine.domain.number import Nanos, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.errors import CrsError
from engine.services.task import TaskOwner

REASON_NS = 8_000_000_000
"""How long the reason of a refusal stays beside its line."""


class Phase(StrEnum):
    """How far the move of a line is."""

    HELD = "held"
    ASKED = "asked"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(slots=True)
class Ghost:
    """A line on its way from where it is to `at`."""

    line: Line
    at: Ticks
    phase: Phase = Phase.HELD
    says: list[Sentence] = field(default_factory=list)
    """What the new price means; after a refusal, why not."""
    warning: Sentence | None = None
    """That it would trade or fire at once."""
    question: Question | None = None
    since: int = 0
    """When its phase began."""

    @property
    def moved(self) -> bool:
        """Whether it is anywhere else than its line."""
        return self.at != self.line.at

    @property
    def limit(self) -> Ticks | None:
        """Where the limit of a stop comes to stand that is moved along with it."""
        order = self.line.record.order
        if self.line.field != STOP_PRICE or order.price is None or order.stop_price is None:
            return None
        return Ticks(max(1, order.price + self.at - order.stop_price))

    @property
    def is_open(self) -> bool:
        """Whether it waits for a person."""
        return self.phase in (Phase.HELD, Phase.ASKED)


@dataclass(frozen=True, slots=True)
class Moved:
    """A change that was acknowledged, to be changed back."""

    order_id: OrderId
    values: dict[str, Ticks]
    """What was in force before."""
    at: Nanos
    text: Sentence


class Amends:
    """The ghosts of one chart, at most one an order."""

    def __init__(self, desk: Desk, clock: Callable[[], Nanos], changed: Callable[[], None]) -> None:
        self._desk, self._clock, self._changed = desk, clock, changed
        self._tasks = TaskOwner("chart amends")
        self.ghosts: dict[OrderId, Ghost] = {}
        self.last: Moved | None = None
        self.notice: Sentence | None = None
        """What to tell the person who pulls; newest only."""

    # -- what a person does -------------------------------------------------------------------------

    def grab(self, line: Line) -> bool:
        """Take hold of a line; False, with a notice, if it cannot be moved now."""
        held = self.ghosts.get(line.order_id)
        if held is not None and held.phase is Phase.SENT:
            return self._refuse_pull(say("Wait: the change to {price} is still on its way.", price=self._text(held)))
        if not line.field:
            return self._refuse_pull(
                say("It trails by a percentage, which cannot be changed. Cancel it and send another.")
                if line.record.order.order_type is OrderType.TRAILING_STOP
                else say("Nothing of this order can be moved.")
            )
        if held is None or not held.is_open or held.line.field != line.field:
            self.ghosts[line.order_id] = Ghost(line, line.at, since=self._clock())
        self.notice = None
        self._look(self.ghosts[line.order_id])
        return True

    def move(self, order_id: OrderId, price: float) -> None:
        """Bring a ghost to a price, snapped to the tick and kept where the order can be."""
        ghost = self.ghosts.get(order_id)
        if ghost is None or not ghost.is_open:
            return
        ghost.at = self._kept(ghost.line, round(price))
        ghost.phase, ghost.question = Phase.HELD, None
        self._look(ghost)

    def step(self, line: Line, ticks: int) -> None:
        """Move a line by ticks as a ghost, from the keyboard."""
        held = self.ghosts.get(line.order_id)
        if held is None or not held.is_open:
            if not self.grab(line):
                return
            held = self.ghosts[line.order_id]
        self.move(line.order_id, held.at + ticks)

    def drop(self, order_id: OrderId) -> None:
        """Send where the ghost is (needs a running loop), ask first, or forget it where it did not move."""
        ghost = self.ghosts.get(order_id)
        if ghost is None or not ghost.is_open:
            return
        if not ghost.moved:
            self.abandon(order_id)
            return
        now = self._clock()
        if ghost.question is not None:
            if not ghost.question.hears(now):
                return
        else:
            ghost.question = self._question(ghost, now)
            if ghost.question is not None:
                self._enter(ghost, Phase.ASKED)
                return
        ghost.question = None
        self._send(ghost, values_at(self._desk, ghost))

    def abandon(self, order_id: OrderId | None = None) -> bool:
        """Let go of a ghost that was not sent (of all, if None); False if there was none."""
        gone = [each for each, ghost in self.ghosts.items() if ghost.phase is not Phase.SENT]
        gone = [each for each in gone if order_id in (None, each)]
        for each in gone:
            del self.ghosts[each]
        if gone:
            self._changed()
        return bool(gone)

    # -- undo ---------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> Moved | None:
        """The last change, while it can be changed back."""
        last = self.last
        if last is None or self._clock() - last.at > UNDO_NS or last.order_id in self.ghosts:
            return None
        return last if any(each.order.order_id == last.order_id for each in self._desk.orders.records()) else None

    def undo(self, lines: list[Line]) -> bool:
        """Change the last change back; False if that is not offered any more."""
        last = self.can_undo
        line = next((each for each in lines if last is not None and each.order_id == last.order_id), None)
        if last is None or line is None:
            return False
        self.last = None
        field_of = line.field if line.field in last.values else next(iter(last.values))
        at = last.values[field_of] if field_of != TRAIL else line.at
        ghost = self.ghosts[line.order_id] = Ghost(line, at)
        self._send(ghost, dict(last.values), undoing=True)
        return True

    # -- what happens meanwhile ---------------------------------------------------------------------

    def refresh(self, lines: list[Line]) -> None:
        """Follow orders and market: drop ghosts whose order has ended and reasons that were read."""
        now = self._clock()
        there = {(line.order_id, line.field): line for line in lines}
        for order_id, ghost in tuple(self.ghosts.items()):
            line = there.get((order_id, ghost.line.field))
            if ghost.phase is Phase.REFUSED and now - ghost.since > REASON_NS:
                del self.ghosts[order_id]
            elif line is not None:
                ghost.line = line
                if ghost.is_open:
                    self._read(ghost)
            elif ghost.is_open:
                del self.ghosts[order_id]
                self.notice = say("What you were moving has ended or fired.")

    def forget(self) -> None:
        """Another account or pair: nothing here is about it; what was sent stays sent."""
        self.ghosts.clear()
        self.last = self.notice = None
        self._changed()

    def close(self) -> None:
        """Cancel what is waited for."""
        self._tasks.close()

    # -- inside -------------------------------------------------------------------------------------

    def _text(self, ghost: Ghost) -> str:
        return fmt.price(ghost.line.pair, ghost.at)

    def _refuse_pull(self, why: Sentence) -> bool:
        self.notice = why
        self._changed()
        return False

    def _kept(self, line: Line, at: int) -> Ticks:
        if line.field != TRAIL:
            return Ticks(max(1, at))
        mark = self._desk.venue.trail_mark(line.order_id)
        if mark is None:
            return line.at
        return Ticks(min(max(1, at), mark - 1) if line.side is Side.SELL else max(at, mark + 1))

    def _look(self, ghost: Ghost) -> None:
        self._read(ghost)
        self._changed()

    def _read(self, ghost: Ghost) -> None:
        ghost.says = consequences(self._desk, ghost.line, ghost.at)
        ghost.warning = trouble(self._desk, ghost.line, ghost.at)

    def _question(self, ghost: Ghost, now: Nanos) -> Question | None:
        """Return what to ask before an amend, by the rules of the ticket's own questions."""
        confirm, venue = self._desk.settings.trading.confirm, live_name(self._desk)
        doubt = doubtful(self._desk, ghost.line.pair.symbol, venue, at_market=False)
        if doubt is not None:
            return Question(doubt, now)
        if ghost.warning is not None and confirm != "off":
            return Question(say("{warning} Send it?", warning=str(ghost.warning)), now)
        if confirm == "always":
            moved = say("Move it to {price} on {venue}?", price=self._text(ghost), venue=venue)
            return Question(moved if venue else say("Move it to {price}?", price=self._text(ghost)), now)
        return None

    def _enter(self, ghost: Ghost, phase: Phase) -> None:
        ghost.phase, ghost.since = phase, self._clock()
        self._changed()

    def _send(self, ghost: Ghost, values: dict[str, Ticks], *, undoing: bool = False) -> None:
        self._enter(ghost, Phase.SENT)
        before = {name: getattr(ghost.line.record.order, name) for name in values}
        self._tasks.start(self._amend(ghost, values, None if undoing else before))

    async def _amend(self, ghost: Ghost, values: dict[str, Ticks], before: dict[str, Ticks] | None) -> None:
        order_id = ghost.line.order_id
        try:
            answer = await self._desk.orders.amend(
                order_id, price=values.get(PRICE), stop_price=values.get(STOP_PRICE), trail=values.get(TRAIL)
            )
        except CrsError as error:
            self._refused(ghost, verbatim(str(error)))
            return
        if isinstance(answer, OrderRejected):
            self._refused(ghost, verbatim(answer.text))
            return
        if self.ghosts.get(order_id) is ghost:
            del self.ghosts[order_id]
        if before is not None:
            self.last = Moved(order_id, before, self._clock(), say("Moved to {price}.", price=self._text(ghost)))
        self._changed()

    def _refused(self, ghost: Ghost, why: Sentence) -> None:
        ghost.says, ghost.warning, ghost.at = [why], None, ghost.line.at
        self.notice = why
        self._enter(ghost, Phase.REFUSED)


def values_at(desk: Desk, ghost: Ghost) -> dict[str, Ticks]:
    """Return the figures of the order once its line is where the ghost is: a stop takes its limit along."""
    line, at = ghost.line, ghost.at
    if line.field == TRAIL:
        mark = desk.venue.trail_mark(line.order_id)
        return {TRAIL: Ticks(max(1, abs((mark if mark is not None else line.at) - at)))}
    if ghost.limit is not None:
        return {STOP_PRICE: at, PRICE: ghost.limit}
    return {line.field: at}
