"""Order lists (OCO, OTO, bracket): known by name, refused until the exchange can carry them."""

from __future__ import annotations

from collections.abc import Container
from hashlib import blake2b

from engine.domain.command import Fault, SubmitList
from engine.domain.order import Reason
from engine.exchange import checks
from engine.exchange.account import Account, digest_of


def list_digest(command: SubmitList) -> str:
    """Return a short digest that is equal for equal lists, and differs from that of any order."""
    parts = [f"list:{command.kind}"]
    for order in command.orders:
        parts += (order.order_id, digest_of(order))
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def list_fault(command: SubmitList, account: Account, symbols: Container[str]) -> Fault:
    """Return why the list is refused: what names it wrongly first, else that lists are not built."""
    for order in command.orders:
        if order.symbol not in symbols:
            return checks.no_market(order.symbol)
    ids = [command.order_id, *(order.order_id for order in command.orders)]
    for position, order_id in enumerate(ids):
        if order_id in account.orders or order_id in account.outcomes or order_id in ids[:position]:
            return checks.used_id(order_id)
    return Fault(Reason.BAD_ORDER, f"Order lists ({command.kind}) are not available yet.")
