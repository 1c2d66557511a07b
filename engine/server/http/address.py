"""Where a request comes from, and what is blocked with an address: itself, or an IPv6 customer's whole /64."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network

from starlette.types import Scope

from engine.server.limits.allowlist import AllowList
from engine.server.services import Services


def address_of(scope: Scope, services: Services) -> str:
    """Return the address of whoever asks: the peer's, or what a trusted proxy says it is."""
    peer: str = scope["client"][0] if scope.get("client") else "unknown"
    trusted = services.settings.trusted_proxies
    if not trusted or peer not in (proxies := _proxies(trusted)):
        return peer
    told = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    hops = [each.strip() for each in told.decode("latin-1").split(",")]
    said = next((each for each in reversed(hops) if each not in proxies), peer)
    return said if is_address(said) else peer


@lru_cache(maxsize=8)
def _proxies(trusted: tuple[str, ...]) -> AllowList:
    return AllowList(trusted)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Return what is counted and blocked together: an IPv4 address, an IPv6 /64; what is neither stays itself."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((known, 64), strict=False))


def is_address(text: str) -> bool:
    """Whether it is an IP address; a proxy's header may hold anything."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
