"""Asking before something is changed that the user may want to keep."""

from __future__ import annotations

import sys

from engine.errors import InvalidInput


def confirm(question: str, *, yes: bool) -> bool:
    """Return whether to go on: `yes` answers at once, else the person at the terminal does.

    Raises:
        InvalidInput: there is nobody to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise InvalidInput(f"{question} Nobody is there to ask; add --yes to do it.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
