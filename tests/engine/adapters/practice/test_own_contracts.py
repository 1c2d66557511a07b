"""What is committed of our own contracts is what their source compiles to."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from engine.adapters.practice.contracts import OWN

SOURCES = sorted(OWN.glob("*.vy"))


@pytest.mark.parametrize("source", SOURCES, ids=[each.stem for each in SOURCES])
def test_the_committed_bytecode_is_that_of_the_source(source: Path) -> None:
    spec = importlib.util.spec_from_file_location("contracts_build", OWN / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)

    assert source.with_suffix(".json").read_text(encoding="utf-8") == build.compiled(source)
