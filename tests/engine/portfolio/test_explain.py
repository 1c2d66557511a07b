"""Explanations: trees of terms that add up to the number shown, with the numbers filled in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.account import Balance
from engine.domain.event import OrderFilled
from engine.domain.number import NANOS_PER_SECOND, Nanos, Ticks, Units
from engine.domain.order import LotMethod, Side
from engine.portfolio.equity import DAY, Valuation
from engine.portfolio.explain import Price, average, realised, realised_in, unrealised
from engine.portfolio.explain_worth import Worth, day_profit, equity
from engine.portfolio.lots import LotBook, PairLots
from engine.portfolio.position import average_ticks
from engine.portfolio.position import unrealised as gained
from engine.portfolio.term import MANY, Explanation, Term, gathered, walk
from tests.engine.portfolio.test_lots import LISTED, YEAR, Trade, buy, filled, sell, trades
from tests.engine.portfolio.trading import CASH, COIN, COIN_CASH, GEM, GEM_CASH, GEM_COIN, PAIRS

ALL = list(LotMethod)
ASSETS = {asset.code: asset for asset in (CASH, COIN, GEM)}


def book_of(rows: Sequence[Trade], method: LotMethod, step: int = 1) -> LotBook:
    fills = [filled(row, number) for number, row in enumerate(rows, 1)]
    return LotBook(LISTED, method, [_later(each, step) for each in fills])


def _later(fill: OrderFilled, step: int) -> OrderFilled:
    from dataclasses import replace

    return replace(fill, at=Nanos(fill.at * step))


def coin(rows: Sequence[Trade], method: LotMethod) -> PairLots:
    return book_of(rows, method).pair(COIN_CASH.symbol)


def lines(explanation: Explanation) -> list[tuple[int, str, int]]:
    return [(depth, term.label, term.amount) for depth, term in walk(explanation.total)]


def hows(explanation: Explanation) -> str:
    return "\n".join(term.how for _, term in walk(explanation.total))


def proved(term: Term) -> int:
    """Look at every term, which proves each, and return how many there are."""
    return len(list(walk(term)))


# -- the law ----------------------------------------------------------------------------------------


@given(trades, st.sampled_from(ALL), st.integers(1, 400))
def test_every_explanation_adds_up_to_the_number_that_is_shown(rows: list[Trade], method: LotMethod, last: int) -> None:
    book = book_of(rows, method, step=NANOS_PER_SECOND * 50_000)
    lots = book.pair(COIN_CASH.symbol)
    position = lots.position()
    price = Price(Ticks(last), "SIMULATED last", Nanos(0))

    numbers = {
        realised(lots): position.realised,
        realised_in(book, CASH): position.realised,
        unrealised(lots, price): gained(position, COIN_CASH, last),
        average(lots): position.cost,
    }

    for explanation, number in numbers.items():
        assert explanation.total.amount == number
        assert proved(explanation.total)


@given(st.lists(st.integers(0, 10**7), max_size=200))
def test_terms_gathered_by_period_are_the_same_terms(seconds: list[int]) -> None:
    items = sorted(seconds)

    terms = gathered(
        items,
        lambda each: each * NANOS_PER_SECOND,
        lambda each: each,
        lambda each: Term(str(each), Units(each)),
        "things",
    )

    total = Term("all", Units(sum(items)), "", lambda: terms)
    leaves = [int(term.label) for _, term in walk(total) if term.more is None]
    assert leaves == items
    assert proved(total)
    assert len(terms) <= MANY or len(items) > MANY


def test_a_term_whose_parts_do_not_add_up_is_found() -> None:
    wrong = Term("wrong", Units(3), "", lambda: [Term("one", Units(1))])

    with pytest.raises(ArithmeticError, match="'wrong' are 2 units away"):
        proved(Term("top", Units(3), "", lambda: [wrong]))
    assert proved(Term("plain", Units(3))) == 1


# -- realised ---------------------------------------------------------------------------------------


def test_a_sale_names_proceeds_fee_and_every_lot_with_its_numbers() -> None:
    told = realised(coin(YEAR, LotMethod.FIFO))

    assert lines(told)[:6] == [
        (0, "COIN/CASH", 175 - 209),
        (1, "1970-01-01 00:00:00 sold 1.2 COIN at 12.0", 175),
        (2, "Proceeds", 1440),
        (2, "Selling fee", -3),
        (2, "Cost from lot 1", -1001),
        (2, "Cost from lot 2", -261),
    ]
    assert told.shown == "-0.34"
    assert "1.2 COIN x 12.0" in hows(told)
    assert "all 1 COIN that was left of it; bought 1970-01-01 00:00:00: 1 COIN x 10.0 + taker fee 0.01" in hows(told)
    assert "13.02 x 0.2 / 1.0, rounded up; bought" in hows(told)
    assert "order o4, trade 4" in hows(told)
    assert (told.method, told.note) == (LotMethod.FIFO, "")


def test_by_average_cost_a_sale_names_the_pool() -> None:
    told = realised(coin(YEAR, LotMethod.AVERAGE))

    assert lines(told)[4] == (2, "Average cost", -1370)
    assert "28.54 x 1.2 / 2.5, rounded up; of a pool of 2.5 COIN that cost 28.54 CASH" in hows(told)


@pytest.mark.parametrize("method", ALL)
def test_what_came_by_deposit_is_named_and_moves_no_profit(method: LotMethod) -> None:
    told = realised(coin([sell(5, 100, 4), buy(5, 100, 0), sell(10, 120, 5)], method))

    assert (2, "0.5 COIN in no lot", 0) in lines(told)
    assert "taker fee of trade 3: 0.05 x 0.5 / 1.0, rounded up" in hows(told)
    assert "deposit" in told.note


def test_realised_profit_can_be_asked_of_a_period() -> None:
    lots = coin(YEAR, LotMethod.FIFO)

    assert realised(lots, until=Nanos(5)).total.amount == 175
    assert realised(lots, since=Nanos(5)).total.amount == -209
    assert realised(lots, since=Nanos(7)).total.how == "0 sales"


def test_the_profit_of_a_currency_leaves_other_currencies_out() -> None:
    rows = [filled(buy(3, 100, 1), 1), filled(sell(3, 101, 1), 2)]
    gems = [filled(buy(3, 100, 0), 3, GEM_COIN.symbol), filled(sell(3, 200, 0), 4, GEM_COIN.symbol)]
    book = LotBook(LISTED, LotMethod.LIFO, [*rows, *gems])

    assert [term.label for term in realised_in(book, CASH).total.parts()] == ["COIN/CASH"]
    assert realised_in(book, COIN).total.amount == 3 * 100 * GEM_COIN.notional_unit
    assert realised_in(book, GEM).total.amount == 0


def test_a_year_of_sales_is_put_together_by_month_and_day() -> None:
    rows = [buy(40, 100, 0)] * 20 + [sell(1, 120, 0)] * 400
    book = book_of(rows, LotMethod.FIFO, step=NANOS_PER_SECOND * 7_000)

    (pair,) = realised_in(book, CASH).total.parts()
    months = pair.parts()

    assert [month.label for month in months] == ["1970-01", "1970-02"]
    assert months[0].how == "362 sales"
    assert months[0].parts()[0].label == "1970-01-02"
    assert months[0].parts()[0].parts()[0].label.startswith("1970-01-02 16:")


# -- what is held -------------------------------------------------------------------------------------


def test_the_average_price_is_the_cost_by_the_quantity() -> None:
    lots = coin(YEAR, LotMethod.FIFO)

    told = average(lots)

    exact = average_ticks(lots.position(), COIN_CASH)
    assert exact is not None
    assert (told.shown, round(exact)) == ("10.0", 100)
    assert told.total.how == "8.01 CASH ÷ 0.8 COIN = 10.0, to the nearest tick"
    assert lines(told)[1:] == [(1, "Lot 3: 0.4 COIN left of 0.5", 440), (1, "Lot 4: 0.4 COIN left of 0.4", 361)]
    assert "sales took 1.11 CASH of 5.51 CASH" in hows(told)


def test_the_average_of_a_pool_names_what_went_in_and_out() -> None:
    told = average(coin(YEAR, LotMethod.AVERAGE))

    assert [(label, amount) for _, label, amount in lines(told)[1:]] == [
        ("Into the pool: 1 COIN", 1001),
        ("Into the pool: 1 COIN", 1302),
        ("Into the pool: 0.5 COIN", 551),
        ("Out of the pool: 1.2 COIN", -1370),
        ("Into the pool: 0.4 COIN", 361),
        ("Out of the pool: 0.9 COIN", -977),
    ]


@pytest.mark.parametrize("method", ALL)
def test_many_purchases_are_put_together_too(method: LotMethod) -> None:
    rows = [buy(3, 100 + at % 7, 1) for at in range(200)]
    told = average(book_of([*rows, sell(100, 90, 1)], method, step=NANOS_PER_SECOND * 7_000).pair("COIN/CASH"))
    at_once = average(book_of(rows, method, step=0).pair("COIN/CASH"))

    assert told.total.parts()[0].label.startswith("1970-01-0")
    assert proved(told.total)
    assert len(at_once.total.parts()) == 200
    assert proved(at_once.total)


@pytest.mark.parametrize("method", ALL)
def test_nothing_held_has_no_average(method: LotMethod) -> None:
    told = average(coin([buy(5, 100, 1), sell(5, 100, 1)], method))

    assert (told.shown, told.total.amount, told.total.how, list(told.total.parts())) == ("-", 0, "nothing is held", [])


def test_unrealised_profit_names_the_price_its_source_and_its_age() -> None:
    told = unrealised(coin(YEAR, LotMethod.HIFO), Price(Ticks(140), "REPLAY last", Nanos(2_300_000_000)))

    assert lines(told)[:3] == [
        (0, "Unrealised profit", 8 * 140 - 761),
        (1, "Worth", 8 * 140),
        (1, "Cost of what is held", -761),
    ]
    assert "0.8 COIN x 14.0 (REPLAY last, 2.3 s old)" in hows(told)


# -- worth --------------------------------------------------------------------------------------------


def worth(at: int = 0, **units: tuple[int, int]) -> Worth:
    prices = {
        COIN_CASH.symbol: Price(Ticks(105), "SIMULATED last", Nanos(1_000_000_000)),
        GEM_COIN.symbol: Price(Ticks(2_001), "last bar"),
    }
    balances = {code: Balance(Units(free), Units(locked)) for code, (free, locked) in units.items()}
    return Worth(Nanos(at), balances, prices)


def value(side: Side) -> Valuation:
    return Valuation((COIN_CASH, GEM_COIN) if side is Side.BUY else PAIRS, "CASH")


def test_equity_names_every_balance_with_its_price_and_the_way_to_the_currency() -> None:
    held = worth(CASH=(1_000, 234), COIN=(1_055, 0), GEM=(707, 0))
    valuation = value(Side.BUY)
    last = {symbol: price.ticks for symbol, price in held.prices.items()}

    told = equity(valuation, ASSETS, held)

    assert told.total.amount == valuation.equity(held.balances, last).units
    assert [term.label for term in told.total.parts()] == ["CASH", "COIN", "GEM"]
    assert "1.055 free + 0 locked x 10.5 (SIMULATED last, 1.0 s old) COIN/CASH, rounded down" in hows(told)
    assert "7.07 free + 0 locked x 2.001 (last bar) GEM/COIN, rounded down x 10.5" in hows(told)
    assert proved(told.total)


def test_what_has_no_price_is_named_and_counts_as_nothing() -> None:
    held = Worth(Nanos(0), {"CASH": Balance(Units(0), Units(0)), "GEM": Balance(Units(5), Units(0))}, {})

    told = equity(value(Side.BUY), ASSETS, held)

    assert told.total.amount == 0
    assert "no price leads to CASH" in hows(told)


def test_the_day_profit_is_equity_less_that_of_the_opening_and_what_was_paid_in() -> None:
    opening, now = worth(DAY, CASH=(1_000, 0), COIN=(100, 0)), worth(DAY + 5, CASH=(1_500, 0), COIN=(100, 0))

    told = day_profit(value(Side.BUY), ASSETS, now, opening, deposited=300)

    assert told.total.amount == 200
    assert [term.label for term in told.total.parts()] == [
        "Equity",
        "Equity at the opening of the day",
        "Paid in since then",
    ]
    assert "valued 1970-01-02 00:00:00" in hows(told)
    assert proved(told.total)


def test_before_the_day_was_opened_there_is_no_profit() -> None:
    assert day_profit(value(Side.SELL), ASSETS, worth(CASH=(5, 0)), None).total.amount == 0
    assert day_profit(value(Side.SELL), ASSETS, worth(CASH=(5, 0)), worth(CASH=(5, 0))).total.amount == 0
    assert GEM_CASH.quote is CASH
