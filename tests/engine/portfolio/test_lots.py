"""The four lot methods against tables worked by hand, a naive twin in fractions, and their laws."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.account import Position
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, LotMethod, OrderId, Side
from engine.portfolio.lots import Disposal, LotBook, PairLots
from engine.portfolio.position import after_fill, flat
from tests.engine.portfolio.trading import COIN_CASH, GEM_CASH, GEM_COIN, PAIRS

LISTED = {pair.symbol: pair for pair in PAIRS}
ALL = list(LotMethod)
APART = [LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO]

Trade = tuple[Side, int, int, int]
"""Side, quantity in lots, price in ticks, fee in units; of COIN/CASH one tick times one lot is one unit."""

trades = st.lists(
    st.tuples(st.sampled_from(Side), st.integers(1, 40), st.integers(1, 300), st.integers(0, 30)), max_size=40
)


def filled(trade: Trade, number: int = 1, symbol: str = COIN_CASH.symbol) -> OrderFilled:
    side, qty, price, fee = trade
    return OrderFilled(
        AccountId("A"), OrderId(f"o{number}"), number, symbol, side, Ticks(price), Lots(qty), Units(fee),
        Liquidity.TAKER, Lots(0), Nanos(number),
    )  # fmt: skip


def buy(qty: int, price: int, fee: int) -> Trade:
    return (Side.BUY, qty, price, fee)


def sell(qty: int, price: int, fee: int) -> Trade:
    return (Side.SELL, qty, price, fee)


def traded(rows: Sequence[Trade], method: LotMethod) -> PairLots:
    fills = [filled(row, number) for number, row in enumerate(rows, 1)]
    return LotBook(LISTED, method, fills).pair(COIN_CASH.symbol)


# -- worked by hand -------------------------------------------------------------------------------

YEAR = [buy(10, 100, 1), buy(10, 130, 2), buy(5, 110, 1), sell(12, 120, 3), buy(4, 90, 1), sell(9, 105, 2)]
"""Lots 1-4 cost 1001, 1302, 551 and 361. The sales bring 1440 - 3 and 945 - 2."""

BY_HAND = {
    # of each sale: (lot, quantity, cost)…, then what it gains; then what is left and cost
    LotMethod.FIFO: (
        [(1, 10, 1001), (2, 2, 261)],  # 1302 x 2/10 = 260.4
        175,
        [(2, 8, 1041), (3, 1, 111)],  # 551 x 1/5 = 110.2
        -209,
        (8, 801),
    ),
    LotMethod.LIFO: (
        [(3, 5, 551), (2, 7, 912)],  # 1302 x 7/10 = 911.4
        -26,
        [(4, 4, 361), (2, 3, 390), (1, 2, 201)],  # 1001 x 2/10 = 200.2
        -9,
        (8, 800),
    ),
    LotMethod.HIFO: (
        [(2, 10, 1302), (3, 2, 221)],  # 130.2 each, then 110.2: 551 x 2/5 = 220.4
        -86,
        [(3, 3, 330), (1, 6, 601)],  # 110.2, then 100.1 before 90.25: 1001 x 6/10 = 600.6
        12,
        (8, 761),
    ),
    LotMethod.AVERAGE: (
        [(None, 12, 1370)],  # 2854 x 12/25 = 1369.92
        67,
        [(None, 9, 977)],  # (1484 + 361) x 9/17 = 976.8; over all purchases it would be 3215 x 9/29 = 997.8
        -34,
        (8, 868),
    ),
}


@pytest.mark.parametrize("method", ALL)
def test_a_year_worked_by_hand_comes_out_to_the_unit(method: LotMethod) -> None:
    first, first_gain, second, second_gain, left = BY_HAND[method]

    lots = traded(YEAR, method)

    assert [taken(each) for each in lots.disposals] == [first, second]
    assert [each.gain for each in lots.disposals] == [first_gain, second_gain]
    assert [(each.proceeds, each.fee) for each in lots.disposals] == [(1440, 3), (945, 2)]
    assert lots.position() == Position("COIN/CASH", *left, first_gain + second_gain, 10)  # type: ignore[arg-type]
    assert lots.realised - lots.cost == 1440 - 3 + 945 - 2 - (1001 + 1302 + 551 + 361)


def taken(disposal: Disposal) -> list[tuple[int | None, int, int]]:
    return [(None if each.lot is None else each.lot.number, each.qty, each.cost) for each in disposal.pieces]


@pytest.mark.parametrize(
    ("method", "left"),
    [
        (LotMethod.FIFO, [(3, 4, 440), (4, 4, 361)]),
        (LotMethod.LIFO, [(1, 8, 800)]),
        (LotMethod.HIFO, [(1, 4, 400), (4, 4, 361)]),
        (LotMethod.AVERAGE, []),
    ],
)
def test_what_is_left_of_each_lot_is_told_oldest_first(method: LotMethod, left: list[tuple[int, int, int]]) -> None:
    assert [(lot.number, lot.left, lot.cost_left) for lot in traded(YEAR, method).held()] == left


def test_of_lots_that_cost_the_same_the_oldest_goes_first() -> None:
    rows = [buy(2, 50, 0), buy(3, 50, 0), buy(1, 49, 1), sell(4, 60, 0)]  # 50 each, the fee included

    lots = traded(rows, LotMethod.HIFO)

    assert taken(lots.disposals[0]) == [(1, 2, 100), (2, 2, 100)]


def test_the_dearer_lot_is_found_even_if_the_difference_is_less_than_a_unit() -> None:
    rows = [buy(7, 100, 3), buy(9, 100, 4), buy(7, 100, 3), sell(1, 60, 0)]  # 100 3/7 and 100 4/9

    lots = traded(rows, LotMethod.HIFO)

    assert taken(lots.disposals[0]) == [(2, 1, 101)]


def test_a_pool_that_was_emptied_begins_anew() -> None:
    lots = traded([buy(3, 100, 1), sell(3, 90, 0), buy(2, 10, 0), sell(1, 12, 0)], LotMethod.AVERAGE)

    assert (lots.qty, lots.cost, lots.realised) == (1, 10, 270 - 301 + 12 - 10)
    assert [type(each).__name__ for each in lots.pooled] == ["Lot", "Disposal"]


@pytest.mark.parametrize("method", ALL)
def test_coins_that_came_by_deposit_are_sold_last_and_gain_nothing(method: LotMethod) -> None:
    lots = traded([sell(5, 100, 4), buy(5, 100, 0), sell(10, 120, 5)], method)

    nothing, part = lots.disposals
    assert (nothing.qty, nothing.beyond, nothing.gain, nothing.pieces) == (0, 5, 0, ())
    assert (part.qty, part.beyond, part.fee, part.gain) == (5, 5, 3, 600 - 3 - 500)
    assert (lots.qty, lots.cost, lots.fees) == (0, 0, 9)


@pytest.mark.parametrize("method", ALL)
def test_pairs_are_kept_apart(method: LotMethod) -> None:
    rows = [
        filled(buy(3, 100, 1), 1),
        filled(buy(4, 200, 2), 2, GEM_CASH.symbol),
        filled(buy(5, 300, 3), 3, GEM_COIN.symbol),
        filled(sell(1, 400, 1), 4, GEM_CASH.symbol),
    ]

    book = LotBook(LISTED, method, rows)

    gems = ceil(Fraction(4 * 200 * GEM_CASH.notional_unit + 2, 4))
    assert [(each.symbol, each.qty) for each in book.positions()] == [
        ("COIN/CASH", 3),
        ("GEM/CASH", 3),
        ("GEM/COIN", 5),
    ]
    assert book.pair(GEM_CASH.symbol).realised == 400 * GEM_CASH.notional_unit - 1 - gems
    assert [each.pair for each in book.pairs()] == list(PAIRS)


def test_a_pair_that_was_never_traded_is_flat() -> None:
    book = LotBook(LISTED, LotMethod.FIFO)

    assert book.pair(COIN_CASH.symbol).position() == flat("COIN/CASH")
    assert book.positions() == []


# -- a naive twin: lots as lists of single lots, sorted anew for every sale ---------------------------


def naive(rows: Sequence[Trade], method: LotMethod) -> tuple[list[int], int, int]:
    """Return the gains of the sales, what is held and its cost; ordered and rounded as the module says, no cleverer."""
    held: list[list[Fraction]] = []  # number, unit cost at purchase, left, cost left
    gains: list[int] = []
    keys = {
        LotMethod.FIFO: lambda lot: lot[0],
        LotMethod.LIFO: lambda lot: -lot[0],
        LotMethod.HIFO: lambda lot: (-lot[1], lot[0]),
    }
    for number, (side, qty, price, fee) in enumerate(rows):
        if side is Side.BUY:
            cost = Fraction(price * qty + fee)
            held.append([Fraction(number), cost / qty, Fraction(qty), cost])
            continue
        part = min(qty, int(sum(lot[2] for lot in held)))
        wanted, out = Fraction(part), 0
        for lot in sorted(held, key=keys[method]):
            here = min(lot[2], wanted)
            if here:
                share = ceil(lot[3] * here / lot[2])
                lot[2], lot[3], wanted, out = lot[2] - here, lot[3] - share, wanted - here, out + share
        held = [lot for lot in held if lot[2]]
        gains.append(price * part - ceil(Fraction(fee * part, qty)) - out if part else 0)
    return gains, int(sum(lot[2] for lot in held)), int(sum(lot[3] for lot in held))


@given(trades, st.sampled_from(APART))
def test_lots_apart_agree_with_the_naive_twin(rows: list[Trade], method: LotMethod) -> None:
    gains, qty, cost = naive(rows, method)

    lots = traded(rows, method)

    assert [each.gain for each in lots.disposals] == gains
    assert (lots.qty, lots.cost) == (qty, cost)


# -- laws -------------------------------------------------------------------------------------------


@given(trades)
def test_average_is_the_position_fill_for_fill(rows: list[Trade]) -> None:
    position, book = flat("COIN/CASH"), LotBook(LISTED, LotMethod.AVERAGE)

    for number, row in enumerate(rows, 1):
        position = after_fill(position, COIN_CASH, filled(row, number))
        book.apply(filled(row, number))
        assert book.pair("COIN/CASH").position() == position


@given(trades, st.sampled_from(ALL))
def test_realised_less_the_cost_held_is_the_cash_that_flowed(rows: list[Trade], method: LotMethod) -> None:
    lots = traded(rows, method)

    paid = sum(price * qty + fee for side, qty, price, fee in rows if side is Side.BUY)
    assert lots.realised - lots.cost == sum(each.proceeds - each.fee for each in lots.disposals) - paid


@given(trades, st.sampled_from(ALL))
def test_every_disposal_adds_up_and_takes_no_more_than_there_was(rows: list[Trade], method: LotMethod) -> None:
    for each in traded(rows, method).disposals:
        assert each.qty + each.beyond == each.fill.qty
        assert sum(piece.qty for piece in each.pieces) == each.qty
        assert sum(piece.cost for piece in each.pieces) == each.cost
        for piece in each.pieces:
            assert 0 < piece.qty <= piece.of_qty
            assert 0 <= piece.of_cost * piece.qty <= piece.cost * piece.of_qty  # never less than its share
            assert (piece.cost - 1) * piece.of_qty < piece.of_cost * piece.qty  # and less than a unit more


@given(trades)
def test_every_method_holds_the_same_quantity_and_gains_the_same_once_all_is_sold(rows: list[Trade]) -> None:
    held = traded(rows, LotMethod.AVERAGE).qty
    closed = [*rows, sell(held, 77, 1)] if held else rows

    by_method = [traded(closed, method).position() for method in ALL]

    assert {each.qty for each in by_method} == {0}
    assert len(set(by_method)) == 1


@given(trades, st.sampled_from(ALL))
def test_a_book_that_keeps_no_past_has_the_same_positions(rows: list[Trade], method: LotMethod) -> None:
    fills = [filled(row, number) for number, row in enumerate(rows, 1)]

    lean = LotBook(LISTED, method, fills, keep=False)

    assert lean.positions() == LotBook(LISTED, method, fills).positions()
    assert all(not lots.disposals and not lots.pooled for lots in lean.pairs())


@given(trades, st.sampled_from(APART))
def test_what_is_left_of_the_lots_is_what_is_held(rows: list[Trade], method: LotMethod) -> None:
    lots = traded(rows, method)

    assert (sum(lot.left for lot in lots.held()), sum(lot.cost_left for lot in lots.held())) == (lots.qty, lots.cost)
