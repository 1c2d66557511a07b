"""Tasks with an owner: started here, looked at when they end, cancelled when the owner closes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine

from engine.errors import CrsError

log = logging.getLogger(__name__)


class TaskOwner:
    """Keeps background tasks of one service; an exception in one is logged, never lost."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run a coroutine on the current loop until it ends or the owner closes."""
        task = asyncio.get_running_loop().create_task(coroutine, name=self._name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def close(self) -> None:
        """Cancel what still runs."""
        for task in tuple(self._tasks):
            task.cancel()

    async def join(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        running = tuple(self._tasks)
        self.close()
        await asyncio.gather(*running, return_exceptions=True)

    async def finished(self) -> None:
        """Wait until everything that was started so far has ended by itself."""
        await asyncio.gather(*tuple(self._tasks), return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background task failed", extra={"task": self._name}, exc_info=error)
            if not isinstance(error, CrsError):  # a bug: whoever shows those must hear of it
                task.get_loop().call_exception_handler(
                    {"message": f"the task of {self._name} ended", "exception": error, "task": task}
                )
