"""Work above about 5 ms goes to a thread, so that the loop keeps its pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def offload(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `work` returns, computed off the loop; it must not touch what the loop changes meanwhile."""
    return await asyncio.to_thread(work, *args, **kwargs)
