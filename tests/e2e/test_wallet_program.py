"""The wallet's command line as a program: signing after a yes only, ends that leave nothing, no secret in anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.adapters.practice.contracts import NoContracts, find
from tests.engine.adapters.keys.wallets import ACCOUNTS, KEYS, PASSWORD, PHRASE

pytestmark = [
    pytest.mark.integration,
    pytest.mark.e2e,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks through /proc, needs a terminal"),
]
TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, sys.argv[1:])"
)
"""Makes its input the terminal of its session, and becomes the program."""
PATIENCE_S = 120


class Program:
    """`crs` on a profile; every run is a session of its own, so that what it leaves behind can be seen."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.profile, self._environment = folder, folder / "profile", environment
        self.said: list[str] = []
        self.password = ("--password-file", self.file("password", PASSWORD))

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text + "\n")
        return str(path)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "engine.cli", "--profile-dir", str(self.profile), *words]

    def begun(self, *words: str) -> subprocess.Popen[str]:
        """Start it, with nobody at its input."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(self.command(*words), text=True, env=self._environment, start_new_session=True, **pipes)  # type: ignore[call-overload,no-any-return]

    def run(self, *words: str, status: int = 0) -> str:
        """Run it to its end and return what it printed; nothing of it may be left."""
        process = self.begun(*words)
        out, err = process.communicate(timeout=PATIENCE_S)
        self.said += [out, err]
        assert process.returncode == status, err
        assert left_of(process.pid) == []
        return out

    def interrupted(self, *words: str, at: str) -> int:
        """Run it at a terminal, press Ctrl+C when it says something, and return its status."""
        master, slave = os.openpty()
        command = [sys.executable, "-c", TERMINAL, *self.command(*words)]
        process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=self._environment, start_new_session=True
        )
        os.close(slave)
        told = b""
        while at.encode() not in told:
            told += os.read(master, 4_096)
        os.write(master, b"\x03")
        status = process.wait(PATIENCE_S)
        os.close(master)
        self.said.append(told.decode())
        assert left_of(process.pid) == []
        return status


def left_of(session: int) -> list[str]:
    """Return the command lines of what still runs in a session; a process that just ends is given a moment."""
    end = time.monotonic() + 10
    while (found := _running(session)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _running(session: int) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state, _, _, its = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(its) == session and state != "Z":
                    found.append((folder / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
    return found


@pytest.fixture
def program(tmp_path: Path, program_environment: dict[str, str]) -> Program:
    try:
        find()
    except NoContracts as missing:
        pytest.skip(str(missing))
    return Program(tmp_path, program_environment)


def test_a_wallet_from_its_phrase_to_a_swap(program: Program) -> None:
    words = ("wallet", "import", "phrase", "--file", program.file("phrase", PHRASE), *program.password, "--json")
    assert json.loads(program.run(*words))["address"] == ACCOUNTS[0]
    program.run("wallet", "practise")

    send = ("wallet", "send", "1", "ETH", ACCOUNTS[2], *program.password)
    assert program.interrupted(*send, at="[y/N]") == 130
    assert "Leaves, at most" in program.said[-1]
    assert ACCOUNTS[2] in program.said[-1]

    sandbox = program.begun("defi", "sandbox", "--json")
    assert sandbox.stdout is not None
    assert json.loads(sandbox.stdout.readline())["url"].startswith("http://127.0.0.1:")
    program.run("wallet", "balance", status=1)
    assert "practice chain" in program.said[-1]
    sandbox.send_signal(signal.SIGINT)
    program.said += sandbox.communicate(timeout=PATIENCE_S)
    assert sandbox.returncode == 0
    assert left_of(sandbox.pid) == []

    (swap,) = json.loads(program.run("defi", "swap", "ETH", "USDT", "1", "--yes", "--json", *program.password))
    assert (swap["state"], swap["nonce"]) in (("final", 0), ("confirmed", 0)), "nothing was sent at the Ctrl+C"
    kept = [each.read_bytes() for each in program.profile.rglob("*") if each.is_file()]
    for secret in (PHRASE, PASSWORD, *KEYS):
        assert not any(secret in text for text in program.said)
        assert not any(secret.encode() in data for data in kept)
