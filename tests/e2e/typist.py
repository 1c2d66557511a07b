"""The real desktop at work, watched from outside: what it has shown so far, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

from tests.e2e.profiles import ROOT

PATIENCE_S = 150


class Typist:
    """The real desktop with hands at its keyboard (`tests.e2e.hands`), and what it has shown so far."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program
        self.seen: list[tuple[str, str]] = []
        self._lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def until(self, done: Callable[[str, str], bool]) -> str:
        """Wait for something to be shown that was not shown before; `done` gets its table and text."""
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE_S)
            except Empty:
                raise AssertionError(f"it was never shown; what was: {self.seen[-5:]}") from None
            assert line, f"the program ended; it had shown {self.seen[-5:]}"
            said = json.loads(line)
            self.seen.append((said["table"], said["shown"]))
            if done(*self.seen[-1]):
                return str(said["shown"])

    def an_order(self) -> str:
        """Wait for the next order to be shown."""
        return self.until(lambda table, _text: table == "orders")

    def notice(self, part: str) -> str:
        """Wait for a sentence across the window."""
        return self.until(lambda table, text: table == "notice" and part in text)

    def orders(self) -> set[str]:
        """Return every order that was ever shown."""
        return {text for table, text in self.seen if table == "orders"}

    def close(self) -> str:
        """Ask the program to end as a session manager does, and return what it complained about."""
        self.program.send_signal(signal.SIGTERM)
        assert self.program.wait(PATIENCE_S) == 0
        self._reader.join()
        while line := self._lines.get():
            said = json.loads(line)
            self.seen.append((said["table"], said["shown"]))
        assert self.program.stderr is not None
        return self.program.stderr.read()

    def _read(self) -> None:
        assert self.program.stdout is not None
        for line in self.program.stdout:
            self._lines.put(line)
        self._lines.put("")


@contextmanager
def typing(directory: Path, environment: dict[str, str], how: str = "5") -> Iterator[Typist]:
    """Run the real desktop and type in it; `how` is the seed of what is typed, or `look`, or `minimise`."""
    command = [sys.executable, "-m", "tests.e2e.hands", how, "--profile-dir", str(directory), "--seed", "7"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as program:
        try:
            yield Typist(program)
        finally:
            program.kill()
