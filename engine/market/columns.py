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


def head_of(line: bytes, kind: str, version: int) -> dict[str, Any]:
    """Return the head of packed columns from the first line.

    Raises:
        InvalidInput: it is no head of this kind and version.
    """
    try:
        head = json.loads(line)
        known = head["format"] == kind and head["version"] == version
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"This file is no {kind}, or it is damaged.") from error
    if not known:
        raise InvalidInput(f"This file is {head['format']} {head['version']}, not {kind} {version}.")
    return dict(head)


def unpack(data: bytes, kind: str, version: int) -> tuple[dict[str, Any], dict[str, Ints]]:
    """Return the head and the columns.

    Raises:
        InvalidInput: the bytes are damaged, or of another kind or version.
    """
    line, _, body = data.partition(b"\n")
    head = head_of(line, kind, version)
    try:
        planes = lzma.decompress(body, format=lzma.FORMAT_XZ)
        columns: dict[str, Ints] = {}
        place = 0
        for name, count in head.pop("columns").items():
            columns[name] = _restored(planes[place : place + 8 * count], count)
            place += 8 * count
    except (ValueError, KeyError, AttributeError, EOFError, lzma.LZMAError) as error:
        raise InvalidInput(f"This {kind} is damaged.") from error
    return head, columns


def _planes(column: Ints) -> bytes:
    """Return differences, folded to be non-negative, one byte plane after the other."""
    steps = np.diff(column, prepend=np.int64(0))
    folded = ((steps << 1) ^ (steps >> 63)).astype("<u8")
    return folded.view(np.uint8).reshape(-1, 8).T.tobytes()


def _restored(planes: bytes, count: int) -> Ints:
    folded = np.frombuffer(planes, dtype=np.uint8).reshape(8, count).T.copy().view("<u8").reshape(-1)
    steps = (folded >> np.uint64(1)).astype(np.int64) ^ -(folded & np.uint64(1)).astype(np.int64)
    return np.cumsum(steps)
