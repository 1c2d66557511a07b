"""From the ticket's fields to commands: one order, or the orders of a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from crs_desktop.viewmodels.ticket_form import TicketForm
from crs_desktop.viewmodels.ticket_kind import GTC, GTD, Kind, Leg
from crs_desktop.viewmodels.ticket_read import Reading
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.number import Lots, Ticks
from engine.domain.order import AccountId, ListKind, OrderId, OrderType

DRAFT = OrderId("draft")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form means; only while it can be read."""

    form: TicketForm
    reading: Reading
    qty: Lots
    account: AccountId
    symbol: str

    def lead(self, order_id: OrderId) -> SubmitOrder:
        """Return the order, or what leads a list: its entry, an OCO's target."""
        form, reading = self.form, self.reading
        if form.kind is Kind.OCO:
            return self._target(order_id)
        return SubmitOrder(
            account=self.account,
            order_id=order_id,
            symbol=self.symbol,
            side=form.side,
            order_type=form.order_type,
            qty=self.qty,
            price=reading.price,
            stop_price=reading.stop,
            tif=form.tif,
            expire_ts=reading.expires,
            post_only=form.is_post_only,
            reduce_only=form.is_reduce_only,
            display_qty=reading.display,
            trail=reading.trail if form.has_trail else None,
            trail_bps=reading.trail_bps if form.has_trail else None,
            stp=form.stp,
        )

    def orders(self, new_id: Callable[[], OrderId] = lambda: DRAFT) -> tuple[SubmitOrder, ...]:
        """Return all orders, in the order of the list."""
        lead = () if self.form.kind is Kind.OCO else (self.lead(new_id()),)
        return *lead, *(self._exit(leg, new_id()) for leg in self.form.legs)

    def command(self, new_id: Callable[[], OrderId]) -> SubmitOrder | SubmitList:
        """Return what to send."""
        if not self.form.is_list:
            return self.lead(new_id())
        list_id = new_id()
        return SubmitList(self.account, list_id, ListKind(self.form.kind.value), self.orders(new_id))

    def _exit(self, leg: Leg, order_id: OrderId) -> SubmitOrder:
        if leg is Leg.TARGET:
            return self._target(order_id)
        return self._stop(order_id) if leg is Leg.STOP else self._trailing(order_id)

    def _target(self, order_id: OrderId) -> SubmitOrder:
        return self._leg(order_id, OrderType.LIMIT, price=self.reading.target)

    def _stop(self, order_id: OrderId) -> SubmitOrder:
        limit = self.reading.loss_limit
        kind = OrderType.STOP if limit is None else OrderType.STOP_LIMIT
        return self._leg(order_id, kind, price=limit, stop=self.reading.loss)

    def _trailing(self, order_id: OrderId) -> SubmitOrder:
        leg, reading = self._leg(order_id, OrderType.TRAILING_STOP, price=None), self.reading
        return replace(leg, trail=reading.trail, trail_bps=reading.trail_bps)

    def _leg(
        self, order_id: OrderId, kind: OrderType, *, price: Ticks | None, stop: Ticks | None = None
    ) -> SubmitOrder:
        """Return one leg; of an OCO with a date the legs that can expire do, and take the other one with them."""
        form = self.form
        dated = form.kind is Kind.OCO and form.tif is GTD and kind is not OrderType.STOP
        return SubmitOrder(
            account=self.account,
            order_id=order_id,
            symbol=self.symbol,
            side=form.exit_side,
            order_type=kind,
            qty=self.qty,
            price=price,
            stop_price=stop,
            tif=GTD if dated else GTC,
            expire_ts=self.reading.expires if dated else None,
            reduce_only=form.is_reduce_only,
            stp=form.stp,
        )
