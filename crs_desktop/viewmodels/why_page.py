"""What the window says of one fill, or of what has not filled: a headline, facts, the book, the queue, the prints.

Pure: built anew from the record of the exchange whenever it is shown. Prices in ticks, quantities in lots, instants in
ns of the venue's time until they become text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Row
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.event import OrderFilled
from engine.domain.number import EXACT, NANOS_PER_SECOND, Nanos
from engine.domain.order import Liquidity
from engine.domain.pair import TradingPair
from engine.domain.why import Arrival, FillExplained, PrintUsed, QueueStep
from engine.exchange.recorder import PRINTS
from engine.portfolio.fillstory import slippage

BOOK_COLUMNS = (
    Column("Price", "price"),
    Column("Displayed", "qty"),
    Column("Taken before", "consumed", sparse=True),
    Column("This order", "ours", sparse=True),
)
PRINT_COLUMNS = (
    Column("Time", "time", "left"),
    Column("Price", "price"),
    Column("Size", "qty", spare=1),
    Column("Used", "used"),
)
RULES = {
    "crossed": say("It met an order in the book when it arrived."),
    "taken": say("It took what the feed displayed when it arrived."),
    "queue": say("It was next in line at its price, and a trade came."),
    "through": say("The market traded beyond its price, which must have met it first."),
    "displayed": say("The other side of the feed's book came to stand at its price or beyond."),
}
NO_RECORD = say("An earlier version made this fill and kept no record of why.")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the table of facts."""

    label: Sentence
    value: str | Sentence


@dataclass(frozen=True, slots=True)
class Course:
    """What was ahead of an order from when on, until it filled or ended, or until now."""

    steps: tuple[QueueStep, ...]
    until: Nanos
    prints: tuple[PrintUsed, ...]
    end: Literal["filled", "ended", "now"]
    """What `until` is."""


@dataclass(frozen=True, slots=True)
class Page:
    """All that is said at once."""

    headline: Sentence
    detail: Sentence = NOTHING
    facts: tuple[Fact, ...] = ()
    book: tuple[Row, ...] = ()
    course: Course | None = None
    prints: tuple[Row, ...] = ()
    note: Sentence = NOTHING
    """Why a part is missing."""
    tone: str = "text"


def fill_page(
    pair: TradingPair, fill: OrderFilled, why: FillExplained | None, fills: Sequence[OrderFilled] = ()
) -> Page:
    """Return why one fill happened; `fills` are all of its order."""
    if why is None:
        headline = say("Filled {qty} {base} at {price}.", **_values(pair, fill))
        return Page(headline, NO_RECORD, (Fact(say("Filled"), moment(fill.at)), *_money(pair, fill, None)))
    maker = fill.liquidity is Liquidity.MAKER
    course = None
    if maker and any(step.ahead for step in why.queue):
        course = Course(why.queue, fill.at, why.prints, "filled")
    note = NOTHING if maker else say("It never stood in a queue: it traded when it came to the book.")
    return Page(
        headline=_maker_headline(pair, fill, why) if maker else _taker_headline(pair, fill, why),
        detail=RULES[why.rule],
        facts=(
            *arrival_facts(pair, why.arrival),
            Fact(say("Filled"), moment(fill.at)),
            *((Fact(say("In the queue for"), span(fill.at - rested_at(why.arrival, why.queue))),) if maker else ()),
            *_money(pair, fill, why),
            *market_facts(pair, why.arrival),
            Fact(say("Slippage"), slippage_text(pair, fill, why)),
        ),
        book=book_rows(pair, why.arrival, fill, fills),
        course=course,
        prints=print_rows(pair, why.prints) if maker else (),
        note=note,
    )


def rested_at(arrival: Arrival, queue: Sequence[QueueStep]) -> Nanos:
    """Return when an order came to rest, as far as anybody knows."""
    if queue:
        return queue[0].at
    return arrival.at if arrival.seen_at is None else arrival.seen_at


