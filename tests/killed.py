"""Killing a piece of work at each of the system's calls that make, write, name or remove a file."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

CALLS = ("open", "fdopen", "fsync", "replace", "rename", "unlink", "close", "mkdir")
MOST = 200


def killed_at_each(before: Callable[[], None], work: Callable[[], object]) -> Iterator[str]:
    """Do the work in a copy of this process that is killed at its first call, its second, …; yield after each death.

    The last one lives to the end, so that the whole of the work was tried.
    """
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot copy a process")
    for at in range(1, MOST):
        before()
        child = os.fork()
        if child == 0:
            _die_at(at, work)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the work failed"
            assert at > len(CALLS) // 2, "the work makes hardly a call: is it the right one?"
            yield "to the end"
            return
        assert os.WTERMSIG(status) == signal.SIGKILL
        yield f"at call {at}"
    raise AssertionError("the work has no end")


def _die_at(at: int, work: Callable[[], object]) -> None:
    made = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the real one takes
            nonlocal made
            made += 1
            if made == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **more)

        return call

    status = 1
    try:
        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))
        work()
        status = 0
    except BaseException as error:
        print(error, file=sys.stderr)
    finally:
        os._exit(status)
