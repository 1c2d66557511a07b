"""One own indicator: its file, the last version of it that is good, and the worker that runs it.

A new text is loaded beside the old one. If it is bad the old version goes on and the trouble is told; if it is good the
old worker ends, and whoever shows the indicator starts its series again.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Protocol

from engine.indicators.message import (
    Advance,
    Advanced,
    Filled,
    Load,
    Loaded,
    Reply,
    Request,
    Start,
    Trouble,
    packed,
    restored,
)
from engine.indicators.spec import BarRow, Columns, Indicator, Value
from engine.services.offload import offload
from engine.services.own_files import OwnFile

LOAD_S = 5.0
START_S = 10.0
ADVANCE_S = 2.0
NONSENSE = Trouble("Its worker answered something else than was asked.", lost=True, gone=True)


class Worker(Protocol):
    """A process that computes."""

    def ask(self, request: Request) -> Reply:
        """Send a request and return the answer; blocks, from any thread."""
        ...

    def close(self) -> None:
        """End it; safe to call twice."""
        ...


MakeWorker = Callable[[], Worker]


class OwnIndicator:
    """One file's indicator; `good` is None until a version of it could be loaded."""

    def __init__(self, name: str, make_worker: MakeWorker) -> None:
        self.name = name
        self.good: Indicator | None = None
        self.trouble: Trouble | None = None
        """What is wrong with the newest text."""
        self.file_name = ""
        self.version = 0
        """Counts the good versions."""
        self._make_worker = make_worker
        self._worker: Worker | None = None
        self._load: Load | None = None
        self._numbers = count(1)
        self._wanted = (0, 0)

    async def take(self, file: OwnFile) -> None:
        """Load a text; the version before goes on if it is bad."""
        self.file_name, self._wanted = file.path.name, file.stamp
        if file.problem:
            self.trouble = Trouble(file.problem)
            return
        load = Load(self.name, file.path.name, file.text, LOAD_S)
        worker = self._make_worker()
        try:
            reply = await offload(worker.ask, load)
        except BaseException:
            worker.close()
            raise
        if isinstance(reply, Loaded) and self._wanted == file.stamp:
            before, self._worker, self._load = self._worker, worker, load
            self.good, self.trouble = restored(reply, f"own:{self.name}"), None
            self.version += 1
            worker = before or worker
            if before is None:
                return
        elif isinstance(reply, Trouble) and self._wanted == file.stamp:
            self.trouble = reply
        await offload(worker.close)

    def new_session(self) -> int:
        """Return a number for a series."""
        return next(self._numbers)

    async def start(self, session: int, values: dict[str, Value], columns: Columns) -> Filled | Trouble:
        """Compute a series from its first bar on."""
        reply = await offload(self._started, session, values, columns)
        return reply if isinstance(reply, Filled | Trouble) else NONSENSE

    async def advance(self, session: int, closed: list[BarRow], live: BarRow | None) -> Advanced | Trouble:
        """Take closed bars and look at the forming one; trouble with `lost` asks for a new start."""
        request = Advance(
            session, tuple(tuple(row) for row in closed), None if live is None else tuple(live), ADVANCE_S
        )
        reply = await offload(self._asked, request)
        return reply if isinstance(reply, Advanced | Trouble) else NONSENSE

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()

    def _started(self, session: int, values: dict[str, Value], columns: Columns) -> Reply:
        request = Start(session, values, packed(columns), START_S)
        reply = self._asked(request)
        if isinstance(reply, Trouble) and reply.lost and not reply.gone and self._load is not None:
            again = self._asked(self._load)  # the worker was started anew
            return again if isinstance(again, Trouble) else self._asked(request)
        return reply

    def _asked(self, request: Request) -> Reply:
        worker = self._worker
        return Trouble("Nothing is loaded.", lost=True, gone=True) if worker is None else worker.ask(request)
