"""What every view-model is: something with a dirty flag whose subscriptions end with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from crs_desktop.viewmodels.desk import Desk

E = TypeVar("E")


class Closable(Protocol):
    """A subscription or a link."""

    def close(self) -> None:
        """End it."""
        ...


class ViewModel:
    """Base of the view-models: `dirty` asks the pulse for one refresh; `close` ends every subscription."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.dirty = True
        self._open: list[Closable] = [desk.on_change(self._desk_changed)]

    def touch(self, _event: object = None) -> None:
        """Ask for a refresh at the next pulse; usable as a handler of any event."""
        self.dirty = True

    def close(self) -> None:
        """End every subscription; safe to call twice."""
        while self._open:
            self._open.pop().close()

    def _listen(self, kind: type[E], handler: Callable[[E], None]) -> None:
        self._open.append(self.desk.bus.subscribe(kind, handler))

    def _keep(self, link: Closable) -> None:
        self._open.append(link)

    def _desk_changed(self, _desk: Desk) -> None:
        self.dirty = True
