"""The statement of one account, read from the projections: what it holds and everything it did.

All values are JSON values; amounts are exact decimal strings without needless zeros.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from engine.adapters.sql.codec import decode
from engine.adapters.sql.history import read_history, read_method
from engine.adapters.sql.reader import Reader
from engine.domain.course import TradingStateChanged
from engine.domain.number import EXACT
from engine.domain.order import AccountId, LotMethod
from engine.errors import InvalidInput, StorageUnavailable
from engine.portfolio.currency import currency_of
from engine.portfolio.lots import LotBook

Row = dict[str, Any]


class Statement(NamedTuple):
    """See the module."""

    account: str
    balances: dict[str, Row]
    positions: list[Row]
    orders: list[Row]
    """Every order ever accepted, in the order of acceptance, with its status."""
    fills: list[Row]
    """One row per execution, in the order of happening."""
    pnl: Row
    method: LotMethod
    """By which positions and profit are."""
    trading: TradingStateChanged | None
    """The last change of the kill switch, which holds for every account; None if it was never touched."""


def read_statement(reader: Reader, account: str | None = None) -> Statement:
    """Return the statement of an account; of the newest one if None.

    Raises:
        InvalidInput: there is no such account.
        StorageUnavailable: there is none at all yet.
    """
    chosen = chosen_account(reader, account)
    fills = _fills(reader, chosen)
    method = read_method(reader, AccountId(chosen))
    positions = _positions(reader, chosen, method, _fees(fills))
    balances, orders = _balances(reader, chosen), _orders(reader, chosen)
    pnl = _pnl(positions, currency_of(reader.pairs()))
    return Statement(chosen, balances, positions, orders, fills, pnl, method, last_trading(reader))


def chosen_account(reader: Reader, account: str | None) -> str:
    """Return the account if there is one of that name, the newest one if None.

    Raises:
        InvalidInput: there is no such account.
        StorageUnavailable: there is none at all yet.
    """
    known = [row[0] for row in reader.rows("SELECT DISTINCT account FROM journal WHERE kind = 'FundsDeposited'")]
    if not known:
        raise StorageUnavailable("There is no account in this profile yet. Start crs-desktop once to open one.")
    if account is not None and account not in known:
        raise InvalidInput(f"There is no account {account}; there are {', '.join(known)}.")
    return account or reader_newest(reader)


def reader_newest(reader: Reader) -> str:
    """Return the account that was opened last."""
    query = "SELECT account FROM journal WHERE kind = 'FundsDeposited' GROUP BY account ORDER BY min(seq) DESC LIMIT 1"
    return str(next(iter(reader.rows(query)))[0])


def last_trading(reader: Reader) -> TradingStateChanged | None:
    """Return the last change of the kill switch; None if it was never touched."""
    query = "SELECT payload FROM journal WHERE kind = 'TradingStateChanged' ORDER BY seq DESC LIMIT 1"
    for row in reader.rows(query):
        change: TradingStateChanged = decode("TradingStateChanged", row[0])
        return change
    return None


def _balances(reader: Reader, account: str) -> dict[str, Row]:
    found = {}
    for row in reader.rows("SELECT * FROM portfolio_balance WHERE account = ? ORDER BY asset", (account,)):
        free, locked = Decimal(row["free"]), Decimal(row["locked"])
        found[row["asset"]] = {"free": _text(free), "locked": _text(locked), "total": _text(EXACT.add(free, locked))}
    return found


def _orders(reader: Reader, account: str) -> list[Row]:
    return [
        {
            "order_id": row["order_id"],
            "symbol": row["symbol"],
            "side": row["side"],
            "order_type": row["order_type"],
            "tif": row["tif"],
            "qty": row["qty"],
            "filled": row["filled"],
            "left": str(EXACT.subtract(Decimal(row["qty"]), Decimal(row["filled"]))),
            "price": row["price"],
            "stop_price": row["stop_price"],
            "trail": row["trail"],
            "trail_bps": row["trail_bps"],
            "display_qty": row["display_qty"],
            "expire_ts": row["expire_ns"],
            "post_only": bool(row["post_only"]),
            "reduce_only": bool(row["reduce_only"]),
            "list_id": row["list_id"],
            "list_kind": row["list_kind"],
            "status": row["status"],
            "reason": row["reason"],
            "ts": row["accepted_ns"],
        }
        for row in reader.rows('SELECT * FROM "order" WHERE account = ? ORDER BY accepted_ns, number', (account,))
    ]


def _fills(reader: Reader, account: str) -> list[Row]:
    return [
        {
            "trade_id": row["trade_id"],
            "order_id": row["order_id"],
            "symbol": row["symbol"],
            "side": row["side"],
            "price": row["price"],
            "qty": row["qty"],
            "fee": _text(Decimal(row["fee"])),
            "liquidity": row["liquidity"],
            "ts": row["at_ns"],
        }
        for row in reader.rows("SELECT * FROM trade WHERE account = ? ORDER BY seq", (account,))
    ]


def _fees(fills: list[Row]) -> dict[str, Decimal]:
    paid: dict[str, Decimal] = {}
    for each in fills:
        paid[each["symbol"]] = EXACT.add(paid.get(each["symbol"], Decimal(0)), Decimal(each["fee"]))
    return paid


def _held(reader: Reader, account: str, method: LotMethod) -> Iterable[Mapping[str, Any]]:
    """Return symbol, quantity, cost and realised profit by pair; the projection holds those by average cost."""
    if method is LotMethod.AVERAGE:
        query = "SELECT * FROM portfolio_position WHERE account = ? ORDER BY symbol"
        return [dict(row) for row in reader.rows(query, (account,))]
    past = read_history(reader, AccountId(account))
    book = LotBook(past.pairs, method, past.fills)
    return [
        {
            "symbol": lots.pair.symbol,
            "qty": lots.pair.qty_text(lots.qty),
            "cost": lots.pair.quote.text(lots.cost),
            "realised": lots.pair.quote.text(lots.realised),
        }
        for lots in sorted(book.pairs(), key=lambda lots: lots.pair.symbol)
    ]


def _positions(reader: Reader, account: str, method: LotMethod, fees: Mapping[str, Decimal]) -> list[Row]:
    prices, found = _prices(reader), []
    for row in _held(reader, account, method):
        qty, cost, last = Decimal(row["qty"]), Decimal(row["cost"]), prices.get(row["symbol"])
        value = None if last is None else EXACT.multiply(qty, Decimal(last))
        found.append(
            {
                "symbol": row["symbol"],
                "qty": row["qty"],
                "cost": _text(cost),
                "average_price": _text(round(cost / qty, 12)) if qty else None,
                "last": last,
                "value": None if value is None else _text(value),
                "unrealised": None if value is None else _text(EXACT.subtract(value, cost)),
                "realised": _text(Decimal(row["realised"])),
                "fees": _text(fees.get(row["symbol"], Decimal(0))),
            }
        )
    return found


def _prices(reader: Reader) -> dict[str, str]:
    """Return the last prices of the newest snapshot, at most some seconds old while the market runs."""
    for row in reader.rows("SELECT prices FROM market_snapshot ORDER BY id DESC LIMIT 1"):
        prices: dict[str, str] = json.loads(row[0])
        return prices
    return {}


def _pnl(positions: list[Row], currency: str) -> Row:
    def total(key: str, rows: list[Row]) -> Decimal:
        found = Decimal(0)
        for row in rows:
            found = EXACT.add(found, Decimal(row[key]))
        return found

    known = all(row["unrealised"] is not None for row in positions)
    return {
        "currency": currency,
        "realised": _text(total("realised", positions)),
        "unrealised": _text(total("unrealised", positions)) if known else None,
        "fees": _text(total("fees", positions)),
    }


def _text(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
