"""Looking orders up for a request, off the loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from engine.domain.order import OrderId
from engine.server.facade.answers import ShownOrder
from engine.server.facade.fault import Fault, missing
from engine.server.facade.operation import Asked
from engine.server.facade.reads import Shelf, find_order
from engine.services.offload import offload

R = TypeVar("R")


def shelf_of(asked: Asked) -> Shelf:
    """Return where the past of whoever asks lies."""
    pairs = {pair.symbol: pair for pair in asked.services.core.pairs()}
    return Shelf(asked.services.exchange_db, asked.account, pairs)


async def read(asked: Asked, query: Callable[[Shelf], R]) -> R:
    """Return what a query finds."""
    return await offload(query, shelf_of(asked))


async def find(
    asked: Asked, none: Callable[[], Fault], *, number: str = "orderId", name: str = "origClientOrderId"
) -> ShownOrder:
    """Return the order of a symbol that the parameters name by number, by id, or by both.

    Raises:
        Fault: neither was sent, or `none` if there is no such order.
    """
    pair, told = asked.pair(), asked.told
    by_number = told.integer(number)
    by_name = told.text(name) if name in told else None
    if by_number is None and by_name is None:
        raise missing(name)
    shown = await read(asked, lambda shelf: find_order(shelf, number=by_number, order_id=by_name))
    if shown is None or shown.pair.symbol != pair.symbol:
        raise none()
    return shown


async def all_of(asked: Asked, order_ids: Sequence[OrderId]) -> list[ShownOrder]:
    """Return orders of the account by their ids."""

    def query(shelf: Shelf) -> list[ShownOrder]:
        found = (find_order(shelf, order_id=order_id) for order_id in order_ids)
        return [each for each in found if each is not None]

    return await read(asked, query)
