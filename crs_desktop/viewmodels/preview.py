"""What an order would do if it were sent now: price, cost, fee, impact and what it leaves.

It walks the displayed book as the exchange will, so on an unchanged book the figures are those of the
fills. A part that rests is counted at its limit with the maker's fee.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crs_desktop.viewmodels.sizing import Walk, held_lots, walk
from engine.domain.market import Level
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import Liquidity, OrderType, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair


@dataclass(frozen=True, slots=True)
class Terms:
    """An order on the grid, and what it meets."""

    pair: TradingPair
    side: Side
    order_type: OrderType
    tif: TimeInForce
    lots: Lots
    price: Ticks | None
    stop_price: Ticks | None
    maker: FeeRate
    taker: FeeRate
    opposite: Sequence[Level]
    """The levels it would trade with, best first."""
    base_total: int
    """Base units held, locked ones included."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The consequences; money in quote units, quantities in lots."""

    now: Walk
    """What trades on arrival."""
    rests: Lots
    """What waits in the book, or for its trigger."""
    dropped: Lots
    """What finds nobody and is cancelled."""
    value: Units
    """Notional of everything that trades or rests."""
    fee: Units
    liquidity: tuple[Liquidity, ...]
    average_ticks: float | None
    impact_bps: float | None
    """How far the average fill on arrival is from the best price."""
    held_before: Lots
    held_after: Lots
    is_estimate: bool
    """Whether it waits for a trigger: the fill price is not known yet."""

    @property
    def total(self) -> Units:
        """What a buy costs with its fee."""
        return Units(self.value + self.fee)

    @property
    def proceeds(self) -> Units:
        """What a sell brings after its fee."""
        return Units(self.value - self.fee)


def preview(terms: Terms) -> Preview:
    """Work the consequences out."""
    if terms.order_type in (OrderType.STOP, OrderType.STOP_LIMIT):
        return _triggered(terms)
    pair, lots = terms.pair, terms.lots
    limit = terms.price if terms.order_type is OrderType.LIMIT else None
    now = walk(pair, terms.side, terms.opposite, lots, terms.taker, limit)
    if terms.tif is TimeInForce.FOK and now.lots < lots:
        now = Walk(0, 0, Units(0), None)
    left = Lots(lots - now.lots)
    rests = left if limit is not None and terms.tif is TimeInForce.GTC else Lots(0)
    resting_value = pair.notional(limit, rests) if limit is not None else Units(0)
    tick_lots = now.tick_lots + (limit * rests if limit is not None else 0)
    counted = now.lots + rests
    liquidity = ((Liquidity.TAKER,) if now.lots else ()) + ((Liquidity.MAKER,) if rests else ())
    return Preview(
        now=now,
        rests=rests,
        dropped=Lots(left - rests),
        value=Units(now.tick_lots * pair.notional_unit + resting_value),
        fee=Units(now.fee + (terms.maker.of(resting_value) if rests else 0)),
        liquidity=liquidity,
        average_ticks=tick_lots / counted if counted else None,
        impact_bps=_impact(terms, now),
        is_estimate=False,
        **_holding(terms, counted),
    )


def _triggered(terms: Terms) -> Preview:
    price = terms.price if terms.order_type is OrderType.STOP_LIMIT else terms.stop_price
    value = terms.pair.notional(price, terms.lots) if price is not None else Units(0)
    return Preview(
        now=Walk(0, 0, Units(0), None),
        rests=terms.lots,
        dropped=Lots(0),
        value=value,
        fee=terms.taker.of(value),
        liquidity=(Liquidity.TAKER,),
        average_ticks=float(price) if price is not None else None,
        impact_bps=None,
        is_estimate=True,
        **_holding(terms, terms.lots),
    )


def _impact(terms: Terms, now: Walk) -> float | None:
    if not now.lots:
        return None
    best = terms.opposite[0].price
    return abs(now.tick_lots - best * now.lots) * 10_000 / (best * now.lots)


def _holding(terms: Terms, counted: int) -> dict[str, Lots]:
    held = held_lots(terms.pair, terms.base_total)
    after = held + counted if terms.side is Side.BUY else held - counted
    return {"held_before": held, "held_after": Lots(after)}
