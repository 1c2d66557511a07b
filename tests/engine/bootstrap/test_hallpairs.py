"""Which pairs a hall follows: what was asked for as far as it is listed, or a short list that every venue can give."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.adapters.exchanges.venues import spec_of
from engine.bootstrap.hallpairs import BASES, chosen
from engine.domain.asset import Asset
from engine.domain.instrument import Instrument, InstrumentKind
from engine.domain.number import Units
from engine.domain.pair import FeeRate, TradingPair


def listed(*symbols: str, trading: bool = True) -> tuple[Instrument, ...]:
    """Instruments of these names."""
    found = []
    for symbol in symbols:
        base, quote = symbol.partition(":")[0].split("/")
        pair = TradingPair(
            symbol, Asset(base), Asset(quote), Decimal("0.01"), Decimal("0.01"), Units(1),
            FeeRate.parse(Decimal("0.001")), FeeRate.parse(Decimal("0.001")),
        )  # fmt: skip
        kind = InstrumentKind.PERPETUAL if ":" in symbol else InstrumentKind.SPOT
        found.append(Instrument("venue", symbol.replace("/", ""), pair, kind, trading))
    return tuple(found)


EVERYTHING = listed(*(f"{base}/{quote}" for base in ("BTC", "ETH", "PEPE") for quote in ("EUR", "USD", "USDT")))


@pytest.mark.parametrize(
    ("venue", "expected"),
    [("binance", ("BTC/USDT", "ETH/USDT")), ("kraken", ("BTC/USD", "ETH/USD")), ("coinbase", ("BTC/USD", "ETH/USD"))],
)
def test_told_nothing_it_follows_a_short_list_in_what_is_traded_most_there(
    venue: str, expected: tuple[str, ...]
) -> None:
    assert chosen(spec_of(venue), EVERYTHING, ()) == (expected, ())


def test_the_short_list_takes_the_next_quote_where_a_venue_lacks_one() -> None:
    assert chosen(spec_of("binance"), listed("BTC/EUR", "SOL/USDC"), ()) == (("BTC/EUR", "SOL/USDC"), ())
    assert len(chosen(spec_of("kraken"), listed(*(f"{base}/EUR" for base in BASES)), ())[0]) == len(BASES)


def test_what_is_asked_for_is_followed_in_that_order_once_and_the_rest_named() -> None:
    asked = ("ETH/EUR", "XYZ/USDT", "BTC/USD", "ETH/EUR")
    assert chosen(spec_of("kraken"), EVERYTHING, asked) == (("ETH/EUR", "BTC/USD"), ("XYZ/USDT",))


def test_contracts_are_found_by_the_name_of_their_pair_where_only_they_are_listed() -> None:
    contracts = listed("BTC/USDT:USDT", "ETH/USDT:USDT")
    assert chosen(spec_of("binance_usdm"), contracts, ("BTC/USDT", "ETH/USDT:USDT"))[0] == (
        "BTC/USDT:USDT", "ETH/USDT:USDT",
    )  # fmt: skip
    assert chosen(spec_of("binance_usdm"), contracts, ())[0] == ("BTC/USDT:USDT", "ETH/USDT:USDT")
    assert chosen(spec_of("binance"), contracts, ("BTC/USDT",)) == ((), ("BTC/USDT",))


def test_what_a_venue_has_halted_is_not_followed() -> None:
    halted = listed("BTC/USDT", trading=False)
    assert chosen(spec_of("binance"), halted, ("BTC/USDT",)) == ((), ("BTC/USDT",))
