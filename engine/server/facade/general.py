"""What a client asks first: is it there, what time is it, what is traded."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.domain.market import FeedState
from engine.domain.pair import TradingPair
from engine.server.facade.fault import Fault, bad_symbol, illegal
from engine.server.facade.instrument import Instruments, symbol_of
from engine.server.facade.operation import Asked, Operation
from engine.server.facade.parameters import Parameters
from engine.server.facade.usage import rate_limits


async def ping(_asked: Asked) -> Any:  # noqa: ANN401
    """Answer that we are there."""
    return {}


async def server_time(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the clock by which timestamps are judged."""
    return {"serverTime": asked.front.now_ms}


async def exchange_info(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with limits and symbols."""
    pairs = list(asked.front.instruments)
    if "symbol" in asked.told or "symbols" in asked.told:
        pairs = wanted(asked.told, asked.front.instruments)
    permissions = asked.told.text("permissions", "SPOT")
    if "SPOT" not in permissions:
        pairs = []
    return {
        "timezone": "UTC",
        "serverTime": asked.front.now_ms,
        "rateLimits": rate_limits(),
        "exchangeFilters": [],
        "symbols": [symbol_of(pair, symbol_status(asked, pair)) for pair in pairs],
    }


def symbol_status(asked: Asked, pair: TradingPair) -> str:
    """Return whether a pair trades, in Binance's word."""
    return "TRADING" if asked.services.core.state_of(pair.symbol) is FeedState.SYNCED else "BREAK"


def wanted(told: Parameters, instruments: Instruments) -> list[TradingPair]:
    """Return the pairs of `symbol` or `symbols`; all if neither was sent.

    Raises:
        Fault: both, an unknown one, or no list of symbols.
    """
    if "symbols" not in told:
        return [instruments.named(told.symbol())] if "symbol" in told else list(instruments)
    if "symbol" in told:
        raise Fault(-1128, "Combination of optional parameters invalid.")
    try:
        names = msgspec.json.decode(told.text("symbols"), type=list[str])
    except msgspec.DecodeError:
        raise illegal("symbols", r'^\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\]$') from None
    found = [instruments.find(name) for name in names]
    pairs = [pair for pair in found if pair is not None]
    if len(pairs) != len(names) or not names:
        raise bad_symbol()
    return pairs


OPERATIONS = (
    Operation("GET", "ping", ping, word="ping"),
    Operation("GET", "time", server_time, word="time"),
    Operation(
        "GET", "exchangeInfo", exchange_info,
        ("symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"), weight=4, word="exchangeInfo",
    ),
)  # fmt: skip
