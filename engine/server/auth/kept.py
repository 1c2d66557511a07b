"""What was looked up and is believed until somebody says otherwise: the owners of tokens and of API keys."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from engine.server.auth.apikey import HeldKey
from engine.server.principal import Principal

KEPT_AT_MOST = 20_000

V = TypeVar("V", Principal, HeldKey)


class Kept(Generic[V]):
    """The last so many values by key; the one not used longest goes first."""

    def __init__(self, at_most: int = KEPT_AT_MOST) -> None:
        self._held: OrderedDict[bytes, V] = OrderedDict()
        self._at_most = at_most
        self.forgotten = 0
        """How often something had to be forgotten; a value read before that may not be kept after it."""
        self.hits = self.misses = 0

    def get(self, key: bytes) -> V | None:
        """Return a value, which is thereby the last used one."""
        found = self._held.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._held.move_to_end(key)
        return found

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._held)

    def keep(self, key: bytes, value: V, read_when: int) -> None:
        """Keep a value unless something was forgotten since it was read."""
        if read_when == self.forgotten:
            self._held[key] = value
            if len(self._held) > self._at_most:
                self._held.popitem(last=False)

    def forget(self, subjects: frozenset[str]) -> None:
        """Drop the values of subjects such as `user:7`; `*` is everybody."""
        self.forgotten += 1
        for key in [key for key, value in self._held.items() if "*" in subjects or subjects & _subjects(value)]:
            del self._held[key]


def _subjects(value: Principal | HeldKey) -> frozenset[str]:
    if isinstance(value, HeldKey):
        return frozenset({f"user:{value.user_id}", f"key:{value.id}"})
    return frozenset({f"user:{value.user_id}", f"session:{value.session_id}"})
