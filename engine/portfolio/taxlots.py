"""The tax-lot report of a year: one row per piece of a lot that was sold, and totals that are the sum of the rows.

A year is one of UTC, by the venue's time of the sale. Money is in the quote asset of the pair: `cost` holds the
buying fee, `fee` is the selling fee, shared out over the pieces of a sale to the unit, and gain = proceeds - cost -
fee. What was sold of coins that came by deposit has its own row, `deposit`, without cost and gain, as nothing says
what they cost; totals count those rows only under `uncosted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from engine.domain.asset import Asset
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Units, ceil_div
from engine.domain.order import LotMethod
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.portfolio.lots import Disposal, Lot, LotBook

FIRST_YEAR, LAST_YEAR = 1970, 2261
"""Years whose instants fit into nanoseconds since 1970."""


class Year(NamedTuple):
    """A calendar year, UTC."""

    number: int

    @property
    def start(self) -> Nanos:
        """Its first instant."""
        return _new_year(self.number)

    @property
    def end(self) -> Nanos:
        """The first instant after it."""
        return _new_year(self.number + 1)

    def holds(self, at: int) -> bool:
        """Whether an instant is in it."""
        return self.start <= at < self.end

    @classmethod
    def parse(cls, text: str) -> Year:
        """Return the year of that number.

        Raises:
            InvalidInput: it is no year that can be meant.
        """
        if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR):
            raise InvalidInput(f"{text!r} is no year; give one from {FIRST_YEAR} to {LAST_YEAR}, such as 2024.")
        return cls(int(text))

    @classmethod
    def of(cls, at: int) -> Year:
        """Return the year of an instant."""
        return cls(datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC).year)


def _new_year(number: int) -> Nanos:
    return Nanos(int(datetime(number, 1, 1, tzinfo=UTC).timestamp()) * NANOS_PER_SECOND)


class TaxLot(NamedTuple):
    """One piece of a lot that was sold; money in units of the pair's quote asset."""

    pair: TradingPair
    method: LotMethod
    basis: str
    """`lot`; `pool` by average cost; `deposit` for coins that are in no lot."""
    qty: Lots
    proceeds: Units
    fee: Units
    """The share of the selling fee."""
    cost: Units | None
    """With the share of the buying fee; None for a deposit."""
    lot: Lot | None
    """The purchase; None for a pool and a deposit."""
    sale: Disposal

    @property
    def gain(self) -> Units | None:
        """What was realised; None for a deposit."""
        return None if self.cost is None else Units(self.proceeds - self.fee - self.cost)


class Totals(NamedTuple):
    """The sums of one currency; `uncosted` are the proceeds, less fees, of coins that came by deposit."""

    proceeds: int = 0
    cost: int = 0
    fee: int = 0
    gain: int = 0
    uncosted: int = 0


def tax_lots(book: LotBook, year: Year) -> Iterator[TaxLot]:
    """Yield the report's rows, pair by pair, in the order of happening."""
    for lots in book.pairs():
        for sale in lots.disposals:
            if year.holds(sale.fill.at):
                yield from _pieces(lots.pair, lots.method, sale)


def _pieces(pair: TradingPair, method: LotMethod, sale: Disposal) -> Iterator[TaxLot]:
    price, done, paid = sale.fill.price, 0, 0
    for piece in sale.pieces:
        done += piece.qty
        share = ceil_div(sale.fee * done, sale.qty) - paid
        paid += share
        basis = "pool" if piece.lot is None else "lot"
        proceeds = pair.notional(price, piece.qty)
        yield TaxLot(pair, method, basis, piece.qty, proceeds, Units(share), piece.cost, piece.lot, sale)
    if sale.beyond:
        fee = Units(sale.fill.fee - sale.fee)
        yield TaxLot(pair, method, "deposit", sale.beyond, pair.notional(price, sale.beyond), fee, None, None, sale)


def totals(rows: Iterable[TaxLot]) -> dict[str, tuple[Asset, Totals]]:
    """Return the sums by the code of the currency, with the currency itself."""
    found: dict[str, tuple[Asset, Totals]] = {}
    for row in rows:
        quote = row.pair.quote
        found[quote.code] = (quote, add(found[quote.code][1] if quote.code in found else Totals(), row))
    return found


def add(sums: Totals, row: TaxLot) -> Totals:
    """Return the sums with one more row."""
    if row.cost is None:
        return sums._replace(uncosted=sums.uncosted + row.proceeds - row.fee)
    gain = row.proceeds - row.fee - row.cost
    return Totals(
        sums.proceeds + row.proceeds, sums.cost + row.cost, sums.fee + row.fee, sums.gain + gain, sums.uncosted
    )
