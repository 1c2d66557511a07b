"""Rows 6, 47 and 48 with the real desktop: killed while orders are entered, started twice, asked to end under load."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from engine.adapters.sql.logtail import log_of
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.domain.order import OrderStatus
from engine.observe.failpoint import VARIABLE
from engine.ports.journal import JournalEntry
from tests.e2e.profiles import desktop, run
from tests.e2e.typist import PATIENCE_S, typing

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals and kills are made Linux's way"),
    pytest.mark.timeout(180),
]

DRAIN_S = 10.0
"""How long a program may take to write what waits once it was asked to end."""

SLACK_S = 10.0
"""For the rest of the close on a busy machine."""


def asked(directory: Path) -> list[JournalEntry]:
    """Return the records of what was asked for: orders sent and taken out."""
    with Reader(directory / "crs.sqlite") as reader:
        return [each for each in reader.entries() if each.kind in ("SubmitOrder", "CancelOrder")]


def statuses(directory: Path) -> dict[str, OrderStatus]:
    """Return where every order stands."""
    with Reader(directory / "crs.sqlite") as reader:
        return {row["order_id"]: OrderStatus(row["status"]) for row in reader.table("order")}


@pytest.mark.parametrize(
    ("point", "durable"), [("venue.after_match:4", 3), ("venue.before_reply:4", 4)], ids=["pending", "durable"]
)
def test_row_06_kill_desktop_during_order_entry(
    point: str, durable: int, tmp_path: Path, program_environment: dict[str, str]
) -> None:
    directory = tmp_path / "profile"
    with typing(directory, {**program_environment, VARIABLE: point}) as hands:
        assert hands.program.wait(PATIENCE_S) == -signal.SIGKILL
    before = asked(directory)
    assert len(before) == durable, "what was under way is on the disk, or what was done is not"
    working = {order_id for order_id, status in statuses(directory).items() if status.is_open}

    with typing(directory, program_environment, "look") as eyes:
        eyes.until(lambda table, text: (table, text) == ("window", "shown"))
        while not working <= eyes.orders():
            eyes.an_order()
        time.sleep(0.5)  # long enough for anything that would be sent again by itself
        assert "Traceback" not in eyes.close()

    assert eyes.orders() <= statuses(directory).keys()
    assert asked(directory) == before, "something was sent again, blindly"


def test_row_47_two_desktop_instances_second_focuses_first(tmp_path: Path, program_environment: dict[str, str]) -> None:
    directory = tmp_path / "profile"
    with typing(directory, program_environment, "minimise") as first:
        first.until(lambda table, text: (table, text) == ("window", "minimised"))

        second = run(desktop(directory), program_environment)

        first.until(lambda table, text: (table, text) == ("window", "shown"))
        assert "Traceback" not in first.close()
    assert second.returncode == 3
    assert f"already runs on this profile (process {first.program.pid})" in second.stderr


def test_row_48_sigterm_under_load(tmp_path: Path, program_environment: dict[str, str]) -> None:
    directory, slow = tmp_path / "profile", {VARIABLE: "journal.before_commit:1+=pause 0.1"}
    with typing(directory, {**program_environment, **slow}) as hands:
        for _ in range(3):
            hands.an_order()
        begun = time.monotonic()
        assert "Traceback" not in hands.close()  # asks with SIGTERM, and wants exit status 0
        took = time.monotonic() - begun

    assert took < DRAIN_S + SLACK_S
    assert not log_of(directory / "crs.sqlite").exists(), "the database was not closed in order"
    with Reader(directory / "crs.sqlite") as reader:
        verify(reader)
    assert hands.orders() <= statuses(directory).keys()
