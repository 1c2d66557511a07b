"""Sessions by the UTC calendar, and sums that begin anew with each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.indicators.spec import Floats

DAY = 86_400 * 1_000_000_000
WEEK = 7 * DAY
MONDAY = 3 * DAY
"""1 January 1970 was a Thursday: weeks of 7 x 24 h from then are moved by this much to begin on Mondays."""


def session_of(start: int, session: str) -> int:
    """Return the number of the session (`none`, `day` or `week`) that an instant (ns UTC) lies in."""
    if session == "day":
        return start // DAY
    return (start + MONDAY) // WEEK if session == "week" else 0


def opens(starts: NDArray[np.int64], session: str) -> NDArray[np.intp]:
    """Return the rows on which a session begins, the first row among them; none for no rows."""
    if session == "none":
        return np.arange(min(len(starts), 1))
    numbers = starts // DAY if session == "day" else (starts + MONDAY) // WEEK
    return np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1))


def running_sum(column: Floats, begins: NDArray[np.intp]) -> Floats:
    """Return the sum from the session's first row up to each row, added from left to right as a stream does."""
    answer = np.array(column)
    lengths = np.diff(begins, append=len(column))
    if len(begins) <= lengths.max(initial=0):
        for begin, length in zip(begins.tolist(), lengths.tolist(), strict=True):
            part = answer[begin : begin + length]
            np.add.accumulate(part, out=part)
        return answer
    return _abreast(answer, begins, lengths)


def _abreast(answer: Floats, begins: NDArray[np.intp], lengths: NDArray[np.intp]) -> Floats:
    """Add many short sessions side by side, one row of each at a time."""
    for step in range(1, int(np.max(lengths))):
        begins, lengths = begins[lengths > step], lengths[lengths > step]
        answer[begins + step] += answer[begins + step - 1]
    return answer
