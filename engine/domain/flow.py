"""Orders of unfunded flow: the agents of the offline market, who have no account and no ledger.

A flow order is a function of seed and simulated time only, so it is never journaled. Agents trade in
the same book, at the same priority, as everybody else.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side


class FlowKind(IntEnum):
    """What a flow order does."""

    LIMIT = 0
    """Trade what crosses, rest what is left under `key`."""
    IOC = 1
    """Trade what crosses at `price` or better, drop the rest."""
    CANCEL = 2
    """Take the resting order `key` out; nothing happens if it is gone."""


class FlowOrder(NamedTuple):
    """One act of an agent in one pair; `key` is unique among the pair's resting flow orders."""

    at: Nanos
    kind: FlowKind
    key: int
    side: Side
    price: Ticks
    qty: Lots
