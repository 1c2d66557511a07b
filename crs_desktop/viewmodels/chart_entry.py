"""A new order that is placed on the chart: a ticket of its own, filled in by where the person points.

It is the ticket itself with the same checks, preview, questions, duplicate guard, outbox and Undo; only its prices come
from the chart, and its size from the window's ticket. Pulling a target or a stop out of an entry makes it an OTO,
both a bracket; the ways out of a position are a stop, a target, or both as an OCO.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead, TicketForm
from crs_desktop.viewmodels.ticket_kind import Kind, Leg
from crs_desktop.viewmodels.ticket_read import Market
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.account import Balance
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderRejected
from engine.domain.number import Ticks, Units
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import CrsError
from engine.services.orders import OrderRecord

ENTRY, TARGET, LOSS = "entry", Leg.TARGET.value, Leg.STOP.value
"""The lines of a new order."""
OFFERS = {
    (Side.BUY, Kind.LIMIT): "Buy limit {qty} @ {price}",
    (Side.SELL, Kind.LIMIT): "Sell limit {qty} @ {price}",
    (Side.BUY, Kind.STOP): "Buy stop {qty} @ {price}",
    (Side.SELL, Kind.STOP): "Sell stop {qty} @ {price}",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that could be placed at a price."""

    side: Side
    kind: Kind
    price: Ticks


def offers(market: Market, price: Ticks) -> tuple[Offer, Offer]:
    """Return what a buy and a sell at a price would be: limit orders where they wait, stops where they would take."""
    ask = market.ask if market.ask is not None else market.last
    bid = market.bid if market.bid is not None else market.last
    buy = Kind.STOP if ask is not None and price >= ask else Kind.LIMIT
    sell = Kind.STOP if bid is not None and price <= bid else Kind.LIMIT
    return Offer(Side.BUY, buy, price), Offer(Side.SELL, sell, price)


