"""What the ticket sent: each order on its way to its end, told to whoever listens, and undone while that is offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.timeline import Timeline, TimelineFact
from crs_desktop.viewmodels.words import Sentence, verbatim
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Nanos
from engine.errors import CrsError
from engine.ports.venue import ListAccepted

KEPT = 20
"""Timelines that are remembered."""


class Outbox:
    """Sends orders and follows them; `clock` is monotonic."""

    def __init__(self, desk: Desk, clock: Callable[[], Nanos]) -> None:
        self._desk, self._clock = desk, clock
        self.timelines: list[Timeline] = []
        self._sent: Hook[Timeline] = Hook()
        self._progress: Hook[Timeline] = Hook()
        kinds: tuple[type[TimelineFact], ...] = get_args(TimelineFact)
        self._open = [desk.bus.subscribe(kind, self._on_fact) for kind in kinds]

    async def send(self, timeline: Timeline) -> None:
        """Send an order; how it went is in its timeline."""
        self.timelines = [timeline, *self.timelines[: KEPT - 1]]
        self._sent.fire(timeline)
        try:
            answer = await self._submit(timeline.command)
        except CrsError as error:
            timeline.refuse(str(error))
        else:
            if isinstance(answer, OrderRejected):
                timeline.refuse(answer.text)
            else:
                timeline.accept()

    async def _submit(self, command: SubmitOrder | SubmitList) -> OrderAccepted | ListAccepted | OrderRejected:
        if isinstance(command, SubmitList):
            return await self._desk.orders.submit_list(command)
        return await self._desk.orders.submit(command)

    async def undo(self, timeline: Timeline) -> Sentence | None:
        """Cancel an order that was just sent; return why it could not be."""
        timeline.undone = True
        try:
            answer = await self._desk.orders.cancel(timeline.order_id)
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

    def _on_fact(self, fact: TimelineFact) -> None:
        timeline = next((each for each in self.timelines if each.concerns(fact.order_id)), None)
        if timeline is not None:
            timeline.take(fact)
            self.tell(timeline)
