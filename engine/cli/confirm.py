"""Asking before something is changed that the user may want to keep."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import TypeVar

from engine.errors import InvalidInput

T = TypeVar("T")


def answered(ask: Callable[[], T]) -> T:
    """Return what a person answers. It blocks, a loop too, and Ctrl+C ends it at once, from the question on.

    `ask` prints its question itself: whoever sees it can already end it. A loop's own handler of Ctrl+C only cancels
    the task, which waits for the answer; a thread would be waited for.
    """
    before = signal.getsignal(signal.SIGINT)
    if before in (signal.SIG_IGN, None):
        return ask()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return ask()
    finally:
        signal.signal(signal.SIGINT, before)


def confirm(question: str, *, yes: bool) -> bool:
    """Return whether to go on: `yes` answers at once, else the person at the terminal does.

    Raises:
        InvalidInput: there is nobody to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise InvalidInput(f"{question} Nobody is there to ask; add --yes to do it.")

    def ask() -> str:
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline()

    return answered(ask).strip().lower() in ("y", "yes")
