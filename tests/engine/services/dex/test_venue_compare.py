"""The comparison of a book and a chain, by hand-worked figures and on the practice chain."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.domain.asset import Asset
from engine.domain.market import BookSnapshot, Level
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.market.l2 import L2Book
from engine.services.dex.venue_compare import compare, of_book, tokens_of
from tests.engine.services.dex.swapdesk import opened
from tests.practice import Node

FEE = FeeRate.parse(Decimal("0.001"))
FREE = FeeRate.parse(Decimal(0))
PAIR = TradingPair(
    "ETH/USDT", Asset("ETH"), Asset("USDT", shown_decimals=2), Decimal("0.01"), Decimal("0.0001"), Units(0), FEE, FEE
)


def book(bid: int, ask: int, lots: int = 10**7) -> L2Book:
    """Return a book of one level on each side; prices in ticks."""
    found = L2Book(PAIR.symbol)
    bids, asks = (Level(Ticks(bid), Lots(lots)),), (Level(Ticks(ask), Lots(lots)),)
    found.apply_snapshot(BookSnapshot(PAIR.symbol, bids, asks, 1, Nanos(0)))
    return found


def test_taking_from_a_book_counts_levels_and_the_takers_fee() -> None:
    levels = [Level(Ticks(300_000), Lots(10_000)), Level(Ticks(300_100), Lots(10_000))]

    bought = of_book(PAIR, Side.BUY, 15_000, levels, FEE)

    assert bought.total == Decimal("4500.5") + Decimal("4.5005")
    assert bought.average == (Decimal("4500.5") / Decimal("1.5")).quantize(Decimal("1e-12"))
    assert bought.fee == Decimal("4.5005")


def test_a_book_that_shows_too_little_is_no_price() -> None:
    found = of_book(PAIR, Side.SELL, 20_000, [Level(Ticks(300_000), Lots(10_000))], FEE)

    assert found.total is None
    assert found.problem == "It shows only 1.0000 ETH."


@pytest.mark.integration
async def test_both_sides_of_a_trade_come_out_as_the_chain_and_the_book_pay(practice: Node) -> None:
    async with opened(practice, None, "USDT") as desk:
        lots = 20_000  # 2 ETH
        sale = await compare(desk.quotes, desk.spec, PAIR, Side.SELL, lots, book(400_000, 400_100), FREE)
        buy = await compare(desk.quotes, desk.spec, PAIR, Side.BUY, lots, book(400_000, 400_100), FREE)
        quote = (await desk.quote("ETH", "USDT", "2")).best
        assert quote is not None
        _, came, _ = await desk.carry_out(quote)

        assert sale.book.total == Decimal(8_000)
        assert sale.chain.total is not None
        assert buy.chain.total is not None
        assert sale.chain.total + sale.chain.gas == desk.token("USDT").units(came).exact
        assert (sale.better, buy.better) == ("book", "chain")
        assert sale.by == 8_000 - sale.chain.total
        assert buy.by == 8_002 - buy.chain.total
        assert buy.chain.total > sale.chain.total
        assert any("USDT on Practice chain" in each for each in sale.assumptions)


@pytest.mark.integration
async def test_an_asset_that_the_chain_does_not_have_is_said(practice: Node) -> None:
    other = TradingPair("SOL/USDT", Asset("SOL"), Asset("USDT"), PAIR.tick, PAIR.lot, Units(0), FEE, FEE)
    bitcoin = TradingPair("BTC/USDT", Asset("BTC"), Asset("USDT"), PAIR.tick, PAIR.lot, Units(0), FEE, FEE)

    with pytest.raises(InvalidInput, match="no token that is known to stand for SOL"):
        tokens_of(practice.spec(), other)
    assert [each.symbol for each in tokens_of(practice.spec(), bitcoin)] == ["WBTC", "USDT"]
