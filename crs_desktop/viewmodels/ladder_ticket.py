"""A ticket without fields: the ladder says side, price and size, the checks and questions are those of the ticket.

Several orders may be on their way at once: what is sent is settled at the moment of the key press or click.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.guard import Question
from crs_desktop.viewmodels.server.venue import live_name
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import GTC, Kind
from crs_desktop.viewmodels.timeline import Timeline
from crs_desktop.viewmodels.timeline_list import timeline_of
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side


class LadderTicket(Ticket):
    """Sends limit and stop orders of the desk's pair; `changed` is called when there is something to show."""

    def __init__(self, desk: Desk, changed: Callable[[], None], *, clock: Callable[[], Nanos] | None = None) -> None:
        self._changed_call = changed
        super().__init__(desk, clock=clock)

    def place(self, side: Side, price: Ticks, lots: Lots, *, stop: bool, ask: bool) -> Sentence | None:
        """Send an order, or ask first; return why it cannot be sent. `ask` asks in any case."""
        self._aim(side, price, lots, stop=stop)
        found = self._stop_problem(side, price) if stop else None
        if found is None:
            found = self.problem
        if found is not None:
            return found
        if ask:
            now = self._clock()
            order, venue = str(self.title), live_name(self.desk)
            plain = say("{order} on {venue}?", order=order, venue=venue) if venue else say("{order}?", order=order)
            self.question = self._question(now, skip=True) or Question(plain, now)
            self.hurry()
        else:
            self.enter()
        return None

    def hurry(self) -> None:
        """Ask whoever shows the ladder for a refresh."""
        super().hurry()
        self._changed_call()

    def _aim(self, side: Side, price: Ticks, lots: Lots, *, stop: bool) -> None:
        form, text = self.form, self.pair.price_text(price)
        form.choose(Kind.STOP if stop else Kind.LIMIT)
        form.side, form.tif, form.post_only, form.reduce_only = side, GTC, False, False
        form.price_text, form.stop_text = ("", text) if stop else (text, "")
        form.lead, form.size_text = Lead.BASE, self.pair.qty_text(lots)
        self.question = self.refusal = None
        self.recompute()

    def _stop_problem(self, side: Side, price: Ticks) -> Sentence | None:
        """Return why a stop would not wait."""
        last = self.last_price
        if last is None:
            return None
        shown = fmt.price(self.pair, last)
        if side is Side.BUY and price <= last:
            return say("A buy stop waits above the last price, {last}.", last=shown)
        if side is Side.SELL and price >= last:
            return say("A sell stop waits below the last price, {last}.", last=shown)
        return None

    def _send(self) -> Coroutine[Any, Any, None]:
        """Settle now what is sent; the next click may mean another order before this one is on its way."""
        timeline = timeline_of(self.pair, self.draft().command(self.desk.orders.new_id), self._clock())
        self.guard.sent(self.form.identity(self.pair.symbol), timeline.sent_at)
        self.refusal = None
        return self._deliver(timeline)

    async def _deliver(self, timeline: Timeline) -> None:
        await self.outbox.send(timeline)
        if timeline.note is not None and not timeline.is_working and not timeline.filled:
            self.refusal = timeline.note
        self.outbox.tell(timeline)
        self.hurry()
