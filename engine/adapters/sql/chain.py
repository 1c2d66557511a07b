"""The hash chain of the journal: each record vouches for itself and for everything before it."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

GENESIS = "0" * 64
"""What stands for the hash before the first record."""


class Tip(NamedTuple):
    """Where the journal ends."""

    seq: int = 0
    hash: str = GENESIS


def link(before: str, seq: int, ts_ns: int, kind: str, account: str, payload: str, version: int) -> str:
    """Return the hash of a record that follows the one with hash `before`.

    The fields are joined by line feeds, of which a compact JSON text, a kind and an account have none.
    """
    text = f"{before}\n{seq}\n{ts_ns}\n{kind}\n{account}\n{version}\n{payload}"
    return sha256(text.encode()).hexdigest()
