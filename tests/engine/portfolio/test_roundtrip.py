"""Round trips, drawdown and holding, against hand counts and a law."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.asset import Asset
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.roundtrip import Drawdown, Holding, round_trips, summary

FEE = FeeRate.parse(Decimal("0.01"))
PAIR = TradingPair(
    "AAA/USD", Asset("AAA", 2, 2), Asset("USD", 2, 2), Decimal(1), Decimal(1), Units(0), FEE, FEE
)  # one tick times one lot is 100 units
START = Units(1_000_000)


def fill(at: int, side: Side, qty: int, price: int) -> OrderFilled:
    fee = FEE.of(PAIR.notional(price, qty))
    return OrderFilled(
        AccountId("A"), OrderId(f"o{at}"), at, PAIR.symbol, side, Ticks(price), Lots(qty), fee, Liquidity.TAKER,
        Lots(0), Nanos(at),
    )  # fmt: skip


TRADES = [
    fill(1, Side.BUY, 10, 100),
    fill(2, Side.SELL, 4, 110),
    fill(3, Side.SELL, 6, 120),
    fill(4, Side.BUY, 5, 120),
    fill(5, Side.SELL, 5, 110),
    fill(6, Side.BUY, 2, 100),
]


def test_trips_go_from_flat_to_flat_and_fees_are_part_of_their_result() -> None:
    won, lost, held = round_trips(PAIR, TRADES)

    assert (won.opened, won.closed, won.bought, won.sold, won.held) == (1, 3, 10, 10, 0)
    assert won.result(PAIR, last=1) == (440 + 720 - 1_000) * 100 - (1_000 + 440 + 720)
    assert lost.result(PAIR, last=1) == (550 - 600) * 100 - (600 + 550)
    assert (held.closed, held.held) == (None, 2)
    assert held.result(PAIR, last=90) == (180 - 200) * 100 - 200


def test_the_summary_is_what_one_counts_by_hand() -> None:
    fall = Drawdown(START)
    for equity in (1_010_000, 990_000, 1_020_000, 1_000_500, 1_015_000):
        fall.note(equity)

    found = summary(PAIR, TRADES, start=START, last=90, drawdown=fall, holding=Holding(100, 90, START, FEE))

    assert (found.closed, found.wins, found.win_rate) == (2, 1, 0.5)
    assert (found.best, found.worst) == (13_840, -6_150)
    assert found.profit == 13_840 - 6_150 - 2_200 == found.equity - START
    assert found.fees == 2_160 + 1_150 + 200
    assert (found.drawdown, found.drawdown_share) == (20_000, 20_000 / 1_010_000)
    bought = 99  # at 100 each costs 10,000 and a fee of 100
    assert found.held == bought * 9_000 - bought * 10_100


def test_an_account_that_did_nothing_has_no_rate_and_no_fall() -> None:
    found = summary(PAIR, [], start=START, last=90, drawdown=Drawdown(START), holding=Holding(100, 90, Units(1), FEE))

    assert (found.trips, found.profit, found.win_rate, found.best, found.held) == ((), 0, None, None, 0)
    assert found.drawdown_share == 0.0
    assert Drawdown(Units(0)).share == 0.0


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9), st.integers(50, 150)), max_size=30), st.integers(50, 150))
def test_results_of_all_trips_add_up_to_the_change_of_equity(moves: list[tuple[bool, int, int]], last: int) -> None:
    fills: list[OrderFilled] = []
    cash, held = int(START), 0
    for at, (buys, wanted, price) in enumerate(moves, start=1):
        qty = wanted if buys else min(wanted, held)
        if not qty:
            continue
        made = fill(at, Side.BUY if buys else Side.SELL, qty, price)
        fills.append(made)
        way = 1 if buys else -1
        held += way * qty
        cash -= way * PAIR.notional(price, qty) + made.fee

    found = summary(
        PAIR, fills, start=START, last=last, drawdown=Drawdown(START), holding=Holding(100, last, START, FEE)
    )

    assert found.equity == cash + PAIR.notional(last, held)
