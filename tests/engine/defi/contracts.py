"""Bytecode of the real contracts, where this machine has it; a test that needs it is skipped elsewhere."""

from __future__ import annotations

import pytest

from engine.adapters.practice.contracts import Contracts, NoContracts, find


def contracts() -> Contracts:
    """Return the folder with the bytecode, or skip the test."""
    try:
        return find()
    except NoContracts:
        pytest.skip("the contracts' bytecode is not there: `python packaging/contracts.py` fetches it")


def creation_code(name: str) -> bytes:
    """Return what creates a contract ("sushi/WETH9Mock"), before its arguments."""
    return contracts().artifact(name).bytecode
