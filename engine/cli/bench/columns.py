"""Our side of the comparison of indicators: `python -m engine.cli.bench.columns batch|push FILE`.

It speaks as the peers' drivers do (`tests/perf/columns.py`): `names`, `values NAME FILE`, `round NAME`. Only the
computation is timed: the whole columns for `batch`, every bar's `push` into a fresh stream for `push`.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import engine
from engine.cli.bench.rounds import timed
from engine.indicators.registry import BUILT_IN
from engine.indicators.spec import BarRow, Columns, Floats, Indicator

MINUTE = 60_000_000_000
Work = Callable[[], Any]


def bars_of(path: Path) -> Columns:
    """Return the bars of a file of five columns, a minute apart."""
    opened, high, low, close, volume = np.fromfile(path).reshape(5, -1)
    return Columns(np.arange(len(close), dtype=np.int64) * MINUTE, opened, high, low, close, volume)


def main(form: str, path: Path) -> int:
    """Answer until the input ends."""
    bars = bars_of(path)
    rows = [BarRow(*row) for row in zip(*(column.tolist() for column in bars), strict=True)] if form == "push" else []
    _say({"peer": "crs", "version": engine.__version__})
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "names":
            _say({"names": list(BUILT_IN)})
            continue
        indicator = BUILT_IN[rest[0]]
        cpu_s, found = timed(_pushes(indicator, rows) if form == "push" else partial(indicator.compute, bars))
        if word == "values":
            columns: Floats = np.array(found if form == "batch" else list(zip(*found, strict=True)))
            columns.tofile(rest[1])
            gc.freeze()  # what is loaded by now need not be looked through before every round
        _say({"cpu_s": cpu_s, "outputs": list(range(len(indicator.outputs)))})
    return 0


def _pushes(indicator: Indicator, rows: list[BarRow]) -> Work:
    push = indicator.stream().push

    def work() -> list[tuple[float, ...]]:
        return [push(row) for row in rows]

    return work


def _say(values: dict[str, Any]) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
