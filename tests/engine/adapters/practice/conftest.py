"""A practice chain within the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.practice.contracts import Contracts, NoContracts, find
from engine.adapters.practice.machine import Machine
from engine.adapters.practice.store import open_chain


@pytest.fixture
def contracts() -> Contracts:
    try:
        return find()
    except NoContracts as missing:
        pytest.skip(str(missing))


@pytest.fixture
def machine(tmp_path: Path, contracts: Contracts) -> Iterator[Machine]:
    machine = Machine(*open_chain(tmp_path, contracts))
    yield machine
    machine.close()
