"""What is kept of public exchanges survives a restart, and a damaged file loses nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from crs_desktop.viewmodels.exchange.offered import EXCHANGES, meaning, offered
from crs_desktop.viewmodels.exchange.places import PAIRS, ExchangePlaces
from engine.adapters.exchanges.venues import SPECS
from engine.domain.instrument import InstrumentKind


def test_what_was_agreed_used_and_shown_is_there_again(tmp_path: Path) -> None:
    places = ExchangePlaces(tmp_path / "exchanges.json")
    places.agree("binance")
    places.agree("kraken")
    places.use("kraken")
    places.show("kraken", ("BTC/USD", "ETH/EUR"))

    again = ExchangePlaces(tmp_path / "exchanges.json")

    assert again.known.last == "kraken"
    assert again.pairs("kraken") == ("BTC/USD", "ETH/EUR")
    assert again.get("binance") is not None
    assert again.get("coinbase") is None
    assert not (tmp_path / "exchanges.part").exists()


def test_pairs_of_an_exchange_that_was_never_agreed_to_are_not_kept() -> None:
    places = ExchangePlaces(None)

    places.show("binance", ("BTC/USDT",))

    assert places.pairs("binance") == ()


def test_a_file_from_elsewhere_is_bounded_and_checked(tmp_path: Path) -> None:
    pairs = ", ".join(f'"A{number}/USDT"' for number in range(200))
    evil = '{"name": "ccxt-../../x"}, {"name": "nowhere"}'
    text = f'{{"venues": [{{"name": "binance", "pairs": [{pairs}]}}, {evil}], "last": "nowhere"}}'
    (tmp_path / "exchanges.json").write_text(text)

    places = ExchangePlaces(tmp_path / "exchanges.json")

    assert [each.name for each in places.known.venues] == ["binance"]
    assert len(places.pairs("binance")) == PAIRS
    assert places.known.last == ""


def test_a_damaged_file_is_set_aside_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "exchanges.json").write_bytes(b"\xff{")

    places = ExchangePlaces(tmp_path / "exchanges.json")

    assert "set aside as exchanges.damaged.json" in str(places.problem)
    assert (tmp_path / "exchanges.damaged.json").exists()
    assert places.known.venues == ()


def test_the_window_offers_what_the_engine_knows_and_names_who_is_contacted() -> None:
    """The table is a copy, so that a menu need not import the network."""
    for each in EXCHANGES:
        spec = SPECS[each.name]
        hosts = tuple(url.split("/")[2] for url in (spec.rest_url, spec.socket_url))
        assert (each.title, each.hosts) == (spec.title, hosts)
        assert each.trades == (spec.kind is InstrumentKind.SPOT)
    assert {each.name for each in EXCHANGES} == set(SPECS)


@pytest.mark.parametrize("venue", EXCHANGES, ids=lambda each: each.name)
def test_connecting_is_explained_with_who_is_contacted_and_where_orders_go(venue: object) -> None:
    found = next(each for each in EXCHANGES if each is venue)
    said = " ".join(str(each) for each in meaning(found, found.hosts))

    assert all(host in said for host in found.hosts)
    assert "No key is needed and none is sent" in said
    assert ("Orders stay on this computer" in said) == found.trades
    assert ("not traded" in said) != found.trades


def test_the_general_way_says_that_it_is_slower() -> None:
    venue = offered("ccxt-bitfinex")

    assert venue is not None
    assert any("slower" in str(each) for each in meaning(venue, venue.hosts))
