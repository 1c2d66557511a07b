"""Public market data."""

from __future__ import annotations

from engine.domain.pair import TradingPair
from engine.server.http.route import Access, Call, Route
from engine.wire.market import Market, Markets


def market_of(pair: TradingPair, status: str) -> Market:
    """Return a pair as it travels."""
    return Market(
        symbol=pair.symbol,
        base=pair.base.code,
        quote=pair.quote.code,
        base_decimals=pair.base.decimals,
        quote_decimals=pair.quote.decimals,
        tick=format(pair.tick, "f"),
        lot=format(pair.lot, "f"),
        min_notional=pair.quote.text(pair.min_notional),
        maker_fee=format(pair.maker_fee.decimal, "f"),
        taker_fee=format(pair.taker_fee.decimal, "f"),
        status=status,
    )


async def markets(call: Call) -> Markets:
    """Answer with all pairs."""
    core = call.services.core
    status = "trading" if core.state == "synced" else "closed"
    return Markets(tuple(market_of(pair, status) for pair in core.pairs()))


ROUTES = (Route("GET", "/v1/markets", markets, "All pairs and their grids", "markets", Markets, access=Access.PUBLIC),)
