"""Every fact of an account becomes the report that Binance would send, with the order as it stands after it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.domain.command import SubmitOrder
from engine.domain.event import (
    BalanceChanged,
    FundsDeposited,
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, CancelReason, Liquidity, ListKind, OrderId, OrderType, Side
from engine.server.facade.reports import Reporter, position
from tests.engine.server.facade.pairs import BTC

ME, NOW = AccountId("U-1"), Nanos(1_700_000_000_000_000_000)
PAIRS = {"BTC/USDT": BTC}


def at(seconds: int) -> Nanos:
    return Nanos(NOW + seconds * 10**9)


def accepted(order_id: str, number: int, **more: Any) -> OrderAccepted:  # noqa: ANN401 - fields of the fact
    kind = more.pop("kind", OrderType.LIMIT)
    order = SubmitOrder(
        account=ME, order_id=OrderId(order_id), symbol="BTC/USDT", side=Side.SELL, order_type=kind, qty=Lots(1_000),
        price=None if kind is OrderType.STOP else Ticks(4_000_000),
        stop_price=Ticks(3_900_000) if kind is OrderType.STOP else None,
    )  # fmt: skip
    return OrderAccepted(ME, OrderId(order_id), order, number, at(0), **more)


def filled(order_id: str, lots: int, left: int, trade_id: int = 7) -> OrderFilled:
    fee = BTC.taker_fee.of(BTC.notional(4_000_000, lots))
    return OrderFilled(
        ME, OrderId(order_id), trade_id, "BTC/USDT", Side.SELL, Ticks(4_000_000), Lots(lots), fee, Liquidity.MAKER,
        Lots(left), at(trade_id),
    )  # fmt: skip


def told(reporter: Reporter, *facts: object) -> list[dict[str, Any]]:
    return [report for fact in facts for report in reporter.apply(fact, NOW)]


def test_fills_add_up_in_the_reports() -> None:
    reports = told(Reporter(ME, PAIRS), accepted("a", 1), filled("a", 300, 700), filled("a", 700, 0, 8))

    assert [(each["x"], each["X"]) for each in reports] == [
        ("NEW", "NEW"), ("TRADE", "PARTIALLY_FILLED"), ("TRADE", "FILLED"),
    ]  # fmt: skip
    assert [each["l"] for each in reports] == ["0.00000000", "0.00300000", "0.00700000"]
    assert [each["z"] for each in reports] == ["0.00000000", "0.00300000", "0.01000000"]
    assert Decimal(reports[-1]["Z"]) == Decimal(400)
    assert [each["n"] for each in reports] == ["0", "0.12000000", "0.28000000"]
    assert (reports[1]["t"], reports[1]["N"], reports[1]["m"], reports[1]["i"]) == (7, "USDT", True, 1)


@pytest.mark.parametrize(
    ("reason", "kind", "status"),
    [
        (CancelReason.USER, "CANCELED", "CANCELED"),
        (CancelReason.IOC, "EXPIRED", "EXPIRED"),
        (CancelReason.NO_LIQUIDITY, "EXPIRED", "EXPIRED"),
        (CancelReason.STP, "TRADE_PREVENTION", "EXPIRED_IN_MATCH"),
    ],
)
def test_every_end_has_its_word(reason: CancelReason, kind: str, status: str) -> None:
    last = told(
        Reporter(ME, PAIRS), accepted("a", 1), OrderCancelled(ME, OrderId("a"), reason, Lots(1_000), at(1))
    )[-1]  # fmt: skip

    assert (last["x"], last["X"]) == (kind, status)
    assert last["C"] == ("a" if kind == "CANCELED" else "")
    assert last["w"] is False


def test_a_stop_works_once_it_was_triggered_and_amends_are_replacements() -> None:
    reports = told(
        Reporter(ME, PAIRS),
        accepted("s", 1, kind=OrderType.STOP),
        OrderTriggered(ME, OrderId("s"), at(1)),
        OrderAmended(ME, OrderId("s"), Lots(500), None, Ticks(3_900_000), Lots(500), True, at(2)),
        OrderExpired(ME, OrderId("s"), Lots(500), at(3)),
    )

    assert [(each["x"], each["w"]) for each in reports] == [
        ("NEW", False), ("NEW", True), ("REPLACED", True), ("EXPIRED", False),
    ]  # fmt: skip
    assert (reports[0]["o"], reports[0]["P"], reports[2]["q"]) == ("STOP_LOSS", "39000.00000000", "0.00500000")


def test_a_list_begins_with_its_first_order_and_ends_with_its_last() -> None:
    legs = {"list_id": OrderId("L"), "list_kind": ListKind.OTO}
    reporter = Reporter(ME, PAIRS)
    reports = told(
        reporter,
        accepted("entry", 5, **legs),
        accepted("later", 6, starts_after=OrderId("entry"), **legs),
        filled("entry", 1_000, 0),
        LegStarted(ME, OrderId("later"), Lots(1_000), at(8)),
        OrderCancelled(ME, OrderId("later"), CancelReason.USER, Lots(1_000), at(9)),
    )

    assert [each.get("X", each.get("L")) for each in reports] == [
        "EXECUTING", "NEW", "PENDING_NEW", "FILLED", "NEW", "CANCELED", "ALL_DONE",
    ]  # fmt: skip
    assert {each["g"] for each in reports} == {5}
    assert [each["i"] for each in reports[-1]["O"]] == [5, 6]


def test_only_the_accounts_own_orders_are_told() -> None:
    reporter = Reporter(AccountId("U-2"), PAIRS)

    with pytest.raises(KeyError):  # whoever feeds it asks first whose fact it is
        told(reporter, accepted("a", 1))
    assert told(reporter, filled("a", 1, 0)) == []


def test_money_is_told_exactly_and_the_last_change_counts() -> None:
    change = BalanceChanged(ME, "USDT", Units(1), Units(2 * 10**18), at(1))
    newer = change._replace(free=Units(5 * 10**18 + 1), at=at(2))
    deposit = told(Reporter(ME, PAIRS), FundsDeposited(ME, "BTC", Units(10**17), at(1)))[0]

    assert position([change, newer], PAIRS, NOW)["B"] == [
        {"a": "USDT", "f": "5.000000000000000001", "l": "2.00000000"}
    ]  # fmt: skip
    assert (deposit["e"], deposit["a"], deposit["d"]) == ("balanceUpdate", "BTC", "0.10000000")
