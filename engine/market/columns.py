"""Columns of integers in few bytes: one line of JSON, then differences, byte planes apart, in LZMA."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import InvalidInput
from engine.market.noise import Ints


def pack(kind: str, version: int, about: Mapping[str, object], columns: Mapping[str, Ints], preset: int = 9) -> bytes:
    """Return named columns with a head that says what they are; `preset` 0 is fast, 9 small."""
    head = {"format": kind, "version": version, **about, "columns": {name: len(rows) for name, rows in columns.items()}}
    body = b"".join(_planes(rows) for rows in columns.values())
    return json.dumps(head).encode() + b"\n" + lzma.compress(body, format=lzma.FORMAT_XZ, preset=preset)


MOST_VALUES = 50_000_000
"""Values that are unpacked at most: more memory than any recording takes; a small file can promise far more."""
MOST_MEMORY = 256 * 2**20
"""Bytes that unpacking itself may take; what is packed here takes 70 MB at most."""


def head_of(line: bytes, kind: str, version: int) -> dict[str, Any]:
    """Return the head of packed columns from the first line.

    Raises:
        InvalidInput: it is no head of this kind and version.
    """
    try:
        head = json.loads(line)
        known = head["format"] == kind and head["version"] == version
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(f"This file is no {kind}, or it is damaged.") from error
    if not known:
        told = f"{head['format']!s:.40} {head['version']!s:.20}"
        raise InvalidInput(f"This file is {told!r}, not {kind} {version}.")
    return dict(head)


def unpack(data: bytes, kind: str, version: int, most: int = MOST_VALUES) -> tuple[dict[str, Any], dict[str, Ints]]:
    """Return the head and the columns.

    Raises:
        InvalidInput: the bytes are damaged, of another kind or version, or hold more than `most` values.
    """
    line, _, body = data.partition(b"\n")
    head = head_of(line, kind, version)
    try:
        counts = _counts(head.pop("columns"), kind, most)
        planes = _unpacked(body, 8 * sum(counts.values()))
        columns: dict[str, Ints] = {}
        place = 0
        for name, count in counts.items():
            columns[name] = _restored(planes[place : place + 8 * count], count)
            place += 8 * count
    except (ValueError, KeyError, AttributeError, EOFError, lzma.LZMAError) as error:
        raise InvalidInput(f"This {kind} is damaged.") from error
    return head, columns


def _counts(told: object, kind: str, most: int) -> dict[str, int]:
    """Return how long each column is, as the head says."""
    if not isinstance(told, dict) or not all(type(count) is int and count >= 0 for count in told.values()):
        raise ValueError
    if sum(told.values()) > most:
        raise InvalidInput(f"This {kind} holds more than can be read here.")
    return told


def _unpacked(body: bytes, size: int) -> bytes:
    """Return what was packed if it is as long as it should be; no more of it is made."""
    unpack = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)
    planes = unpack.decompress(body, size + 1)
    if len(planes) != size or not (unpack.eof or not size):
        raise ValueError
    return planes


def _planes(column: Ints) -> bytes:
    """Return differences, folded to be non-negative, one byte plane after the other."""
    steps = np.diff(column, prepend=np.int64(0))
    folded = ((steps << 1) ^ (steps >> 63)).astype("<u8")
    return folded.view(np.uint8).reshape(-1, 8).T.tobytes()


def _restored(planes: bytes, count: int) -> Ints:
    folded = np.frombuffer(planes, dtype=np.uint8).reshape(8, count).T.copy().view("<u8").reshape(-1)
    steps = (folded >> np.uint64(1)).astype(np.int64) ^ -(folded & np.uint64(1)).astype(np.int64)
    return np.cumsum(steps)
