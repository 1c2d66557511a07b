"""Trading on one chart: its lines, their ghosts, a new order under way, the position; all decisions, no pixels.

    chart_lines        where orders stand, and what they would bring there
    chart_amends       lines that are moved: ghost, question, refusal, undo
    chart_consequence  what a new price would mean
    chart_placing      a new order on its way to the venue
    chart_entry        what it is: a ticket of its own
    chart_position     what is held, and the buttons on it

`ChartOrders` joins them for a `ChartModel`: Enter and Escape go to whatever waits for an answer, newest first.
"""

from __future__ import annotations

from collections.abc import Callable

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_amends import Amends, Ghost
from crs_desktop.viewmodels.chart_lines import Line, lines_of
from crs_desktop.viewmodels.chart_placing import Placing
from crs_desktop.viewmodels.chart_position import PositionButtons, position_line
from crs_desktop.viewmodels.guard import Question
from crs_desktop.viewmodels.order_groups import Group, consequence, groups
from crs_desktop.viewmodels.words import Sentence, verbatim
from engine.domain.event import OrderRejected
from engine.domain.number import Lots, Nanos
from engine.domain.order import OrderId, OrderType
from engine.errors import CrsError
from engine.ports.clock import SystemClock
from engine.ports.venue import AccountSelected
from engine.services.orders import OrderRecord
from engine.services.task import TaskOwner


