"""What the frozen program is started with to be one of its worker processes instead of itself.

Light, for every start of the program looks here. The workers' own modules say the same option where they start it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

HOSTS = {
    "--indicator-host": "engine.indicators.host",
    "--key-host": "engine.adapters.keys.host",
    "--practice-host": "engine.adapters.practice.host",
}
"""Options, and the modules whose `main` serves until its pipe ends."""


def worker_of(arguments: Sequence[str]) -> Callable[[], object] | None:
    """Return what to run instead of the program; None if these are a user's arguments."""
    if len(arguments) != 1 or arguments[0] not in HOSTS:
        return None
    found: Callable[[], object] = import_module(HOSTS[arguments[0]]).main
    return found
