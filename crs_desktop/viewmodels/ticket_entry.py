"""What a person does to the ticket's form: choose, type, step, pick a price from the book.

A field that is still empty is filled with something sensible when its kind is chosen: an entry at the market, a stop
one percent away on its proper side. What was offered and not touched follows the side; what was typed stays.
"""

from __future__ import annotations

from decimal import Decimal

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.sizing import step_lots, stepped
from crs_desktop.viewmodels.ticket_expiry import AT, typed
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import Kind, Leg, Recent
from crs_desktop.viewmodels.ticket_price import Level, Unit, in_unit, read_number, read_price
from crs_desktop.viewmodels.ticket_read import anchors, trail_from, trail_in
from crs_desktop.viewmodels.ticket_state import TicketState
from crs_desktop.viewmodels.words import NOTHING
from engine.domain.number import Ticks
from engine.domain.order import OrderType, SelfTrade, Side, TimeInForce

STOP_AWAY_BPS = 100
"""How far from the last price a stop or trigger is offered."""
SLIP_BPS = 10
"""How much worse than its stop the limit of a stop-limit order is offered."""
STEP = Decimal("0.1")
"""What an arrow key changes of a percentage or a multiple."""
SHOWN_PART = 10
"""An iceberg is offered to show one part in so many."""
LEVEL_UNITS = (Unit.PRICE, Unit.PERCENT, Unit.TICKS)
UNITS = {"target": (*LEVEL_UNITS, Unit.RISK), "loss": LEVEL_UNITS, "trail": (Unit.PERCENT, Unit.PRICE)}
"""In which units a field can be typed."""
PLAIN = {"price": "price_text", "stop": "stop_text", "loss_limit": "loss_limit_text", "display": "display_text"}
"""Fields that are a text of the form."""


