"""The record of why an order filled, or has not yet, told as plain values: for people, and as JSON.

Prices and quantities as text on the pair's grid. Slippage is against the mid price at arrival: positive is worse than
the mid; basis points with two decimals, money exact, in the quote asset.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from engine.domain.event import OrderFilled
from engine.domain.number import EXACT
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.domain.why import Arrival, FillExplained, Place, PrintUsed, QueueStep, WaitExplained

RULES = {
    "crossed": "It met an order in the book when it arrived.",
    "taken": "It took what the feed displayed when it arrived.",
    "queue": "It was next in line at its price, and a trade came.",
    "through": "The market traded beyond its price, which must have met it first.",
    "displayed": "The other side of the feed's book came to stand at its price or beyond.",
}
"""What the matcher's words mean."""

CANCELLED = {
    "user": "It was cancelled as asked.",
    "ioc": "It was immediate-or-cancel: what did not trade at once was cancelled.",
    "no_liquidity": "A market order takes what there is; the book had no more, so the rest was cancelled.",
    "stp": "It would have traded with an order of the same account; self-trade prevention cancelled it.",
    "oco": "Another order of its list traded, fired or ended, so this one was cancelled.",
    "insufficient_funds": "It could not be paid for when its turn came, so it was cancelled.",
}
"""Why an order ended, by the reason in its record."""

HALF_BPS = 10_000
CENT = Decimal("0.01")


class Slippage(NamedTuple):
    """How much worse than the arrival mid."""

    bps: Decimal
    money: Decimal

    def text(self, quote: str) -> str:
        """Return it in words."""
        if not self.money:
            return "at the arrival mid"
        worse = "worse" if self.money > 0 else "better"
        return f"{abs(self.bps)} bps ({abs(self.money):f} {quote}) {worse} than the arrival mid"


def slippage(fills: Sequence[tuple[OrderFilled, FillExplained]], pair: TradingPair) -> Slippage | None:
    """Return how much worse than their arrival mids fills were together; None if a mid is not known."""
    half_ticks = base = 0
    for fill, why in fills:
        each, mid = why.slippage_half_ticks(fill.price, buys=fill.side is Side.BUY), why.arrival.mid_half_ticks
        if each is None or mid is None:
            return None
        half_ticks += each * fill.qty
        base += mid * fill.qty
    if not base:
        return None
    bps = (Decimal(half_ticks) * HALF_BPS / Decimal(base)).quantize(CENT)
    money = EXACT.divide(pair.quote.amount(half_ticks * pair.notional_unit), Decimal(2))
    return Slippage(bps, money.normalize(EXACT))


def fill_told(fill: OrderFilled, why: FillExplained | None, pair: TradingPair) -> dict[str, Any]:
    """Return one fill and its whole record; fills of earlier versions have none."""
    told: dict[str, Any] = {
        "trade_id": fill.trade_id,
        "at": fill.at,
        "price": pair.price_text(fill.price),
        "qty": pair.qty_text(fill.qty),
        "fee": pair.quote.text(fill.fee),
        "liquidity": str(fill.liquidity),
        "why": None,
    }
    if why is not None:
        found = slippage([(fill, why)], pair)
        told["why"] = {
            "rule": why.rule,
            "text": RULES[why.rule],
            "fee_rate": why.fee_rate,
            "latency_ns": why.arrival.at - why.arrival.sent_at,
            "slippage_bps": None if found is None else format(found.bps, "f"),
            "slippage": None if found is None else format(found.money, "f"),
            "arrival": arrival_told(why.arrival, pair),
            "queue": queue_told(why.queue, pair),
            "prints": prints_told(why.prints, pair),
        }
    return told


def wait_told(wait: WaitExplained, pair: TradingPair) -> dict[str, Any]:
    """Return what is known of an order that is open."""
    return {
        "sent_at": wait.sent_at,
        "arrival": None if wait.arrival is None else arrival_told(wait.arrival, pair),
        "queue": queue_told(wait.queue, pair),
        "prints": prints_told(wait.prints, pair),
    }


def arrival_told(arrival: Arrival, pair: TradingPair) -> dict[str, Any]:
    """Return the market that an order met."""
    return {
        "sent_at": arrival.sent_at,
        "at": arrival.at,
        "seen_at": arrival.at if arrival.seen_at is None else arrival.seen_at,
        "bid": _price(arrival.bid, pair),
        "ask": _price(arrival.ask, pair),
        "last": _price(arrival.last, pair),
        "ahead": None if arrival.ahead is None else pair.qty_text(arrival.ahead),
        "opposite": [
            {
                "price": pair.price_text(level.price),
                "qty": pair.qty_text(level.qty),
                "consumed": pair.qty_text(level.consumed),
            }
            for level in arrival.opposite
        ],
    }


def queue_told(steps: Sequence[QueueStep], pair: TradingPair) -> list[dict[str, Any]]:
    """Return what was ahead from when on."""
    return [{"at": step.at, "ahead": pair.qty_text(step.ahead)} for step in steps]


def prints_told(prints: Sequence[PrintUsed], pair: TradingPair) -> list[dict[str, Any]]:
    """Return the prints that filled an order or shortened the queue before it."""
    return [
        {
            "at": each.at,
            "price": pair.price_text(each.price),
            "qty": pair.qty_text(each.qty),
            "used": pair.qty_text(each.used),
        }
        for each in prints
    ]


def place_told(place: Place, pair: TradingPair) -> dict[str, Any]:
    """Return where an order stands in its queue."""
    return {
        "ahead": None if place.ahead is None else pair.qty_text(place.ahead),
        "behind": pair.qty_text(place.behind),
        "level_qty": pair.qty_text(place.level_qty),
        "is_estimate": place.is_estimate,
    }


def place_text(place: Place, pair: TradingPair) -> str:
    """Return where an order stands, in a sentence."""
    if place.ahead is None:
        return "The feed does not show its price yet, so nobody knows what is ahead of it."
    known = "By estimate" if place.is_estimate else "Exactly"
    return (
        f"{known} {pair.qty_text(place.ahead)} {pair.base.code} ahead of it and {pair.qty_text(place.behind)} behind, "
        f"of {pair.qty_text(place.level_qty)} at its price."
    )


def distance_text(buys: bool, price: int, best: int | None, pair: TradingPair) -> str:
    """Return how far the market is from an order's limit; `best` is the other side's best price."""
    if best is None:
        return "Nobody stands on the other side now."
    ticks = best - price if buys else price - best
    side = "ask" if buys else "bid"
    if ticks <= 0:
        return f"The best {side} is {pair.price_text(best)}: the order would trade now."
    bps = (Decimal(ticks) * HALF_BPS / Decimal(price)).quantize(CENT)
    return f"The best {side} is {pair.price_text(best)}, {pair.price_text(ticks)} ({bps} bps) away."


def _price(price: int | None, pair: TradingPair) -> str | None:
    return None if price is None else pair.price_text(price)
