"""Binance's list of instruments: spot as `/api/v3/exchangeInfo`, perpetuals as `/fapi/v1/exchangeInfo`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.adapters.exchanges.loopback.binance.words import MILLI, name_of
from engine.adapters.exchanges.loopback.listing import Listing
from engine.domain.number import Nanos

MOST = "9000000.00000000"


def eight(text: str) -> str:
    """Return a decimal text with eight decimals at least."""
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(8, '0')}"


def exchange_info(listings: Sequence[Listing], now: Nanos, *, is_perpetual: bool) -> dict[str, Any]:
    """Return the answer to `exchangeInfo`."""
    weight = 2_400 if is_perpetual else 6_000
    one = _perpetual if is_perpetual else _spot
    return {
        "timezone": "UTC",
        "serverTime": now // MILLI,
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": weight},
        ],
        "exchangeFilters": [],
        "symbols": [one(listing) for listing in listings],
    }


def _common(listing: Listing) -> dict[str, Any]:
    return {
        "symbol": name_of(listing.symbol), "status": "TRADING", "baseAsset": listing.base, "quoteAsset": listing.quote,
        "baseAssetPrecision": 8, "quotePrecision": 8,
    }  # fmt: skip


def _spot(listing: Listing) -> dict[str, Any]:
    tick, lot = eight(listing.tick), eight(listing.lot)
    return _common(listing) | {
        "quoteAssetPrecision": 8, "baseCommissionPrecision": 8, "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"], "icebergAllowed": True, "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": True, "isSpotTradingAllowed": True, "isMarginTradingAllowed": False,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": MOST, "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": MOST, "stepSize": lot},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": MOST, "stepSize": "0.00000000"},
            {
                "filterType": "NOTIONAL", "minNotional": eight(listing.min_notional), "applyMinToMarket": True,
                "maxNotional": MOST, "applyMaxToMarket": False, "avgPriceMins": 5,
            },
        ],
        "permissions": [], "permissionSets": [["SPOT"]],
    }  # fmt: skip


def _perpetual(listing: Listing) -> dict[str, Any]:
    return _common(listing) | {
        "pair": name_of(listing.symbol), "contractType": "PERPETUAL", "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000, "marginAsset": listing.quote, "pricePrecision": _places(listing.tick),
        "quantityPrecision": _places(listing.lot), "underlyingType": "COIN", "orderTypes": ["LIMIT", "MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": listing.tick, "maxPrice": "9000000", "tickSize": listing.tick},
            {"filterType": "LOT_SIZE", "minQty": listing.lot, "maxQty": "9000000", "stepSize": listing.lot},
            {"filterType": "MARKET_LOT_SIZE", "minQty": listing.lot, "maxQty": "9000000", "stepSize": listing.lot},
            {"filterType": "MIN_NOTIONAL", "notional": listing.min_notional},
        ],
    }  # fmt: skip


def _places(step: str) -> int:
    return len(step.partition(".")[2])
