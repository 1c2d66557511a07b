"""A thread that saves: a disk may take its time, the window may not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Writer(Generic[T]):
    """Saves the newest state on a thread, one at a time; what is overtaken meanwhile is not written."""

    def __init__(self, save: Callable[[T], bool], name: str) -> None:
        self._save, self._name = save, name
        self._wake = threading.Condition()
        self._next: Callable[[], T] | None = None
        self._busy = False

    def put(self, state: Callable[[], T]) -> None:
        """Save what `state` returns, soon; it is called on the thread and must only read values."""
        with self._wake:
            self._next = state
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._run, name=self._name).start()

    def flush(self) -> None:
        """Wait until everything that was put is written, or refused."""
        with self._wake:
            self._wake.wait_for(lambda: not self._busy)

    def _run(self) -> None:
        while True:
            with self._wake:
                state, self._next = self._next, None
                if state is None:
                    self._busy = False
                    self._wake.notify_all()
                    return
            try:
                self._save(state())
            except Exception as error:  # a bug; whoever waits for the thread must not wait for ever
                log.error("not saved", extra={"what": self._name}, exc_info=error)
