"""Addresses that are never blocked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_network


class AllowList:
    """Networks; an address or a /64 is asked for."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        known = [ip_network(each) for each in networks]

        @lru_cache(maxsize=4096)
        def holds(net: str) -> bool:
            try:
                asked = ip_network(net)
            except ValueError:
                return False
            return any(asked.version == each.version and _within(asked, each) for each in known)

        self._holds = holds

    def __contains__(self, net: object) -> bool:
        return isinstance(net, str) and self._holds(net)


def _within(asked: object, known: object) -> bool:
    """Whether one lies in the other; a /64 that holds a listed address is let be as well."""
    return asked.subnet_of(known) or known.subnet_of(asked)  # type: ignore[attr-defined,no-any-return] # of one version
