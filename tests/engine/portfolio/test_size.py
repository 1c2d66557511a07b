from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import Level
from engine.domain.number import Lots, Ticks
from engine.domain.pair import FeeRate
from engine.portfolio.size import share, size_at_price, size_by_walking, size_to_sell
from tests.engine.portfolio.trading import COIN_CASH, rate

amounts = st.integers(0, 10**9)
ticks = st.integers(1, 10**4)
rates = st.sampled_from(["0", "0.0007", "0.001", "0.1", "2"]).map(rate)
books = st.lists(st.tuples(ticks, st.integers(1, 500)), max_size=6, unique_by=lambda row: row[0]).map(
    lambda rows: [Level(Ticks(price), Lots(qty)) for price, qty in sorted(rows)]
)


def cost(price: int, qty: int, fee: FeeRate) -> int:
    notional = COIN_CASH.notional(price, qty)
    return notional + fee.of(notional)


@given(amounts, ticks, rates)
def test_an_amount_buys_the_most_lots_it_pays_with_the_fee(amount: int, price: int, fee: FeeRate) -> None:
    size = size_at_price(COIN_CASH, amount, price, fee)

    assert size.spent == cost(price, size.qty, fee) <= amount < cost(price, size.qty + 1, fee)
    assert size.spent + size.over == amount


@given(amounts, books, rates)
def test_walking_the_book_spends_no_more_than_the_amount_and_could_not_buy_a_lot_more(
    amount: int, asks: list[Level], fee: FeeRate
) -> None:
    size = size_by_walking(COIN_CASH, amount, asks, fee)

    left, spent = int(size.qty), 0
    one_more = None
    for level in asks:
        part = min(left, level.qty)
        left, spent = left - part, spent + cost(level.price, part, fee)
        if part < level.qty and one_more is None:
            one_more = spent - cost(level.price, part, fee) + cost(level.price, part + 1, fee)
    assert left == 0
    assert spent == size.spent <= amount
    assert size.spent + size.over == amount
    assert one_more is None or one_more > amount


@given(amounts)
def test_what_is_no_whole_lot_is_not_sold(units: int) -> None:
    size = size_to_sell(COIN_CASH, units)

    assert size.spent + size.over == units
    assert 0 <= size.over < COIN_CASH.lot_unit
    assert size.spent == COIN_CASH.base_units(size.qty)


def test_a_share_of_what_is_free_is_rounded_down() -> None:
    assert [share(1_001, bps) for bps in (0, 2_500, 5_000, 10_000)] == [0, 250, 500, 1_001]
