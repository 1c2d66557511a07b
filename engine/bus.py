"""Publish and subscribe, by type, in order, synchronously, on one thread.

A handler must be quick; slow work becomes a task. Handlers of one event run in the order in which
they subscribed. A handler that publishes does not interrupt the current event: the new one waits
until every handler of the current one has run, so that all see one order of events. A handler that
raises does not keep the others from the event; the error goes to `on_error`.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")
Handler = Callable[[Any], None]

log = logging.getLogger(__name__)


def _log_error(error: BaseException, event: object) -> None:
    log.error("handler failed", extra={"event": type(event).__name__}, exc_info=error)


class Subscription:
    """One handler of one type; `close` (idempotent) ends it."""

    __slots__ = ("_handlers", "handler", "is_open")

    def __init__(self, handlers: list[Subscription], handler: Handler) -> None:
        self._handlers = handlers
        self.handler = handler
        self.is_open = True
        handlers.append(self)

    def close(self) -> None:
        """Stop receiving; safe to call twice and from within a handler."""
        if self.is_open:
            self.is_open = False
            self._handlers.remove(self)


class Bus:
    """The one event flow of a program."""

    def __init__(self, on_error: Callable[[BaseException, object], None] = _log_error) -> None:
        self._subscriptions: dict[type, list[Subscription]] = {}
        self._queue: deque[object] = deque()
        self._draining = False
        self._on_error = on_error

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Subscription:
        """Call `handler` for every event of exactly this type until the subscription is closed."""
        return Subscription(self._subscriptions.setdefault(kind, []), handler)

    def publish(self, event: object) -> None:
        """Deliver to all subscribers of the event's type, after the events already under way."""
        if not self._subscriptions.get(type(event)) and not self._draining and not self._queue:
            return  # nobody listens, and nobody who could begin to is at work
        self._queue.append(event)
        if self._draining:
            return
        self._draining = True
        try:
            while self._queue:
                self._deliver(self._queue.popleft())
        finally:
            self._draining = False

    def _deliver(self, event: object) -> None:
        for subscription in tuple(self._subscriptions.get(type(event), ())):
            if not subscription.is_open:  # closed by a handler before it
                continue
            try:
                subscription.handler(event)
            except Exception as error:  # a broken pane must not stop the ledger
                self._on_error(error, event)

    @property
    def subscriber_count(self) -> int:
        """How many subscriptions are open; a closed pane must leave none."""
        return sum(len(each) for each in self._subscriptions.values())
