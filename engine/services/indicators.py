"""Every indicator there is: the built-in ones and the user's own, and where long series of them are computed.

Own indicators are files in a folder. The folder is looked at twice a second once somebody asked for it (`watch`);
each change is published as `IndicatorsChanged`. Whatever is long is computed in a process of its own: a thread would
take the time from the window.
"""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import dataclass
from pathlib import Path

from engine.bus import Bus
from engine.errors import InvalidInput, StorageUnavailable
from engine.indicators.message import Calculate, Filled, Trouble, floats, packed
from engine.indicators.spec import Columns, Floats, Indicator, Stream, Value
from engine.services.offload import offload
from engine.services.own_files import OwnFile, scan, write_template
from engine.services.own_indicator import MakeWorker, OwnIndicator, Worker
from engine.services.task import TaskOwner

OWN = "own:"
"""What the names of own indicators begin with."""
LOOK_S = 0.5
FIRST_LOOK_S = 1.0
"""After the start: the first candle comes first."""
CALCULATE_S = 60.0


@dataclass(frozen=True, slots=True)
class IndicatorsChanged:
    """Event: these own indicators are new, changed, broken, mended or gone."""

    names: frozenset[str]


class Indicators:
    """Built-in and own indicators of one profile."""

    def __init__(self, bus: Bus, folder: Path, make_worker: MakeWorker) -> None:
        self.folder = folder
        self._bus, self._make_worker = bus, make_worker
        self._files: dict[str, OwnFile] = {}
        self._own: dict[str, OwnIndicator] = {}
        self._calculator: Worker | None = None
        self._tasks = TaskOwner("indicators")
        self._watching = False
        self._lock = asyncio.Lock()

    def all(self) -> list[Indicator]:
        """Return what can be put on a chart: the built-in ones by name, then the user's own."""
        from engine.indicators.registry import BUILT_IN

        own = [each.good for _, each in sorted(self._own.items()) if each.good is not None]
        return [BUILT_IN[name] for name in sorted(BUILT_IN)] + own

    def find(self, name: str) -> Indicator:
        """Return one indicator.

        Raises:
            InvalidInput: there is none of that name, or no good version of it.
        """
        from engine.indicators.registry import find

        if not name.startswith(OWN):
            return find(name)
        own = self.own(name)
        if own is None:
            raise InvalidInput(f"There is no file {name.removeprefix(OWN)}.py among your indicators.")
        if own.good is None:
            said = own.trouble.message if own.trouble is not None else "it is being read"
            raise InvalidInput(f"{own.file_name}: {said}")
        return own.good

    def own(self, name: str) -> OwnIndicator | None:
        """Return an own indicator by its full name, None if its file is not there."""
        return self._own.get(name.removeprefix(OWN)) if name.startswith(OWN) else None

    def owned(self) -> list[OwnIndicator]:
        """Return every own indicator, the broken ones as well."""
        return [each for _, each in sorted(self._own.items())]

    def watch(self) -> None:
        """Begin to look at the folder; needs a running loop, safe to call twice."""
        if not self._watching:
            self._watching = True
            self._tasks.start(self._keep_looking(FIRST_LOOK_S))

    async def look(self) -> None:
        """Look at the folder once, load what changed and tell."""
        async with self._lock:
            await self._look()

    async def _look(self) -> None:
        files = await offload(scan, self.folder, self._files)
        changed = {name for name in files.keys() | self._files.keys() if files.get(name) != self._files.get(name)}
        self._files = files
        for name in sorted(changed):
            if name in files:
                await self._own.setdefault(name, OwnIndicator(name, self._make_worker)).take(files[name])
            else:
                await offload(self._own.pop(name).close)
        if changed:
            self._bus.publish(IndicatorsChanged(frozenset(OWN + name for name in changed)))

    async def new_file(self) -> Path:
        """Write a template into the folder and return its path.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        try:
            path = await offload(write_template, self.folder)
        except OSError as error:
            raise StorageUnavailable(f"No indicator could be written to {self.folder}: {error.strerror}.") from error
        await self.look()
        return path

    async def outputs(self, name: str, values: dict[str, Value], columns: Columns) -> tuple[Floats, ...] | Trouble:
        """Return a built-in indicator over closed bars: quick, however many there are."""
        reply = await offload(self._calculated, name, values, columns, batch=True)
        return floats(reply.outputs) if isinstance(reply, Filled) else reply

    async def stream(
        self, name: str, values: dict[str, Value], columns: Columns
    ) -> tuple[tuple[Floats, ...], Stream] | Trouble:
        """Return the same bar by bar, and the stream that has seen them: a few seconds for a million."""
        reply = await offload(self._calculated, name, values, columns, batch=False)
        if isinstance(reply, Trouble):
            return reply
        stream: Stream = pickle.loads(reply.stream)  # noqa: S301 - this worker runs none but our own code
        return floats(reply.outputs), stream

    async def join(self) -> None:
        """Stop looking at the folder, and wait until that has ended."""
        await self._tasks.join()

    def close(self) -> None:
        """End every worker."""
        self._tasks.close()
        for worker in (*self._own.values(), self._calculator):
            if worker is not None:
                worker.close()

    def _calculated(self, name: str, values: dict[str, Value], columns: Columns, *, batch: bool) -> Filled | Trouble:
        if self._calculator is None:
            self._calculator = self._make_worker()
        reply = self._calculator.ask(Calculate(name, batch, values, packed(columns), CALCULATE_S))
        if isinstance(reply, Filled | Trouble):
            return reply
        return Trouble("The worker answered something else than was asked.", gone=True)

    async def _keep_looking(self, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            await self.look()
            pause = LOOK_S
