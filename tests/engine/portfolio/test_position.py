from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.account import Position
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, Side
from engine.portfolio.position import PositionBook, after_fill, average_ticks, break_even_ticks, flat, unrealised
from tests.engine.portfolio.trading import COIN_CASH, GEM_CASH

fills = st.lists(
    st.tuples(st.sampled_from(Side), st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 1000)), max_size=30
)


def fill(side: Side, price: int, qty: int, fee: int) -> OrderFilled:
    return OrderFilled(
        AccountId("A"),
        OrderId("o"),
        1,
        COIN_CASH.symbol,
        side,
        Ticks(price),
        Lots(qty),
        Units(fee),
        Liquidity.TAKER,
        Lots(0),
        Nanos(0),
    )


def held_only(rows: list[tuple[Side, int, int, int]]) -> list[OrderFilled]:
    """Return fills in which no more is sold than was bought."""
    held, kept = 0, []
    for side, price, qty, fee in rows:
        if side is Side.SELL:
            qty = min(qty, held)
            if not qty:
                continue
        held += qty if side is Side.BUY else -qty
        kept.append(fill(side, price, qty, fee))
    return kept


def fold(rows: list[OrderFilled]) -> Position:
    position = flat(COIN_CASH.symbol)
    for row in rows:
        position = after_fill(position, COIN_CASH, row)
    return position


@given(fills, st.integers(1, 10**6))
def test_realised_and_unrealised_are_the_cash_that_flowed_and_the_worth_that_is_held(
    rows: list[tuple[Side, int, int, int]], last: int
) -> None:
    kept = held_only(rows)
    sign = {Side.BUY: -1, Side.SELL: 1}
    cash = sum(sign[row.side] * COIN_CASH.notional(row.price, row.qty) - row.fee for row in kept)

    position = fold(kept)

    worth = COIN_CASH.notional(last, position.qty)
    assert position.realised + unrealised(position, COIN_CASH, last) == cash + worth
    assert position.realised - position.cost == cash
    assert position.fees == sum(row.fee for row in kept)


@given(fills)
def test_the_average_cost_is_that_of_exact_fractions_within_a_unit_per_sale(
    rows: list[tuple[Side, int, int, int]],
) -> None:
    kept = held_only(rows)
    qty, cost, sales = 0, Fraction(0), 0
    for row in kept:
        if row.side is Side.BUY:
            qty, cost = qty + row.qty, cost + COIN_CASH.notional(row.price, row.qty) + row.fee
        else:
            cost -= cost * row.qty / qty
            qty, sales = qty - row.qty, sales + 1

    position = fold(kept)

    assert position.qty == qty
    assert 0 <= cost - position.cost <= sales
    assert position.cost >= 0
    assert (position.cost == 0) if qty == 0 else True


@given(fills)
def test_one_sale_takes_out_the_exact_share_of_cost_rounded_up(rows: list[tuple[Side, int, int, int]]) -> None:
    position = fold([row for row in held_only(rows) if row.side is Side.BUY])
    if not position.qty:
        return
    part = max(1, position.qty // 3)

    after = after_fill(position, COIN_CASH, fill(Side.SELL, 50, part, 0))

    assert position.cost - after.cost == ceil(Fraction(position.cost * part, position.qty))


def test_a_round_trip_with_fees_by_hand() -> None:
    bought = after_fill(flat("COIN/CASH"), COIN_CASH, fill(Side.BUY, 100, 10, 2))
    assert bought == Position("COIN/CASH", Lots(10), Units(1_002), Units(0), Units(2))
    assert average_ticks(bought, COIN_CASH) == Fraction(1_002, 10)

    sold = after_fill(bought, COIN_CASH, fill(Side.SELL, 110, 10, 3))

    assert sold == Position("COIN/CASH", Lots(0), Units(0), Units(1_100 - 3 - 1_002), Units(5))
    assert average_ticks(sold, COIN_CASH) is None


def test_selling_what_was_deposited_moves_no_profit() -> None:
    nothing = after_fill(flat("COIN/CASH"), COIN_CASH, fill(Side.SELL, 100, 5, 4))
    assert (nothing.qty, nothing.cost, nothing.realised, nothing.fees) == (0, 0, 0, 4)

    bought = after_fill(nothing, COIN_CASH, fill(Side.BUY, 100, 5, 0))
    beyond = after_fill(bought, COIN_CASH, fill(Side.SELL, 120, 10, 5))

    assert (beyond.qty, beyond.cost, beyond.realised) == (0, 0, 600 - 3 - 500)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 500))
def test_selling_at_break_even_loses_nothing_and_a_tick_lower_does(price: int, qty: int, fee_bps: int) -> None:
    rate = Fraction(fee_bps, 10_000)
    position = after_fill(flat("COIN/CASH"), COIN_CASH, fill(Side.BUY, price, qty, 17))

    level = break_even_ticks(position, COIN_CASH, rate)

    assert level is not None
    assert COIN_CASH.notional(level, qty) * (1 - rate) >= position.cost
    assert COIN_CASH.notional(level - 1, qty) * (1 - rate) < position.cost


def test_nothing_held_and_fees_of_all_have_no_break_even() -> None:
    held = after_fill(flat("COIN/CASH"), COIN_CASH, fill(Side.BUY, 100, 10, 2))

    assert break_even_ticks(flat("COIN/CASH"), COIN_CASH, Fraction(0)) is None
    assert break_even_ticks(held, COIN_CASH, Fraction(1)) is None


def test_a_book_keeps_pairs_apart() -> None:
    book = PositionBook()

    book.apply(COIN_CASH, fill(Side.BUY, 100, 10, 2))

    assert book.position(COIN_CASH.symbol).qty == 10
    assert book.position(GEM_CASH.symbol) == flat(GEM_CASH.symbol)
    assert [each.symbol for each in book.positions()] == [COIN_CASH.symbol]