class TicketEntry(TicketState):
    """The ticket's form under a person's hands."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.recent = Recent()
        self._offered: dict[str, str] = {}
        """Texts that nobody typed."""

    def edited(self) -> None:
        """Take note that the form changed."""
        self.recompute()
        self.hurry()

    # -- choices ------------------------------------------------------------------------------------

    def set_side(self, side: Side) -> None:
        """Buy or sell; the size stays."""
        self.form.side = side
        self._offer()
        self.edited()

    def set_kind(self, kind: Kind) -> None:
        """Choose the kind of order; what is still missing is offered."""
        self.form.choose(kind)
        self.recent.use(kind)
        self._offer()
        self.edited()

    def set_type(self, order_type: OrderType) -> None:
        """Choose the kind that is one order of this type."""
        self.set_kind(Kind(order_type.value))

    def set_entry(self, kind: Kind) -> None:
        """Choose what a list begins with."""
        self.form.choose_entry(kind)
        self._offer()
        self.edited()

    def set_then(self, leg: Leg) -> None:
        """Choose what an OTO ends with."""
        self.form.choose_then(leg)
        self.edited()

    def set_tif(self, tif: TimeInForce) -> None:
        """Choose how long it lives, among those the kind can have."""
        if tif in self.form.tifs:
            self.form.tif = tif
            self.edited()

    def set_expiry(self, key: str) -> None:
        """Choose when it expires; a date starts where the span before it ended."""
        expiry = self.form.expiry
        if key == AT and expiry.key != AT:
            at, _ = expiry.at(self.desk.feed.now)
            expiry.text = typed(at) if at is not None else ""
        expiry.key = key
        self.edited()

    def set_expiry_text(self, text: str) -> None:
        """Take the date of expiry as typed."""
        self.form.expiry.key, self.form.expiry.text = AT, text
        self.edited()

    def set_post_only(self, on: bool) -> None:
        """Refuse to take, or not."""
        self.form.post_only = on
        self.edited()

    def set_reduce_only(self, on: bool) -> None:
        """Refuse to do anything but reduce what is held, or not."""
        self.form.reduce_only = on
        self.edited()

    def set_self_trade(self, mode: SelfTrade) -> None:
        """Choose what happens when it would meet an own order."""
        self.form.stp = mode
        self.edited()

    # -- figures ------------------------------------------------------------------------------------

    def set_price(self, text: str) -> None:
        """Take the limit price as typed."""
        self.set_field("price", text)

    def set_stop(self, text: str) -> None:
        """Take the stop or trigger price as typed."""
        self.set_field("stop", text)

    def set_field(self, name: str, text: str) -> None:
        """Take a field as typed: price, stop, trail, target, loss, loss_limit or display."""
        self._offered.pop(name, None)
        self._put(name, text)
        self.edited()

    def set_unit(self, name: str, unit: Unit) -> None:
        """Type a level in another unit; what it means stays the same."""
        self._offered.pop(name, None)
        form, market = self.form, self.market()
        if name == "trail":
            form.trail = trail_in(form, self.pair, trail_from(form, self.reading, market), unit)
        else:
            above, below = anchors(form, self.reading, market)
            level = form.target if name == "target" else form.loss
            moved = in_unit(self.pair, level, above if name == "target" else below, unit)
            setattr(form, name, moved)
        self.edited()

    def next_unit(self, name: str) -> None:
        """Type a level in the next unit it can have."""
        level = self.level(name)
        units = tuple(each for each in UNITS[name] if each is not Unit.RISK or Leg.STOP in self.form.legs)
        self.set_unit(name, units[(units.index(level.unit) + 1) % len(units)])

    def level(self, name: str) -> Level:
        """Return a field that has a unit."""
        return {"trail": self.form.trail, "target": self.form.target, "loss": self.form.loss}[name]

    def text_of(self, name: str) -> str:
        """Return a field as typed."""
        return str(getattr(self.form, PLAIN[name])) if name in PLAIN else self.level(name).text

    def set_size(self, lead: Lead, text: str) -> None:
        """Take the size as typed in one of its faces; the other two follow."""
        self.form.lead, self.form.size_text = lead, text
        self._sized_anew()

    def set_percent(self, percent: int) -> None:
        """Take a share of the free funds."""
        self.set_size(Lead.PERCENT, str(percent))

    # -- prices from the market ---------------------------------------------------------------------

    def pick_price(self, price: Ticks) -> None:
        """Take a price from the book or the chart: it fills the field that a price means most to."""
        form, text = self.form, self.pair.price_text(price)
        last = self.last_price
        if form.kind is Kind.OCO and last is not None:
            self._put_level("target" if (price > last) == (form.exit_side is Side.SELL) else "loss", text)
        elif form.has_trail:
            form.trail = Level(self.pair.price_text(abs(price - last)) if last is not None else "", Unit.PRICE)
        elif form.has_stop and not form.has_price:
            self._put("stop", text)
        else:
            self._need_price()
            self._put("price", text)
        self._offered.clear()
        self.edited()

    def limit_at_best(self) -> None:
        """Price at the best opposite level, so that it trades there but no worse (hotkey L)."""
        self.join(self.form.side.opposite)

    def join(self, side: Side) -> None:
        """Price at the best bid (BUY, hotkey J) or the best ask (SELL, hotkey H)."""
        self._need_price()
        self._offered.pop("price", None)
        self._put_ticks("price", self._join_price(side))
        self.edited()

    def step_price(self, ticks: int) -> None:
        """Move the price by ticks (arrow keys); the stop price if there is no limit."""
        self.step_field("price" if self.form.has_price else "stop", ticks)

    def step_field(self, name: str, steps: int) -> None:
        """Move a field by ticks, lots, or hundredths of its unit."""
        pair, reading = self.pair, self.reading
        if name == "display":
            if reading.display is not None:
                self.set_field(name, pair.qty_text(stepped(reading.display, step_lots(reading.display), steps)))
            return
        if name in PLAIN or self.level(name).unit is Unit.PRICE:
            found = {"price": reading.price, "stop": reading.stop, "loss_limit": reading.loss_limit,
                     "target": reading.target, "loss": reading.loss, "trail": reading.trail}  # fmt: skip
            ticks = found[name]
            if ticks is not None:
                self.set_field(name, pair.price_text(max(1, ticks + steps)))
            return
        value, _ = read_number(self.level(name).text, NOTHING)
        if value is not None:
            step = Decimal(1) if self.level(name).unit is Unit.TICKS else STEP
            self.set_field(name, fmt.decimal_text(max(step, value + steps * step)))

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
        self._sized_anew()

    # -- inside -------------------------------------------------------------------------------------

    def forget_prices(self) -> None:
        """Drop what was typed for another market or another time."""
        self.form.forget_prices()
        self._offered.clear()

    def _need_price(self) -> None:
        """Make it an order with a limit price."""
        if self.form.has_price:
            return
        if self.form.opens:
            self.form.choose_entry(Kind.LIMIT)
        else:
            self.form.choose(Kind.LIMIT)
            self.recent.use(Kind.LIMIT)

    def _offer(self) -> None:
        """Fill what is empty, and what was offered before and not touched."""
        form, last = self.form, self.last_price
        if form.has_stop and self._is_free("stop") and last is not None:
            above = (form.side is Side.BUY) != form.takes_profit
            away = last * STOP_AWAY_BPS // 10_000
            self._offer_ticks("stop", last + away if above else last - away)
        if form.has_price and self._is_free("price"):
            at = self._join_price(form.side) or last
            stop, _ = read_price(self.pair, form.stop_text, NOTHING)
            if form.has_stop and stop is not None:
                slip = stop * SLIP_BPS // 10_000
                at = Ticks(stop + slip if form.side is Side.BUY else stop - slip)
            self._offer_ticks("price", at)
        self._offer_display()

    def _offer_display(self) -> None:
        if self.form.kind is Kind.ICEBERG and self._is_free("display") and self.sized.lots:
            text = self.pair.qty_text(max(1, self.sized.lots // SHOWN_PART))
            self._put("display", text)
            self._offered["display"] = text

    def _sized_anew(self) -> None:
        self.recompute()
        self._offer_display()
        self.edited()

    def _is_free(self, name: str) -> bool:
        text = self.text_of(name)
        return not text or self._offered.get(name) == text

    def _offer_ticks(self, name: str, ticks: int | None) -> None:
        if ticks is not None and ticks > 0:
            self._put_ticks(name, ticks)
            self._offered[name] = self.text_of(name)

    def _put_ticks(self, name: str, ticks: int | None) -> None:
        if ticks is not None:
            self._put(name, self.pair.price_text(ticks))

    def _put(self, name: str, text: str) -> None:
        if name in PLAIN:
            setattr(self.form, PLAIN[name], text)
        else:
            self.level(name).text = text

    def _put_level(self, name: str, text: str) -> None:
        setattr(self.form, name, Level(text, Unit.PRICE))

    def _join_price(self, side: Side) -> Ticks | None:
        book = self.desk.book(self.pair.symbol)
        return book.best_bid if side is Side.BUY else book.best_ask
