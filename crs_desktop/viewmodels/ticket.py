"""The order ticket: what is typed, what it would do, why it cannot be sent, and when it is.

Enter sends; if there is something to ask first, Enter once more answers it. A refused order keeps the
form as it is and shows the venue's reason. What was sent goes on in the `outbox`. Times are monotonic nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels import ticket_check as check
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.guard import Guard, Question
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.sizing import step_lots, stepped
from crs_desktop.viewmodels.ticket_form import TIFS, Lead, TicketForm, read_price
from crs_desktop.viewmodels.ticket_outbox import Outbox
from crs_desktop.viewmodels.ticket_size import Sized, size
from crs_desktop.viewmodels.timeline import Timeline
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.account import Balance
from engine.domain.command import SubmitOrder
from engine.domain.course import TradingStateChanged
from engine.domain.event import BalanceChanged, OrderFilled
from engine.domain.market import BookDiff, FeedState, Level
from engine.domain.number import Nanos, Ticks, Units
from engine.domain.order import OrderId, OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.preview import Funds, OrderPreview, preview
from engine.portfolio.size import size_to_sell
from engine.ports.clock import SystemClock
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.venue import AccountSelected
from engine.risk.gate import RiskGate
from engine.services.limits import limits_of
from engine.services.task import TaskOwner

DEPTH = 400
"""Levels that are walked: more than an order of a person meets."""
EMPTY = Balance(Units(0), Units(0))
DRAFT = OrderId("draft")


class Ticket(ViewModel):
    """Order entry for the desk's pair; `recompute` brings everything that is derived up to date."""

    pace = 0.2

    def __init__(self, desk: Desk, *, clock: Callable[[], Nanos] | None = None) -> None:
        super().__init__(desk)
        self._clock = clock or SystemClock().monotonic
        self.form = TicketForm(size_text=fmt.decimal_text(desk.settings.trading.default_size))
        self.guard, self.tasks = Guard(), TaskOwner("ticket")
        self.question: Question | None = None
        self.refusal: Sentence | None = None
        self.busy = False
        self.outbox = Outbox(desk, self._clock)
        self._keep(self.outbox)
        self._focus: Hook[str] = Hook()
        self._symbol = desk.symbol
        self.price: Ticks | None = None
        self.stop_price: Ticks | None = None
        self.sized = Sized()
        self.seen: OrderPreview | None = None
        self.problem: Sentence | None = None
        self.room: Sentence | None = None
        for kind in (BalanceChanged, OrderFilled, TradingStateChanged):
            self._listen(kind, self.touch)
        self._listen(FeedStateChanged, self._on_feed)
        self._listen(BookDiff, self._on_market)
        self._listen(TradesPrinted, self._on_market)
        self._keep(desk.on_price(self.pick_price))
        self._keep(desk.on_side(self.focus_side))
        self.recompute()

    # -- what there is ------------------------------------------------------------------------------

    @property
    def pair(self) -> TradingPair:
        """The desk's pair."""
        return self.desk.pair

    @property
    def base(self) -> Balance:
        """What is held of the base asset."""
        return self.desk.portfolio.balances().get(self.pair.base.code, EMPTY)

    @property
    def quote(self) -> Balance:
        """What is held of the quote asset."""
        return self.desk.portfolio.balances().get(self.pair.quote.code, EMPTY)

    @property
    def maker(self) -> FeeRate:
        """The fee rate of a resting order."""
        return FeeRate.parse(self.desk.settings.account.maker_fee)

    @property
    def taker(self) -> FeeRate:
        """The fee rate of an arriving order."""
        return FeeRate.parse(self.desk.settings.account.taker_fee)

    def opposite(self) -> list[Level]:
        """Return the levels that the order would meet, best first."""
        return self.desk.market_data.book(self.pair.symbol).top(self.form.side.opposite, DEPTH)

    @property
    def can_submit(self) -> bool:
        """Whether Enter would send (or ask)."""
        return self.problem is None and not self.busy

    @property
    def reason(self) -> Sentence | None:
        """What to show under the button: why it cannot be sent, or why it was refused."""
        if self.busy:
            return say("Sending…")
        return self.problem or self.refusal

    @property
    def last_price(self) -> int | None:
        """The pair's newest price in ticks."""
        return self.desk.market_data.last_price(self.pair.symbol)

    # -- what is typed ------------------------------------------------------------------------------

    def set_side(self, side: Side) -> None:
        """Buy or sell; the size stays."""
        self.form.side = side
        self._edited()

    def focus_side(self, side: Side) -> None:
        """Choose the side and ask the pane for the keyboard (hotkeys B and S)."""
        self.set_side(side)
        self._focus.fire("ticket")

    def set_type(self, order_type: OrderType) -> None:
        """Choose the type; a price that is still missing starts at the market."""
        self.form.choose_type(order_type)
        if self.form.has_price and not self.form.price_text:
            self._put_price(self._join_price(self.form.side) or self.last_price)
        if self.form.has_stop and not self.form.stop_text:
            self._put_stop(self.last_price)
        self._edited()

    def set_tif(self, tif: TimeInForce) -> None:
        """Choose how long it lives, among those the type can have."""
        if tif in TIFS[self.form.order_type]:
            self.form.tif = tif
            self._edited()

    def set_post_only(self, on: bool) -> None:
        """Refuse to take, or not."""
        self.form.post_only = on
        self._edited()

    def set_self_trade(self, mode: SelfTrade) -> None:
        """Choose what happens when it would meet an own order."""
        self.form.stp = mode
        self._edited()

    def set_price(self, text: str) -> None:
        """Take the limit price as typed."""
        self.form.price_text = text
        self._edited()

    def set_stop(self, text: str) -> None:
        """Take the stop price as typed."""
        self.form.stop_text = text
        self._edited()

    def set_size(self, lead: Lead, text: str) -> None:
        """Take the size as typed in one of its faces; the other two follow."""
        self.form.lead, self.form.size_text = lead, text
        self._edited()

    def set_percent(self, percent: int) -> None:
        """Take a share of the free funds."""
        self.set_size(Lead.PERCENT, str(percent))

    def pick_price(self, price: Ticks) -> None:
        """Take a price from the book or the chart: it fills the field in use, a market order becomes a limit."""
        if self.form.order_type is OrderType.STOP:
            self._put_stop(price)
        else:
            if self.form.order_type is OrderType.MARKET:
                self.form.choose_type(OrderType.LIMIT)
            self._put_price(price)
        self._edited()

    def limit_at_best(self) -> None:
        """Price at the best opposite level, so that it trades there but no worse (hotkey L)."""
        self.join(self.form.side.opposite)

    def join(self, side: Side) -> None:
        """Price at the best bid (BUY, hotkey J) or the best ask (SELL, hotkey H)."""
        if not self.form.has_price:
            self.form.choose_type(OrderType.LIMIT)
        self._put_price(self._join_price(side))
        self._edited()

    def step_price(self, ticks: int) -> None:
        """Move the price by ticks (arrow keys); the stop price if there is no limit."""
        if self.form.has_price and self.price is not None:
            self._put_price(max(1, self.price + ticks))
        elif self.form.has_stop and self.stop_price is not None:
            self._put_stop(max(1, self.stop_price + ticks))
        else:
            return
        self._edited()

    def step_size(self, steps: int) -> None:
        """Make the order larger or smaller by comfortable steps (hotkeys + and -)."""
        form = self.form
        if form.lead is Lead.PERCENT and self.sized.percent is not None:
            form.size_text = str(min(100, stepped(int(self.sized.percent), 5, steps)))
        elif form.lead is Lead.QUOTE and self.sized.value is not None:
            step = max(1, int(self.desk.settings.trading.default_size) // 10)
            form.size_text = str(stepped(int(self.sized.value), step, steps))
        else:
            lots = int(self.sized.lots)
            form.lead, form.size_text = Lead.BASE, self.pair.qty_text(stepped(lots, step_lots(lots), steps))
        self._edited()

    # -- what follows from it -----------------------------------------------------------------------

    def recompute(self) -> None:
        """Bring sizes, preview and problem up to date with the form, the book and the funds."""
        form, pair = self.form, self.pair
        wrong: Sentence | None = None
        self.price = self.stop_price = None
        if form.has_stop:
            self.stop_price, wrong = read_price(pair, form.stop_text, say("Enter a stop price."))
        if form.has_price:
            self.price, found = read_price(pair, form.price_text, say("Enter a limit price."))
            wrong = wrong or found
        opposite = self.opposite()
        base, quote = self.base, self.quote
        self.sized = size(
            form, pair, price=self.price if form.has_price else self.stop_price, opposite=opposite,
            last=self.last_price, base_free=base.free, quote_free=quote.free, maker=self.maker, taker=self.taker,
        )  # fmt: skip
        self.seen = self.room = None
        if wrong is None and self.sized.lots > 0:
            wrong = self._look(opposite, base, quote)
        self.problem = wrong or self.sized.problem

    def _look(self, opposite: list[Level], base: Balance, quote: Balance) -> Sentence | None:
        """Preview the order and return why it cannot be sent."""
        pair, last = self.pair, self.last_price
        held = size_to_sell(pair, base.total).qty
        funds = Funds(base, quote, self.maker, self.taker, held)
        order = self.order(DRAFT)
        self.seen = preview(order, pair, opposite, funds, Ticks(last) if last is not None else None)
        limits = limits_of(self.desk.settings)
        self.room = check.room(self.seen, last, limits, self.desk.venue.account)
        mine, book = self.desk.orders.open(), self.desk.market_data.book(pair.symbol)
        context = check.context_of(
            pair, self.seen, held=held, open_orders=len(mine), last=last, bid=book.best_bid, ask=book.best_ask,
            buying=sum(each.left for each in mine if each.symbol == pair.symbol and each.side is Side.BUY),
            selling=sum(each.left for each in mine if each.symbol == pair.symbol and each.side is Side.SELL),
            day_pnl=self.desk.portfolio.day_pnl(),
        )  # fmt: skip
        return check.problem(order, self.seen, opposite, funds) or check.over_limit(
            order, context, self.desk.gate or RiskGate(limits)
        )

    # -- sending ------------------------------------------------------------------------------------

    def enter(self, *, skip_confirmation: bool = False) -> None:
        """Answer the question, or ask it, or send; needs a running loop."""
        if self.busy:
            return
        self.recompute()
        self.hurry()
        now = self._clock()
        if self.problem is not None:
            self.question = None
            return
        if self.question is not None:
            if not self.question.hears(now):
                return
        else:
            self.question = self._question(now, skip_confirmation)
            if self.question is not None:
                return
        self.question = None
        self.tasks.start(self._send())

    def dismiss(self) -> bool:
        """Take the question away unanswered; False if there was none."""
        asked, self.question = self.question is not None, None
        self.hurry()
        return asked

    async def _send(self) -> None:
        await self.submit()

    async def submit(self) -> Timeline | None:
        """Send what the form says now, without asking; None if it cannot be sent."""
        self.recompute()
        if self.problem is not None or self.busy:
            self.hurry()
            return None
        order = self.order(self.desk.orders.new_id())
        timeline = Timeline(self.pair, order, self._clock())
        self.guard.sent(self.form.identity(order.symbol), timeline.sent_at)
        self.busy, self.refusal = True, None
        self.hurry()
        try:
            await self.outbox.send(timeline)
        finally:
            self.busy = False
            self.hurry()
        if timeline.note is not None and not timeline.is_working and not timeline.filled:
            self.refusal = timeline.note
        self.outbox.tell(timeline)
        return timeline

    def order(self, order_id: OrderId) -> SubmitOrder:
        """Return the command that the form means, under an id; only while the form can be read."""
        form = self.form
        return SubmitOrder(
            account=self.desk.venue.account,
            order_id=order_id,
            symbol=self.pair.symbol,
            side=form.side,
            order_type=form.order_type,
            qty=self.sized.lots,
            price=self.price,
            stop_price=self.stop_price,
            tif=form.tif,
            post_only=form.is_post_only,
            stp=form.stp,
        )

    async def undo(self, timeline: Timeline) -> None:
        """Cancel an order that was just sent."""
        self.refusal = await self.outbox.undo(timeline) or self.refusal
        self.hurry()
        self.outbox.tell(timeline)

    def undo_last(self) -> bool:
        """Cancel the newest order while Undo is offered; False if nothing can be undone."""
        timeline = self.outbox.newest_to_undo()
        if timeline is None:
            return False
        self.tasks.start(self.undo(timeline))
        return True

    def on_focus(self, call: Callable[[str], object]) -> Link[str]:
        """Be told when the ticket wants the keyboard."""
        return self._focus.add(call)

    def close(self) -> None:
        """End subscriptions and what is on its way."""
        super().close()
        self.tasks.close()

    # -- inside -------------------------------------------------------------------------------------

    def _question(self, now: Nanos, skip: bool) -> Question | None:
        value = check.value_of(self.seen) if self.seen else 0
        return self.guard.question(
            self.form.identity(self.pair.symbol), value=self.pair.quote.amount(value), quote=self.pair.quote.code,
            synced=self.desk.is_synced, settings=self.desk.settings, now=now, skip=skip,
        )  # fmt: skip

    def _edited(self) -> None:
        self.question = self.refusal = None
        self.recompute()
        self.hurry()

    def _put_price(self, ticks: int | None) -> None:
        if ticks is not None:
            self.form.price_text = self.pair.price_text(ticks)

    def _put_stop(self, ticks: int | None) -> None:
        if ticks is not None:
            self.form.stop_text = self.pair.price_text(ticks)

    def _join_price(self, side: Side) -> Ticks | None:
        book = self.desk.market_data.book(self.pair.symbol)
        return book.best_bid if side is Side.BUY else book.best_ask

    def _on_feed(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump or another market: a typed price was of another time
            self.form.price_text = self.form.stop_text = ""
            self._edited()
        self.touch()

    def _on_market(self, event: BookDiff | TradesPrinted) -> None:
        if event.symbol == self.desk.symbol:
            self.touch()

    def _account_selected(self, event: AccountSelected) -> None:
        """Ask nothing about the account before, and undo nothing of it."""
        self.outbox.forget()
        self._edited()
        super()._account_selected(event)

    def _desk_changed(self, desk: Desk) -> None:
        if desk.symbol == self._symbol:
            return
        self._symbol = desk.symbol
        form = self.form
        form.price_text = form.stop_text = ""
        if form.lead is Lead.BASE:  # a quantity of one coin means nothing in another
            form.lead, form.size_text = Lead.QUOTE, fmt.decimal_text(desk.settings.trading.default_size)
        self.set_type(form.order_type)
