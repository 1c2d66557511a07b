"""What an order would do if it were sent now, for the ticket; pure arithmetic, nothing is changed.

The taking part walks the displayed levels of the other side, as the exchange does; fees are counted level
by level and rounded up, where the exchange rounds fill by fill, so a fee may come out a unit or two
higher. Averages are exact fractions of a tick. Hidden and faster orders can make the truth differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.domain.account import Balance
from engine.domain.command import SubmitOrder
from engine.domain.market import Level
from engine.domain.number import Lots, Ticks, Units, ceil_div
from engine.domain.order import OrderType, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.commitment import IMMEDIATE
from engine.portfolio.lock import resting_lock

BPS = 10_000


@dataclass(frozen=True, slots=True)
class Funds:
    """What an account can pay with, and its rates, as far as one pair is concerned."""

    base: Balance
    quote: Balance
    maker: FeeRate
    taker: FeeRate
    position: Lots
    """The position of the pair, in lots."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What taking from one side of a book gives."""

    qty: Lots
    notional: Units
    fee: Units
    """At the taker's rate, rounded up level by level, in quote units."""
    best: Ticks | None
    worst: Ticks | None
    tick_lots: int
    """Sum of price x quantity."""

    @property
    def average(self) -> Fraction | None:
        """The average price in ticks; None if there is nothing to take."""
        return Fraction(self.tick_lots, self.qty) if self.qty else None

    @property
    def impact_bps(self) -> Fraction | None:
        """How much worse than the best price the average is, in basis points, never negative."""
        if self.best is None or self.average is None:
            return None
        return abs(self.average - self.best) * BPS / self.best


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """The consequences of an order; money in quote units."""

    pair: TradingPair
    side: Side
    taken: Walk
    """What would trade at once."""
    rests: Lots
    """What would stay in the book or wait for its trigger."""
    dropped: Lots
    """What would be cancelled for lack of liquidity or by its time in force."""
    taker_fee: Units
    maker_fee: Units
    """Of what rests, if it fills at its price."""
    total: Units
    """A buy: all it pays, with fees, if it fills; a sell: all it brings, less fees."""
    needed: Units
    """What must be free for it to be accepted, in units of `pays_with`."""
    missing: Units
    """How much of that is not there; 0 = it can be paid."""
    position: Lots
    """The position once all that trades and rests has filled."""
    below_minimum: bool
    """Whether it is worth less than the pair's minimum."""
    slices: int = 1
    """In how many slices what rests is shown, one after the other."""

    @property
    def fee(self) -> Units:
        """Both fees together."""
        return Units(self.taker_fee + self.maker_fee)

    @property
    def pays_with(self) -> str:
        """The asset that a buy (quote) or a sell (base) gives."""
        return self.pair.quote.code if self.side is Side.BUY else self.pair.base.code

    @property
    def average(self) -> Fraction | None:
        """The average price in ticks of what would trade at once."""
        return self.taken.average

    @property
    def impact_bps(self) -> Fraction | None:
        """How much worse than the best price that average is."""
        return self.taken.impact_bps

    @property
    def worst(self) -> Ticks | None:
        """The last price it would trade at, at once."""
        return self.taken.worst


def walk(pair: TradingPair, levels: Sequence[Level], side: Side, qty: int, limit: int | None, fee: FeeRate) -> Walk:
    """Take `qty` lots from the opposite `levels` (best first), no worse than `limit` ticks."""
    left, notional, fees, tick_lots, worst = qty, 0, 0, 0, None
    for level in levels:
        if not left or (limit is not None and (level.price > limit if side is Side.BUY else level.price < limit)):
            break
        part = min(left, level.qty)
        value = pair.notional(level.price, part)
        left, notional, fees = left - part, notional + value, fees + fee.of(value)
        tick_lots, worst = tick_lots + level.price * part, level.price
    best = levels[0].price if worst is not None else None
    return Walk(Lots(qty - left), Units(notional), Units(fees), best, worst, tick_lots)


def preview(
    order: SubmitOrder,
    pair: TradingPair,
    opposite: Sequence[Level],
    funds: Funds,
    last: Ticks | None = None,
    trigger: Ticks | None = None,
) -> OrderPreview:
    """Return what the order would do against the displayed `opposite` levels, best first.

    An order with a trigger is taken to wait (one that fires at once is the exchange's to see); what it will cost
    is reckoned at its limit, else at its stop price, else at `trigger`, where a trailing stop would fire now.
    """
    waits = order.order_type not in IMMEDIATE
    limit = None if order.order_type is OrderType.MARKET else order.price
    taken = walk(pair, () if waits or order.post_only else opposite, order.side, order.qty, limit, funds.taker)
    left = order.qty - taken.qty
    rest_price = limit or order.stop_price or trigger
    if order.tif is TimeInForce.FOK and left:
        taken, left = walk(pair, (), order.side, order.qty, limit, funds.taker), order.qty
    stays = waits or (rest_price is not None and order.tif in (TimeInForce.GTC, TimeInForce.GTD))
    rests, dropped = (left, 0) if stays else (0, left)
    resting = pair.notional(rest_price, rests) if rest_price is not None else Units(0)
    slices = ceil_div(rests, order.display_qty) if order.display_qty else 1
    maker_fee = _resting_fee(order, pair, funds, rest_price, rests)
    notional, fee = taken.notional + resting, taken.fee + maker_fee
    buys = order.side is Side.BUY
    needed = _needed(order, pair, taken, funds)
    free = funds.quote.free if buys else funds.base.free
    traded = taken.qty + rests
    reference = _reference(order, opposite, last)
    return OrderPreview(
        pair=pair,
        side=order.side,
        taken=taken,
        rests=Lots(rests),
        dropped=Lots(dropped),
        taker_fee=taken.fee,
        maker_fee=maker_fee,
        total=Units(notional + fee if buys else notional - fee),
        needed=needed,
        missing=Units(max(0, needed - free)),
        position=Lots(funds.position + traded if buys else max(0, funds.position - traded)),
        below_minimum=reference is not None and pair.notional(reference, order.qty) < pair.min_notional,
        slices=slices,
    )


def _resting_fee(order: SubmitOrder, pair: TradingPair, funds: Funds, price: Ticks | None, rests: int) -> Units:
    """Return the fee of what rests or waits: slice by slice of an iceberg, the taker's for a market order to be."""
    if price is None:
        return Units(0)
    rate = funds.taker if order.order_type not in IMMEDIATE and order.price is None else funds.maker
    if not order.display_qty:
        return rate.of(pair.notional(price, rests))
    whole, part = divmod(rests, order.display_qty)
    return Units(whole * rate.of(pair.notional(price, order.display_qty)) + rate.of(pair.notional(price, part)))


def _needed(order: SubmitOrder, pair: TradingPair, taken: Walk, funds: Funds) -> Units:
    """Return what must be free: a market buy pays its walk, one that waits to be a market order nothing until then."""
    if order.side is Side.BUY and order.price is None:
        return Units(taken.notional + taken.fee) if order.order_type is OrderType.MARKET else Units(0)
    return resting_lock(pair, order.side, order.price or 0, order.qty, funds.maker, funds.taker)


def _reference(order: SubmitOrder, opposite: Sequence[Level], last: Ticks | None) -> Ticks | None:
    """Return the price at which the minimum is judged."""
    if order.price is not None or order.stop_price is not None:
        return order.price or order.stop_price
    if order.order_type is OrderType.TRAILING_STOP:
        return last
    return opposite[0].price if opposite else last
