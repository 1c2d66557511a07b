"""The visible state of an exchange as plain text values, and its hash.

Canonical: accounts, assets and symbols in the order of their code points, open orders by account and
id, levels best first, amounts as exact decimals. Two exchanges with equal state have equal hashes,
whatever way they came to it.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from engine.domain.asset import Asset
from engine.domain.pair import TradingPair
from engine.exchange.floor import Floor
from engine.exchange.market import Market
from engine.matching.ladder import Ladder


def state_of(floor: Floor) -> dict[str, object]:
    """Return balances, fees, books, open orders and their hash."""
    state = _visible(floor)
    state["hash"] = _hash(state)
    return state


def state_hash(floor: Floor) -> str:
    """Return the SHA-256 of the visible state."""
    return _hash(_visible(floor))


def _hash(state: dict[str, Any]) -> str:
    return sha256(json.dumps(state, separators=(",", ":")).encode("ascii")).hexdigest()


def _visible(floor: Floor) -> dict[str, Any]:
    assets = _assets(floor)
    return {
        "balances": {
            account_id: {
                code: {"free": _text(assets, code, purse.free), "locked": _text(assets, code, purse.locked)}
                for code, purse in sorted(account.purses.items())
            }
            for account_id, account in sorted(floor.accounts.items())
        },
        "fees": {code: _text(assets, code, units) for code, units in sorted(floor.fees.items())},
        "books": {symbol: _book(market) for symbol, market in sorted(floor.markets.items())},
        "open_orders": [
            [account_id, order_id, order.pair.qty_text(order.left)]
            for account_id, account in sorted(floor.accounts.items())
            for order_id, order in sorted(account.orders.items())
            if not order.is_pending
        ],
    }


def _assets(floor: Floor) -> dict[str, Asset]:
    assets: dict[str, Asset] = {}
    for market in floor.markets.values():
        assets[market.base] = market.pair.base
        assets[market.quote] = market.pair.quote
    return assets


def _text(assets: dict[str, Asset], code: str, units: int) -> str:
    asset = assets.get(code)
    return asset.text(units) if asset is not None else str(units)


def _book(market: Market) -> dict[str, list[list[str]]]:
    book, pair = market.book, market.pair
    return {"bids": _levels(book.side_of(True), pair), "asks": _levels(book.side_of(False), pair)}


def _levels(ladder: Ladder, pair: TradingPair) -> list[list[str]]:
    return [[pair.price_text(level.price), pair.qty_text(level.qty + level.hidden)] for level in ladder]
