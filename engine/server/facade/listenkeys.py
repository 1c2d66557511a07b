"""Listen keys: the old way to an account's events, by a word in the socket's path that ends after an hour."""

from __future__ import annotations

import time
from secrets import token_hex
from typing import NamedTuple

from engine.server.auth.port import AccessEnded
from engine.server.facade.fault import Fault
from engine.server.principal import Principal

LIFE_S = 3_600
MOST = 100_000


class _Entry(NamedTuple):
    owner: Principal
    until: float


class ListenKeys:
    """The listen keys of this process."""

    def __init__(self) -> None:
        self._by_key: dict[str, _Entry] = {}
        self._by_owner: dict[tuple[str, int | None], str] = {}

    def make(self, owner: Principal) -> str:
        """Return the key of an owner: the one there is, for another hour, else a new one."""
        named = (owner.account, owner.key_id)
        known = self._by_owner.get(named)
        if known is not None and self.owner(known) is not None:
            self._by_key[known] = _Entry(owner, time.monotonic() + LIFE_S)
            return known
        if len(self._by_key) >= MOST:
            self._sweep()
        key = self._by_owner[named] = token_hex(32)
        self._by_key[key] = _Entry(owner, time.monotonic() + LIFE_S)
        return key

    def owner(self, key: str) -> Principal | None:
        """Return whose key it is; None if there is none, or its time is over."""
        entry = self._by_key.get(key)
        return None if entry is None or entry.until < time.monotonic() else entry.owner

    def renew(self, key: str, owner: Principal) -> None:
        """Give a key another hour.

        Raises:
            Fault: it is none of that owner's.
        """
        self._check(key, owner)
        self._by_key[key] = _Entry(owner, time.monotonic() + LIFE_S)

    def end(self, key: str, owner: Principal) -> None:
        """Let a key open no socket any more; raises as `renew`."""
        self._check(key, owner)
        del self._by_key[key]

    def revoke(self, event: AccessEnded) -> None:
        """Forget the keys of whoever must not act any more."""
        for key, entry in tuple(self._by_key.items()):
            if event.concerns(entry.owner):
                del self._by_key[key]

    def _check(self, key: str, owner: Principal) -> None:
        found = self.owner(key)
        if found is None or found.account != owner.account:
            raise Fault(-1125, "This listenKey does not exist.")

    def _sweep(self) -> None:
        now = time.monotonic()
        self._by_key = {key: entry for key, entry in self._by_key.items() if entry.until >= now}
        self._by_owner = {named: key for named, key in self._by_owner.items() if key in self._by_key}
