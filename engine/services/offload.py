"""Work above about 5 ms goes to a thread, so that the loop keeps its pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

WORKERS = 2
"""More would only take turns: Python computes on one thread at a time."""

_pool: ThreadPoolExecutor | None = None


async def offload(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `work` returns, computed off the loop; it must not touch what the loop changes."""
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="offload")
    return await asyncio.get_running_loop().run_in_executor(_pool, partial(work, *args, **kwargs))