class ChartTicket(Ticket):
    """The order under way on one chart."""

    def __init__(self, desk: Desk, pair: TradingPair, main: Ticket | None, done: Callable[[ChartTicket], None]) -> None:
        self._pair, self._done = pair, done
        self._is_left = False
        self.replaces: tuple[OrderRecord, ...] = ()
        """Orders that stand alone and give way to this one."""
        self.for_position = False
        """Whether it gets out of what is held."""
        super().__init__(desk)
        if main is not None:
            self.guard, self.outbox = main.guard, main.outbox
            self._take_size(main.form, same_pair=main.pair == pair)
            self.recompute()
        elif desk.order_size:
            self.form.lead, self.form.size_text = Lead.BASE, desk.order_size
            self.recompute()

    @property
    def pair(self) -> TradingPair:
        """The chart's pair."""
        return self._pair

    @property
    def base(self) -> Balance:
        """What is held of the base, as if what gives way had been cancelled."""
        held = super().base
        freed = min(sum(self._pair.base_units(each.left) for each in self.replaces), held.locked)
        return Balance(Units(held.free + freed), Units(held.locked - freed))

    @property
    def is_synced(self) -> bool:
        """Whether the prices of the chart's pair can be trusted, whatever pair the desk is at."""
        return self.desk.trust.trusts(self._pair.symbol)

    def pick_price(self, price: Ticks) -> None:
        """Leave prices that are picked elsewhere to the window's ticket."""

    def focus_side(self, side: Side) -> None:
        """Leave hotkeys to the window's ticket."""

    def _desk_changed(self, _desk: Desk) -> None:
        """Stay with the chart's pair: the chart itself says when that changes."""

    # -- what is placed -----------------------------------------------------------------------------

    def begin(self, offer: Offer) -> None:
        """Become an entry of a side at a price."""
        self.form.side = offer.side
        self.form.choose(offer.kind)
        self._put_entry(offer.price)
        self.edited()

    def begin_exit(self, qty: int, leg: Leg, price: Ticks) -> None:
        """Become a way out of `qty` lots that are held."""
        self.for_position = True
        self.form.side = Side.SELL
        self.form.reduce_only = True
        self.form.lead, self.form.size_text = Lead.BASE, self.pair.qty_text(qty)
        self.set_leg(leg, price)

    def set_leg(self, leg: Leg, price: Ticks | None) -> None:
        """Put a target or a stop at a price, or take it away; the kind of order follows."""
        legs = self.levels()
        legs.pop(leg.value, None)
        if price is not None:
            legs[leg.value] = price
        entry = legs.pop(ENTRY, None)
        if self.for_position:
            self._become_exit(legs)
        elif entry is not None:
            self._become_entry(entry, legs)
        self.edited()

    def move(self, name: str, price: float) -> None:
        """Bring one of its lines to a price, snapped to the tick."""
        at = Ticks(max(1, round(price)))
        if name == ENTRY:
            self._put_entry(at)
            self.edited()
        else:
            self.set_leg(Leg(name), at)

    def levels(self) -> dict[str, Ticks]:
        """Return where its lines are, by name."""
        form, reading = self.form, self.reading
        if self.for_position and form.kind in (Kind.STOP, Kind.LIMIT):
            alone = reading.stop if form.kind is Kind.STOP else reading.price
            return {} if alone is None else {LOSS if form.kind is Kind.STOP else TARGET: alone}
        found = {ENTRY: reading.price if form.has_price else reading.stop}
        if Leg.TARGET in form.legs:
            found[TARGET] = reading.target
        if Leg.STOP in form.legs:
            found[LOSS] = reading.loss
        return {name: at for name, at in found.items() if at is not None and (name != ENTRY or not self.for_position)}

    @property
    def at_market(self) -> bool:
        """Whether it is meant to trade at once."""
        return self._at_market

    @property
    def entry_kind(self) -> Kind:
        """Limit or stop: what it begins with."""
        return self.form.entry if self.form.opens else self.form.kind

    def hand_over(self, main: Ticket) -> None:
        """Put everything into the window's ticket, to be finished there."""
        form = self.form
        main.form.side = form.side
        main.set_kind(form.kind)
        for name in ("entry", "then", "price_text", "stop_text", "lead", "size_text", "reduce_only"):
            setattr(main.form, name, getattr(form, name))
        main.form.target, main.form.loss = replace(form.target), replace(form.loss)
        main.edited()

    def leave(self) -> None:
        """Be looked at no more: end now, or as soon as what is on its way has its answer."""
        self._is_left = True
        if not self.busy:
            self.close()

    # -- sending ------------------------------------------------------------------------------------

    async def _send(self) -> None:
        """Send; what gives way is cancelled first, and comes back if the new order is refused."""
        gone: list[SubmitOrder] = []
        replaced, self.replaces = self.replaces, ()
        if replaced and self.problem is None:
            gone = await self._cancel(replaced)
            if len(gone) < len(replaced):
                self.refusal = self.refusal or say("What it replaces has ended.")
                await self._restore(gone)
                self.hurry()
                return
        timeline = await self.submit()
        if timeline is not None and self.refusal is None:
            self._done(self)
            return
        await self._restore(gone)
        self.hurry()
        if self._is_left:
            self.close()

    async def _cancel(self, records: tuple[OrderRecord, ...]) -> list[SubmitOrder]:
        gone: list[SubmitOrder] = []
        for record in records:
            try:
                answer = await self.desk.orders.cancel(record.order.order_id)
            except CrsError as error:
                self.refusal = verbatim(str(error))
                break
            if isinstance(answer, OrderRejected):
                self.refusal = verbatim(answer.text)
                break
            gone.append(replace(record.order, qty=record.left))
        return gone

    async def _restore(self, orders: list[SubmitOrder]) -> None:
        """Send again what was cancelled in vain, and say so; or that it could not be."""
        for order in orders:
            why = await self._send_again(order)
            reason = str(self.refusal or self.problem or "")
            self.refusal = (
                say("{reason} The order before it works again.", reason=reason)
                if why is None
                else say(
                    "{reason} The order before it is cancelled and was refused again: {why}", reason=reason, why=why
                )
            )

    async def _send_again(self, order: SubmitOrder) -> str | None:
        try:
            answer = await self.desk.orders.submit(replace(order, order_id=self.desk.orders.new_id()))
        except CrsError as error:
            return str(error)
        return answer.text if isinstance(answer, OrderRejected) else None

    # -- inside -------------------------------------------------------------------------------------

    def _take_size(self, form: TicketForm, *, same_pair: bool) -> None:
        if form.lead is Lead.BASE and not same_pair:  # a quantity of one coin means nothing in another
            return
        self.form.lead, self.form.size_text = form.lead, form.size_text
        self.form.stp = form.stp

    def _put_entry(self, price: Ticks) -> None:
        text = self.pair.price_text(price)
        if self.entry_kind is Kind.STOP:
            self.form.stop_text = text
        else:
            self.form.price_text = text

    def _become_entry(self, entry: Ticks, legs: dict[str, Ticks]) -> None:
        form, kind = self.form, self.entry_kind
        if len(legs) == 2:
            form.choose(Kind.BRACKET)
        elif legs:
            form.choose(Kind.OTO)
            form.choose_then(Leg(next(iter(legs))))
        else:
            form.choose(kind)
        form.choose_entry(kind)
        self._put_entry(entry)
        self._put_legs(legs)

    def _become_exit(self, legs: dict[str, Ticks]) -> None:
        form = self.form
        if len(legs) == 2:
            form.choose(Kind.OCO)
            self._put_legs(legs)
        elif LOSS in legs:
            form.choose(Kind.STOP)
            form.stop_text = self.pair.price_text(legs[LOSS])
        elif TARGET in legs:
            form.choose(Kind.LIMIT)
            form.price_text = self.pair.price_text(legs[TARGET])

    def _put_legs(self, legs: dict[str, Ticks]) -> None:
        for name, at in legs.items():
            self._put_level(name, self.pair.price_text(at))


def offer_text(ticket: ChartTicket, offer: Offer) -> Sentence:
    """Return an offer in words, with the size that the ticket has at that price."""
    ticket.begin(offer)
    qty = fmt.quantity(ticket.pair, ticket.sized.lots) if ticket.sized.lots else fmt.DASH
    return Sentence(OFFERS[offer.side, offer.kind], {"qty": qty, "price": fmt.price(ticket.pair, offer.price)})
