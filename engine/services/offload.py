"""Work above about 5 ms goes to a thread, so that the loop keeps its pace."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def offload(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `work` returns, computed off the loop; it must not touch what the loop changes meanwhile."""
    return await asyncio.to_thread(work, *args, **kwargs)


async def offload_bulk(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Do the same for work that makes objects by the hundred thousand, without the collector in between.

    The collector stops every thread while it searches them, for half a second in the end.
    """
    with uncollected():
        return await asyncio.to_thread(work, *args, **kwargs)


MANY = 50_000
"""New objects from which on the collector would be felt; fewer are left to it, with all garbage of the meantime."""

_bulk_lock = threading.Lock()
_bulk_works = 0


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector off until the block is over, and what was made in it out of its search if it is much.

    What is made must be free of cycles, as values are: it goes when nobody holds it any more. The collector is as it
    was once the last of several blocks is over.
    """
    global _bulk_works
    with _bulk_lock:
        was_on = _bulk_works > 0 or gc.isenabled()
        _bulk_works += 1
        gc.disable()
    try:
        yield
    finally:
        with _bulk_lock:
            _bulk_works -= 1
            if not _bulk_works and was_on:
                if gc.get_count()[0] > MANY:
                    gc.freeze()
                gc.enable()
