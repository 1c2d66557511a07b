"""A pair as a Binance symbol: its name, its amounts as text, its filters.

Binance prints eight decimals. Amounts here are exact: one that needs more than eight (a commission of a small fill)
is printed with as many as it needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from engine.domain.asset import Asset
from engine.domain.market import Level
from engine.domain.number import fixed
from engine.domain.pair import TradingPair
from engine.server.facade.fault import bad_symbol

PLACES = 8
MOST_LOTS = MOST_TICKS = 9_000_000_000_000
"""What one order may ask for; the figures of the filters, far from what is traded."""
BAND_UP, BAND_DOWN = "1.5000", "0.5000"
"""The price band of the server's accounts: it looks at the costly side only, as the exchange does."""

NO_UPPER, NO_LOWER = "1000000.0000", "0.0000"

ORDER_TYPES = (
    "LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT",
)  # fmt: skip
STP_MODES = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH")


def name_of(pair: TradingPair) -> str:
    """Return the symbol: base and quote in one word."""
    return f"{pair.base.code}{pair.quote.code}"


class Instruments:
    """The pairs by symbol, in the order of listing."""

    def __init__(self, pairs: Iterable[TradingPair]) -> None:
        self._by_name = {name_of(pair): pair for pair in pairs}

    def __iter__(self) -> Any:  # noqa: ANN401 - an iterator of pairs
        return iter(self._by_name.values())

    def named(self, name: str) -> TradingPair:
        """Return the pair of a symbol.

        Raises:
            Fault: -1121.
        """
        pair = self._by_name.get(name)
        if pair is None:
            raise bad_symbol()
        return pair

    def find(self, name: str) -> TradingPair | None:
        """Return the pair of a symbol, None if there is none."""
        return self._by_name.get(name)


def plain(text: str) -> str:
    """Return exact decimal text with at least eight decimals, no idle zeros beyond."""
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction[:PLACES].ljust(PLACES, '0')}{fraction[PLACES:].rstrip('0')}"


def price_text(pair: TradingPair, ticks: int | None) -> str:
    """Return a price; of none zero."""
    return plain(pair.price_text(ticks or 0))


def qty_text(pair: TradingPair, lots: int | None) -> str:
    """Return a quantity; of none zero."""
    return plain(pair.qty_text(lots or 0))


def units_text(asset: Asset, units: int) -> str:
    """Return money."""
    return plain(asset.text(units))


def levels(pair: TradingPair, side: Iterable[Level]) -> list[tuple[str, str]]:
    """Return levels as pairs of price and quantity."""
    return [(price_text(pair, price), qty_text(pair, qty)) for price, qty in side]


def quote_text(pair: TradingPair, tick_lots: int) -> str:
    """Return a sum of price x quantity, given in ticks x lots."""
    return plain(fixed(tick_lots * pair.notional_unit, pair.quote.decimals))


def average_text(pair: TradingPair, tick_lots: int, lots: int) -> str:
    """Return the average of prices, rounded to eight decimals as Binance does."""
    if not lots:
        return price_text(pair, 0)
    return format((pair.price(tick_lots) / lots).quantize(Decimal(1).scaleb(-PLACES)), "f")


def symbol_of(pair: TradingPair, status: str) -> dict[str, Any]:
    """Return a pair as `exchangeInfo` lists it."""
    return {
        "symbol": name_of(pair),
        "status": status,
        "baseAsset": pair.base.code,
        "baseAssetPrecision": PLACES,
        "quoteAsset": pair.quote.code,
        "quotePrecision": PLACES,
        "quoteAssetPrecision": PLACES,
        "baseCommissionPrecision": PLACES,
        "quoteCommissionPrecision": PLACES,
        "orderTypes": list(ORDER_TYPES),
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(pair),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": list(STP_MODES),
    }


def _filters(pair: TradingPair) -> list[dict[str, Any]]:
    lot, most = qty_text(pair, 1), qty_text(pair, MOST_LOTS)
    tick = price_text(pair, 1)
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": price_text(pair, MOST_TICKS), "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": most, "stepSize": lot},
        {"filterType": "MARKET_LOT_SIZE", "minQty": lot, "maxQty": most, "stepSize": lot},
        {
            "filterType": "TRAILING_DELTA", "minTrailingAboveDelta": 1, "maxTrailingAboveDelta": 9999,
            "minTrailingBelowDelta": 1, "maxTrailingBelowDelta": 9999,
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": BAND_UP, "bidMultiplierDown": NO_LOWER,
            "askMultiplierUp": NO_UPPER, "askMultiplierDown": BAND_DOWN, "avgPriceMins": 0,
        },
        {
            "filterType": "NOTIONAL", "minNotional": units_text(pair.quote, pair.min_notional),
            "applyMinToMarket": True, "maxNotional": "9000000000000.00000000", "applyMaxToMarket": False,
            "avgPriceMins": 0,
        },
    ]  # fmt: skip
