"""What a new price of an open order would mean, in sentences, before it is sent."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.amend import STOP_PRICE, TRAIL
from crs_desktop.viewmodels.chart_lines import Line, exit_at, profit_at, result_text
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.ticket_kind import TAKE_PROFITS
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Ticks
from engine.domain.order import OrderStatus, OrderType, Side
from engine.errors import InvalidInput


def consequences(desk: Desk, line: Line, at: Ticks) -> list[Sentence]:
    """Return how far from the market the price is, and the money and R of an order there."""
    pair = line.pair
    says = [away(desk, line, at)]
    stake = line.stake
    if line.field == STOP_PRICE and stake.stop == line.record.order.stop_price:
        risk = None  # the stop itself is what R counts in: it stays at one
    else:
        risk = stake.risk(line.side, at)
    profit = profit_at(desk, line, at)
    if profit is not None or risk is not None:
        says.append(say("{result} after fees", result=result_text(pair, profit, risk)))
    elif (found := exit_at(desk, line, at, line.record.left)) is not None:
        money = f"{fmt.money(pair.quote, found.money, 2)} {pair.quote.code}"
        words = "costs {money} with the fee" if line.side is Side.BUY else "brings {money} after the fee"
        says.append(Sentence(words, {"money": money}))
    if line.field == TRAIL:
        mark = desk.venue.trail_mark(line.order_id)
        if mark is not None:
            says.append(say("trails by {trail}", trail=fmt.price(pair, abs(mark - at))))
    return says


def away(desk: Desk, line: Line, at: Ticks) -> Sentence:
    """Return how far a price is from the last one, in percent."""
    last = desk.market_data.last_price(line.pair.symbol)
    if not last:
        return say("no price to compare with yet")
    bps = round((at - last) * 10_000 / last)
    return say("{percent} from the last price", percent=fmt.percent(bps))


def trouble(desk: Desk, line: Line, at: Ticks) -> Sentence | None:
    """Return that the order would trade, fire or be refused at once there; None if it would wait as it should."""
    if line.record.status is OrderStatus.PENDING:
        return _wrong_side(desk, line, at)
    if line.field == STOP_PRICE:
        return _fires(desk, line, at)
    if line.field == TRAIL or line.is_limit_of_stop:
        return None
    return _takes(desk, line, at)


def _takes(desk: Desk, line: Line, at: Ticks) -> Sentence | None:
    book = desk.market_data.book(line.pair.symbol)
    buys = line.side is Side.BUY
    best = book.best_ask if buys else book.best_bid
    if best is None or (at < best if buys else at > best):
        return None
    price = fmt.price(line.pair, best)
    if line.record.order.post_only:
        return say("Post-only: it would trade at once and be refused; the book is at {price}.", price=price)
    return say("It would trade at once, as taker: the book is at {price}.", price=price)


def _fires(desk: Desk, line: Line, at: Ticks) -> Sentence | None:
    last = desk.market_data.last_price(line.pair.symbol)
    if last is None:
        return None
    above = (line.side is Side.BUY) != (line.record.order.order_type in TAKE_PROFITS)
    if last < at if above else last > at:
        return None
    return say("It would fire at once: the last price is {last}.", last=fmt.price(line.pair, last))


def _wrong_side(desk: Desk, line: Line, at: Ticks) -> Sentence | None:
    """Return that a leg would go off as soon as its entry has filled."""
    record = line.record
    if record.starts_after is None or line.is_limit_of_stop:
        return None
    try:
        entry = desk.orders.record(record.starts_after).order
    except InvalidInput:
        return None
    start = entry.price or entry.stop_price
    if start is None:
        return None
    is_stop = record.order.order_type in (OrderType.STOP, OrderType.STOP_LIMIT)
    should_be_above = (line.side is Side.SELL) != is_stop
    if at > start if should_be_above else at < start:
        return None
    return say("It is on the wrong side of the entry, {entry}.", entry=fmt.price(line.pair, start))
