"""Coinbase's names and figures, common to both of its interfaces."""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.exchanges.loopback.bars import OpenBar
from engine.adapters.exchanges.loopback.market import Market
from engine.domain.order import Side

MAKER = {Side.BUY: "sell", Side.SELL: "buy"}
"""The maker's side, which Coinbase writes, by the taker's."""
SUBSCRIBE_S = 5.0
"""A connection that subscribed to nothing is closed after so long."""


def product_of(symbol: str) -> str:
    """Return `BTC-USDT` for `BTC/USDT` and `BTC/USDT:USDT`."""
    return symbol.partition(":")[0].replace("/", "-")


def products(market: Market) -> dict[str, str]:
    """Return our symbols by Coinbase's."""
    return {product_of(symbol): symbol for symbol in market.pairs}


def day_of(market: Market, symbol: str) -> OpenBar:
    """Return the last 24 hours; before the first print a bar of nothing."""
    return market.day(symbol) or OpenBar(market.now, "0")


def percent(day: OpenBar) -> str:
    """Return the change of the day's price in percent."""
    opened = Decimal(day.open)
    return f"{(Decimal(day.close) - opened) / opened * 100:.8f}" if opened else "0"
