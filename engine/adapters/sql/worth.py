"""What an account holds and the last prices, read from the projections, as they enter an explanation of equity."""

from __future__ import annotations

import json
from decimal import Decimal

from engine.adapters.sql.reader import Reader
from engine.domain.account import Balance
from engine.domain.number import Nanos, Ticks
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.portfolio.explain import Price
from engine.portfolio.explain_worth import Worth
from engine.portfolio.term import instant
from engine.portfolio.turnover import assets_of


def read_worth(reader: Reader, account: AccountId, pairs: dict[str, TradingPair]) -> Worth:
    """Return the balances and the prices of the newest market snapshot, some seconds old while the market runs."""
    assets, balances = assets_of(pairs), dict[str, Balance]()
    query = "SELECT asset, free, locked FROM portfolio_balance WHERE account = ? ORDER BY asset"
    for code, free, locked in reader.rows(query, (account,)):
        asset = assets[code]
        balances[code] = Balance(asset.units(Decimal(free)), asset.units(Decimal(locked)))
    at, prices = _prices(reader, pairs)
    return Worth(at, balances, prices)


def _prices(reader: Reader, pairs: dict[str, TradingPair]) -> tuple[Nanos, dict[str, Price]]:
    query = "SELECT ts_ns, prices FROM market_snapshot ORDER BY id DESC LIMIT 1"
    for at, text in reader.rows(query):
        source = f"last price, kept {instant(at)} UTC of the market"
        found = {symbol: pairs[symbol].ticks(Decimal(price)) for symbol, price in json.loads(text).items()}
        return Nanos(at), {symbol: Price(Ticks(ticks), source) for symbol, ticks in found.items() if ticks is not None}
    return Nanos(0), {}
