"""The three faces of the size, kept in step: base quantity, quote value, share of the free funds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.sizing import lots_for_value
from crs_desktop.viewmodels.ticket_form import Lead, TicketForm, floor_lots, floor_units, read_size
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.market import Level
from engine.domain.number import EXACT, Lots, Ticks, Units
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.preview import walk
from engine.portfolio.size import size_at_price, size_by_walking, size_to_sell

SLACK_BPS = 5
"""What a market buy by share leaves free, so that a price that moves meanwhile does not refuse it."""
NO_LOTS = Lots(0)
_PLENTY = Lots(10**30)


@dataclass(frozen=True, slots=True)
class Sized:
    """A size in all its faces; texts of the faces that were not typed, empty if unknown."""

    lots: Lots = NO_LOTS
    value: Decimal | None = None
    percent: Decimal | None = None
    base_text: str = ""
    quote_text: str = ""
    percent_text: str = ""
    rounding: Sentence | None = None
    problem: Sentence | None = None


def size(
    form: TicketForm,
    pair: TradingPair,
    *,
    at_market: bool,
    price: Ticks | None,
    opposite: Sequence[Level],
    last: int | None,
    base_free: Units,
    quote_free: Units,
    maker: FeeRate,
    taker: FeeRate,
) -> Sized:
    """Return what the typed size means, `at_market` or at the `price` at which it will trade."""
    typed, wrong = read_size(form.size_text)
    if typed is None:
        return Sized(problem=wrong)
    levels: Sequence[Level] = opposite
    if not at_market:
        if price is None:
            if form.lead is not Lead.BASE:
                return Sized(problem=say("Enter a price to turn the size into {base}.", base=pair.base.code))
            levels = ()
        else:
            levels = (Level(price, _PLENTY),)
    elif not levels and last is not None:
        levels = (Level(Ticks(last), _PLENTY),)
    higher = taker if maker < taker else maker
    sell = form.side is Side.SELL
    if form.lead is Lead.BASE:
        lots = Lots(floor_lots(pair, typed))
    elif form.lead is Lead.QUOTE:
        lots = lots_for_value(pair, levels, floor_units(typed, pair.quote.decimals))
    elif typed > 100:
        return Sized(problem=say("There is no more than 100%."))
    else:
        free = base_free if sell else quote_free
        part = int(EXACT.divide_int(EXACT.multiply(Decimal(free), typed), Decimal(100)))
        if sell:
            lots = size_to_sell(pair, part).qty
        elif at_market:
            part = min(part, free * (10_000 - SLACK_BPS) // 10_000)
            lots = size_by_walking(pair, part, levels, taker).qty
        else:
            lots = size_at_price(pair, part, price, higher).qty if price is not None else NO_LOTS
    if lots <= 0:
        return Sized(problem=_too_small(form.lead, pair, sell, typed))
    return _faces(form, pair, typed, lots, levels, base_free if sell else quote_free, sell, taker)


def _too_small(lead: Lead, pair: TradingPair, sell: bool, wanted: Decimal) -> Sentence:
    least = f"{fmt.decimal_text(pair.lot)} {pair.base.code}"
    if lead is Lead.PERCENT:
        if sell:
            return say("You have no free {base} to sell. Spot has no short positions.", base=pair.base.code)
        return say("Your free {quote} does not pay for {least}.", quote=pair.quote.code, least=least)
    if lead is Lead.QUOTE:
        return say("{value} {quote} is less than the smallest step, {least}.",
                   value=fmt.decimal_text(wanted), quote=pair.quote.code, least=least)  # fmt: skip
    return say("The smallest step is {least}.", least=least)


def _faces(
    form: TicketForm,
    pair: TradingPair,
    typed: Decimal,
    lots: Lots,
    levels: Sequence[Level],
    free: Units,
    sell: bool,
    taker: FeeRate,
) -> Sized:
    walked = walk(pair, levels, form.side, lots, None, taker)
    value: Decimal | None = None
    percent: Decimal | None = None
    if walked.qty == lots:
        units = walked.notional
        value = pair.quote.amount(units).quantize(Decimal("0.01"), ROUND_DOWN)
        used = pair.base_units(lots) if sell else Units(units + walked.fee)
        percent = (Decimal(used) * 100 / free).quantize(Decimal("0.1"), ROUND_DOWN) if free else None
    elif sell and free:
        percent = (Decimal(pair.base_units(lots)) * 100 / free).quantize(Decimal("0.1"), ROUND_DOWN)
    return Sized(
        lots=lots,
        value=typed if form.lead is Lead.QUOTE else value,
        percent=typed if form.lead is Lead.PERCENT else percent,
        base_text=pair.qty_text(lots),
        quote_text=fmt.decimal_text(value) if value is not None else "",
        percent_text=fmt.decimal_text(percent) if percent is not None else "",
        rounding=_rounding(form.lead, pair, typed, lots, value),
    )


def _rounding(lead: Lead, pair: TradingPair, typed: Decimal, lots: Lots, value: Decimal | None) -> Sentence | None:
    exact = fmt.quantity(pair, lots)
    if lead is Lead.BASE and pair.qty(lots) != typed:
        return say("Rounded down: {size}", size=exact)
    if lead is Lead.QUOTE and value is not None and value != typed:
        return say("Rounded down: {size}", size=fmt.grouped(f"{value:.2f}"))
    return None