def arrival_facts(pair: TradingPair, arrival: Arrival) -> tuple[Fact, ...]:
    """Return when an order was sent, arrived and entered the book, and what was ahead of it then."""
    facts = [
        Fact(say("Sent"), moment(arrival.sent_at)),
        Fact(say("Arrived"), moment(arrival.at)),
        Fact(say("Latency"), span(arrival.at - arrival.sent_at)),
    ]
    if arrival.seen_at is not None:
        facts.append(Fact(say("Entered the book"), moment(arrival.seen_at)))
    if arrival.ahead is not None:
        facts.append(Fact(say("Ahead at first"), f"{fmt.quantity(pair, arrival.ahead)} {pair.base.code}"))
    return tuple(facts)


def market_facts(pair: TradingPair, arrival: Arrival) -> tuple[Fact, ...]:
    """Return the prices that an order met."""
    mid = arrival.mid_half_ticks
    return (
        Fact(say("Bid / ask it met"), f"{_price(pair, arrival.bid)} / {_price(pair, arrival.ask)}"),
        Fact(say("Arrival mid"), fmt.DASH if mid is None else _half(pair, mid)),
        Fact(say("Last price then"), _price(pair, arrival.last)),
    )


def book_rows(
    pair: TradingPair, arrival: Arrival, fill: OrderFilled | None = None, fills: Sequence[OrderFilled] = ()
) -> tuple[Row, ...]:
    """Return the levels that an order met, with what was taken of each; the one of `fill` stands out."""
    ours: dict[int, int] = {}
    for each in fills:
        if each.liquidity is Liquidity.TAKER:
            ours[each.price] = ours.get(each.price, 0) + each.qty
    rows = []
    for level in arrival.opposite:
        here = fill is not None and fill.liquidity is Liquidity.TAKER and fill.price == level.price
        taken = ours.get(level.price, 0)
        price = fmt.price(pair, level.price)
        rows.append(
            Row(
                str(level.price),
                (
                    Cell(f"▸ {price}" if here else price, "accent" if here else "text", pair.price_text(level.price)),
                    Cell(fmt.quantity(pair, level.qty), raw=pair.qty_text(level.qty)),
                    _part(
                        pair, level.consumed, "warn", say("By earlier orders of yours, of which the feed knows nothing")
                    ),
                    _part(pair, taken, "accent", say("By this order")),
                ),
            )
        )
    return tuple(rows)


def print_rows(pair: TradingPair, prints: Sequence[PrintUsed]) -> tuple[Row, ...]:
    """Return the prints that shortened a queue or filled an order, oldest first."""
    return tuple(
        Row(
            str(number),
            (
                Cell(fmt.clock(each.at, millis=True), "muted", moment(each.at), f"{moment(each.at)} UTC"),
                Cell(fmt.price(pair, each.price), raw=pair.price_text(each.price)),
                Cell(fmt.quantity(pair, each.qty), raw=pair.qty_text(each.qty)),
                Cell(fmt.quantity(pair, each.used), "accent", pair.qty_text(each.used)),
            ),
        )
        for number, each in enumerate(prints)
    )


def moment(at: int) -> str:
    """Return an instant with its date and milliseconds, UTC."""
    return f"{fmt.date_clock(at)}.{at % NANOS_PER_SECOND // 1_000_000:03d}"


def span(nanos: int) -> str:
    """Return a span with the precision that matters: 0 ms, 45 ms, 12.3 s, 3 min 5 s, 2 h 5 min."""
    if nanos < NANOS_PER_SECOND:
        return f"{nanos / 1_000_000:.3g} ms"
    if nanos < 60 * NANOS_PER_SECOND:
        return f"{nanos / NANOS_PER_SECOND:.1f} s"
    seconds = nanos // NANOS_PER_SECOND
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


# -- sentences and single facts --------------------------------------------------------------------------


def _taker_headline(pair: TradingPair, fill: OrderFilled, why: FillExplained) -> Sentence:
    arrival = why.arrival
    values = _values(pair, fill)
    if arrival.seen_at is None and arrival.at == arrival.sent_at:
        return say("Filled {qty} {base} at {price} as taker the moment it was sent.", **values)
    if arrival.seen_at is None:
        return say(
            "Filled {qty} {base} at {price} as taker the moment it arrived, {latency} after it was sent.",
            latency=span(arrival.at - arrival.sent_at),
            **values,
        )
    waited = span(arrival.seen_at - arrival.at)
    return say(
        "Filled {qty} {base} at {price} as taker the moment it came to the book, {waited} after it arrived.",
        waited=waited,
        **values,
    )


