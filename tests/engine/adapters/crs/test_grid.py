from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.crs.address import server_url
from engine.adapters.crs.grid import lots_of, pair_of, ticks_of
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput, NotACrsServer
from engine.market.catalogue import PAIRS, PairSpec
from engine.server.api.markets import market_of

EVERY_PAIR = st.sampled_from([spec.pair for spec in PAIRS])


@given(EVERY_PAIR, st.integers(1, 10**12), st.integers(0, 10**15))
def test_what_a_pair_writes_is_read_back(pair: TradingPair, ticks: int, lots: int) -> None:
    assert ticks_of(pair, pair.price_text(ticks)) == ticks
    assert lots_of(pair, pair.qty_text(lots)) == lots


@given(EVERY_PAIR, st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=10))
def test_any_decimal_is_read_as_the_pair_itself_reads_it(pair: TradingPair, value: Decimal) -> None:
    expected = pair.ticks(value)
    if expected is None or expected <= 0:
        with pytest.raises(ValueError, match=r"."):
            ticks_of(pair, format(value, "f"))
    else:
        assert ticks_of(pair, format(value, "f")) == expected


@pytest.mark.parametrize("text", ["", "-1.00", "1e3", "NaN", "1.0.0", "0x10", "٣", " 1", "0.00"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ticks_of(PAIRS[0].pair, text)


@pytest.mark.parametrize("spec", PAIRS, ids=lambda spec: spec.symbol)
def test_a_pair_survives_its_way_over_the_network(spec: PairSpec) -> None:
    found = pair_of(market_of(spec.pair, "trading"))

    assert (found.symbol, found.tick, found.lot) == (spec.pair.symbol, spec.pair.tick, spec.pair.lot)
    assert (found.min_notional, found.taker_fee) == (spec.pair.min_notional, spec.pair.taker_fee)
    assert (found.notional_unit, found.lot_unit) == (spec.pair.notional_unit, spec.pair.lot_unit)


def test_a_grid_that_is_none_is_no_answer_of_a_server() -> None:
    market = market_of(PAIRS[0].pair, "trading")
    market.tick = "0.0000000000000000000001"
    with pytest.raises(NotACrsServer, match="grid"):
        pair_of(market)
    assert Decimal(market.lot)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("exchange.example.org", "https://exchange.example.org"),
        (" https://Exchange.example.org:8443/ ", "https://exchange.example.org:8443"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("127.0.0.1:8080/binance", "http://127.0.0.1:8080/binance"),
        ("https://exchange.example.org/crs/kraken/", "https://exchange.example.org/crs/kraken"),
    ],
)
def test_an_address_is_made_whole(typed: str, url: str) -> None:
    assert server_url(typed) == url


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "no address"),
        ("https://me:secret@exchange.example.org", "Leave name and password out"),
        ("https://exchange.example.org/login?x=1", "what follows the host"),
        ("https://exchange.example.org/login.html", "what follows the host"),
        ("https://exchange.example.org//evil", "what follows the host"),
        ("http://exchange.example.org", "readable over the network"),
        ("https://exchange.example.org:port", "no address"),
        ("file:///etc/passwd", "no address"),
    ],
)
def test_an_address_that_cannot_be_is_refused_with_a_reason(typed: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as raised:
        server_url(typed)
    assert "secret" not in str(raised.value)