class ChartOrders(Placing):
    """Everything of ours on one chart; `close` ends its subscriptions and tasks."""

    def __init__(self, chart: ChartModel, *, clock: Callable[[], Nanos] | None = None) -> None:
        super().__init__(chart)
        self._clock = clock or SystemClock().monotonic
        self._tasks = TaskOwner("chart trading")
        self.amends = Amends(self.desk, self._clock, self.changed)
        self.buttons = PositionButtons(self.desk, self._clock, self.changed)
        self.lines: list[Line] = []
        self.doubt: tuple[OrderId, Question] | None = None
        """A cancel that would take more with it, while it is asked about."""
        self._symbol = chart.pair.symbol
        self._made_of: tuple[object, ...] = ()
        self._open = [self.desk.bus.subscribe(AccountSelected, lambda _event: self.forget())]

    def fold(self) -> None:
        """Bring lines, ghosts and position up to date; called before they are painted."""
        if self.chart.pair.symbol != self._symbol:
            self._symbol = self.chart.pair.symbol
            self.forget()
        self._read_lines()
        self.position = position_line(self.desk, self.chart.pair)
        self.amends.refresh(self.lines)
        if self.doubt is not None and all(line.order_id != self.doubt[0] for line in self.lines):
            self.doubt = None
        if self.draft is not None and self.draft.dirty:
            self.draft.recompute()
            self.draft.dirty = False
        if self.draft is not None and not self.draft.levels():  # the market jumped: its prices were of another time
            self.drop_draft()

    def forget(self) -> None:
        """Another pair or account: drop what was under way for the one before."""
        self.doubt = self._notice = None
        self._leave_draft()
        self.buttons.forget()
        self.amends.forget()

    def close(self) -> None:
        """End all subscriptions and tasks; safe to call twice."""
        while self._open:
            self._open.pop().close()
        self.drop_draft()
        for each in (self.amends, self.buttons, self._tasks):
            each.close()

    # -- lines --------------------------------------------------------------------------------------

    @property
    def notice(self) -> Sentence | None:
        """The newest answer or refusal to be read."""
        return self.amends.notice or self.buttons.notice or self._notice

    def hush(self) -> None:
        """It has been read."""
        self.amends.notice = self.buttons.notice = self._notice = None

    def line(self, order_id: OrderId | None, field: str | None = None) -> Line | None:
        """Return an order's line (its first, if no field is named)."""
        return next((each for each in self.lines if each.order_id == order_id and field in (None, each.field)), None)

    def ghost(self, line: Line) -> Ghost | None:
        """Return the ghost that belongs to a line; a stop takes its limit along."""
        found = self.amends.ghosts.get(line.order_id)
        return found if found is not None and found.line.field == line.field else None

    def step(self, order_id: OrderId, ticks: int) -> None:
        """Move an order's line by ticks as a ghost."""
        held = self.amends.ghosts.get(order_id)
        line = self.line(order_id, held.line.field if held is not None and held.is_open else None)
        if line is not None:
            self.amends.step(line, ticks)

    def cancel(self, order_id: OrderId) -> None:
        """Cancel an order; asks first if more would go than was asked for. Needs a running loop."""
        self.amends.abandon(order_id)
        words = self._consequence(order_id)
        if words is not None:
            self.doubt = order_id, Question(words, self._clock())
            self.changed()
            return
        self._tasks.start(self._cancel(order_id))

    def undo(self) -> bool:
        """Change the last moved line back; False if that is not offered (any more)."""
        return self.amends.undo(self.lines)

    # -- Enter and Escape ---------------------------------------------------------------------------

    @property
    def question(self) -> Question | None:
        """What waits for Enter or Escape, newest first."""
        if self.doubt is not None:
            return self.doubt[1]
        return self.buttons.question

    @property
    def news(self) -> Sentence | None:
        """What somebody who does not see the chart must hear: a question, an answer, where a ghost or new order is."""
        if self.question is not None:
            return self.question.text
        draft = self.draft
        if draft is not None:
            asked = draft.question.text if draft.question is not None else None
            return asked or draft.problem or draft.refusal or draft.title
        ghost = next((each for each in self.amends.ghosts.values() if each.is_open), None)
        if ghost is None:
            return self.notice
        if ghost.question is not None:
            return ghost.question.text
        return ghost.warning or verbatim(fmt.price(ghost.line.pair, ghost.at))

    @property
    def waits(self) -> bool:
        """Whether Enter would do something."""
        open_ghost = any(each.is_open for each in self.amends.ghosts.values())
        return self.question is not None or self.draft is not None or open_ghost

    def enter(self, order_id: OrderId | None = None) -> bool:
        """Answer yes, or send the new order or the ghost (of one order, if named); needs a running loop."""
        if self.doubt is not None:
            doubted, question = self.doubt
            if question.hears(self._clock()):
                self.doubt = None
                self._tasks.start(self._cancel(doubted))
        elif self.buttons.question is not None:
            self.buttons.answer()
        elif self.draft is not None:
            self.draft.enter()
        else:
            held = [each for each, ghost in self.amends.ghosts.items() if ghost.is_open]
            chosen = [each for each in held if each == order_id] or held[-1:]
            for each in chosen:
                self.amends.drop(each)
            return bool(chosen)
        self.changed()
        return True

    def escape(self) -> bool:
        """Take back the newest thing that is not sent; False if there is none."""
        if self.doubt is not None:
            self.doubt = None
            self.changed()
            return True
        if self.buttons.question is not None:
            return self.buttons.dismiss()
        if self.draft is not None and self.draft.question is not None:
            return self.draft.dismiss()
        return self.drop_draft() or self.amends.abandon() or self._hushed()

    # -- inside -------------------------------------------------------------------------------------

    def _read_lines(self) -> None:
        """Read the lines anew if anything that they are made of has changed."""
        pair = self.chart.pair
        records, position = self.desk.orders.records(pair.symbol), self.desk.portfolio.position(pair.symbol)
        trails = any(each.order.order_type is OrderType.TRAILING_STOP for each in records)
        made_of = (records, position, self.desk.settings.account, pair)
        if trails or made_of != self._made_of:
            self._made_of = made_of
            self.lines = lines_of(self.desk, pair)

    def _hushed(self) -> bool:
        there = self.notice is not None
        self.hush()
        if there:
            self.changed()
        return there

    def _group(self, order_id: OrderId) -> tuple[Group, OrderRecord] | None:
        for group in groups(self.desk.orders.records(self.chart.pair.symbol)):
            record = group.record(order_id)
            if record is not None:
                return group, record
        return None

    def _consequence(self, order_id: OrderId) -> Sentence | None:
        found = self._group(order_id)
        if found is None or found[0].list_id is None:
            return None
        group, record = found
        pair = self.chart.pair
        held = self.position.position.qty if self.position is not None else Lots(0)
        qty = fmt.quantity(pair, min(held, record.order.qty))
        return consequence(group, record, held, qty, pair.base.code)

    async def _cancel(self, order_id: OrderId) -> None:
        try:
            answer = await self.desk.orders.cancel(order_id)
        except CrsError as error:
            self._notice = verbatim(str(error))
        else:
            self._notice = verbatim(answer.text) if isinstance(answer, OrderRejected) else None
        self.changed()
