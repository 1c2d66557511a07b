"""The chain of the security log: each line vouches for itself and for all lines before it, under a secret key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

Scalar = str | int | bool | None

GENESIS = "0" * 64
"""What stands for the mark before the first line."""

Mark = Callable[[bytes], str]
"""HMAC-SHA256 under the key of the log, hex."""


class Line(NamedTuple):
    """One event. `actor` did it, to `subject`; both are references such as `user:7`, never names or addresses."""

    seq: int
    at_ns: int
    kind: str
    actor: str
    subject: str
    data: str
    """Canonical JSON of an object."""
    hash: str


class Tip(NamedTuple):
    """Where a log ends, or ended when it was anchored."""

    seq: int = 0
    hash: str = GENESIS


class Break(NamedTuple):
    """Where a log is not what was written."""

    seq: int
    text: str


def canonical(data: Mapping[str, Scalar]) -> str:
    """Return an object as the one JSON text that stands for it."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def marked(mark: Mark, before: str, seq: int, at_ns: int, kind: str, actor: str, subject: str, data: str) -> str:
    """Return the mark of a line: `HMAC(key, before || canonical JSON of the line)`."""
    line = json.dumps([seq, at_ns, kind, actor, subject, data], separators=(",", ":"), ensure_ascii=True)
    return mark(f"{before}\n{line}".encode())


def first_break(lines: Iterable[Line], mark: Mark, tip: Tip, anchors: Iterable[Tip] = ()) -> Break | None:
    """Return where the log was edited, cut, reordered or added to without the key; None if nowhere.

    Args:
        lines: the whole log in the order of `seq`.
        mark: of the log's key.
        tip: where the database says that it ends.
        anchors: ends that were exported earlier; each must still be a line of the log.
    """
    wanted = {anchor.seq: anchor.hash for anchor in anchors if anchor.seq}
    before, seq = GENESIS, 0
    for line in lines:
        if line.seq != seq + 1:
            return Break(seq + 1, f"Line {seq + 1} is missing: the next one is {line.seq}.")
        if line.hash != marked(mark, before, *line[:-1]):
            return Break(line.seq, f"Line {line.seq} was changed, or a line before it was put in its place.")
        anchored = wanted.pop(line.seq, line.hash)
        if anchored != line.hash:
            return Break(line.seq, f"Line {line.seq} is not the one that was anchored: the log was written anew.")
        before, seq = line.hash, line.seq
    if Tip(seq, before) != tip:
        return Break(seq + 1, f"The log ends at line {seq}, but it should end at line {tip.seq}.")
    if wanted:
        return Break(seq + 1, f"The log was cut: line {max(wanted)} was anchored, the last one is {seq}.")
    return None
