"""The end of SQLite's write-ahead log after a stop that was not in order: unfinished, or damaged?

SQLite goes by its log as far as the checksums hold and drops the rest without a word. That is right for a write that
never ended. It is wrong where a bit was lost further up: whole transactions that somebody was promised would be gone.
Each transaction is on the disk before the next one begins, so only the last one can be unfinished; a bad checksum
with more than one end of a transaction after it is damage.

Source: https://www.sqlite.org/fileformat2.html, section 4, "The Write-Ahead Log".
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.adapters.sql.failure import advice
from engine.errors import StorageCorrupt, StorageUnavailable

_HEADER, _FRAME, _USUAL_PAGE = 32, 24, 4096
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_MASK = 0xFFFFFFFF

Words = npt.NDArray[np.uint64]
Sums = tuple[int, int]


class LogTail(NamedTuple):
    """What a log holds."""

    transactions: int
    """Whole ones."""
    unfinished: int
    """Bytes after them that belong to no whole transaction."""


def log_of(database: Path) -> Path:
    """Return the write-ahead log of a database."""
    return database.with_name(database.name + "-wal")


def read_tail(database: Path) -> LogTail:
    """Look through the log of a database that nobody writes to.

    Raises:
        StorageCorrupt: it is damaged before its last transaction; says at which byte.
        StorageUnavailable: it cannot be read.
    """
    try:
        data = log_of(database).read_bytes()
    except FileNotFoundError:
        return LogTail(0, 0)
    except OSError as error:
        raise StorageUnavailable(f"The log {log_of(database)} cannot be read: {error.strerror}.") from error
    if len(data) < _HEADER + _FRAME:
        return LogTail(0, len(data))
    magic, _, page, _, *salt = struct.unpack(">6I", data[:24])
    order = ">u4" if magic == _BIG else "<u4"
    if magic not in (_LITTLE, _BIG) or _checksum((0, 0), data[:24], order) != struct.unpack(">2I", data[24:_HEADER]):
        page, salt = (
            _USUAL_PAGE,
            list(struct.unpack(">2I", data[_HEADER + 8 : _HEADER + 16])),
        )  # SQLite will use none of it
    return _look_through(database, data, page, (salt[0], salt[1]), order)


def _look_through(database: Path, data: bytes, page: int, salt: Sums, order: str) -> LogTail:
    size = _FRAME + page
    sums = _checksum((0, 0), data[:24], order)
    bad_at = None if sums == struct.unpack(">2I", data[24:_HEADER]) else 0
    whole = own = _HEADER
    transactions = ends_after = 0
    for place in range(_HEADER, len(data) - size + 1, size):
        _, commit, *frame_salt = struct.unpack(">4I", data[place : place + 16])
        ours = tuple(frame_salt) == salt  # else of an earlier round through the file
        if bad_at is None and ours:
            sums = _checksum(
                _checksum(sums, data[place : place + 8], order), data[place + _FRAME : place + size], order
            )
        if bad_at is None and not (ours and sums == struct.unpack(">2I", data[place + 16 : place + _FRAME])):
            bad_at = place
        if ours:
            own = place + size
        if ours and commit and bad_at is None:
            transactions, whole = transactions + 1, own
        elif ours and commit:
            ends_after += 1
    if len(data) - own < size:  # a piece of a frame
        own = len(data)
    if ends_after > 1:
        raise StorageCorrupt(
            f"The log {log_of(database)} is damaged at byte {bad_at}, and {ends_after} transactions after it would be "
            f"lost. {advice(database)}"
        )
    return LogTail(transactions, own - whole)


def _checksum(sums: Sums, data: bytes, order: str) -> Sums:
    """Return SQLite's running checksum after more data, whose length is a multiple of 8.

    A step is s0 += x0 + s1, s1 += x1 + s0. That is linear, so the weight of every word is known beforehand, and the
    sum of a page is one product.
    """
    words = np.frombuffer(data, dtype=order).astype(np.uint64)
    weights, (a, b, c, d) = _weights(len(words) // 2)
    total = (weights * words).sum(axis=1)
    first = a * sums[0] + b * sums[1] + int(total[0])
    second = c * sums[0] + d * sums[1] + int(total[1])
    return first & _MASK, second & _MASK


@lru_cache(maxsize=8)
def _weights(steps: int) -> tuple[Words, tuple[int, int, int, int]]:
    """Return the weights of the words of so many steps in both sums, and those of the two sums before."""
    weights = np.zeros((2, steps * 2), dtype=np.uint64)
    a, b, c, d = 1, 0, 0, 1
    for step in range(steps - 1, -1, -1):
        weights[:, 2 * step] = ((a + b) & _MASK, (c + d) & _MASK)
        weights[:, 2 * step + 1] = (b, d)
        a, b, c, d = (a + b) & _MASK, (a + 2 * b) & _MASK, (c + d) & _MASK, (c + 2 * d) & _MASK
    return weights, (a, b, c, d)
