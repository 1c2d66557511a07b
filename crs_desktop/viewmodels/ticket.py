"""The order ticket: what is typed, what it would do, why it cannot be sent, and when it is.

    ticket_kind     what can be chosen          ticket_form     what was typed
    ticket_price    prices and distances        ticket_read     what it means on the grid
    ticket_orders   the commands it makes       ticket_size     the size in its three faces
    ticket_check    why it cannot be sent       ticket_warning  what to know before it is
    ticket_state    all of that together        ticket_entry    choosing and typing
    ticket_preview  what it would do, in lines  ticket_outbox   what was sent, until it ends

Enter sends; if there is something to ask first, Enter once more answers it. A refused order keeps the form as it is
and shows the venue's reason. Times are monotonic nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels import ticket_check as check
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.guard import Guard, Question, doubtful
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.server.venue import live_name
from crs_desktop.viewmodels.ticket_entry import TicketEntry
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import Kind
from crs_desktop.viewmodels.ticket_orders import DRAFT
from crs_desktop.viewmodels.ticket_outbox import Outbox
from crs_desktop.viewmodels.timeline import Timeline, describe
from crs_desktop.viewmodels.timeline_list import describe_list, timeline_of
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.command import SubmitList
from engine.domain.course import TradingStateChanged
from engine.domain.event import BalanceChanged, OrderFilled
from engine.domain.market import BookDiff, FeedState
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.ports.clock import SystemClock
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.venue import AccountSelected
from engine.services.task import TaskOwner


class Ticket(TicketEntry):
    """Order entry for the desk's pair; `recompute` brings everything that is derived up to date."""

    def __init__(self, desk: Desk, *, clock: Callable[[], Nanos] | None = None) -> None:
        super().__init__(desk)
        self._clock = clock or SystemClock().monotonic
        self.guard, self.tasks = Guard(), TaskOwner("ticket")
        self.question: Question | None = None
        self.refusal: Sentence | None = None
        self.busy = False
        self.outbox = Outbox(desk, self._clock)
        self._keep(self.outbox)
        self._focus: Hook[str] = Hook()
        self._symbol = desk.symbol
        for kind in (BalanceChanged, OrderFilled, TradingStateChanged):
            self._listen(kind, self.touch)
        self._listen(FeedStateChanged, self._on_feed)
        self._listen(BookDiff, self._on_market)
        self._listen(TradesPrinted, self._on_market)
        self._keep(desk.on_price(self.pick_price))
        self._keep(desk.on_side(self.focus_side))
        self.recompute()

    @property
    def can_submit(self) -> bool:
        """Whether Enter would send (or ask)."""
        return self.problem is None and not self.busy

    @property
    def is_synced(self) -> bool:
        """Whether the prices of its pair can be trusted."""
        return self.desk.is_synced

    @property
    def reason(self) -> Sentence | None:
        """What to show under the button: why it cannot be sent, why it was refused, or what to know first."""
        if self.busy:
            return say("Sending…")
        return self.problem or self.refusal or self.warning

    @property
    def title(self) -> Sentence:
        """What Enter would send, in full."""
        if self.seen is None:
            return self.short_title
        command = self.draft().command(lambda: DRAFT)
        return describe_list(self.pair, command) if isinstance(command, SubmitList) else describe(self.pair, command)

    @property
    def short_title(self) -> Sentence:
        """What Enter would send, in a few words."""
        buys, kind = self.form.side is Side.BUY, self.form.kind
        if self.seen is None:
            return say("Buy") if buys else say("Sell")
        values = {"qty": fmt.quantity(self.pair, self.sized.lots), "base": self.pair.base.code}
        if kind is Kind.BRACKET:
            return Sentence("Bracket: buy {qty} {base}" if buys else "Bracket: sell {qty} {base}", values)
        if kind is Kind.OTO:
            return Sentence("OTO: buy {qty} {base}" if buys else "OTO: sell {qty} {base}", values)
        if kind is Kind.OCO:
            return Sentence("OCO: buy {qty} {base}" if buys else "OCO: sell {qty} {base}", values)
        return Sentence("Buy {qty} {base}" if buys else "Sell {qty} {base}", values)

    def focus_side(self, side: Side) -> None:
        """Choose the side and ask the pane for the keyboard (hotkeys B and S)."""
        self.set_side(side)
        self._focus.fire("ticket")

    def edited(self) -> None:
        """Take note that the form changed: what was asked or refused is void."""
        self.question = self.refusal = None
        super().edited()

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
        timeline = timeline_of(self.pair, self.draft().command(self.desk.orders.new_id), self._clock())
        self.guard.sent(self.form.identity(self.pair.symbol), timeline.sent_at)
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
            doubt=doubtful(self.desk, self.pair.symbol, live_name(self.desk), at_market=self._at_market),
            settings=self.desk.settings, now=now, skip=skip, venue=live_name(self.desk),
        )  # fmt: skip

    def _on_feed(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump or another market: a typed price was of another time
            self.forget_prices()
            self.edited()
        self.touch()

    def _on_market(self, event: BookDiff | TradesPrinted) -> None:
        if event.symbol == self.pair.symbol:
            self.touch()

    def _account_selected(self, event: AccountSelected) -> None:
        """Ask nothing about the account before, and undo nothing of it."""
        self.outbox.forget()
        self.edited()
        super()._account_selected(event)

    def _desk_changed(self, desk: Desk) -> None:
        if desk.symbol == self._symbol:
            return
        self._symbol = desk.symbol
        form = self.form
        self.forget_prices()
        if form.lead is Lead.BASE:  # a quantity of one coin means nothing in another
            form.lead, form.size_text = Lead.QUOTE, fmt.decimal_text(desk.settings.trading.default_size)
        self.set_kind(form.kind)
