"""Orders as rows of the wallet's database: JSON with every field, amounts as whole numbers."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from engine.defi.orders.limits import Limits
from engine.defi.orders.order import Attempt, DexOrder, LimitTerms, OrderState, SeriesTerms, Slot
from engine.defi.token import Token
from engine.errors import InvalidInput, StorageCorrupt
from engine.ports.wallet_store import StoredOrder

KIND = "dex-order"
NS = 10**9
KINDS: dict[str, Any] = {
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
    return StoredOrder(
        order.id,
        KIND,
        order.chain_id,
        order.account,
        order.state.value,
        json.dumps({"version": 1, "order": msgspec.to_builtins(order)}),
        order.created * NS,
        now * NS,
    )


def restored(row: StoredOrder) -> DexOrder:
    """Return the order of a row.

    Raises:
        StorageCorrupt: it cannot be read.
    """
    try:
        fields = json.loads(row.body)["order"]
        terms = SeriesTerms if "every_s" in fields["terms"] else LimitTerms
        kinds = KINDS | {"terms": terms}
        return DexOrder(**{name: msgspec.convert(told, kinds.get(name, Any)) for name, told in fields.items()})
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, InvalidInput) as error:
        raise StorageCorrupt(f"The order {row.id} in the wallet's database cannot be read: {error}") from error
