import pytest
from hypothesis import given

from engine.domain.command import SetFees, SubmitOrder
from engine.domain.event import FundsDeposited, OrderAccepted, OrderFilled
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, OrderType, Side
from engine.domain.transaction import Posting, Transaction
from engine.errors import StorageCorrupt
from engine.portfolio.ledger import DEPOSITS, FEES, Ledger
from tests.engine.portfolio.trading import COIN_CASH, PAIRS, Act, Desk, rate, sessions

A = AccountId("A")


@given(sessions)
def test_debits_equal_credits_in_every_transaction_and_in_the_trial_balance(session: list[Act]) -> None:
    desk = Desk()
    for act in session:
        desk.run(act)
    ledger = Ledger()
    replayed: dict[tuple[str, str], int] = {}

    for record in desk.journal:
        transaction = ledger.post(record)
        if transaction is not None:
            assert transaction.imbalance() == {}
            for posting in transaction.postings:
                key = (posting.account, posting.asset)
                replayed[key] = replayed.get(key, 0) + posting.units

    assert replayed == ledger.totals()
    ledger.check()


@given(sessions)
def test_what_all_hold_and_paid_in_fees_is_what_was_deposited_and_won_from_the_market(
    session: list[Act],
) -> None:
    desk = Desk()
    for act in session:
        desk.run(act)
    totals = desk.fold.ledger.totals()
    held: dict[str, int] = {}
    for owner in desk.fold.accounts():
        for asset, balance in desk.fold.balances(owner).items():
            held[asset] = held.get(asset, 0) + balance.total

    for asset, units in held.items():
        market = sum(totals.get((f"market:{pair.symbol}", asset), 0) for pair in PAIRS)
        assert units == -totals.get((DEPOSITS, asset), 0) - market - totals.get((FEES, asset), 0)


def test_a_deposit_comes_from_deposits_and_goes_to_free() -> None:
    transaction = Ledger().post(FundsDeposited(A, "CASH", Units(500), Nanos(7)))

    assert transaction == Transaction(
        "deposit",
        "A",
        "",
        (Posting(DEPOSITS, "CASH", Units(-500), Nanos(7)), Posting("A:free", "CASH", Units(500), Nanos(7))),
        Nanos(7),
    )


def test_a_sale_moves_the_base_out_of_locked_and_the_proceeds_less_the_fee_into_free() -> None:
    ledger = Ledger([COIN_CASH])
    ledger.post(FundsDeposited(A, "COIN", Units(1_000), Nanos(1)))
    order = SubmitOrder(
        account=A, order_id=OrderId("o"), symbol="COIN/CASH", side=Side.SELL, order_type=OrderType.MARKET, qty=Lots(3)
    )
    locked = ledger.post(OrderAccepted(A, OrderId("o"), order, 1, Nanos(2)))
    fill = OrderFilled(
        A, OrderId("o"), 1, "COIN/CASH", Side.SELL, Ticks(100), Lots(3), Units(2), Liquidity.TAKER, Lots(0), Nanos(2)
    )

    sold = ledger.post(fill)

    assert locked is not None
    assert sold is not None
    assert (locked.why, [each[:3] for each in locked.postings]) == (
        "lock",
        [("A:free", "COIN", -300), ("A:locked", "COIN", 300)],
    )
    assert (sold.why, [each[:3] for each in sold.postings]) == (
        "sell",
        [
            ("A:locked", "COIN", -300),
            ("market:COIN/CASH", "COIN", 300),
            ("market:COIN/CASH", "CASH", -300),
            ("fees", "CASH", 2),
            ("A:free", "CASH", 298),
        ],
    )


def test_an_order_keeps_the_rates_of_its_acceptance() -> None:
    ledger = Ledger([COIN_CASH])
    ledger.post(FundsDeposited(A, "CASH", Units(10_000), Nanos(1)))
    ledger.post(SetFees(A, "COIN/CASH", rate("0.5"), None))
    order = SubmitOrder(
        account=A,
        order_id=OrderId("o"),
        symbol="COIN/CASH",
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=Lots(10),
        price=Ticks(100),
    )
    ledger.post(OrderAccepted(A, OrderId("o"), order, 1, Nanos(2)))
    ledger.post(SetFees(A, "COIN/CASH", None, None))

    assert ledger.balance(A, "CASH").locked == 1_500
    assert ledger.orders(A)[0].locked == 1_500


def test_an_unbalanced_transaction_names_what_is_over() -> None:
    odd = Transaction("lock", "A", "o", (Posting("A:free", "CASH", Units(3), Nanos(0)),), Nanos(0))

    assert odd.imbalance() == {"CASH": 3}


@pytest.mark.parametrize(
    ("account", "units", "says"),
    [
        ("A:free", -900, "A:free is short of 400 units of CASH"),
        (FEES, 5, "out of balance by 5 units of CASH"),
        ("A:locked", 7, "out of balance by 7"),
    ],
)
def test_the_check_names_what_does_not_add_up(account: str, units: int, says: str) -> None:
    ledger = Ledger()
    ledger.post(FundsDeposited(A, "CASH", Units(500), Nanos(1)))
    ledger._totals[account, "CASH"] = ledger._totals.get((account, "CASH"), 0) + units

    with pytest.raises(StorageCorrupt, match=says):
        ledger.check()


def test_money_locked_for_no_order_is_found() -> None:
    ledger = Ledger()
    ledger.post(FundsDeposited(A, "CASH", Units(500), Nanos(1)))
    ledger._totals["A:free", "CASH"] -= 5
    ledger._totals["A:locked", "CASH"] = 5

    with pytest.raises(StorageCorrupt, match="A has CASH locked that no open order sets aside"):
        ledger.check()
