"""What the fault tests share: a nursery of programs to kill, and a profile in which something was traded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.adapters.desk import use_small_market
from tests.faults.machine import Machine, Nursery, nursery


@pytest.fixture(scope="session")
def forks() -> Iterator[Nursery]:
    """Programs to kill."""
    with nursery() as each:
        yield each


@pytest.fixture
def small_market(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the small market in this process, as the programs do."""
    use_small_market(monkeypatch)


@pytest.fixture(scope="session")
def traded(forks: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a profile in which something was traded, closed in order; to be copied, not used."""
    machine = Machine(forks, tmp_path_factory.mktemp("traded") / "profile")
    ended = machine.nursery.run(machine.job(seed=3, commands=120))
    assert ended.status == 0
    assert ended.lines[-1]["said"] == "closed"
    return machine.directory
