"""Starting: what `import engine` loads, and the CPU time until short commands of `crs` are done."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError

UNWANTED = ("PySide6", "pandas", "sqlalchemy", "sklearn", "web3")
"""What importing the engine must not load."""

CRS = (sys.executable, "-m", "engine.cli")


def start(plan: Plan) -> Report:
    """Return the CPU seconds of short commands.

    Raises:
        WrongAnswerError: the import loads what it must not.
    """
    loaded = json.loads(_run(sys.executable, "-c", "import engine, json, sys; print(json.dumps(list(sys.modules)))"))
    unwanted = sorted({name.partition(".")[0] for name in loaded} & set(UNWANTED))
    if unwanted:
        raise WrongAnswerError(f"Importing the engine loads {', '.join(unwanted)}.")
    bars = [
        Bar("crs --version", Spread.of(_cpu_s(*CRS, "--version") for _ in range(plan.rounds)), unit="CPU s"),
        Bar(
            "crs simulate, no commands",
            Spread.of(_cpu_s(*CRS, "simulate", "--orders", os.devnull) for _ in range(plan.rounds)),
            0.3,
            at_least=False,
            unit="CPU s",
        ),
    ]
    facts: dict[str, int | str] = {"modules_of_import_engine": len(loaded), "unwanted": "none", "rounds": plan.rounds}
    return Report("start", facts, bars, [])


def _cpu_s(*command: str) -> float:
    before = os.times()
    _run(*command)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own program
