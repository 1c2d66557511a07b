"""In which currency a market's accounts are valued."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.domain.asset import Asset
from engine.market.catalogue import PAIRS
from engine.portfolio.currency import currency_of

BTC = PAIRS[0].pair


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [(["USDT"], "USDT"), (["USD", "USDT"], "USD"), (["ETH", "EUR", "USD"], "EUR"), (["ETH"], "USDT"), ([], "USDT")],
)
def test_the_first_money_that_was_listed_counts(quotes: list[str], expected: str) -> None:
    pairs = [replace(BTC, symbol=f"BTC/{code}", quote=Asset(code)) for code in quotes]

    assert currency_of(pairs) == expected
