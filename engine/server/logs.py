"""The server's log: JSON lines without secrets in `logs/` of the data directory; warnings (or all) on stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from engine.observe.log import JsonFormatter, ProgramLog
from engine.server.settings import ServerSettings

NAME = "server.log"


@contextmanager
def logged(settings: ServerSettings) -> Iterator[None]:
    """Log while a server runs."""
    program = ProgramLog()
    with suppress(OSError):  # whoever needs it says so in a sentence
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    program.write_to(settings.data_dir / "logs", NAME if settings.role == "all" else f"server-{settings.role}.log")
    aloud = logging.StreamHandler(sys.stderr)
    aloud.setLevel(logging.INFO if settings.log_aloud == "all" else logging.WARNING)
    aloud.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(aloud)
    try:
        yield
    finally:
        root.removeHandler(aloud)
        program.close()
