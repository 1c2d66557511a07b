"""A stream over bars that are there already: its outputs, and itself brought to where they end."""

from __future__ import annotations

import numpy as np

from engine.indicators.spec import BarRow, Columns, Floats, Stream


def pushed(stream: Stream, columns: Columns, outputs: int) -> tuple[Floats, ...]:
    """Push bars into a stream of so many outputs, and return them as columns.

    For a short series this is as quick as the batch and loads nothing: what some batches are made with takes a second
    to import.
    """
    push, found = stream.push, np.empty((len(columns.close), outputs))
    rows = map(BarRow._make, zip(*(column.tolist() for column in columns), strict=True))
    for at, row in enumerate(rows):
        found[at] = push(row)
    return tuple(np.ascontiguousarray(found[:, at]) for at in range(outputs))
