"""Whether an order is sound: every reason of ENGINE.md, in its documented order, with a sentence.

`shape_fault` needs nothing but the order, its pair's grid and the time; the others look at the book and
the account. A command that was read from text brings the faults the reader found; the gravest of all
faults, by the order of the members of `Reason`, is the answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.command import AmendOrder, Fault, SubmitOrder
from engine.domain.order import OrderType, Reason, SelfTrade, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange import sentences
from engine.exchange.account import Account
from engine.exchange.floor import Floor
from engine.exchange.form import form_text, type_name
from engine.exchange.market import Market, meetings
from engine.exchange.order import STOPPED, WorkingOrder
from engine.matching.book import MatchingBook
from engine.matching.selftrade import LEAVES
from engine.matching.trailing import BPS
from engine.portfolio.lock import resting_lock

RANK: dict[Reason, int] = {reason: rank for rank, reason in enumerate(Reason)}
"""Lower is graver."""

TRAIL_SIZE = "The trailing distance must be positive, and for a sell less than the whole price."
INFINITY = float("inf")


def gravest(faults: list[Fault]) -> Fault | None:
    """Return the fault that is reported when there are several."""
    return min(faults, key=lambda fault: RANK[fault.reason]) if faults else None


def is_contract(symbol: str) -> bool:
    """Whether a symbol is that of a perpetual contract: those are shown, not traded."""
    return ":" in symbol


def no_market(symbol: str) -> Fault:
    """Return the fault of an order in a pair that is not listed."""
    if is_contract(symbol):
        return Fault(Reason.UNKNOWN_SYMBOL, f"{symbol} is a perpetual contract: it is shown here, not traded.")
    return Fault(Reason.UNKNOWN_SYMBOL, f"{symbol} is not traded here.")


def used_id(order_id: str) -> Fault:
    """Return the fault of an order whose id was used before."""
    return Fault(Reason.DUPLICATE_ID, f"The id {order_id} was used before, for another order.")


def shape_fault(order: SubmitOrder, now: int) -> Fault | None:
    """Return what is wrong with the order's own fields at an instant, None if nothing is."""
    if _is_plain(order):
        return None
    faults = list(order.faults)
    text = form_text(order, now)
    if text is not None:
        faults.append(Fault(Reason.BAD_ORDER, text))
    if order.qty <= 0:
        faults.append(Fault(Reason.BAD_QUANTITY, "The quantity must be positive."))
    if order.display_qty is not None and not 0 < order.display_qty <= order.qty:
        text = "The displayed quantity must be positive and at most the whole quantity."
        faults.append(Fault(Reason.BAD_QUANTITY, text))
    if order.price is not None and order.price <= 0:
        faults.append(Fault(Reason.BAD_PRICE, "The price must be positive."))
    faults += _trigger_faults(order)
    return gravest(faults)


def _trigger_faults(order: SubmitOrder) -> Iterator[Fault]:
    if order.stop_price is not None and order.stop_price <= 0:
        yield Fault(Reason.BAD_STOP, "The stop price must be positive.")
    elif order.stop_price is None and order.order_type in STOPPED:
        yield Fault(Reason.BAD_STOP, f"A {type_name(order.order_type)} order needs a stop price.")
    if order.trail is not None and order.trail <= 0:
        yield Fault(Reason.BAD_STOP, TRAIL_SIZE)
    if order.trail_bps is not None and not 0 < order.trail_bps < (BPS if order.side is Side.SELL else INFINITY):
        yield Fault(Reason.BAD_STOP, TRAIL_SIZE)


def _is_plain(order: SubmitOrder) -> bool:
    """Whether it is one of the sound limit orders that most orders are; the full checks would agree."""
    return (
        order.order_type is OrderType.LIMIT
        and not order.faults
        and order.qty > 0
        and order.price is not None
        and order.price > 0
        and order.tif is not TimeInForce.GTD
        and order.stop_price is None
        and order.expire_ts is None
        and order.display_qty is None
        and order.trail is None
        and order.trail_bps is None
    )


def market_fault(order: SubmitOrder, account: Account, market: Market, *, later: bool = False) -> Fault | None:
    """Return what the book and the position have against a well-formed order; `later` is one that only starts later."""
    pair, book = market.pair, market.book
    reference = _reference(order, market)
    if reference is not None:
        notional = pair.notional(reference, order.qty)
        if notional < pair.min_notional:
            return Fault(Reason.MIN_NOTIONAL, sentences.below_minimum(notional, pair))
    if order.reduce_only and (fault := reducing_fault(order.side, order.qty, account, pair, later=later)):
        return fault
    if not book.is_trusted and needs_book(order):
        return Fault(Reason.NO_BOOK, sentences.no_book(pair))
    if order.order_type is not OrderType.LIMIT:
        return None
    price = order.price or 0
    if order.post_only and (fault := taking_fault(order.side == "buy", price, market)):
        return fault
    if order.tif is TimeInForce.FOK:
        there = fillable(order, book)
        if there < order.qty:
            return Fault(Reason.FOK_NOT_FILLABLE, sentences.not_fillable(order.qty, there, pair))
    return None


def needs_book(order: SubmitOrder) -> bool:
    """Whether an order can only be judged by what stands in the book when it arrives."""
    if order.order_type is OrderType.LIMIT:
        return order.post_only or order.tif in (TimeInForce.IOC, TimeInForce.FOK)
    return order.order_type is OrderType.MARKET


def _reference(order: SubmitOrder, market: Market) -> int | None:
    """Return the price at which the minimum is judged."""
    book = market.book
    if order.price is not None or order.stop_price is not None:
        return order.price or order.stop_price
    if order.order_type is OrderType.TRAILING_STOP:
        return book.last_price
    return (book.best_ask if order.side == "buy" else book.best_bid) or book.last_price


