"""Both frozen programs become each worker when they are started with its option."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
PROCESSES = ("engine.adapters.indicators.process", "engine.adapters.keys.process", "engine.adapters.practice.process")


@pytest.mark.parametrize("name", ["crs.py", "crs_desktop_entry.py"])
def test_every_worker_has_its_option(name: str) -> None:
    tree = ast.parse((PACKAGING / name).read_text(encoding="utf-8"))
    found = next(
        each.value for each in tree.body if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "WORKERS"
    )
    workers = ast.literal_eval(found)

    assert set(workers) == {import_module(each).HOST_OPTION for each in PROCESSES}
    for module in workers.values():
        assert (PACKAGING.parent / (module.replace(".", "/") + ".py")).exists()
