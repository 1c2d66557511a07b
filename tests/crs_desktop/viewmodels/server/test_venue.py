"""Whose money it is, in words: a hall of a server trades paper money at the prices of its exchange."""

from __future__ import annotations

from crs_desktop.viewmodels.server.venue import ShownVenue


def test_a_hall_is_named_by_its_address_and_its_money_is_paper() -> None:
    hall = ShownVenue("U-1", "demo.example.org/binance", "binance", exchange="Binance")
    assert str(hall.band) == "LIVE · account U-1 on demo.example.org/binance"
    assert str(hall.money) == "paper money at the prices of Binance"
    assert hall.is_live


def test_a_market_that_is_neither_a_demo_nor_a_hall_is_warned_of() -> None:
    assert str(ShownVenue("U-1", "a.example.org", "demo").money) == "demo market: no real money"
    assert str(ShownVenue("U-1", "a.example.org", "real").money) == "orders go to the server at once"
