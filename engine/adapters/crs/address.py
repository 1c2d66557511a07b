"""Addresses of servers as people type them, made whole; plain HTTP for this machine only."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from engine.errors import InvalidInput

PREFIX = re.compile(r"(/[a-z0-9][a-z0-9_-]{0,31}){0,3}")
"""What may follow the host: the name of one of a server's markets, such as `/binance`, behind a proxy's own path."""


def server_url(text: str) -> str:
    """Return the address of a server as it is used: scheme, host, port, and the path of one of its markets, if any.

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
    path = parts.path.rstrip("/")
    if not PREFIX.fullmatch(path) or parts.query or parts.fragment:
        raise InvalidInput(f"Leave out what follows the host: {parts.scheme}://{parts.netloc} is enough.")
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidInput(
            f"http://{parts.netloc} would send your password readable over the network. Use https:// instead."
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return host, port and path of an address, for the screen."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path if PREFIX.fullmatch(parts.path) else ''}"


def _host_of(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port  # a port that is no number shows when asked for
        return parts.hostname or ""
    except ValueError:
        return ""
