"""The real desktop on disks and profiles that are not as they should be: a clear sentence, and nothing lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.profiles import account, crs, desktop, run, smoke
from tests.e2e.typist import typing

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts, signals and locks are made Linux's way"),
    pytest.mark.timeout(180),
]


@contextmanager
def mounted(directory: Path, *options: str) -> Iterator[None]:
    """Mount something on a directory, or skip where that is not allowed."""
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    done = subprocess.run(["mount", *options, str(directory)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=True)


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 4096):
            pass


def refused(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Check that a program ended with one sentence and nothing else."""
    assert done.returncode not in (0, -signal.SIGKILL, -signal.SIGSEGV)
    assert "Traceback" not in done.stderr
    sentence = done.stderr.splitlines()[0]
    assert sentence.startswith("crs-desktop: ")
    for part in parts:
        assert part in sentence


def statuses(said: dict[str, Any]) -> dict[str, str]:
    return {each["order_id"]: each["status"] for each in said["orders"]}


def test_row_19_full_disk_is_said_in_the_window_and_trading_goes_on_when_there_is_room(
    tmp_path: Path, program_environment: dict[str, str]
) -> None:
    directory = tmp_path / "disk"
    with mounted(directory, "-t", "tmpfs", "-o", "size=6m", "tmpfs"):
        with typing(directory, program_environment) as hands:
            hands.an_order()
            fill(directory / "ballast")
            assert "free some space" in hands.notice("is full")
            shown = hands.orders()
            assert shown <= statuses(account(directory, program_environment)).keys()
            (directory / "ballast").unlink()
            while hands.an_order() in shown:
                pass
            errors = hands.close()
        assert "Traceback" not in errors
        assert crs(directory, program_environment, "journal", "verify").startswith("Sound")
        assert hands.orders() <= statuses(account(directory, program_environment)).keys()


def test_row_19_a_start_on_a_full_disk_is_refused_in_words(tmp_path: Path, program_environment: dict[str, str]) -> None:
    directory = tmp_path / "disk"
    with mounted(directory, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        fill(directory / "ballast")

        refused(smoke(directory / "profile", program_environment), "No space left", "Free some space")


def test_a_directory_that_cannot_be_written_is_named_and_what_is_in_it_stays(
    tmp_path: Path, program_environment: dict[str, str]
) -> None:
    directory = tmp_path / "profile"
    assert smoke(directory, program_environment).returncode == 0
    before = account(directory, program_environment)
    with mounted(directory, "--bind", str(directory)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(directory)], check=True)

        refused(smoke(directory, program_environment), str(directory), "cannot be written", "--profile-dir")

        assert account(directory, program_environment) == before


@pytest.mark.parametrize("damage", ["header", "middle"])
def test_a_damaged_database_is_named_and_left_as_it_is(
    tmp_path: Path, program_environment: dict[str, str], damage: str
) -> None:
    directory = tmp_path / "profile"
    assert smoke(directory, program_environment).returncode == 0
    path = directory / "crs.sqlite"
    data = bytearray(path.read_bytes())
    for place in [0] if damage == "header" else range(4096 * 2, len(data), 4096):
        data[place : place + 16] = b"\xff" * 16
    path.write_bytes(data)

    refused(smoke(directory, program_environment), "crs.sqlite", "left as it is", "backups")

    assert path.read_bytes() == bytes(data)


def test_row_21_a_locked_database_is_said_in_the_window_until_it_is_free(
    tmp_path: Path, program_environment: dict[str, str]
) -> None:
    directory = tmp_path / "profile"
    assert smoke(directory, program_environment).returncode == 0
    before = statuses(account(directory, program_environment))
    with closing(sqlite3.connect(directory / "crs.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with typing(directory, program_environment) as hands:
            assert "resumes when it lets go" in hands.notice("has locked the database")
            assert statuses(account(directory, program_environment)) == before
            other.execute("ROLLBACK")
            while hands.an_order() in before:
                pass
            errors = hands.close()
    assert "Traceback" not in errors
    assert crs(directory, program_environment, "journal", "verify").startswith("Sound")
    assert hands.orders() <= statuses(account(directory, program_environment)).keys()


def test_row_47_a_second_window_on_a_profile_steps_back_and_the_first_trades_on(
    tmp_path: Path, program_environment: dict[str, str]
) -> None:
    directory = tmp_path / "profile"
    with typing(directory, program_environment) as hands:
        hands.an_order()

        for done in (smoke(directory, program_environment), run(desktop(directory), program_environment)):
            refused(done, f"already runs on this profile (process {hands.program.pid})")
            assert done.returncode == 3

        hands.an_order()
        assert "Traceback" not in hands.close()
    assert crs(directory, program_environment, "journal", "verify").startswith("Sound")
    assert hands.orders() <= statuses(account(directory, program_environment)).keys()
