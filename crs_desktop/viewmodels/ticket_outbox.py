"""What the ticket sent: each order on its way to its end, told to whoever listens, and undone while that is offered."""

from __future__ import annotations

from collections.abc import Callable

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.timeline import Timeline
from crs_desktop.viewmodels.words import Sentence, verbatim
from engine.domain.event import OrderCancelled, OrderFilled, OrderRejected
from engine.domain.number import Lots, Nanos
from engine.domain.order import OrderId
from engine.errors import CrsError

KEPT = 20
"""Timelines that are remembered."""


class Outbox:
    """Sends orders and follows them; `clock` is monotonic."""

    def __init__(self, desk: Desk, clock: Callable[[], Nanos]) -> None:
        self._desk, self._clock = desk, clock
        self.timelines: list[Timeline] = []
        self._sent: Hook[Timeline] = Hook()
        self._progress: Hook[Timeline] = Hook()
        self._open = [
            desk.bus.subscribe(OrderFilled, self._on_filled),
            desk.bus.subscribe(OrderCancelled, self._on_cancelled),
        ]

    async def send(self, timeline: Timeline) -> None:
        """Send an order; how it went is in its timeline."""
        self.timelines = [timeline, *self.timelines[: KEPT - 1]]
        self._sent.fire(timeline)
        try:
            answer = await self._desk.orders.submit(timeline.order)
        except CrsError as error:
            timeline.refuse(str(error))
        else:
            if isinstance(answer, OrderRejected):
                timeline.refuse(answer.text)
            else:
                timeline.accept()

    async def undo(self, timeline: Timeline) -> Sentence | None:
        """Cancel an order that was just sent; return why it could not be."""
        timeline.undone = True
        try:
            answer = await self._desk.orders.cancel(timeline.order.order_id)
        except CrsError as error:
            return verbatim(str(error))
        return verbatim(answer.text) if isinstance(answer, OrderRejected) else None

    def newest_to_undo(self) -> Timeline | None:
        """Return the newest order for which Undo is offered."""
        return next((each for each in self.timelines if self.can_undo(each)), None)

    def can_undo(self, timeline: Timeline) -> bool:
        """Whether Undo is still offered for an order."""
        return timeline.can_undo(self._clock())

    def forget(self) -> None:
        """Follow none of the orders any further."""
        self.timelines = []

    def tell(self, timeline: Timeline) -> None:
        """Tell those on `on_progress` that an order got further."""
        self._progress.fire(timeline)

    def on_sent(self, call: Callable[[Timeline], object]) -> Link[Timeline]:
        """Be told when an order goes out (the toast shows it)."""
        return self._sent.add(call)

    def on_progress(self, call: Callable[[Timeline], object]) -> Link[Timeline]:
        """Be told when an order that was sent gets further."""
        return self._progress.add(call)

    def close(self) -> None:
        """End subscriptions; safe to call twice."""
        while self._open:
            self._open.pop().close()

    def _of(self, order_id: OrderId) -> Timeline | None:
        return next((each for each in self.timelines if each.order.order_id == order_id), None)

    def _on_filled(self, fact: OrderFilled) -> None:
        timeline = self._of(fact.order_id)
        if timeline is not None:
            timeline.fill(fact.price, Lots(fact.qty), fact.fee)
            self.tell(timeline)

    def _on_cancelled(self, fact: OrderCancelled) -> None:
        timeline = self._of(fact.order_id)
        if timeline is not None:
            timeline.end(fact.reason)
            self.tell(timeline)
