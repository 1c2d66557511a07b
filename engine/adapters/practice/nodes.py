"""The database of a practice chain in memory: all that py-evm writes, and what of it is not on the disk yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from eth.db.backends.memory import MemoryDB


class Nodes(MemoryDB):
    """Bytes by key; `fresh` and `gone` say what changed since `settled`."""

    def __init__(self, stored: Mapping[bytes, bytes] | None = None) -> None:
        super().__init__(dict(stored or {}))
        self.fresh: dict[bytes, bytes] = {}
        self.gone: set[bytes] = set()

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if self.kv_store.get(key) != value:
            self.kv_store[key] = value
            self.fresh[key] = value
            self.gone.discard(key)

    def __delitem__(self, key: bytes) -> None:
        del self.kv_store[key]
        self.fresh.pop(key, None)
        self.gone.add(key)

    def settled(self) -> None:
        """Say that all changes are kept."""
        self.fresh.clear()
        self.gone.clear()

    def keep_only(self, wanted: Iterable[bytes]) -> int:
        """Forget all but these keys and return how many were forgotten."""
        kept = set(wanted)
        forgotten = [key for key in self.kv_store if key not in kept]
        for key in forgotten:
            del self[key]
        return len(forgotten)
