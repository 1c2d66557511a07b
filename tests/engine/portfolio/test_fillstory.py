"""Slippage against a closed form, and the sentences at their edges."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, Side
from engine.domain.why import Arrival, FillExplained, Place
from engine.market.catalogue import PAIRS
from engine.portfolio.fillstory import Slippage, distance_text, fill_told, place_text, slippage

PAIR = PAIRS[0].pair
ME, ID = AccountId("me"), OrderId("o")


def fill(price: int, qty: int, side: Side = Side.BUY) -> OrderFilled:
    return OrderFilled(
        ME, ID, 1, PAIR.symbol, side, Ticks(price), Lots(qty), Units(1), Liquidity.TAKER, Lots(0), Nanos(9)
    )


def why(bid: int | None, ask: int | None) -> FillExplained:
    arrival = Arrival(
        Nanos(1), Nanos(3), None if bid is None else Ticks(bid), None if ask is None else Ticks(ask), None, ()
    )
    return FillExplained(ME, ID, 1, PAIR.symbol, Liquidity.TAKER, "0.001", "taken", arrival, (), (), Nanos(9))


def test_slippage_is_the_mean_distance_from_the_mid_weighted_by_quantity() -> None:
    found = slippage(
        [(fill(6_000_100, 2), why(6_000_000, 6_000_001)), (fill(6_000_200, 6), why(6_000_000, 6_000_001))], PAIR
    )

    assert found is not None
    mid = Decimal("60000.005")
    money = (Decimal("60001.00") - mid) * Decimal("0.00002") + (Decimal("60002.00") - mid) * Decimal("0.00006")
    assert found.money == money
    assert found.bps == (money / (mid * Decimal("0.00008")) * 10_000).quantize(Decimal("0.01"))


def test_a_sell_below_the_mid_is_worse_and_above_better() -> None:
    below = slippage([(fill(99, 1, Side.SELL), why(100, 100))], PAIR)
    above = slippage([(fill(101, 1, Side.SELL), why(100, 100))], PAIR)

    assert below is not None
    assert above is not None
    assert [below.bps, above.bps] == [Decimal(100), Decimal(-100)]
    assert "worse" in below.text("USDT")
    assert "better" in above.text("USDT")
    assert Slippage(Decimal(0), Decimal(0)).text("USDT") == "at the arrival mid"


def test_without_a_mid_or_a_fill_there_is_no_slippage() -> None:
    assert slippage([(fill(99, 1), why(None, 100))], PAIR) is None
    assert slippage([], PAIR) is None
    assert fill_told(fill(99, 1), why(None, 100), PAIR)["why"]["slippage"] is None


def test_a_place_is_exact_or_an_estimate() -> None:
    exact = Place(Lots(5), Lots(1), Lots(9), is_estimate=False)

    assert place_text(exact, PAIR) == "Exactly 0.00005 BTC ahead of it and 0.00001 behind, of 0.00009 at its price."
    assert place_text(exact._replace(is_estimate=True), PAIR).startswith("By estimate 0.00005")


def test_the_distance_of_the_market_is_in_words() -> None:
    assert distance_text(True, 10_000, 10_100, PAIR) == "The best ask is 101.00, 1.00 (100.00 bps) away."
    assert distance_text(False, 10_000, 10_000, PAIR) == "The best bid is 100.00: the order would trade now."
    assert distance_text(False, 10_000, None, PAIR) == "Nobody stands on the other side now."
