from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.account import Balance
from engine.domain.number import Nanos, Ticks, Units
from engine.portfolio.equity import DAY, DayMark, Valuation
from tests.engine.portfolio.trading import COIN_CASH, GEM_CASH, GEM_COIN, PAIRS

LAST = {"COIN/CASH": Ticks(1_005), "GEM/CASH": Ticks(310), "GEM/COIN": Ticks(42)}


def exact(units: int, ticks: int) -> Fraction:
    price = Fraction(COIN_CASH.tick) * ticks
    amount = Fraction(units, 10**COIN_CASH.base.decimals)
    return Fraction(amount * price * 10**COIN_CASH.quote.decimals)


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_the_worth_is_amount_times_price_rounded_down(units: int, ticks: int) -> None:
    worth = Valuation(PAIRS, "CASH").value("COIN", units, {"COIN/CASH": Ticks(ticks)})

    assert worth == exact(units, ticks) // 1


def test_the_currency_is_worth_itself() -> None:
    assert Valuation(PAIRS, "CASH").value("CASH", 77, {}) == 77


def test_a_pair_in_the_currency_is_preferred_to_a_detour() -> None:
    valuation = Valuation((GEM_COIN, GEM_CASH, COIN_CASH), "CASH")

    assert valuation.value("GEM", 100, LAST) == GEM_CASH.notional(310, 1)


def test_without_such_a_pair_one_step_through_another_asset_is_taken() -> None:
    valuation = Valuation((GEM_COIN, COIN_CASH), "CASH")

    assert valuation.value("GEM", 100, LAST) == exact(GEM_COIN.notional(42, 1), 1_005) // 1


def test_an_asset_without_a_chain_of_prices_has_no_worth() -> None:
    assert Valuation(PAIRS, "CASH").value("GEM", 100, {"GEM/COIN": Ticks(42)}) is None
    assert Valuation((COIN_CASH,), "CASH").value("GEM", 100, LAST) is None
    assert Valuation((GEM_COIN,), "CASH").value("GEM", 100, LAST) is None
    assert Valuation((GEM_COIN, COIN_CASH), "GEM").value("COIN", 100, LAST) is None


def test_equity_counts_free_and_locked_and_names_what_has_no_price() -> None:
    balances = {
        "CASH": Balance(Units(100), Units(50)),
        "COIN": Balance(Units(0), Units(1_000)),
        "GEM": Balance(Units(5), Units(0)),
        "OLD": Balance(Units(0), Units(0)),
    }

    equity = Valuation((COIN_CASH,), "CASH").equity(balances, LAST)

    assert equity == (150 + exact(1_000, 1_005) // 1, ("GEM",))


def test_the_day_counts_from_its_first_mark_and_deposits_are_no_profit() -> None:
    mark = DayMark()
    assert (mark.pnl(Units(500)), mark.opening) == (0, None)

    assert mark.mark(Nanos(5), Units(1_000))
    mark.deposited(Units(200))
    assert not mark.mark(Nanos(DAY - 1), Units(1_150))

    assert (mark.pnl(Units(1_150)), mark.opening) == (-50, 1_200)
    assert mark.mark(Nanos(DAY), Units(1_150))
    assert mark.pnl(Units(1_160)) == 10
