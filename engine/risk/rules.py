"""The rules of the pre-trade gate, as data: what each is called, what it promises, and how it judges.

A rule answers with half a sentence that holds the exact figures, or None. The gate puts "Not sent:" before it and
where the limit can be changed behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.asset import Asset
from engine.domain.number import Units, ceil_div
from engine.domain.order import OrderType, Side
from engine.risk.intent import Intent, RiskContext, currency_of, price_of, reference_of, value_of

BPS = 10_000
"""One whole in basis points."""


class Unit(StrEnum):
    """What a limit is measured in."""

    BASE = "base"
    MONEY = "money"
    COUNT = "count"
    BPS = "bps"


@dataclass(slots=True)
class Standing:
    """How the account stands today, as last valued; None while it is not known."""

    day_pnl: Units | None = None
    drawdown: Units | None = None
    """How far it is below the day's best value."""


Judge = Callable[[Intent, RiskContext, Standing, int], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `key` is the name of its limit."""

    key: str
    title: str
    sentence: str
    unit: Unit
    judge: Judge
    for_one_pair: bool = True
    """Whether it can be set for a single pair; else only for an account or for everybody."""


def _order_qty(intent: Intent, context: RiskContext, _: Standing, limit: int) -> str | None:
    base, units = context.pair.base, context.pair.base_units(intent.qty)
    if units <= limit:
        return None
    return f"{money(units, base)} exceeds your limit of {figure(limit, base)} per order."


def _order_value(intent: Intent, context: RiskContext, _: Standing, limit: int) -> str | None:
    value = value_of(intent.qty, price_of(intent, context), context)
    if value is None or value <= limit:
        return None
    asset = currency_of(context)
    return f"{money(value, asset)} exceeds your limit of {figure(limit, asset)} per order."


def _price(intent: Intent, context: RiskContext, _: Standing, limit: int) -> str | None:
    market = reference_of(intent, context)
    swept = context.worst if intent.order_type is OrderType.MARKET else None
    asked = intent.price if intent.price is not None else swept
    if market is None or market <= 0 or asked is None:  # the venue refuses a price of 0 itself
        return None
    buys = intent.side is Side.BUY
    beyond = asked - market if buys else market - asked
    if beyond * BPS <= limit * market:
        return None
    pair, way = context.pair, "above" if buys else "below"
    how = "" if intent.price is not None else "by walking the book it trades to "
    there = " is" if intent.price is not None else ","
    return (
        f"{how}{grouped(pair.price_text(asked))}{there} {percent(ceil_div(beyond * BPS, market))} {way} the market "
        f"({grouped(pair.price_text(market))}); your limit is {percent(limit)}."
    )


def _open_orders(intent: Intent, context: RiskContext, _: Standing, limit: int) -> str | None:
    if not intent.is_new or not intent.may_rest or context.open_orders < limit:
        return None
    return f"{context.open_orders:,} orders are open, your limit is {limit:,}."


def _order_rate(intent: Intent, context: RiskContext, _: Standing, limit: int) -> str | None:
    if not intent.is_new or intent.reduces or context.orders_last_minute < limit:
        return None
    return f"{context.orders_last_minute:,} orders were taken in the last minute, your limit is {limit:,}."


def _position(intent: Intent, context: RiskContext, _: Standing, limit: int) -> str | None:
    if intent.side is Side.SELL or intent.reduces:
        return None
    value = value_of(context.held + context.buying + intent.left, price_of(intent, context), context)
    if value is None or value <= limit:
        return None
    asset = currency_of(context)
    return (
        f"with what you hold and are buying it makes {money(value, asset)} of {context.pair.base.code}, "
        f"more than your limit of {figure(limit, asset)} per position."
    )


def _exposure(intent: Intent, context: RiskContext, _: Standing, limit: int) -> str | None:
    if intent.side is Side.SELL or intent.reduces or context.exposure is None:
        return None
    held, more = context.exposure(), value_of(intent.left, price_of(intent, context), context)
    if held is None or more is None or held + more <= limit:
        return None
    asset = currency_of(context)
    return (
        f"with all that you hold and are buying it makes {money(held + more, asset)}, "
        f"more than your limit of {figure(limit, asset)} in all pairs."
    )


def _daily_loss(intent: Intent, context: RiskContext, standing: Standing, limit: int) -> str | None:
    pnl = context.day_pnl if context.day_pnl is not None else standing.day_pnl
    if pnl is None or intent.reduces or -pnl < limit or pnl >= 0:
        return None
    asset = currency_of(context)
    return f"you lost {money(-pnl, asset)} today, your limit is {figure(limit, asset)}; selling still works."


def _drawdown(intent: Intent, context: RiskContext, standing: Standing, limit: int) -> str | None:
    fallen = standing.drawdown
    if fallen is None or intent.reduces or fallen < limit or fallen <= 0:
        return None
    asset = currency_of(context)
    return (
        f"you are {money(fallen, asset)} below today's best, your limit is {figure(limit, asset)}; selling still works."
    )


RULES = (
    Rule("max_order_qty", "Largest quantity", "The largest quantity of one order.", Unit.BASE, _order_qty),
    Rule("max_order_value", "Largest order", "The highest value of one order.", Unit.MONEY, _order_value),
    Rule(
        "max_price_deviation_bps",
        "Distance from the market",
        "How far an order may trade on the costly side of the market.",
        Unit.BPS,
        _price,
    ),
    Rule("max_open_orders", "Open orders", "How many orders may be open at once.", Unit.COUNT, _open_orders, False),
    Rule(
        "max_orders_per_minute",
        "Orders per minute",
        "How many orders are taken within a minute; what only reduces passes.",
        Unit.COUNT,
        _order_rate,
        False,
    ),
    Rule("max_position_value", "Largest position", "The highest value held in one pair.", Unit.MONEY, _position),
    Rule("max_exposure", "Exposure", "The highest value held in all pairs together.", Unit.MONEY, _exposure, False),
    Rule(
        "max_daily_loss",
        "Daily loss",
        "The loss of a day after which only what reduces passes.",
        Unit.MONEY,
        _daily_loss,
        False,
    ),
    Rule(
        "max_drawdown",
        "Drawdown",
        "How far the account may fall from the day's best value before only what reduces passes.",
        Unit.MONEY,
        _drawdown,
        False,
    ),
)
"""In the order in which they are asked; the first that objects answers."""


# Figures


def grouped(text: str) -> str:
    """Return plain decimal text with thousands apart and no idle zeros."""
    found = f"{Decimal(text):,f}"
    return found.rstrip("0").rstrip(".") if "." in found else found


def figure(units: int, asset: Asset) -> str:
    """Return an exact amount without its asset."""
    return grouped(asset.text(units))


def money(units: int, asset: Asset) -> str:
    """Return an exact amount with its asset."""
    return f"{figure(units, asset)} {asset.code}"


def percent(bps: int) -> str:
    """Return basis points as percent."""
    return f"{grouped(f'{bps // 100}.{bps % 100:02}')} %"
