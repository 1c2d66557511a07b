"""Rows 1 to 3: kill -9 between the steps of an order and while the market's state is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.sql.reader import Reader
from engine.domain.order import OrderId
from engine.observe.failpoint import POINTS
from tests.faults.machine import Ended, Machine, Nursery

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("small_market")]


@pytest.mark.parametrize("point", ["journal.after_commit", "journal.before_acknowledge"])
def test_row_01_kill_between_journal_write_and_reply(point: str, tmp_path: Path, forks: Nursery) -> None:
    machine = Machine(forks, tmp_path / "profile")

    for seed in range(40):  # until an order is on the disk of which nobody was told
        ended = machine.killed_at(f"{point}:{7 + seed}", seed=seed)
        if _silent(machine, ended):
            break

    assert _silent(machine, ended), "everything on the disk had been told: the kills came too late"
    assert machine.seen["known again"] > 0, "nothing that was on the disk was sent again"


def _silent(machine: Machine, ended: Ended) -> list[OrderId]:
    """Return the orders of a run that are on the disk and of which nobody was told."""
    told = {payload for _, payload in ended.told}
    sent = {each.order_id for each in ended.sent}
    with Reader(machine.directory / "crs.sqlite") as reader:
        durable = [each for each in reader.entries() if each.kind == "OrderAccepted" and each.payload not in told]
        return [order_id for each in durable if (order_id := reader.decoded(each).order_id) in sent]


@pytest.mark.parametrize(
    "point", ["venue.after_match", "market.after_advance", "journal.before_write", "journal.half_written",
              "journal.before_commit"],
)  # fmt: skip
def test_row_02_kill_between_match_and_commit(point: str, tmp_path: Path, forks: Nursery) -> None:
    machine = Machine(forks, tmp_path / "profile")

    machine.killed_at(f"{point}:9", seed=2)
    machine.killed_at(f"{point}:5", seed=3)

    assert machine.seen["rerun"] == 2, "the market did not come back as it was"
    assert machine.seen["OrderFilled"] > 0


@pytest.mark.parametrize("point", [each for each in POINTS if "snapshot." in each])
def test_row_03_kill_during_snapshot_write(point: str, tmp_path: Path, forks: Nursery) -> None:
    machine = Machine(forks, tmp_path / "profile")
    machine.start()

    machine.killed_at(f"{point}:1", seed=4)
    machine.killed_at(f"{point}:2", seed=5)

    assert machine.seen["rerun"] == 2, "the older snapshot and a longer journal were not enough"
