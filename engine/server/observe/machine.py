"""The machine and this process, as the system tells; everything here blocks for some milliseconds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import psutil

from engine.wire.metrics import System


class ProcessFigures(NamedTuple):
    """What the system knows of this process."""

    cpu: float
    """Share of one core, since this was asked for last."""
    memory: int
    threads: int
    files: int


class Machine:
    """Asks the system; shares of the processor are between two askings."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._process = psutil.Process()
        self.look()

    def look(self) -> tuple[System, ProcessFigures]:
        """Return both."""
        return self._system(), self._own()

    def free_bytes(self) -> int:
        """Return how much the data directory's file system still takes."""
        return int(psutil.disk_usage(str(self._data_dir)).free)

    def _system(self) -> System:
        memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(self._data_dir))
        network = psutil.net_io_counters()
        return System(
            cpu=psutil.cpu_percent() / 100,
            load_1m=psutil.getloadavg()[0],
            cores=os.cpu_count() or 1,
            memory_used=memory.total - memory.available,
            memory_total=memory.total,
            disk_used=disk.used,
            disk_total=disk.total,
            network_sent=network.bytes_sent if network else 0,
            network_received=network.bytes_recv if network else 0,
        )

    def _own(self) -> ProcessFigures:
        with self._process.oneshot():
            files = self._process.num_fds() if hasattr(self._process, "num_fds") else self._process.num_handles()
            return ProcessFigures(
                self._process.cpu_percent() / 100,
                self._process.memory_info().rss,
                self._process.num_threads(),
                files,
            )
