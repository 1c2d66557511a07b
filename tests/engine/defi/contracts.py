"""Bytecode of the real contracts: in `build/contracts` of a checkout that took it, never in the repository."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "build" / "contracts"


def creation_code(name: str) -> bytes:
    """Return what creates a contract ("sushi/UniswapV2Factory"), before its arguments; skip the test without it."""
    file = FOLDER / f"{name}.json"
    if not file.exists():
        pytest.skip("the contracts' bytecode is not there (packaging/contracts.py takes it)")
    return bytes.fromhex(json.loads(file.read_text(encoding="utf-8"))["bytecode"][2:])
