"""Placing new orders on a chart: entries where a person points, and the ways out of a position.

There is one new order at a time, the `draft`; it shows as lines until Enter sends it and the venue has accepted it. A
position that is guarded by a lone stop or target gets both as an OCO, which takes the place of that order.
"""

from __future__ import annotations

from collections.abc import Callable

from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_entry import ENTRY, ChartTicket, Offer, offer_text, offers
from crs_desktop.viewmodels.chart_position import PositionLine
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.ticket_kind import Leg
from crs_desktop.viewmodels.ticket_read import Market
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderType, Side
from engine.domain.pair import TradingPair
from engine.portfolio.size import size_to_sell
from engine.services.orders import OrderRecord

ALONE = {Leg.STOP: (OrderType.STOP, OrderType.STOP_LIMIT), Leg.TARGET: (OrderType.LIMIT,)}
"""Types of sells that guard a position, by what they do."""


class Placing:
    """The new order of one chart."""

    def __init__(self, chart: ChartModel) -> None:
        self.chart, self.desk = chart, chart.desk
        self._hook: Hook[None] = Hook()
        self.position: PositionLine | None = None
        self.draft: ChartTicket | None = None
        """A new order that is not sent yet."""
        self._notice: Sentence | None = None

    def on_change(self, call: Callable[[None], object]) -> Link[None]:
        """Be told when something is to be painted anew."""
        return self._hook.add(call)

    def changed(self) -> None:
        """Tell whoever paints."""
        self._hook.fire(None)

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
        alone = guards(self.desk, self.chart.pair)
        other = Leg.TARGET if leg is Leg.STOP else Leg.STOP
        replaced = tuple(each for each in (alone.get(leg), alone.get(other)) if each is not None)
        qty = free_to_guard(self.desk, self.chart.pair, self.position, replaced)
        if qty <= 0:
            self._notice = unguardable(self.chart.pair, self.position)
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
        main, draft = self.desk.ticket(), self.draft
        if draft is None or main is None:
            return
        self.desk.select(draft.pair.symbol)
        draft.hand_over(main)
        self.drop_draft()
        self.desk.pick_side(main.form.side)

    def drop_draft(self) -> bool:
        """Forget the new order; False if there was none (or it is on its way)."""
        draft = self.draft
        if draft is None or draft.busy:
            return False
        self.draft = None
        draft.close()
        self.changed()
        return True

    # -- inside -------------------------------------------------------------------------------------

    def _market(self) -> Market:
        symbol = self.chart.pair.symbol
        book = self.desk.book(symbol)
        return Market(book.best_bid, book.best_ask, self.desk.market_data.last_price(symbol), self.desk.feed.now)

    def _ticket(self) -> ChartTicket:
        return ChartTicket(self.desk, self.chart.pair, self.desk.ticket(), self._sent)

    def _sent(self, draft: ChartTicket) -> None:
        """The new order was accepted: its line takes over."""
        if self.draft is draft:
            self.draft = None
        draft.close()
        self.changed()

    def _leave_draft(self) -> None:
        """Show the new order no more, on its way or not."""
        draft, self.draft = self.draft, None
        if draft is not None:
            draft.leave()
            self.changed()


def guards(desk: Desk, pair: TradingPair) -> dict[Leg, OrderRecord]:
    """Return the sells that guard a position and belong to no list: the newest of each kind."""
    found: dict[Leg, OrderRecord] = {}
    for record in desk.orders.records(pair.symbol):
        for leg, types in ALONE.items():
            if record.order.side is Side.SELL and record.list_id is None and record.order.order_type in types:
                found[leg] = record
    return found


def free_to_guard(
    desk: Desk, pair: TradingPair, position: PositionLine | None, replaced: tuple[OrderRecord, ...]
) -> Lots:
    """Return how many of the held lots could be sold once those orders were gone."""
    balance = desk.portfolio.balances().get(pair.base.code)
    if position is None or balance is None:
        return Lots(0)
    freed = min(sum(pair.base_units(each.left) for each in replaced), balance.locked)
    return Lots(min(position.position.qty, size_to_sell(pair, balance.free + freed).qty))


def unguardable(pair: TradingPair, position: PositionLine | None) -> Sentence:
    """Return why nothing can be guarded."""
    if position is None:
        return say("You hold no {base} to protect.", base=pair.base.code)
    return say("All of your {base} is locked by open orders: move their lines instead.", base=pair.base.code)
