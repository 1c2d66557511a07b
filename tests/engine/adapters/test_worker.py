"""The frozen program is its own workers: each option leads to a process that serves."""

from __future__ import annotations

from importlib import import_module

import pytest

from engine.adapters.worker import HOSTS, worker_of


@pytest.mark.parametrize(
    "process",
    ["engine.adapters.indicators.process", "engine.adapters.keys.process", "engine.adapters.practice.process"],
)
def test_every_option_that_a_worker_is_started_with_leads_to_it(process: str) -> None:
    option = import_module(process).HOST_OPTION
    main = worker_of([option])

    assert main is not None
    assert main.__module__ == HOSTS[option]
    assert worker_of([option, "more"]) is None


def test_what_a_user_types_is_no_worker() -> None:
    assert worker_of([]) is None
    assert worker_of(["doctor"]) is None
    assert worker_of(["--version"]) is None
