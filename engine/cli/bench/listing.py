"""The pair in which everything is measured."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.asset import Asset
from engine.domain.pair import FeeRate, TradingPair

_FEE = FeeRate.parse(Decimal("0.001"))
_USDT = Asset("USDT")

PAIR = TradingPair(
    "BTC/USDT", Asset("BTC"), _USDT, Decimal("0.01"), Decimal("0.00001"), _USDT.units(Decimal(1)), _FEE, _FEE
)
