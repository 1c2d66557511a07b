"""Time tells nobody who is registered: 200 refusals of known and of unknown users, taking turns."""

from __future__ import annotations

import pytest

from engine.cli.bench.rounds import Plan
from engine.cli.bench.signin import signin


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_known_and_unknown_users_take_the_same_time_to_refuse() -> None:
    report = signin(Plan(rounds=1, events=200, peers=None))

    assert report.bars[0].met, report.text()
