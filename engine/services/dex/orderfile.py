"""Orders and plans as rows of the wallet's database: JSON with every field, amounts as whole numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import msgspec

from engine.defi.orders import states
from engine.defi.orders.limits import Confirmation, Limits
from engine.defi.orders.order import Attempt, DexOrder, LimitTerms, OrderState, SeriesTerms, Slot
from engine.defi.orders.plan import PlanState, YieldPlan
from engine.defi.token import Token
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput, StorageCorrupt
from engine.ports.wallet_store import StoredOrder
from engine.services.dex.shelf import Codec

KIND = "dex-order"
PLAN_KIND = "yield-plan"
LONG_AGO = -1
"""When nothing had expired yet: what did is told when it is looked at."""
KINDS: dict[str, Any] = {
    "amount": int,
    "sell": Token,
    "buy": Token,
    "limits": Limits,
    "state": OrderState,
    "slots": tuple[Slot, ...],
    "attempt": Attempt | None,
}
"""What the fields of an order are that are no plain values."""


def stored(order: DexOrder, now: int) -> StoredOrder:
    """Return the row of an order."""
    return _row(order, KIND, order.state.value, now)


def restored(row: StoredOrder) -> DexOrder:
    """Return the order of a row.

    Raises:
        StorageCorrupt: it cannot be read, or is nothing that could have been asked for here.
    """
    with _readable(row):
        fields = json.loads(row.body)["order"]
        terms = SeriesTerms if "every_s" in fields["terms"] else LimitTerms
        kinds = KINDS | {"terms": terms}
        order = DexOrder(**{name: msgspec.convert(told, kinds.get(name, Any)) for name, told in fields.items()})
        order.check(LONG_AGO)
        _check_same(row, order)
        return order


def plan_stored(plan: YieldPlan, now: int) -> StoredOrder:
    """Return the row of a plan."""
    return _row(plan, PLAN_KIND, plan.state.value, now)


def plan_restored(row: StoredOrder) -> YieldPlan:
    """Return the plan of a row.

    Raises:
        StorageCorrupt: it cannot be read.
    """
    with _readable(row):
        plan = msgspec.convert(json.loads(row.body)["order"], YieldPlan)
        plan.limits.check()
        _check_same(row, plan)
        return plan


def _check_same(row: StoredOrder, found: DexOrder | YieldPlan) -> None:
    """Refuse what stands in the row of another."""
    if (found.id, found.chain_id, found.account) != (row.id, row.chain_id, row.account):
        raise InvalidInput("it is that of another order, account or chain.")


def _reopened(order: DexOrder) -> DexOrder:
    """Return an order after a start: what was due, and of which nothing was signed, is looked at anew."""
    return states.put_back(order, "") if order.state is OrderState.DUE else order


ASKED = "It was not written by this program, or the keyring was shut: you are asked before anything is signed for it."


def _asking(order: DexOrder) -> DexOrder:
    if order.limits.asks or order.state.is_over:
        return order
    return replace(order, limits=replace(order.limits, confirmation=Confirmation.ASK), why=ASKED)


def _asking_plan(plan: YieldPlan) -> YieldPlan:
    if plan.limits.asks:
        return plan
    return replace(plan, limits=replace(plan.limits, confirmation=Confirmation.ASK), why=ASKED)


def _row(kept: DexOrder | YieldPlan, kind: str, state: str, now: int) -> StoredOrder:
    body = json.dumps({"version": 1, "order": msgspec.to_builtins(kept)})
    return StoredOrder(
        kept.id, kind, kept.chain_id, kept.account, state, body, kept.created * NANOS_PER_SECOND, now * NANOS_PER_SECOND
    )


@contextmanager
def _readable(row: StoredOrder) -> Iterator[None]:
    try:
        yield
    except (
        msgspec.MsgspecError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        InvalidInput,
    ) as error:
        raise StorageCorrupt(f"The order {row.id} in the wallet's database cannot be read: {error}") from error


ORDERS = Codec(KIND, stored, restored, lambda each: each.state.is_over, _reopened, _asking)
PLANS = Codec(
    PLAN_KIND, plan_stored, plan_restored, lambda each: each.state is PlanState.ENDED, distrusted=_asking_plan
)
