"""Where realised profit, unrealised profit and the average price come from: sales, lots, prices, fees, formula.

Every number is a tree of terms (see `engine.portfolio.term`) that add up to it exactly, in units of the pair's
quote asset. Nothing is computed here a second time in another way: the terms are what the lot book did.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from engine.domain.asset import Asset
from engine.domain.number import Nanos, Ticks, Units
from engine.domain.order import LotMethod
from engine.domain.pair import TradingPair
from engine.portfolio.lots import Disposal, Lot, LotBook, PairLots, Piece
from engine.portfolio.term import Explanation, Term, gathered, instant, plain, total_of, trimmed

METHOD_WORDS = {
    LotMethod.FIFO: "first in, first out",
    LotMethod.LIFO: "last in, first out",
    LotMethod.HIFO: "highest cost first",
    LotMethod.AVERAGE: "average cost",
}

DEPOSITED = "Coins that came by deposit are in no lot, as nothing says what they cost: their sale moves no profit."


class Price(NamedTuple):
    """A price at which something is valued."""

    ticks: Ticks
    source: str
    """Where it was seen, e.g. `SIMULATED last`."""
    age: Nanos | None = None
    """How long before the valuation it was seen; None if that is not known."""

    def told(self, pair: TradingPair) -> str:
        """Return price, source and age in words."""
        age = "" if self.age is None else f", {self.age / 1e9:.1f} s old"
        return f"{pair.price_text(self.ticks)} ({self.source}{age})"


# -- realised ---------------------------------------------------------------------------------------


def realised(lots: PairLots, since: Nanos | None = None, until: Nanos | None = None) -> Explanation:
    """Explain the realised profit of a pair.

    Args:
        lots: of the pair.
        since: only sales from this instant on.
        until: only sales before this instant.
    """
    total = _realised(lots, since, until)
    return Explanation(
        title=f"Realised profit of {lots.pair.symbol}",
        formula="the sum over all sales of: proceeds - selling fee - cost of what was sold",
        asset=lots.pair.quote,
        total=total,
        shown=plain(lots.pair.quote, total.amount),
        method=lots.method,
        note=_beyond(lots.disposals),
    )


def realised_in(book: LotBook, quote: Asset, since: Nanos | None = None, until: Nanos | None = None) -> Explanation:
    """Explain the realised profit of all pairs that are quoted in one asset."""
    pairs = [lots for lots in book.pairs() if lots.pair.quote.code == quote.code and lots.disposals]
    total = total_of("Realised profit", [_realised(lots, since, until) for lots in pairs], _count(len(pairs), "pair"))
    return Explanation(
        title=f"Realised profit in {quote.code}",
        formula="the sum over all sales of all pairs of: proceeds - selling fee - cost of what was sold",
        asset=quote,
        total=total,
        shown=plain(quote, total.amount),
        method=book.method,
        note=_beyond([each for lots in pairs for each in lots.disposals]),
    )


def _realised(lots: PairLots, since: Nanos | None, until: Nanos | None) -> Term:
    sales = [
        each
        for each in lots.disposals
        if (since is None or each.fill.at >= since) and (until is None or each.fill.at < until)
    ]
    return Term(
        lots.pair.symbol,
        Units(sum(each.gain for each in sales)),
        _count(len(sales), "sale"),
        lambda: gathered(
            sales, lambda each: each.fill.at, lambda each: each.gain, lambda each: sale(lots.pair, each), "sales"
        ),
    )


def sale(pair: TradingPair, disposal: Disposal) -> Term:
    """Return what one sale gained, as a term."""
    fill = disposal.fill
    label = f"{instant(fill.at)} sold {_qty(pair, fill.qty)} at {pair.price_text(fill.price)}"
    how = f"proceeds - fee - cost; order {fill.order_id}, trade {fill.trade_id}"
    return Term(label, disposal.gain, how, lambda: _sale_parts(pair, disposal))


def _sale_parts(pair: TradingPair, disposal: Disposal) -> list[Term]:
    fill, quote = disposal.fill, pair.quote
    paid = f"{fill.liquidity} fee of trade {fill.trade_id}"
    parts: list[Term] = []
    if disposal.qty:
        parts.append(Term("Proceeds", disposal.proceeds, f"{_qty(pair, disposal.qty)} x {pair.price_text(fill.price)}"))
        if disposal.beyond:
            share = f"{pair.qty_text(disposal.qty)} / {pair.qty_text(fill.qty)}"
            paid += f": {plain(quote, fill.fee)} x {share}, rounded up"
        parts.append(Term("Selling fee", Units(-disposal.fee), paid))
        parts += [_piece(pair, piece) for piece in disposal.pieces]
    if disposal.beyond:
        parts.append(Term(f"{_qty(pair, disposal.beyond)} in no lot", Units(0), "came by deposit: no cost, no profit"))
    return parts


def _piece(pair: TradingPair, piece: Piece) -> Term:
    if piece.lot is None:
        label, source = (
            "Average cost",
            f"of a pool of {_qty(pair, piece.of_qty)} that cost {_money(pair, piece.of_cost)}",
        )
    else:
        label, source = f"Cost from lot {piece.lot.number}", bought(pair, piece.lot)
    if piece.qty == piece.of_qty:
        share = f"all {_qty(pair, piece.qty)} that was left of it"
    else:
        taken = f"{pair.qty_text(piece.qty)} / {pair.qty_text(piece.of_qty)}"
        share = f"{plain(pair.quote, piece.of_cost)} x {taken}, rounded up"
    return Term(label, Units(-piece.cost), f"{share}; {source}")


def bought(pair: TradingPair, lot: Lot) -> str:
    """Return how a lot came about, in words and numbers."""
    fill, quote = lot.fill, pair.quote
    cost = f"{_qty(pair, fill.qty)} x {pair.price_text(fill.price)} + {fill.liquidity} fee {plain(quote, fill.fee)}"
    return f"bought {instant(fill.at)}: {cost}; order {fill.order_id}, trade {fill.trade_id}"


# -- what is held -------------------------------------------------------------------------------------


def unrealised(lots: PairLots, price: Price) -> Explanation:
    """Explain what selling all that is held at a price would bring beyond its cost, before the selling fee."""
    pair = lots.pair
    worth = Term("Worth", pair.notional(price.ticks, lots.qty), f"{_qty(pair, lots.qty)} x {price.told(pair)}")
    total = total_of("Unrealised profit", [worth, _cost_held(lots, -1)], "worth - cost of what is held")
    return Explanation(
        title=f"Unrealised profit of {pair.symbol}",
        formula="quantity x last price - cost of what is held; the fee of a sale is not in it",
        asset=pair.quote,
        total=total,
        shown=plain(pair.quote, total.amount),
        method=lots.method,
    )


def average(lots: PairLots) -> Explanation:
    """Explain the average price of what is held: its cost, of which the terms are the sum, by its quantity."""
    pair, cost = lots.pair, _cost_held(lots, 1)
    shown, how = "-", "nothing is held"
    if lots.qty:
        exact = Fraction(lots.cost, lots.qty * pair.notional_unit)
        shown = pair.price_text((2 * exact.numerator + exact.denominator) // (2 * exact.denominator))
        how = f"{_money(pair, lots.cost)} ÷ {_qty(pair, lots.qty)} = {shown}, to the nearest tick"
    return Explanation(
        title=f"Average price of {pair.symbol}",
        formula="cost of what is held, buying fees included ÷ quantity",
        asset=pair.quote,
        total=cost._replace(how=how),
        shown=shown,
        method=lots.method,
    )


def _cost_held(lots: PairLots, sign: int) -> Term:
    """Return the cost of what is held, lot by lot; by average cost what went into the pool and out of it."""
    pair = lots.pair

    def parts() -> Sequence[Term]:
        if lots.method is not LotMethod.AVERAGE:
            return gathered(
                lots.held(),
                lambda lot: lot.fill.at,
                lambda lot: sign * lot.cost_left,
                lambda lot: _held(pair, lot, sign),
                "lots",
            )
        pooled = lots.pooled if lots.qty else []
        return gathered(
            pooled,
            lambda each: each.fill.at,
            lambda each: sign * _into_pool(each),
            lambda each: _pooled(pair, each, sign),
            "purchases and sales",
        )

    return Term("Cost of what is held", Units(sign * lots.cost), METHOD_WORDS[lots.method], parts)


def _held(pair: TradingPair, lot: Lot, sign: int) -> Term:
    label = f"Lot {lot.number}: {_qty(pair, lot.left)} left of {pair.qty_text(lot.fill.qty)}"
    how = bought(pair, lot)
    if lot.left != lot.fill.qty:
        how += f"; sales took {_money(pair, lot.cost - lot.cost_left)} of {_money(pair, lot.cost)}"
    return Term(label, Units(sign * lot.cost_left), how)


def _into_pool(entry: Lot | Disposal) -> int:
    return entry.cost if isinstance(entry, Lot) else -entry.cost


def _pooled(pair: TradingPair, entry: Lot | Disposal, sign: int) -> Term:
    if isinstance(entry, Lot):
        return Term(f"Into the pool: {_qty(pair, entry.fill.qty)}", Units(sign * entry.cost), bought(pair, entry))
    (piece,) = entry.pieces
    taken = (
        f"{plain(pair.quote, piece.of_cost)} x {pair.qty_text(piece.qty)} / {pair.qty_text(piece.of_qty)}, rounded up"
    )
    how = f"sold {instant(entry.fill.at)}: {taken}; order {entry.fill.order_id}, trade {entry.fill.trade_id}"
    return Term(f"Out of the pool: {_qty(pair, piece.qty)}", Units(-sign * entry.cost), how)


def _beyond(disposals: Sequence[Disposal]) -> str:
    return DEPOSITED if any(each.beyond for each in disposals) else ""


def _qty(pair: TradingPair, lots: int) -> str:
    return f"{trimmed(pair.qty_text(lots))} {pair.base.code}"


def _money(pair: TradingPair, units: int) -> str:
    return f"{plain(pair.quote, units)} {pair.quote.code}"


def _count(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