def reducing_fault(side: Side, qty: int, account: Account, pair: TradingPair, *, later: bool) -> Fault | None:
    """Return why a reduce-only order would not only reduce; what starts later is judged by what is free then."""
    if side is Side.BUY:
        return Fault(Reason.REDUCE_ONLY, "Reduce-only: on spot a buy never reduces what you hold.")
    held = account.held(pair.base.code)
    if later or pair.base_units(qty) <= held:
        return None
    return Fault(Reason.REDUCE_ONLY, sentences.more_than_held(pair.base_units(qty), held, pair))


def taking_fault(is_buy: bool, price: int, market: Market) -> Fault | None:
    """Return why a post-only order must not stand at `price`."""
    best = market.book.best_ask if is_buy else market.book.best_bid
    if best is None or (price < best if is_buy else price > best):
        return None
    text = sentences.would_take("buy" if is_buy else "sell", price, best, market.pair)
    return Fault(Reason.POST_ONLY_WOULD_TAKE, text)


def fillable(order: SubmitOrder, book: MatchingBook) -> int:
    """Return how many lots a fill-or-kill order would get, at most its quantity.

    Own orders count only if trading with oneself is allowed. A mode that cancels the taker ends the
    walk at the first own order: from there on the order would fill no further.
    """
    there = 0
    for maker, qty in meetings(book, order.side == "buy", order.price):
        if there >= order.qty:
            break
        own = isinstance(maker, WorkingOrder) and maker.account.account_id == order.account
        if own and order.stp is not SelfTrade.NONE:
            if LEAVES[order.stp].taker:
                break
            continue
        there += qty
    return min(there, order.qty)


def funds_fault(order: SubmitOrder, account: Account, market: Market, rates: tuple[FeeRate, FeeRate]) -> Fault | None:
    """Return why the account cannot carry the order."""
    pair = market.pair
    if order.side == "buy" and order.price is None:
        if order.order_type is not OrderType.MARKET:
            return None  # a market-type buy locks nothing while it waits
        return _short(Floor.market_cost(market, order.qty, rates[1]), account, pair, True)
    need = resting_lock(pair, order.side, order.price or 0, order.qty, *rates)
    return _short(need, account, pair, order.side == "buy")


def _short(need: int, account: Account, pair: TradingPair, is_buy: bool, locked: int = 0) -> Fault | None:
    free = account.free(pair.quote.code if is_buy else pair.base.code) + locked
    if need <= free:
        return None
    sentence = sentences.missing_quote if is_buy else sentences.missing_base
    return Fault(Reason.INSUFFICIENT_FUNDS, sentence(need, free, pair))


def amend_fault(order: WorkingOrder, command: AmendOrder, market: Market) -> Fault | None:
    """Return why an open order must not be changed so."""
    pair = market.pair
    filled = order.qty - order.left
    if (fault := gravest([*command.faults, *_amend_faults(order, command)])) is not None:
        return fault
    qty, price, stop = amended(order, command)
    if (qty, price, stop) == (order.qty, order.price, order.stop) and command.trail in (None, order.trail):
        return None  # it changes nothing, so nothing can be against it
    reference = price if order.has_limit else stop if stop else market.book.last_price
    if reference is not None:
        notional = pair.notional(reference, qty)
        if notional < pair.min_notional:
            return Fault(Reason.MIN_NOTIONAL, sentences.below_minimum(notional, pair))
    if order.is_pending:
        return None
    if order.command.reduce_only:
        fault = reducing_fault(order.command.side, qty - filled, order.account, pair, later=False)
        if fault is not None:
            return fault
    if order.command.post_only and (fault := taking_fault(order.is_buy, price, market)):
        return fault
    mate = order.lock_mate.locked if order.lock_mate is not None else 0
    held, need = max(order.locked, mate), max(order.lock_for(price, qty - filled), mate)
    return _short(need, order.account, pair, order.is_buy, held) if need > held else None


def _amend_faults(order: WorkingOrder, command: AmendOrder) -> Iterator[Fault]:
    pair, filled = order.pair, order.qty - order.left
    not_fired = order.is_waiting or order.is_pending
    if command.price is not None and not order.has_limit:
        yield Fault(Reason.BAD_ORDER, "The order has no limit price to change.")
    if command.stop_price is not None and not (not_fired and order.stop):
        yield Fault(Reason.BAD_ORDER, "The order waits for no stop price that could be changed.")
    if command.trail is not None and not (not_fired and order.trail):
        yield Fault(Reason.BAD_ORDER, "The order trails by no price distance that could be changed.")
    if command.qty is not None and order.list is not None and order.order_id != order.list.entry_id:
        yield Fault(Reason.BAD_ORDER, "The quantity of a leg belongs to its list; cancel the list and send another.")
    if command.qty is not None and command.qty <= filled:
        yield Fault(Reason.BAD_QUANTITY, f"The new total must exceed the {pair.qty_text(filled)} filled.")
    if command.price is not None and command.price <= 0:
        yield Fault(Reason.BAD_PRICE, "The price must be positive.")
    if command.stop_price is not None and command.stop_price <= 0:
        yield Fault(Reason.BAD_STOP, "The stop price must be positive.")
    if command.trail is not None and command.trail <= 0:
        yield Fault(Reason.BAD_STOP, TRAIL_SIZE)


def amended(order: WorkingOrder, command: AmendOrder) -> tuple[int, int, int]:
    """Return total quantity, limit and stop price as they would be after the amend."""
    return (
        order.qty if command.qty is None else command.qty,
        order.price if command.price is None else command.price,
        order.stop if command.stop_price is None else command.stop_price,
    )
