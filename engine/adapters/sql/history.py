"""An account's history, read from the projections: its deposits, its fills, the lot method chosen for it.

Fills come from the table of trades in one pass; prices and quantities there carry the decimals of their pair's
grid, so that text becomes ticks, lots and units without a decimal in between.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.adapters.sql.codec import decode
from engine.adapters.sql.projector import LOT_METHOD
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.store import Row, Store
from engine.domain.event import FundsDeposited, OrderFilled
from engine.domain.history import AccountHistory
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, LotMethod, OrderId, Side
from engine.domain.pair import TradingPair
from engine.portfolio.equity import DAY

_FILLS = (
    "SELECT order_id, trade_id, symbol, side, price, qty, fee, liquidity, at_ns FROM trade WHERE account = ? "
    "ORDER BY seq"
)
_DAYS = (
    f"SELECT DISTINCT at_ns / {DAY} FROM trade WHERE account = ? "  # noqa: S608 - a number of ours
    f"UNION SELECT ts_ns / {DAY} FROM journal WHERE kind = 'FundsDeposited' AND account = ?"
)
_SIDES = {str(each): each for each in Side}
_LIQUIDITIES = {str(each): each for each in Liquidity}

_Parse = Callable[[str], int]


class SqlHistory:
    """The histories of a profile's accounts, as far as they are on the disk; see `engine.ports.history`."""

    def __init__(self, where: Path | Store) -> None:
        self._where = where

    def method(self, account: AccountId) -> LotMethod:
        """Return the lot method that was chosen for an account."""
        with Reader(self._where) as reader:
            return read_method(reader, account)

    def days(self, account: AccountId) -> frozenset[int]:
        """Return the days on which an account traded or money came in."""
        with Reader(self._where) as reader:
            return frozenset(row[0] for row in reader.rows(_DAYS, (account, account)))

    def read(self, account: AccountId) -> AccountHistory:
        """Return all that an account did so far."""
        with Reader(self._where) as reader:
            return read_history(reader, account)


def read_history(reader: Reader, account: AccountId) -> AccountHistory:
    """Return all that an account did up to the state that the reader sees; see `engine.ports.history`."""
    pairs = {pair.symbol: pair for pair in reader.pairs()}
    return AccountHistory(
        account, read_method(reader, account), pairs, _deposits(reader, account), _fills(reader, account, pairs)
    )


def read_method(reader: Reader, account: AccountId) -> LotMethod:
    """Return the method that was chosen for an account, the average if none was."""
    query = "SELECT value FROM account_setting WHERE account = ? AND key = ?"
    for row in reader.rows(query, (account, LOT_METHOD)):
        return LotMethod(row[0])
    return LotMethod.AVERAGE


def _deposits(reader: Reader, account: AccountId) -> tuple[FundsDeposited, ...]:
    query = "SELECT payload FROM journal WHERE kind = 'FundsDeposited' AND account = ? ORDER BY seq"
    return tuple(decode("FundsDeposited", row[0]) for row in reader.rows(query, (account,)))


def _fills(reader: Reader, account: AccountId, pairs: dict[str, TradingPair]) -> tuple[OrderFilled, ...]:
    doors: dict[str, tuple[_Parse, _Parse, _Parse]] = {}
    found = []
    for row in reader.rows(_FILLS, (account,), many=True):
        door = doors.get(row[2])
        if door is None:
            door = doors[row[2]] = _doors(pairs[row[2]])
        found.append(_fill(account, row, door))
    return tuple(found)


def _fill(account: AccountId, row: Row, door: tuple[_Parse, _Parse, _Parse]) -> OrderFilled:
    order_id, trade_id, symbol, side, price, qty, fee, liquidity, at = row
    ticks, lots, units = door
    return OrderFilled(
        account,
        OrderId(order_id),
        trade_id,
        symbol,
        _SIDES[side],
        Ticks(ticks(price)),
        Lots(lots(qty)),
        Units(units(fee)),
        _LIQUIDITIES[liquidity],
        Lots(0),  # what was left of the order then is no business of lots, and the table does not keep it
        Nanos(at),
    )


def _doors(pair: TradingPair) -> tuple[_Parse, _Parse, _Parse]:
    """Return what turns the texts of a pair's price, quantity and fee into ticks, lots and units."""
    return _steps(pair.tick_places), _steps(pair.lot_places), _steps(1)


def _steps(step: int) -> _Parse:
    return lambda text: int(text.replace(".", "", 1)) // step
