"""Addresses of servers as people type them, made whole; plain HTTP for this machine only."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from engine.errors import InvalidInput


def server_url(text: str) -> str:
    """Return the address of a server as it is used: scheme, host, port, nothing else.

    `https` is meant where nothing is said, `http` for this machine.

    Raises:
        InvalidInput: it is no address, carries a name or password, or would send passwords in the open.
    """
    typed = text.strip()
    if "://" not in typed:
        typed = f"{'http' if is_loopback(_host_of('//' + typed)) else 'https'}://{typed}"
    parts = urlsplit(typed)
    host = _host_of(typed)
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidInput(f"{text!r} is no address of a server. Type it like https://exchange.example.org.")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("Leave name and password out of the address; you sign in afterwards.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise InvalidInput(f"Leave out what follows the host: {parts.scheme}://{parts.netloc} is enough.")
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidInput(
            f"http://{parts.netloc} would send your password readable over the network. Use https:// instead."
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return host and port of an address, for the screen."""
    return urlsplit(url).netloc


def _host_of(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port  # a port that is no number shows when asked for
        return parts.hostname or ""
    except ValueError:
        return ""
