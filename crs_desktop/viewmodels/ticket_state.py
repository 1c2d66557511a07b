"""What the ticket knows: the form, what it means on the market as it is now, what it would do, what speaks against it.

`recompute` brings all that is derived up to date; nothing here changes what was typed or sends anything.
"""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels import ticket_check as check
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.ticket_form import TicketForm
from crs_desktop.viewmodels.ticket_kind import Kind
from crs_desktop.viewmodels.ticket_orders import DRAFT, Draft
from crs_desktop.viewmodels.ticket_read import Market, Reading, read
from crs_desktop.viewmodels.ticket_size import Sized, size
from crs_desktop.viewmodels.ticket_warning import warning
from crs_desktop.viewmodels.words import Sentence
from engine.domain.account import Balance
from engine.domain.command import SubmitOrder
from engine.domain.market import Level
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import OrderType, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.exits import Exits, exits, pair_lock, share_of_cost
from engine.portfolio.preview import Funds, OrderPreview, preview
from engine.portfolio.size import size_to_sell
from engine.risk.gate import RiskGate
from engine.risk.intent import at_work
from engine.services.limits import limits_of

DEPTH = 400
"""Levels that are walked: more than an order of a person meets."""
EMPTY = Balance(Units(0), Units(0))


class TicketState(ViewModel):
    """The desk's pair, the account's money, and the form in their light."""

    pace = 0.2

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.form = TicketForm(size_text=fmt.decimal_text(desk.settings.trading.default_size))
        self.reading = Reading()
        self.sized = Sized()
        self.seen: OrderPreview | None = None
        """What the order would do, or what leads a list."""
        self.exits: Exits | None = None
        """What target and stop of a list would bring."""
        self.lock = Units(0)
        """What is set aside as soon as it is accepted, in units of the asset it gives."""
        self.problem: Sentence | None = None
        """Why it cannot be sent."""
        self.warning: Sentence | None = None
        """What to know before it is sent."""
        self.room: Sentence | None = None

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
        return self.desk.fees(self.pair)[0]

    @property
    def taker(self) -> FeeRate:
        """The fee rate of an arriving order."""
        return self.desk.fees(self.pair)[1]

    @property
    def price(self) -> Ticks | None:
        """The limit price, None while there is none."""
        return self.reading.price

    @property
    def stop_price(self) -> Ticks | None:
        """The stop or trigger price, None while there is none."""
        return self.reading.stop

    @property
    def last_price(self) -> int | None:
        """The pair's newest price in ticks."""
        return self.desk.market_data.last_price(self.pair.symbol)

    def market(self) -> Market:
        """Return the prices that the form is read against."""
        book = self.desk.book(self.pair.symbol)
        return Market(book.best_bid, book.best_ask, self.last_price, self.desk.feed.now)

    def opposite(self) -> list[Level]:
        """Return the levels that the order would meet, best first."""
        return self.desk.book(self.pair.symbol).top(self.form.side.opposite, DEPTH)

    def draft(self) -> Draft:
        """Return the orders that the form means; only while the form can be read."""
        return Draft(self.form, self.reading, self.sized.lots, self.desk.venue.account, self.pair.symbol)

    # -- what follows from it -----------------------------------------------------------------------

    def recompute(self) -> None:
        """Bring reading, sizes, preview, problem and warning up to date with the form, the book and the funds."""
        form, pair, market = self.form, self.pair, self.market()
        self.reading = read(form, pair, market)
        opposite, base, quote = self.opposite(), self.base, self.quote
        self.sized = size(
            form, pair, at_market=self._at_market, price=self._sizing_price(), opposite=opposite,
            last=self.last_price, base_free=base.free, quote_free=quote.free, maker=self.maker, taker=self.taker,
        )  # fmt: skip
        self.seen = self.exits = self.room = self.warning = None
        self.lock = Units(0)
        wrong = self.desk.refuses(pair.symbol) or self.reading.problem
        if wrong is None and self.sized.lots > 0:
            wrong = self._look(opposite, base, quote, market)
        self.problem = wrong or self.sized.problem

    @property
    def _at_market(self) -> bool:
        return self.form.order_type is OrderType.MARKET

    def _sizing_price(self) -> Ticks | None:
        """Return at which price a size becomes money."""
        reading = self.reading
        if self.form.kind is Kind.OCO:
            return reading.target
        return reading.price or reading.stop or (reading.fires_at if self.form.has_trail else None)

    def _look(self, opposite: list[Level], base: Balance, quote: Balance, market: Market) -> Sentence | None:
        """Preview the order and return why it cannot be sent."""
        pair, last = self.pair, self.last_price
        held = size_to_sell(pair, base.total).qty
        funds = Funds(base, quote, self.maker, self.taker, held)
        draft = self.draft()
        orders = draft.orders()
        lead = orders[0]
        self.seen = seen = preview(
            lead, pair, opposite, funds, Ticks(last) if last is not None else None,
            self.reading.fires_at if self.form.has_trail else None,
        )  # fmt: skip
        self.lock = seen.needed if lead.order_type is not OrderType.MARKET else Units(0)
        limits = limits_of(self.desk.settings)
        self.room = check.room(seen, last, limits, self.desk.venue.account)
        wrong = check.problem(lead, seen, opposite, funds) if self.form.kind is not Kind.OCO else None
        if self.form.is_list:
            wrong = wrong or self._look_at_legs(orders[1:] if self.form.opens else orders, seen)
        self.warning = warning(self.form, self.reading, lead, pair, market, quote, self.taker)
        return wrong or self._over_limit(orders, seen, held)

    def _look_at_legs(self, legs: tuple[SubmitOrder, ...], seen: OrderPreview) -> Sentence | None:
        """Work out what the ways out bring, and return why the venue would not take them."""
        oco = self.form.kind is Kind.OCO
        qty = legs[0].qty if oco else Lots(seen.taken.qty + seen.rests)
        basis = self._basis(qty) if oco else seen.total
        if qty:
            self.exits = exits(self.pair, legs, qty, basis, self.maker, self.taker, self.reading.fires_at)
        lock = pair_lock(self.pair, legs, self.maker, self.taker) if oco else Units(0)
        if oco:
            self.lock = lock
        return check.legs_problem(legs, self.pair, self.base, self.quote, lock)

    def _basis(self, qty: Lots) -> Units | None:
        """Return what the position to be closed cost; None for a buy, or if less is held."""
        position = self.desk.portfolio.position(self.pair.symbol)
        if self.form.side is Side.BUY or position is None:
            return None
        return share_of_cost(position.cost, position.qty, qty)

    def _over_limit(self, orders: tuple[SubmitOrder, ...], seen: OrderPreview, held: Lots) -> Sentence | None:
        pair, book = self.pair, self.desk.book(self.pair.symbol)
        mine = self.desk.orders.open()
        works = at_work(mine, pair.symbol)
        context = check.context_of(
            pair, seen, held=held, open_orders=len(mine), last=self.last_price, bid=book.best_bid, ask=book.best_ask,
            buying=works.buying, selling=works.selling, day_pnl=self.desk.portfolio.day_pnl(),
        )  # fmt: skip
        gate = self.desk.gate or RiskGate(limits_of(self.desk.settings))
        found = (check.over_limit(order, context, gate) for order in orders)
        return next((each for each in found if each is not None), None)

    def order(self) -> SubmitOrder:
        """Return the order as a draft, or what leads a list; only while the form can be read."""
        return self.draft().lead(DRAFT)
