"""Trading on one chart: its lines, their ghosts, a new order under way, the position; all decisions, no pixels.

    chart_lines        where orders stand, and what they would bring there
    chart_amends       lines that are moved: ghost, question, refusal, undo
    chart_consequence  what a new price would mean
    chart_entry        a new order, placed where the person points
    chart_position     what is held, and the buttons on it

`ChartOrders` joins them for a `ChartModel`: Enter and Escape go to whatever waits for an answer, newest first.
"""

from __future__ import annotations

from collections.abc import Callable

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_amends import Amends, Ghost
from crs_desktop.viewmodels.chart_entry import ENTRY, ChartTicket, Offer, offer_text, offers
from crs_desktop.viewmodels.chart_lines import Line, lines_of
from crs_desktop.viewmodels.chart_position import PositionButtons, PositionLine, position_line
from crs_desktop.viewmodels.guard import Question
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.order_groups import Group, consequence, groups
from crs_desktop.viewmodels.ticket_kind import Leg
from crs_desktop.viewmodels.ticket_read import Market
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.event import OrderRejected
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.errors import CrsError
from engine.portfolio.size import size_to_sell
from engine.ports.clock import SystemClock
from engine.ports.venue import AccountSelected
from engine.services.orders import OrderRecord
from engine.services.task import TaskOwner

ALONE = {Leg.STOP: (OrderType.STOP, OrderType.STOP_LIMIT), Leg.TARGET: (OrderType.LIMIT,)}
"""Types of sells that guard a position, by what they do."""


