"""Claims about the fail points: free when nothing is armed, exact when something is."""

from __future__ import annotations

import ast
import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.observe import failpoint
from engine.observe.failpoint import DECISIONS, POINTS, VARIABLE, WALLET, WRITES, arm, armed, reached, times

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    yield
    failpoint.disarm()


def failures(point: str, count: int) -> list[int]:
    """Come to a point so often and return at which times it failed."""
    failed = []
    for number in range(1, count + 1):
        try:
            reached(point)
        except OSError:
            failed.append(number)
    return failed


def test_nothing_happens_at_a_point_that_is_not_armed() -> None:
    assert [point for point in POINTS if failures(point, 1)] == []
    with armed("journal.before_commit=error EIO"):
        assert [point for point in POINTS if failures(point, 1)] == ["journal.before_commit"]


@pytest.mark.parametrize(
    ("text", "failed"), [("", [1]), (":3", [3]), (":2+", [2, 3, 4, 5])], ids=["first", "third", "second and on"]
)
def test_an_error_comes_when_it_was_asked_for(text: str, failed: list[int]) -> None:
    with armed(f"journal.before_commit{text}=error ENOSPC"):
        assert failures("journal.before_commit", 5) == failed
        assert times("journal.before_commit") == 5
    assert failures("journal.before_commit", 5) == []


def test_the_error_is_the_one_of_the_system() -> None:
    with armed("backup.before_rename=error ENOSPC; journal.before_write=error EIO"):
        with pytest.raises(OSError, match="space") as full:
            reached("backup.before_rename")
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            reached("journal.before_write")
    assert full.value.errno == errno.ENOSPC


def test_a_pause_holds_up_only_the_thread_that_is_there() -> None:
    begun = time.monotonic()
    with armed("journal.before_write=pause 0.02"):
        reached("journal.before_write")
        reached("journal.before_write")
    assert time.monotonic() - begun >= 0.02


@pytest.mark.parametrize(
    "text",
    ["nowhere", "journal.before_write:0", "journal.before_write=explode", "journal.before_write=error EPERM", ":1"],
)
def test_what_cannot_be_understood_is_refused_with_the_points_there_are(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"venue\.before_match"):
        arm(text)


@pytest.mark.parametrize("point", DECISIONS)
def test_a_place_where_nothing_is_written_cannot_refuse(point: str) -> None:
    with pytest.raises(InvalidInput, match="Nothing is written"):
        arm(f"{point}=error EIO")


@pytest.mark.no_cover
def test_every_point_has_one_name_and_is_somewhere_in_the_program() -> None:
    found = []
    for package in ("engine", "crs_desktop"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)) if "reached" in text else ():
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reached":
                    found += [each.value for each in node.args if isinstance(each, ast.Constant)]

    assert len(set(POINTS + WALLET)) == len(POINTS + WALLET) == len(DECISIONS) + len(WRITES) + len(WALLET)
    assert set(found) == set(POINTS + WALLET)


@pytest.mark.integration
def test_the_environment_arms_a_program_and_a_kill_ends_it_like_kill_9() -> None:
    code = "from engine.observe.failpoint import reached\nreached('venue.before_match')\nprint('1', flush=True)\n"
    code += "reached('venue.before_match')\nprint('2', flush=True)"
    environment = {**os.environ, VARIABLE: "venue.before_match:2"}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.returncode < 0 or os.name == "nt") == ("1\n", True)
