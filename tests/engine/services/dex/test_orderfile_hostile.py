"""What somebody wrote into the wallet's database is no order unless it could have been asked for in the window."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from engine.bus import Bus
from engine.defi.orders import plan as plans
from engine.defi.orders import states
from engine.defi.orders.limits import Confirmation, Limits
from engine.defi.orders.order import MOST_ALLOWED, DexOrder, LimitTerms, OrderState, SeriesTerms
from engine.defi.orders.plan import PlanState, YieldPlan
from engine.defi.token import Token
from engine.errors import StorageCorrupt
from engine.ports.wallet_store import WalletStore
from engine.services.dex.orderfile import ORDERS, PLANS, plan_restored, plan_stored, restored, stored
from engine.services.dex.seal import Seal
from engine.services.dex.shelf import Codec, Shelf
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
            read(replace(row, body=body))


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


class Ring:
    """A keyring in memory."""

    title = "tests"

    def __init__(self) -> None:
        self.is_open = True
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def put(self, name: str, value: str) -> None:
        self.kept[name] = value

    def remove(self, name: str) -> None:
        self.kept.pop(name, None)


class Rows:
    """A database in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    def keep_order(self, row: Any) -> None:  # noqa: ANN401
        self.rows[row.id] = row

    def orders(self, chain_id: int) -> list[Any]:
        return list(self.rows.values())


def shelves(rows: Rows, ring: Ring | None, folder: Path) -> list[Shelf[Any]]:
    """Both, as after a start."""

    def made(codec: Codec[Any]) -> Shelf[Any]:
        return Shelf(cast(WalletStore, rows), 1, Bus(), lambda: 1_000, codec, Seal(ring, folder))

    return [made(ORDERS), made(PLANS)]


async def test_an_order_that_was_written_here_comes_back_as_it_was(tmp_path: Path) -> None:
    rows, ring = Rows(), Ring()
    for shelf, kept in zip(shelves(rows, ring, tmp_path), (ORDER, PLAN), strict=True):
        await shelf.keep(kept)
    for shelf, kept in zip(shelves(rows, ring, tmp_path), (ORDER, PLAN), strict=True):
        assert await shelf.open() == ""
        assert shelf.all() == [kept]
    assert not any(key in row.body for row in rows.rows.values() for key in ring.kept.values())


@pytest.mark.parametrize("what", ["edited", "new", "no mark", "other wallet", "other name", "no ring", "shut ring"])
async def test_nothing_is_signed_alone_for_an_order_that_somebody_else_wrote(what: str, tmp_path: Path) -> None:
    rows, ring, folder = Rows(), Ring(), tmp_path
    for shelf, kept in zip(shelves(rows, ring, folder), (ORDER, PLAN), strict=True):
        await shelf.keep(kept)
    for row in list(rows.rows.values()):
        text, _, mark = row.body.partition("\n")
        if what == "edited":
            mine = changed(replace(row, body=text), "limits", "max_gas_cost", to=10**20)
            rows.rows[row.id] = replace(mine, body=f"{mine.body}\n{mark}")
        elif what == "new":
            rows.rows[row.id] = replace(row, body=f"{text}\n{'00' * 32}")
        elif what == "no mark":
            rows.rows[row.id] = replace(row, body=text)
        elif what == "other name":
            del rows.rows[row.id]
            copy = changed(replace(row, body=text, id=row.id * 2), "id", to=row.id * 2)
            rows.rows[copy.id] = replace(copy, body=f"{copy.body}\n{mark}")
        elif what == "other wallet":
            folder = tmp_path / "other"
    ring.is_open = what != "shut ring"

    for shelf in shelves(rows, None if what == "no ring" else ring, folder):
        await shelf.open()
        (found,) = shelf.all()
        assert found.limits.asks
        assert "asked" in found.why
