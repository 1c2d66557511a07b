"""What somebody wrote into the wallet's database is no order unless it could have been asked for in the window."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.defi.orders import plan as plans
from engine.defi.orders import states
from engine.defi.orders.limits import Confirmation, Limits
from engine.defi.orders.order import MOST_ALLOWED, DexOrder, LimitTerms, OrderState, SeriesTerms
from engine.defi.orders.plan import PlanState, YieldPlan
from engine.defi.token import Token
from engine.errors import StorageCorrupt
from engine.services.dex.orderfile import plan_restored, plan_stored, restored, stored
from tests.engine.defi.orders.test_states import attempt

SELL, BUY = Token(1, "0x" + "1" * 40, "A", 18), Token(1, "0x" + "2" * 40, "B", 6)
ALONE = Limits(Confirmation.WITHIN_LIMITS, max_gas_cost=10**15, per_day=2)
ORDER = DexOrder("s", 1, "0xme", SELL, BUY, 10**18, LimitTerms(5, expires=2_000), ALONE, 900)
SERIES = replace(ORDER, terms=SeriesTerms(1_000, 60, 5))
PLAN = YieldPlan("p", 1, "0xme", "farm", None, BUY, BUY, None, "", ALONE, 900)


def changed(row: Any, *path: str, to: object) -> Any:  # noqa: ANN401
    body = json.loads(row.body)
    at = body["order"]
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = to
    return replace(row, body=json.dumps(body))


EDITS: list[tuple[str, object]] = [
    ("amount", 0), ("amount", -1), ("amount", "1"), ("amount", 1e30), ("chain_id", 5), ("account", "0xother"),
    ("id", "other"), ("sell.chain_id", 5), ("sell.decimals", 99), ("terms.least", 0), ("terms.least", -5),
    ("limits.max_slippage_bps", 9_999), ("limits.max_slippage_bps", 0), ("limits.max_gas_cost", None),
    ("limits.per_day", None), ("limits.per_day", -1), ("limits.max_gas_cost", -1), ("limits.confirmation", "never"),
    ("terms", []), ("terms", {}), ("limits", None), ("slots", {"a": 1}), ("nonsense", 1), ("buy", None),
]  # fmt: skip


@pytest.mark.parametrize(("path", "to"), EDITS)
def test_an_order_that_could_not_have_been_asked_for_is_none(path: str, to: object) -> None:
    row = stored(ORDER, 1_000)
    assert restored(row) == ORDER
    with pytest.raises(StorageCorrupt):
        restored(changed(row, *path.split("."), to=to))


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", '{"order": []}', '{"order": 5}', "[" * 5_000])
def test_what_is_no_order_at_all_is_told(body: str) -> None:
    for read, row in ((restored, stored(ORDER, 1_000)), (plan_restored, plan_stored(PLAN, 1_000))):
        with pytest.raises(StorageCorrupt):
            read(replace(row, body=body))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("path", "to"),
    [("chain_id", 5), ("account", "0xother"), ("limits.max_slippage_bps", 9_999), ("limits.per_day", None)],
)
def test_a_plan_that_could_not_have_been_asked_for_is_none(path: str, to: object) -> None:
    row = plan_stored(PLAN, 1_000)
    assert plan_restored(row) == PLAN
    with pytest.raises(StorageCorrupt):
        plan_restored(changed(row, *path.split("."), to=to))


@pytest.mark.parametrize("order", [ORDER, SERIES])
def test_a_token_that_forgets_its_allowance_costs_gas_a_few_times_only(order: DexOrder) -> None:
    for _ in range(MOST_ALLOWED):
        assert order.state is OrderState.WAITING
        order = states.step_done(states.sending(states.fell_due(order), attempt(order, "approve")))

    assert order.state is OrderState.PAUSED
    assert "allowance" in order.why
    again = states.resumed(restored(stored(order, 1_000)), 1_001)
    assert (again.state, again.allowed) == (OrderState.WAITING, 0)


def test_a_plan_whose_token_forgets_its_allowance_pauses() -> None:
    plan = plans.begun(PLAN, 1_000)
    for _ in range(MOST_ALLOWED):
        assert plan.state is PlanState.WAITING
        plan = plans.approved(plans.sending(plan, attempt(ORDER, "approve")), 5)

    assert plan.state is PlanState.PAUSED
    assert "allowance" in plan.why
    assert plans.resumed(plan_restored(plan_stored(plan, 1_000))).state is PlanState.WAITING
