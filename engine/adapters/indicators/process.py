"""A worker process that computes indicators: one question, one answer, and an end to waiting.

The process is started with the first question and again after it was lost. `ask` blocks and belongs on a thread. A
process that does not answer in time, dies or talks nonsense is killed, and that is the answer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

import engine
from engine.indicators.message import Reply, Request, Trouble, frame, read_reply

GRACE_S = 2.0
"""What the worker may take longer than its own limit: then it does not even notice that itself."""
START_S = 20.0
"""Until a process that was just started answers, on a machine that is busy."""
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from engine.indicators.host import main; main()"
HOST_OPTION = "--indicator-host"
"""What the frozen program is started with to be a worker."""


def command() -> list[str]:
    """Return the command line of a worker."""
    if getattr(sys, "frozen", False):
        return [sys.executable, HOST_OPTION]
    return [sys.executable, "-P", "-c", BOOT, str(Path(engine.__file__).parents[1])]


class WorkerProcess:
    """One worker; usable from any thread, one question at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process, None if it does not run."""
        return None if self._process is None else self._process.pid

    def ask(self, request: Request) -> Reply:
        """Send a request and return the answer; `Trouble.lost` says that the worker knows nothing any more."""
        with self._lock:
            if self._closed:
                return Trouble("The worker is closed.", lost=True, gone=True)
            fresh = self._process is None
            try:
                process = self._started()
            except OSError as error:
                return Trouble(f"No worker could be started: {error.strerror}.", lost=True, gone=True)
            late = threading.Event()
            timer = threading.Timer(request.seconds + GRACE_S + START_S * fresh, self._give_up, (process, late))
            timer.daemon = True
            timer.start()
            try:
                reply = _exchanged(process, request)
            finally:
                timer.cancel()
            if reply is None:
                reply = self._epitaph(process, request, late)
            if isinstance(reply, Trouble) and reply.gone:
                self._end(process)
            return reply

    def close(self) -> None:
        """End the process; safe to call twice, and while a question waits (it is answered with trouble)."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            if self._process is not None:
                self._end(self._process)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # many threads reserve more than the worker may have
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._process

    def _give_up(self, process: subprocess.Popen[bytes], late: threading.Event) -> None:
        late.set()
        process.kill()

    def _epitaph(self, process: subprocess.Popen[bytes], request: Request, late: threading.Event) -> Trouble:
        process.kill()
        status = process.wait()
        said = f"Its process ended by itself with status {status}." if status >= 0 else "Its process crashed."
        if late.is_set():
            said = f"It did not finish within {request.seconds:g} s and was stopped."
        return Trouble(said, lost=True, gone=True)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was still to be written to a dead process
                    continue
        if self._process is process:
            self._process = None


def _exchanged(process: subprocess.Popen[bytes], request: Request) -> Reply | None:
    """Return the answer, None if the process is gone or answers nonsense."""
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    assert process.stdout is not None  # noqa: S101 - likewise
    try:
        for piece in frame(request):
            process.stdin.write(piece)
        process.stdin.flush()
        return read_reply(process.stdout.read)
    except (OSError, EOFError, ValueError, msgspec.MsgspecError):
        return None
