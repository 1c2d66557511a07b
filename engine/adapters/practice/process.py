"""Starts the practice chain in a process of its own, and ends it.

`start` blocks for a second or more and belongs on a thread; loading py-evm happens in the worker only. One worker uses
a profile's chain at a time, which its lock file sees to.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

import engine
from engine.adapters.practice.wording import Order, Word, decode_word, encode
from engine.errors import Unavailable
from engine.profile import Profile

BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from engine.adapters.practice.host import main; main()"
HOST_OPTION = "--practice-host"
"""What the frozen program is started with to be a worker."""
END_S = 10.0
"""How long a worker may take to write its chain and end."""


class PracticeUnavailable(Unavailable):
    """There is no practice chain; the message says why, and what to do."""


def command() -> list[str]:
    """Return the command line of a worker."""
    if getattr(sys, "frozen", False):
        return [sys.executable, HOST_OPTION]
    return [sys.executable, "-P", "-c", BOOT, str(Path(engine.__file__).parents[1])]


class PracticeChain:
    """The chain of one profile. Usable from any thread; `start` again after `close` goes on where it ended."""

    def __init__(self, folder: Path, log_file: Path | None = None) -> None:
        self._folder, self._log_file = folder, log_file
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._url = ""
        self._is_starting = False

    @classmethod
    def of(cls, profile: Profile) -> PracticeChain:
        """Return the chain of a profile, which logs there."""
        return cls(profile.practice_dir, profile.log_dir / "practice.log")

    @property
    def url(self) -> str:
        """Where it is reached; empty while it does not run. Holds a secret: not for a log."""
        running = self._process is not None and self._process.poll() is None
        return self._url if running else ""

    def start(
        self,
        *,
        port: int = 0,
        reset: bool = False,
        instant: bool = True,
        interval_s: float = 3.0,
        progress: Callable[[float, str], None] = lambda *_: None,
    ) -> str:
        """Start it, if it does not run, and return its address.

        Args:
            port: where it listens on loopback; 0: any free port.
            reset: forget the kept chain.
            instant: mine a block for each transaction at once.
            interval_s: seconds between blocks while somebody looks; 0: none by themselves.
            progress: is told how far the first start is (0 to 1) and what is being done, on this thread.

        Raises:
            PracticeUnavailable: no contracts, no right to write, or the worker did not come up.
        """
        with self._lock:
            if self.url:
                return self.url
            self._end()
            order = Order(str(self._folder), str(self._log_file or ""), port, reset, instant, interval_s)
            self._process = process = _begun(order)
            self._is_starting = True
            try:
                self._url = self._ready(process, progress)
            finally:
                self._is_starting = False
            return self._url

    def close(self) -> None:
        """Have it write its chain and end; safe to call twice, and while it is being started (which then fails)."""
        starting = self._process if self._is_starting else None
        if starting is not None:
            starting.kill()  # what it was preparing is begun again the next time; `start` says that it ended
        with self._lock:
            self._end()

    def _ready(self, process: subprocess.Popen[bytes], progress: Callable[[float, str], None]) -> str:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            try:
                word = decode_word(line)
            except msgspec.MsgspecError:
                word = Word(error="The worker of the practice chain said something else than expected.")
            if word.url:
                return word.url
            if word.error:
                self._end()
                raise PracticeUnavailable(word.error)
            progress(word.share, word.what)
        self._end()
        raise PracticeUnavailable("The worker of the practice chain ended before it was ready; its log may say why.")

    def _end(self) -> None:
        process, self._process, self._url = self._process, None, ""
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was still to be written to a dead process
                    continue
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _begun(order: Order) -> subprocess.Popen[bytes]:
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},  # of libraries, to nobody
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        process.stdin.write(encode(order))
        process.stdin.flush()
    except OSError as error:
        raise PracticeUnavailable(f"No worker could be started: {error.strerror}.") from error
    return process
