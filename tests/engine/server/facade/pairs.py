"""Pairs for tests of translation: a fine grid and a coarse one."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.asset import Asset
from engine.domain.pair import FeeRate, TradingPair


def pair_of(base: str = "BTC", tick: str = "0.01", lot: str = "0.00001", fee: str = "0.001") -> TradingPair:
    """Return a pair against USDT."""
    quote, rate = Asset("USDT"), FeeRate.parse(Decimal(fee))
    return TradingPair(
        f"{base}/USDT", Asset(base), quote, Decimal(tick), Decimal(lot), quote.units(Decimal(5)), rate, rate
    )


BTC = pair_of()
DOGE = pair_of("DOGE", "0.00001", "1")