def _maker_headline(pair: TradingPair, fill: OrderFilled, why: FillExplained) -> Sentence:
    ahead, prints = why.arrival.ahead, why.prints
    values = {**_values(pair, fill), "waited": span(fill.at - rested_at(why.arrival, why.queue))}
    if why.rule == "through" and prints:
        return say(
            "Filled {qty} {base} at {price} as maker after {waited}: the market traded at {at}, beyond its price.",
            at=fmt.price(pair, prints[-1].price),
            **values,
        )
    if why.rule == "displayed":
        return say(
            "Filled {qty} {base} at {price} as maker after {waited}: the other side came to stand at its price.",
            **values,
        )
    if ahead is None:
        return say(
            "Filled {qty} {base} at {price} as maker after {waited} in the queue; "
            "nobody knows what was ahead of it at first.",
            **values,
        )
    return _queue_headline(fmt.quantity(pair, ahead) if ahead else "", len(prints), values)


def _queue_headline(ahead: str, prints: int, values: dict[str, str]) -> Sentence:
    if not ahead:
        return say(
            "Filled {qty} {base} at {price} as maker after {waited} in the queue: "
            "nobody was ahead of it, and a trade came.",
            **values,
        )
    if prints <= 1:
        return say(
            "Filled {qty} {base} at {price} as maker after {waited} in the queue: "
            "{ahead} was ahead of it, and one print went through to it.",
            ahead=ahead,
            **values,
        )
    return say(
        "Filled {qty} {base} at {price} as maker after {waited} in the queue: "
        "{ahead} was ahead of it, and {count} prints worked through to it.",
        ahead=ahead,
        count=f"{prints}+" if prints >= PRINTS else prints,
        **values,
    )


def _values(pair: TradingPair, fill: OrderFilled) -> dict[str, str]:
    return {"qty": fmt.quantity(pair, fill.qty), "base": pair.base.code, "price": fmt.price(pair, fill.price)}


def _money(pair: TradingPair, fill: OrderFilled, why: FillExplained | None) -> tuple[Fact, ...]:
    fee = f"{fmt.grouped(fmt.decimal_text(pair.quote.amount(fill.fee).normalize(EXACT)))} {pair.quote.code}"
    rate = "" if why is None else f" ({fmt.rate(Decimal(why.fee_rate))})"
    value = fmt.money(pair.quote, pair.notional(fill.price, fill.qty), 2)
    return (
        Fact(say("Role"), say("Maker") if fill.liquidity is Liquidity.MAKER else say("Taker")),
        Fact(say("Value"), f"{value} {pair.quote.code}"),
        Fact(say("Fee"), f"{fee}{rate}"),
    )


def slippage_text(pair: TradingPair, fill: OrderFilled, why: FillExplained) -> str | Sentence:
    """Return how much worse or better than its arrival mid a fill was."""
    found = slippage([(fill, why)], pair)
    if found is None:
        return say("not known: one side of the book was empty")
    if not found.money:
        return say("none: at the arrival mid")
    values = {
        "bps": fmt.grouped(f"{abs(found.bps):f}") if found.bps else "<0.01",
        "money": fmt.grouped(f"{abs(found.money):f}"),
        "quote": pair.quote.code,
    }
    if found.money > 0:
        return say("{bps} bps, {money} {quote} worse", **values)
    return say("{bps} bps, {money} {quote} better", **values)


def _price(pair: TradingPair, price: int | None) -> str:
    return fmt.DASH if price is None else fmt.price(pair, price)


def _half(pair: TradingPair, half_ticks: int) -> str:
    """Return a price of half ticks, exact."""
    whole, odd = divmod(half_ticks, 2)
    if not odd:
        return fmt.price(pair, whole)
    return fmt.grouped(fmt.decimal_text(EXACT.divide(pair.price(half_ticks), Decimal(2)).normalize(EXACT)))


def _part(pair: TradingPair, lots: int, tone: str, tip: Sentence) -> Cell:
    return Cell(fmt.quantity(pair, lots), tone, pair.qty_text(lots), tip) if lots else Cell("", raw="")
