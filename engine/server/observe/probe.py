"""Databases asked for one row every few seconds, off the loop, so that nobody's health has to be waited for."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Engine, text

from engine.services.offload import offload
from engine.wire.metrics import Pool

SILENT = -1.0


@dataclass(slots=True)
class Probe:
    """One database: how long its last answer took, in milliseconds; negative = there was none."""

    name: str
    engine: Engine
    answer_ms: float = 0.0
    problem: str = ""

    async def ask(self) -> None:
        """Ask once."""
        self.answer_ms, self.problem = await offload(self._asked)

    def pool(self) -> Pool:
        """Return the pool's figures."""
        pool = self.engine.pool
        counts = [getattr(pool, name, int)() for name in ("size", "checkedout", "checkedin", "overflow")]
        size, in_use, idle, overflow = counts
        return Pool(self.name, size, in_use, idle, max(0, overflow), round(self.answer_ms, 2))

    def _asked(self) -> tuple[float, str]:
        begun = time.perf_counter()
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except Exception as error:  # whatever it is, it does not answer
            return SILENT, type(error).__name__
        return (time.perf_counter() - begun) * 1000, ""
