"""Statements of a year as sheets of text: the tax-lot report, and everything that moved in the account.

Amounts are exact decimals without needless zeros, instants ISO 8601 in UTC to the nanosecond. A sheet makes its rows
when they are taken, and knows its closing rows only then; how a sheet becomes CSV or JSON, `sheet.py` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from engine.domain.asset import Asset
from engine.domain.history import AccountHistory
from engine.domain.number import NANOS_PER_SECOND, Units
from engine.portfolio.lots import LotBook
from engine.portfolio.sheet import Field, Row, Sheet
from engine.portfolio.taxlots import TaxLot, Totals, Year, add, tax_lots
from engine.portfolio.term import plain, trimmed
from engine.portfolio.turnover import Line, assets_of, balances, lines

FOREIGN = ("symbol", "asset", "currency", "buy_order", "sell_order", "order")

TAX_FIELDS = tuple(
    Field(name, name in FOREIGN)
    for name in (
        "basis", "symbol", "asset", "quantity", "acquired", "disposed", "proceeds", "cost", "fee", "gain", "currency",
        "method", "buy_order", "buy_trade", "sell_order", "sell_trade",
    )
)  # fmt: skip
"""Of the tax-lot report; money is in `currency`. `basis` is `lot`, `pool`, `deposit`, or in the end `total`."""

ACCOUNT_FIELDS = tuple(
    Field(name, name in FOREIGN)
    for name in ("kind", "time", "asset", "amount", "balance", "symbol", "price", "quantity", "order", "trade")
)
"""Of the account statement. `kind` is `opening`, `deposit`, `buy`, `sell`, `fee` or `closing`."""

_NO_SOURCE: Row = (None,) * 5


class TaxReport(Sheet):
    """One row per piece of a lot that was sold in a year, by the book's method, and a total per currency."""

    name = "tax-lots"
    fields = TAX_FIELDS

    def __init__(self, account: str, book: LotBook, year: Year) -> None:
        super().__init__({"account": account, "year": year.number, "method": str(book.method)})
        self._book, self._year = book, year
        self._sums: dict[str, tuple[Asset, Totals]] = {}

    @property
    def size(self) -> int:
        """About how many rows there will be: one per sale, at least."""
        sales = (sale for lots in self._book.pairs() for sale in lots.disposals)
        return sum(max(1, len(sale.pieces)) for sale in sales if self._year.holds(sale.fill.at))

    def rows(self) -> Iterator[Row]:
        """Yield the pieces, pair by pair."""
        self._sums = {}
        for piece in tax_lots(self._book, self._year):
            quote = piece.pair.quote
            held = self._sums.get(quote.code)
            self._sums[quote.code] = (quote, add(Totals() if held is None else held[1], piece))
            yield _tax_row(piece)

    def closing(self) -> Iterator[Row]:
        """Yield a total per currency; what came by deposit has its own, as it is in no gain."""
        for code, (quote, sums) in self._sums.items():
            money = [plain(quote, units) for units in (sums.proceeds, sums.cost, sums.fee, sums.gain)]
            yield ("total", None, None, None, None, None, *money, code, str(self._book.method), *[None] * 4)
            if sums.uncosted:
                net = plain(quote, sums.uncosted)
                yield ("total of deposits", None, None, None, None, None, net, *[None] * 3, code, None, *[None] * 4)


def _tax_row(piece: TaxLot) -> Row:
    pair, sale, lot = piece.pair, piece.sale.fill, piece.lot
    quote = pair.quote
    gain = piece.gain
    return (
        piece.basis,
        pair.symbol,
        pair.base.code,
        trimmed(pair.qty_text(piece.qty)),
        None if lot is None else iso(lot.fill.at),
        iso(sale.at),
        plain(quote, piece.proceeds),
        None if piece.cost is None else plain(quote, piece.cost),
        plain(quote, piece.fee),
        None if gain is None else plain(quote, gain),
        quote.code,
        str(piece.method),
        None if lot is None else lot.fill.order_id,
        None if lot is None else str(lot.fill.trade_id),
        sale.order_id,
        str(sale.trade_id),
    )


class AccountYear(Sheet):
    """Opening balances, every deposit, trade and fee of a year with the balance after it, closing balances."""

    name = "account"
    fields = ACCOUNT_FIELDS

    def __init__(self, history: AccountHistory, year: Year) -> None:
        super().__init__({"account": history.account, "year": year.number})
        self._history, self._year = history, year
        self._assets = assets_of(history.pairs)
        self._held: dict[str, Units] = {}

    @property
    def size(self) -> int:
        """About how many rows there will be: three per trade, at most."""
        return 3 * sum(self._year.holds(fill.at) for fill in self._history.fills)

    def rows(self) -> Iterator[Row]:
        """Yield the opening balances and what moved, in the order of time."""
        held = self._held = balances(self._history, self._year.start)
        for code, units in held.items():
            yield self._balance("opening", self._year.start, code, units)
        fill, source = None, _NO_SOURCE
        for line in lines(self._history, self._year.start, self._year.end):
            asset = line.asset
            after = held[asset.code] = Units(held.get(asset.code, 0) + line.units)
            if line.fill is not fill:
                fill, source = line.fill, _source(line)
            yield (line.kind, iso(line.at), asset.code, plain(asset, line.units), plain(asset, after), *source)

    def closing(self) -> Iterator[Row]:
        """Yield the balances at the end."""
        for code, units in sorted(self._held.items()):
            yield self._balance("closing", self._year.end, code, units)

    def _balance(self, kind: str, at: int, code: str, units: int) -> Row:
        text = plain(self._assets[code], units)
        return (kind, iso(at), code, text, text, *_NO_SOURCE)


def _source(line: Line) -> Row:
    """Return the trade that a movement came from; the movements of one trade follow each other."""
    fill, pair = line.fill, line.pair
    if fill is None or pair is None:
        return _NO_SOURCE
    price, qty = trimmed(pair.price_text(fill.price)), trimmed(pair.qty_text(fill.qty))
    return (pair.symbol, price, qty, fill.order_id, str(fill.trade_id))


@lru_cache(maxsize=1_024)
def iso(at: int) -> str:
    """Return an instant as `2024-05-01T12:00:00.000000001Z`, UTC."""
    seconds, nanos = divmod(at, NANOS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{nanos:09d}Z"
