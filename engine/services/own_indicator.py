"""One own indicator: its file, the last version of it that is good, and the worker that runs it.

A new text is loaded beside the old one. If it is bad the old version goes on and the trouble is told; if it is good the
old worker ends, and whoever shows the indicator starts its series again.
"""

from __future__ import annotations

import threading
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
        self._sessions: set[int] = set()
        self._making = threading.Lock()

    async def take(self, file: OwnFile) -> None:
        """Load a text; the version before goes on if it is bad."""
        self.file_name = file.path.name
        if file.problem:
            self.trouble = Trouble(file.problem)
            return
        load = Load(self.name, file.path.name, file.text, LOAD_S)
        worker = self._make_worker()
        try:
            reply = await offload(worker.ask, load)
        finally:
            await offload(worker.close)
        if isinstance(reply, Loaded):
            self.good, self.trouble = restored(reply, f"own:{self.name}"), None
            self._load, self.version = load, self.version + 1
            await self._let_go()
        else:
            self.trouble = reply if isinstance(reply, Trouble) else NONSENSE

    def new_session(self) -> int:
        """Return a number for a series; `release` gives it back."""
        number = next(self._numbers)
        self._sessions.add(number)
        return number

    def release(self, session: int) -> None:
        """Say that a series is not needed any more; the worker ends with the last one, which may take it a moment."""
        with self._making:
            self._sessions.discard(session)
            if self._sessions:
                return
            worker, self._worker = self._worker, None
        if worker is not None:
            threading.Thread(target=worker.close, name=f"end of {self.name}", daemon=True).start()

    async def start(self, session: int, values: dict[str, Value], columns: Columns) -> Filled | Trouble:
        """Compute a series from its first bar on."""
        reply = await offload(self._started, session, values, columns)
        return reply if isinstance(reply, Filled | Trouble) else NONSENSE

    async def advance(self, session: int, closed: list[BarRow], live: BarRow | None) -> Advanced | Trouble:
        """Take closed bars and look at the forming one; trouble with `lost` asks for a new start."""
        reply = await offload(self._asked, Advance(session, tuple(closed), live, ADVANCE_S))
        return reply if isinstance(reply, Advanced | Trouble) else NONSENSE

    def close(self) -> None:
        """End the worker; the next question would start one."""
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
        with self._making:
            if not self._sessions:
                return Trouble("The series is not needed any more.", lost=True, gone=True)
            worker = self._worker = self._worker or self._make_worker()
        return worker.ask(request)

    async def _let_go(self) -> None:
        """End the worker of the version before; the next question starts one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await offload(worker.close)
