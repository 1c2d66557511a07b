"""Our own orders on the ladder: which there are and where they stand, taking them out, moving them.

Moved is what the venue has acknowledged; until then the order shows where it stands and where it wants to go.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.ladder_rows import Own, bucket
from crs_desktop.viewmodels.order_groups import consequence, groups
from crs_desktop.viewmodels.queue import POLL_S
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.event import OrderRejected
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderStatus, Side
from engine.errors import CrsError
from engine.services.order_fold import OrderRecord
from engine.services.task import TaskOwner


@dataclass(frozen=True, slots=True)
class Asked:
    """A cancel that takes more with it than was pointed at."""

    text: Sentence
    order_ids: tuple[OrderId, ...]


class LadderOrders:
    """The orders of the desk's pair; `changed` is called when there is something to show."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        self._desk, self._changed = desk, changed
        self._tasks = TaskOwner("ladder orders")
        self._own: list[Own] | None = None
        self._looked = float("-inf")
        self._moving: dict[OrderId, Ticks] = {}
        self.asked: Asked | None = None
        self.refusal: Sentence | None = None

    def close(self) -> None:
        """End what is on its way."""
        self._tasks.close()

    def forget(self) -> None:
        """Look again: an order changed, or it is another pair or account."""
        self._own = None

    def own(self) -> list[Own]:
        """Return our orders with a price, oldest first; their places are at most a quarter of a second old."""
        now = time.monotonic()
        if self._own is None or (self._own and now - self._looked >= POLL_S):
            self._looked = now
            records = self._desk.orders.records(self._desk.symbol)
            self._own = [each for record in records if (each := self._shown(record)) is not None]
        return self._own

    def at(self, side: Side, price: int, ticks: int) -> list[Own]:
        """Return our orders in the row that begins at a price."""
        return [each for each in self.own() if each.side is side and bucket(each.price, side, ticks) == price // ticks]

    def cancel(self, side: Side | None, price: int, ticks: int) -> bool:
        """Take out what we have in a row, on one side or (None) both; False if that is nothing."""
        sides = (Side.BUY, Side.SELL) if side is None else (side,)
        found = [each for one in sides for each in self.at(one, price, ticks)]
        self.asked = self.refusal = None
        ids = tuple(each.order_id for each in found)
        doubts = [doubt for each in ids if (doubt := self._consequence(each)) is not None]
        if doubts:
            self.asked = Asked(doubts[0], ids)
            self._changed()
        elif ids:
            self._tasks.start(self._cancel(ids))
        return bool(ids)

    def confirm(self) -> bool:
        """Take out what was asked about; False if nothing was."""
        asked, self.asked = self.asked, None
        if asked is not None:
            self._tasks.start(self._cancel(asked.order_ids))
        return asked is not None

    def dismiss(self) -> bool:
        """Keep what was asked about; False if nothing was."""
        asked, self.asked = self.asked, None
        return asked is not None

    def move(self, order_id: OrderId, price: Ticks) -> None:
        """Ask the venue to move an order."""
        found = next((each for each in self.own() if each.order_id == order_id), None)
        if found is None or found.price == price or price <= 0:
            return
        self.refusal, self._moving[order_id] = None, price
        self.forget()
        self._changed()
        self._tasks.start(self._move(order_id, price, is_stop=found.place is None and self._is_waiting(order_id)))

    # -- inside -------------------------------------------------------------------------------------

    def _shown(self, record: OrderRecord) -> Own | None:
        order = record.order
        if record.status is OrderStatus.WAITING:
            price = order.stop_price
        else:
            price = order.price if record.status is OrderStatus.WORKING else None
        if price is None:
            return None
        place = self._desk.venue.place_in_queue(order.order_id) if record.status is OrderStatus.WORKING else None
        return Own(order.order_id, order.side, price, record.left, place, self._moving.get(order.order_id))

    def _is_waiting(self, order_id: OrderId) -> bool:
        return self._desk.orders.record(order_id).status is OrderStatus.WAITING

    def _consequence(self, order_id: OrderId) -> Sentence | None:
        desk = self._desk
        group = next((each for each in groups(desk.orders.records()) if each.record(order_id) is not None), None)
        record = group.record(order_id) if group is not None else None
        if group is None or record is None or group.list_id is None:
            return None
        position, pair = desk.portfolio.position(desk.symbol), desk.pair
        held = position.qty if position is not None else Lots(0)
        stays = fmt.quantity(pair, min(held, record.order.qty))
        return consequence(group, record, held, stays, pair.base.code)

    async def _cancel(self, ids: tuple[OrderId, ...]) -> None:
        for order_id in ids:
            if order_id not in {each.order.order_id for each in self._desk.orders.records()}:
                continue  # it went with its list, or was filled
            try:
                answer = await self._desk.orders.cancel(order_id)
            except CrsError as error:
                self._refuse(verbatim(str(error)))
                return
            if isinstance(answer, OrderRejected):
                self._refuse(say("Not cancelled: {why}", why=answer.text))
        self._changed()

    async def _move(self, order_id: OrderId, price: Ticks, *, is_stop: bool) -> None:
        try:
            if is_stop:
                answer = await self._desk.orders.amend(order_id, stop_price=price)
            else:
                answer = await self._desk.orders.amend(order_id, price=price)
        except CrsError as error:
            self._refuse(verbatim(str(error)))
        else:
            if isinstance(answer, OrderRejected):
                self._refuse(say("Not moved: {why}", why=answer.text))
        finally:
            self._moving.pop(order_id, None)
            self.forget()
            self._changed()

    def _refuse(self, text: Sentence) -> None:
        self.refusal = text
        self._changed()
