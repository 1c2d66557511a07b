"""What both interfaces of Coinbase write alike: trades with the maker's side, newest first."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.adapters.exchanges.coinbase.exchange import TAKER
from engine.adapters.exchanges.wire.heard import PrintHeard, TradesHeard
from engine.adapters.exchanges.wire.instant import rfc3339
from engine.errors import Garbled


class Trade(msgspec.Struct):
    """A trade of `GET …/trades` (Exchange) or `GET …/ticker` (Advanced); its number is a text in the latter."""

    trade_id: int
    price: str
    size: str
    side: str
    time: str


def past(trades: Iterable[Trade], native: str) -> TradesHeard:
    """Return trades, oldest first."""
    prints = [_print(trade) for trade in trades]
    prints.sort(key=lambda each: (each.at, each.trade_id))
    return TradesHeard(native, prints, is_past=True)


def _print(trade: Trade) -> PrintHeard:
    if trade.side not in TAKER:
        raise Garbled(f"{trade.side[:40]!r} is no side of a trade of Coinbase.")
    return PrintHeard(trade.price, trade.size, TAKER[trade.side], rfc3339(trade.time), trade.trade_id)
