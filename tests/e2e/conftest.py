"""Whole programs at work: what they run is counted where their parts are tested, and in the smoke run of the guards."""

from __future__ import annotations

import pytest

from tests.unmeasured import UNMEASURED


@pytest.fixture(scope="session")
def program_environment(program_environment: dict[str, str]) -> dict[str, str]:
    """The environment in which a test starts a program."""
    return {**program_environment, **UNMEASURED}


@pytest.fixture(scope="session")
def xvfb(xvfb: dict[str, str]) -> dict[str, str]:
    """An environment with a real X server."""
    return {**xvfb, **UNMEASURED}
