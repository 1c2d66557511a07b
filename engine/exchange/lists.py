"""Order lists (OCO, OTO, bracket): known by name, refused until the exchange can carry them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.domain.command import SubmitOrder
from engine.domain.order import AccountId, OrderId


class ListKind(StrEnum):
    """How the orders of a list hang together."""

    OCO = "oco"
    """One cancels the other."""
    OTO = "oto"
    """One triggers the other."""
    BRACKET = "bracket"
    """Entry, take-profit, stop."""


@dataclass(frozen=True, slots=True)
class SubmitList:
    """Send orders that hang together; lists and orders share one space of ids."""

    account: AccountId
    order_id: OrderId
    kind: ListKind
    orders: tuple[SubmitOrder, ...]
