"""The statement of one account, read from the projections: what it holds and everything it did.

All values are JSON values; amounts are exact decimal strings without needless zeros.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NamedTuple

from engine.adapters.sql.codec import decode
from engine.adapters.sql.reader import Reader
from engine.domain.course import TradingStateChanged
from engine.domain.number import EXACT
from engine.errors import InvalidInput, StorageUnavailable

CURRENCY = "USDT"
"""The currency in which accounts are valued."""

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
    trading: TradingStateChanged | None
    """The last change of the kill switch, which holds for every account; None if it was never touched."""


def read_statement(reader: Reader, account: str | None = None) -> Statement:
    """Return the statement of an account; of the newest one if None.

    Raises:
        InvalidInput: there is no such account.
        StorageUnavailable: there is none at all yet.
    """
    known = [row[0] for row in reader.rows("SELECT DISTINCT account FROM journal WHERE kind = 'FundsDeposited'")]
    if not known:
        raise StorageUnavailable("There is no account in this profile yet. Start crs-desktop once to open one.")
    if account is not None and account not in known:
        raise InvalidInput(f"There is no account {account}; there are {', '.join(known)}.")
    chosen = account or reader_newest(reader)
    fills = _fills(reader, chosen)
    positions = _positions(reader, chosen, fills)
    balances, orders = _balances(reader, chosen), _orders(reader, chosen)
    return Statement(chosen, balances, positions, orders, fills, _pnl(positions), _trading(reader))


def reader_newest(reader: Reader) -> str:
    """Return the account that was opened last."""
    query = "SELECT account FROM journal WHERE kind = 'FundsDeposited' GROUP BY account ORDER BY min(seq) DESC LIMIT 1"
    return str(next(iter(reader.rows(query)))[0])


def _trading(reader: Reader) -> TradingStateChanged | None:
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


def _positions(reader: Reader, account: str, fills: list[Row]) -> list[Row]:
    prices, found = _prices(reader), []
    for row in reader.rows("SELECT * FROM portfolio_position WHERE account = ? ORDER BY symbol", (account,)):
        qty, cost, last = Decimal(row["qty"]), Decimal(row["cost"]), prices.get(row["symbol"])
        value = None if last is None else EXACT.multiply(qty, Decimal(last))
        fees = sum((Decimal(each["fee"]) for each in fills if each["symbol"] == row["symbol"]), Decimal(0))
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
                "fees": _text(fees),
            }
        )
    return found


def _prices(reader: Reader) -> dict[str, str]:
    """Return the last prices of the newest snapshot, at most some seconds old while the market runs."""
    for row in reader.rows("SELECT prices FROM market_snapshot ORDER BY id DESC LIMIT 1"):
        prices: dict[str, str] = json.loads(row[0])
        return prices
    return {}


def _pnl(positions: list[Row]) -> Row:
    def total(key: str, rows: list[Row]) -> Decimal:
        return sum((Decimal(row[key]) for row in rows), Decimal(0))

    known = all(row["unrealised"] is not None for row in positions)
    return {
        "currency": CURRENCY,
        "realised": _text(total("realised", positions)),
        "unrealised": _text(total("unrealised", positions)) if known else None,
        "fees": _text(total("fees", positions)),
    }


def _text(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
