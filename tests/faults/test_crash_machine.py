"""kill -9 at every named point and at random moments: nothing acknowledged is missing, nothing happens twice."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from crs_desktop.viewmodels.drawings.desk import FILE
from crs_desktop.viewmodels.drawings.file import DrawingFile
from crs_desktop.viewmodels.layout import LayoutFile
from engine.adapters.files.alerts import AlertFile
from engine.adapters.sql.backup import create
from engine.adapters.sql.database import REVISION, stored_revision
from engine.adapters.sql.manifest import Kind, backups_in
from engine.adapters.sql.reader import Reader
from engine.observe.failpoint import POINTS
from engine.profile import Profile
from engine.settings import load
from tests.faults.headless import NOW_NS, Job
from tests.faults.machine import KILLED, Ended, Machine, Nursery

pytestmark = pytest.mark.integration

TRADING = ("venue.", "market.", "journal.", "snapshot.", "account_snapshot.")
"""Points that a trading engine comes to by itself."""


@pytest.mark.usefixtures("small_market")
@pytest.mark.parametrize("point", POINTS)
def test_nothing_promised_is_missing_after_a_kill_at(point: str, tmp_path: Path, forks: Nursery, traded: Path) -> None:
    machine = Machine(forks, tmp_path / "profile")
    if point.startswith(TRADING):
        machine.killed_at(f"{point}:{1 + POINTS.index(point) % 5}", seed=POINTS.index(point))
    else:
        shutil.copytree(traded, machine.directory)
        _reach(point, machine)


@pytest.mark.parametrize("market", ["simulated", "replay"])
def test_nothing_promised_is_missing_after_2_kills_at_random_in_the_market(
    market: str, tmp_path: Path, forks: Nursery
) -> None:
    machine, random = Machine(forks, tmp_path / "profile", market), Random(11)  # noqa: S311 - repeatable moments
    for seed in range(2):
        machine.killed_after(0.1 + random.random() * 0.5, seed)

    assert machine.seen["OrderAccepted"] > 20


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("market", ["simulated", "replay"])
def test_nothing_promised_is_missing_after_100_kills_at_random_in_the_market(
    market: str, tmp_path: Path, forks: Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    machine, random = Machine(forks, tmp_path / "profile", market), Random(12)  # noqa: S311 - repeatable moments
    for seed in range(100):
        machine.killed_after(random.random() * 1.5, seed)

    with capsys.disabled():
        print(f"\n100 kills at random in the {market} market: {_figures(machine)}")
    assert machine.seen["known again"] > 100


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.usefixtures("small_market")
@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith(TRADING)])
def test_nothing_promised_is_missing_after_10_kills_at(
    point: str, tmp_path: Path, forks: Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    machine, random = Machine(forks, tmp_path / "profile"), Random(POINTS.index(point))  # noqa: S311 - repeatable
    for seed in range(10):
        machine.killed_at(f"{point}:{random.randint(1, 20)}", seed)

    with capsys.disabled():
        print(f"\n10 kills at {point}: {_figures(machine)}")


def _figures(machine: Machine) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in machine.seen.most_common())


def _reach(point: str, machine: Machine) -> None:
    """Come to a point where no trading engine comes by itself, and check what it left."""
    if point.startswith("backup."):
        _kill_a_backup(point, machine)
    elif point.startswith("restore."):
        _kill_a_restore(point, machine)
    elif point.startswith("migration."):
        _kill_a_migration(point, machine)
    else:
        _kill_a_save(point, machine)
    machine.check(Ended(KILLED, []))


def _killed(machine: Machine, job: Job) -> None:
    assert machine.nursery.run(job).status == KILLED, f"{job.failpoint} was never reached"


def _done(machine: Machine, job: Job) -> None:
    assert machine.nursery.run(job).status == 0


def _kill_a_backup(point: str, machine: Machine) -> None:
    folder = machine.directory / "backups"
    _killed(machine, machine.job("back_up", failpoint=point))

    assert backups_in(folder) == [], "a backup that was not ended is offered"
    _done(machine, machine.job("back_up"))
    assert len(backups_in(folder)) == 1


def _kill_a_restore(point: str, machine: Machine) -> None:
    database = machine.directory / "crs.sqlite"
    backup = create(database, Kind.MANUAL, NOW_NS)
    machine.killed_at("journal.after_commit:9", seed=1)  # more is traded, and its log is left beside the database
    machine.promised.clear()  # whoever puts a backup back gives up what came after it

    _killed(machine, machine.job("restore", failpoint=point))

    machine.start()  # ends the restore
    with Reader(database) as reader:
        assert [each.hash for each in reader.entries()][backup.records - 1] == backup.last_hash
    assert list((machine.directory / "backups").glob("replaced-*.sqlite"))
    assert not list(machine.directory.glob("*.restor*"))


def _kill_a_migration(point: str, machine: Machine) -> None:
    database = machine.directory / "crs.sqlite"
    down, up = machine.job("migrate"), machine.job("migrate")
    for job, before in ((down, REVISION), (up, "0001")):
        to = "0001" if before == REVISION else REVISION
        _killed(machine, Job(job.program, job.directory, job.said, market=to, failpoint=point))
        assert stored_revision(database) == before
        _done(machine, Job(job.program, job.directory, job.said, market=to))
        assert stored_revision(database) == to


def _kill_a_save(point: str, machine: Machine) -> None:
    profile, program = Profile(machine.directory), point.partition(".")[0]

    def now() -> object:
        if program == "drawings":
            return DrawingFile(profile.data_dir / FILE).load()
        if program == "alerts":
            return AlertFile(profile.alerts_file).load()
        return load(profile.settings_file) if program == "settings" else LayoutFile(profile.layout_file).load()

    _done(machine, machine.job(program, seed=5))
    before = now()
    _killed(machine, machine.job(program, seed=6, failpoint=point))
    assert now() == before, "the file is neither the old one nor the new one"
    _done(machine, machine.job(program, seed=6))
    assert now() != before
