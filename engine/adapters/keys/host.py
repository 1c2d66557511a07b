"""The key process: reads questions from its standard input, writes answers to what was its standard output.

It is started without a secret in its command line or environment, leaves no core dump, lets no other process of the
same user look into it (where the system can forbid that), writes nothing to any file, and ends when the pipe ends: when
the program locks the wallet, or is gone. What a library raises here is told by its kind alone, for its text may repeat
what it was given.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from engine.adapters.keys.custody import Custody
from engine.adapters.keys.message import Refused, Reply, Request, frame, read_request, wipe
from engine.adapters.keys.refusal import Refusal
from engine.adapters.keys.seal import STRONG

PR_SET_DUMPABLE = 4
"""Source: prctl(2)."""


def main(cost: int = STRONG) -> None:
    """Serve until the pipe ends, and end the process.

    Args:
        cost: n of scrypt for what is sealed; tests start the process with a lighter one in their own boot line, the
            program has no way to ask for it.
    """
    status = 1
    try:
        hardened()
        _serve(cost)
        status = 0
    finally:
        os._exit(status)  # no traceback, no handler that writes one


def hardened() -> None:
    """Forbid core dumps, and other processes to look into this one's memory."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(0x0003)  # no dialog of Windows Error Reporting, no dump by it
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def answered(custody: Custody, request: Request) -> Reply:
    """Return an answer, whatever happens."""
    try:
        return custody.answer(request)
    except Refusal as no:
        return Refused(no.word, no.sentence)
    except Exception as error:
        return Refused("input", f"The key process could not do that ({type(error).__name__}). Nothing was changed.")


def _serve(cost: int) -> None:
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(null, each)
    os.close(null)
    custody = Custody(cost)
    with os.fdopen(source, "rb", buffering=0) as pipe:
        while (request := read_request(pipe.read)) is not None:
            buffer = frame(answered(custody, request))
            del request
            _write(sink, buffer)
            wipe(buffer)


def _write(sink: int, buffer: Any) -> None:  # noqa: ANN401 - anything with a buffer
    with memoryview(buffer) as view:
        at = 0
        while at < len(view):
            at += os.write(sink, view[at:])
