"""The key process as the program sees it: one question, one answer; killing it is how keys are forgotten.

`ask` blocks and belongs on a thread. The command line says nothing, the environment is this program's without what
could make Python load or print something, and both ends of the pipe are this program's alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Protocol

import msgspec

import engine
from engine.adapters.keys.message import Reply, Request, frame, read_reply, wipe
from engine.errors import KeysLocked, StorageUnavailable

LIMIT_S = 120.0
"""Until an answer is not waited for any more: a second of scrypt on a machine that is very busy."""
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from engine.adapters.keys.host import main; main()"
HOST_OPTION = "--key-host"
"""What the frozen program is started with to be the key process."""
CRASHED = (
    "The process that holds the keys ended unexpectedly, and the keys with it: the wallet is locked. Unlock it again."
)


class Host(Protocol):
    """Where keys are while a wallet is unlocked."""

    @property
    def pid(self) -> int:
        """Its number, for who looks after processes."""
        ...

    @property
    def is_alive(self) -> bool:
        """Whether it still knows anything."""
        ...

    def ask(self, request: Request) -> Reply:
        """Return the answer; see `HostProcess`."""
        ...

    def kill(self) -> None:
        """Let it forget everything now."""
        ...

    def end(self) -> None:
        """Wait until it is gone."""
        ...


def command(boot: str = BOOT) -> list[str]:
    """Return the command line of a key process; isolated, so that no variable and no folder adds code to it."""
    if getattr(sys, "frozen", False):
        return [sys.executable, HOST_OPTION]
    return [sys.executable, "-I", "-c", boot, str(Path(engine.__file__).parents[1])]


class HostProcess:
    """One key process, from its start to its end; usable from any thread, one question at a time."""

    def __init__(self, boot: str = BOOT) -> None:
        """Start it.

        Raises:
            StorageUnavailable: the system starts no process now.
        """
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command(boot),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise StorageUnavailable(f"The process for the keys could not be started: {error.strerror}.") from error
        self._turn = threading.Lock()

    def __repr__(self) -> str:
        return f"HostProcess({self._process.pid})"

    @property
    def pid(self) -> int:
        """Its number, for who looks after processes."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def ask(self, request: Request) -> Reply:
        """Send a question and return the answer.

        Raises:
            KeysLocked: the process is gone, or does not answer as it should and was ended.
        """
        with self._turn:
            timer = threading.Timer(LIMIT_S, self._process.kill)
            timer.daemon = True
            timer.start()
            try:
                reply = self._exchanged(request)
            finally:
                timer.cancel()
        if reply is None:
            self.end()
            raise KeysLocked(CRASHED)
        return reply

    def kill(self) -> None:
        """End it at once, also while a question waits; `end` reaps it."""
        self._process.kill()

    def end(self) -> None:
        """End it and wait until it is gone; safe to call twice."""
        self._process.kill()
        self._process.wait()
        with self._turn:  # nobody reads from what is closed
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()

    def _exchanged(self, request: Request) -> Reply | None:
        """Return the answer, None if the process is gone or answers nonsense."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - likewise
        buffer = frame(request)
        try:
            with memoryview(buffer) as view:
                at = 0
                while at < len(view):
                    at += self._process.stdin.write(view[at:]) or 0
            return read_reply(self._process.stdout.read)
        except (OSError, ValueError, msgspec.MsgspecError):
            return None
        finally:
            wipe(buffer)
