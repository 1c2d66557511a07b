"""What the ticket's fields mean on the pair's grid: each price, distance and instant, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from crs_desktop.viewmodels.ticket_form import TicketForm
from crs_desktop.viewmodels.ticket_kind import GTD, Kind, Leg
from crs_desktop.viewmodels.ticket_price import Anchor, Level, Unit, read_level, read_lots, read_number, read_price
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.matching.trailing import trigger_ticks


@dataclass(frozen=True, slots=True)
class Market:
    """What the fields are read against; prices in ticks."""

    bid: int | None
    ask: int | None
    last: int | None
    now: Nanos

    def meets(self, side: Side) -> int | None:
        """Return the best price that an order of a side would meet, else the last one."""
        best = self.ask if side is Side.BUY else self.bid
        return best if best is not None else self.last


@dataclass(slots=True)
class Reading:
    """The meaning of the fields; `wrong` names a field that has none and says why."""

    price: Ticks | None = None
    stop: Ticks | None = None
    trail: Ticks | None = None
    trail_bps: Decimal | None = None
    fires_at: Ticks | None = None
    """Where a trailing stop would fire if it were sent now, or that of a list if the entry filled at its price."""
    target: Ticks | None = None
    loss: Ticks | None = None
    loss_limit: Ticks | None = None
    display: Lots | None = None
    expires: Nanos | None = None
    wrong: dict[str, Sentence] = field(default_factory=dict)

    @property
    def problem(self) -> Sentence | None:
        """The first thing that is wrong, in the order of the fields."""
        return next(iter(self.wrong.values()), None)


def read(form: TicketForm, pair: TradingPair, market: Market) -> Reading:
    """Return what the fields mean."""
    reading = Reading()
    if form.has_stop:
        ask = say("Enter a trigger price.") if form.takes_profit else say("Enter a stop price.")
        reading.stop, wrong = read_price(pair, form.stop_text, ask)
        _note(reading, "stop", wrong)
    if form.has_price:
        reading.price, wrong = read_price(pair, form.price_text, say("Enter a limit price."))
        _note(reading, "price", wrong)
    if form.has_distance:
        _read_trail(reading, form, pair, market)
    if form.is_list:
        _read_levels(reading, form, pair, market)
    if form.displays:
        reading.display, wrong = read_lots(pair, form.display_text, say("Enter how much of it to show."))
        _note(reading, "display", wrong)
    if form.tif is GTD:
        reading.expires, wrong = form.expiry.at(market.now)
        _note(reading, "expires", wrong)
    return reading


def anchors(form: TicketForm, reading: Reading, market: Market) -> tuple[Anchor, Anchor]:
    """Return what target and stop of a list are counted from."""
    up = 1 if form.exit_side is Side.SELL else -1
    start = entry_price(form, reading, market)
    risk = abs(reading.loss - start) if reading.loss is not None and start is not None else None
    return Anchor(start, up, risk), Anchor(start, -up)


def entry_price(form: TicketForm, reading: Reading, market: Market) -> int | None:
    """Return at about which price a list begins: at its entry's, or for an OCO at the last price."""
    if form.kind is Kind.OCO:
        return market.last
    return reading.price or reading.stop or (None if form.has_price or form.has_stop else market.meets(form.side))


def _read_levels(reading: Reading, form: TicketForm, pair: TradingPair, market: Market) -> None:
    if Leg.STOP in form.legs:  # first: the target may count in its distance
        _, below = anchors(form, reading, market)
        reading.loss, wrong = read_level(pair, form.loss, below, say("Enter the price of the stop."))
        _note(reading, "loss", wrong)
    if Leg.TARGET in form.legs:
        above, _ = anchors(form, reading, market)
        reading.target, wrong = read_level(pair, form.target, above, say("Enter the price of the target."))
        _note(reading, "target", wrong)
    if Leg.STOP in form.legs and form.loss_limit_text.strip():
        reading.loss_limit, wrong = read_price(pair, form.loss_limit_text, NOTHING)
        _note(reading, "loss_limit", wrong)


def _read_trail(reading: Reading, form: TicketForm, pair: TradingPair, market: Market) -> None:
    ask = say("Enter how far the stop trails.")
    sells, mark = form.exit_side is Side.SELL, trail_from(form, reading, market)
    if form.trail.unit is Unit.PERCENT:
        percent, wrong = read_number(form.trail.text, ask)
        if percent is not None and sells and percent >= 100:
            percent, wrong = None, say("A sell trails by less than the whole price.")
        if percent is not None:
            reading.trail_bps = percent * 100
    else:
        reading.trail, wrong = read_price(pair, form.trail.text, ask)
        if reading.trail is not None and sells and mark is not None and reading.trail >= mark:
            reading.trail, wrong = None, say("A sell trails by less than the whole price.")
    _note(reading, "trail", wrong)
    if mark is not None:
        reading.fires_at = trigger(form.exit_side, mark, reading.trail, reading.trail_bps)


def trail_from(form: TicketForm, reading: Reading, market: Market) -> int | None:
    """Return the price from which a stop would begin to trail: a list's entry, or the last one."""
    return entry_price(form, reading, market) if form.opens else market.last


def trigger(side: Side, mark: int, trail: int | None, bps: Decimal | None) -> Ticks | None:
    """Return the first tick at which a trailing stop with that mark fires; None without a distance."""
    if trail is None and bps is None:
        return None
    top, bottom = (bps or Decimal(0)).as_integer_ratio()
    return Ticks(trigger_ticks(side is Side.BUY, mark, (trail or 0, top, bottom)))


def trail_in(form: TicketForm, pair: TradingPair, last: int | None, unit: Unit) -> Level:
    """Return the trailing distance in another unit: of the quote, or in percent of the last price."""
    if unit is form.trail.unit or last is None:
        return Level(form.trail.text if unit is form.trail.unit else "", unit)
    anchor = Anchor(last, 1)
    value, _ = read_number(form.trail.text, NOTHING)
    if value is None:
        return Level("", unit)
    if unit is Unit.PERCENT:
        ticks = pair.ticks(value)
        percent = anchor.distance(Unit.PERCENT, last + ticks) if ticks is not None else None
        return Level("" if percent is None else f"{percent:f}", unit)
    moved, _ = read_level(pair, Level(form.trail.text, Unit.PERCENT), anchor, NOTHING)
    return Level("" if moved is None else pair.price_text(moved - last), unit)


def _note(reading: Reading, name: str, wrong: Sentence | None) -> None:
    if wrong is not None:
        reading.wrong[name] = wrong
