"""The bytes of a dumped market: JSON (whose integers have no limit), compressed.

`VERSION` changes whenever the same seed would no longer make the same flow, so that an old dump is
not continued with another market's agents.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from engine.errors import InvalidInput

VERSION = 4


def pack(kind: str, dump: Mapping[str, object]) -> bytes:
    """Return a dump as bytes; equal dumps give equal bytes."""
    return zlib.compress(msgspec.json.encode({"version": VERSION, "kind": kind, **dump}), 1)


def unpack(data: bytes) -> dict[str, Any]:
    """Return what was packed.

    Raises:
        InvalidInput: the bytes are no dump of this version.
    """
    try:
        dump: dict[str, Any] = msgspec.json.decode(zlib.decompress(data))
    except (zlib.error, ValueError) as error:
        raise InvalidInput("The stored market state is damaged.") from error
    if dump.get("version") != VERSION:
        raise InvalidInput(f"The stored market state has version {dump.get('version')}, not {VERSION}.")
    return dump