class ChartOrders:
    """Everything of ours on one chart; `close` ends its subscriptions and tasks."""

    def __init__(self, chart: ChartModel, *, clock: Callable[[], Nanos] | None = None) -> None:
        self.chart, self.desk = chart, chart.desk
        self._clock = clock or SystemClock().monotonic
        self._hook: Hook[None] = Hook()
        self._tasks = TaskOwner("chart trading")
        self.amends = Amends(self.desk, self._clock, self.changed)
        self.buttons = PositionButtons(self.desk, self._clock, self.changed)
        self.lines: list[Line] = []
        self.position: PositionLine | None = None
        self.draft: ChartTicket | None = None
        """A new order that is not sent yet."""
        self.doubt: tuple[OrderId, Question] | None = None
        """A cancel that would take more with it, while it is asked about."""
        self._notice: Sentence | None = None
        self._symbol = chart.pair.symbol
        self._made_of: tuple[object, ...] = ()
        self._open = [self.desk.bus.subscribe(AccountSelected, lambda _event: self.forget())]

    def on_change(self, call: Callable[[None], object]) -> Link[None]:
        """Be told when something is to be painted anew."""
        return self._hook.add(call)

    def changed(self) -> None:
        """Tell whoever paints."""
        self._hook.fire(None)

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

    def forget(self) -> None:
        """Another pair or account: drop what was under way for the one before."""
        self.doubt = self._notice = None
        self.drop_draft()
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

    # -- new orders ---------------------------------------------------------------------------------

    def offers(self, price: float) -> list[tuple[Offer, Sentence]]:
        """Return what could be placed at a price, in words."""
        at = Ticks(max(1, round(price)))
        ticket = self._ticket()
        try:
            return [(offer, offer_text(ticket, offer)) for offer in offers(self._market(), at)]
        finally:
            ticket.close()

    def place(self, offer: Offer) -> None:
        """Begin a new order; with one-click trading switched on, send it at once."""
        self.drop_draft()
        self.draft = ticket = self._ticket()
        ticket.begin(offer)
        if self.desk.settings.trading.one_click_chart == "on":
            ticket.enter()
        self.changed()

    def place_at(self, side: Side, price: float) -> None:
        """Begin a new order of a side at a price."""
        buy, sell = offers(self._market(), Ticks(max(1, round(price))))
        self.place(buy if side is Side.BUY else sell)

    def best_price(self, side: Side) -> float | None:
        """Return the best price at which an order of a side would rest, in ticks; the last one without a book."""
        market = self._market()
        best = market.bid if side is Side.BUY else market.ask
        return best if best is not None else market.last

    def pull_exit(self, leg: Leg, price: float) -> bool:
        """Begin (or complete) the ways out of the position with a stop or a target; False, with a notice, if none."""
        draft, at = self.draft, Ticks(max(1, round(price)))
        if draft is not None and draft.for_position:
            draft.set_leg(leg, at)
            self.changed()
            return True
        alone = self._alone()
        other = Leg.TARGET if leg is Leg.STOP else Leg.STOP
        replaced = tuple(each for each in (alone.get(leg), alone.get(other)) if each is not None)
        qty = self._to_protect(replaced)
        if qty <= 0:
            self._notice = self._unprotectable()
            self.changed()
            return False
        self.drop_draft()
        self.draft = draft = self._ticket()
        draft.replaces = replaced
        draft.begin_exit(qty, leg, at)
        if other in alone:
            guard = alone[other].order
            draft.set_leg(other, guard.stop_price or guard.price)
        self.changed()
        return True

    def start_of_exits(self) -> float | None:
        """Return the price from which a stop or a target that nobody dragged is counted, in ticks."""
        if self.draft is not None and (entry := self.draft.levels().get(ENTRY)) is not None:
            return float(entry)
        last = self.desk.market_data.last_price(self.chart.pair.symbol)
        return last if last is not None else self.position.at if self.position is not None else None

    def drop_leg(self, leg: Leg) -> None:
        """Take a target or a stop out of the new order; the last way out takes the whole with it."""
        draft = self.draft
        if draft is None:
            return
        if draft.for_position and len(draft.levels()) == 1:
            self.drop_draft()
            return
        draft.set_leg(leg, None)
        self.changed()

    def offer_exits(self) -> bool:
        """Begin with both ways out of the position, one percent below and two above the last price or the cost."""
        start = self.start_of_exits() if self.position is not None else None
        if start is None:
            self._notice = say("You hold no position in {symbol} to protect.", symbol=self.chart.pair.symbol)
            self.changed()
            return False
        return self.pull_exit(Leg.STOP, start * 0.99) and self.pull_exit(Leg.TARGET, start * 1.02)

    def edit_in_ticket(self) -> None:
        """Hand the new order over to the window's ticket."""
        main = self.desk.ticket()
        if self.draft is None or main is None or main.pair != self.draft.pair:
            self._notice = say("The ticket shows another pair.")
            self.changed()
            return
        if self.draft.replaces:
            self._notice = say("It replaces an order that works: send it here, or cancel that order first.")
            self.changed()
            return
        self.draft.hand_over(main)
        side = self.draft.form.side
        self.drop_draft()
        self.desk.pick_side(side)

    def drop_draft(self) -> bool:
        """Forget the new order; False if there was none (or it is on its way)."""
        draft = self.draft
        if draft is None or draft.busy:
            return False
        self.draft = None
        draft.close()
        self.changed()
        return True

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

    def _market(self) -> Market:
        symbol = self.chart.pair.symbol
        book = self.desk.market_data.book(symbol)
        return Market(book.best_bid, book.best_ask, self.desk.market_data.last_price(symbol), self.desk.feed.now)

    def _ticket(self) -> ChartTicket:
        return ChartTicket(self.desk, self.chart.pair, self.desk.ticket(), self._sent)

    def _sent(self) -> None:
        """The new order was accepted: its line takes over."""
        draft, self.draft = self.draft, None
        if draft is not None:
            draft.close()
        self.changed()

    def _alone(self) -> dict[Leg, OrderRecord]:
        """Return the sells that guard the position and belong to no list: the newest of each kind."""
        found: dict[Leg, OrderRecord] = {}
        for record in self.desk.orders.records(self.chart.pair.symbol):
            for leg, types in ALONE.items():
                if record.order.side is Side.SELL and record.list_id is None and record.order.order_type in types:
                    found[leg] = record
        return found

    def _to_protect(self, replaced: tuple[OrderRecord, ...]) -> Lots:
        """Return how many of the held lots could be sold once those orders were gone."""
        pair, balance = self.chart.pair, self.desk.portfolio.balances().get(self.chart.pair.base.code)
        if self.position is None or balance is None:
            return Lots(0)
        freed = min(sum(pair.base_units(each.left) for each in replaced), balance.locked)
        return Lots(min(self.position.position.qty, size_to_sell(pair, balance.free + freed).qty))

    def _unprotectable(self) -> Sentence:
        base = self.chart.pair.base.code
        if self.position is None:
            return say("You hold no {base} to protect.", base=base)
        return say("All of your {base} is locked by open orders: move their lines instead.", base=base)

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
