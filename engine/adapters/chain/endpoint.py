"""The address of a node. It often carries a key, so only its host is ever shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from engine.adapters.crs.address import is_loopback
from engine.errors import InvalidInput

HIDDEN = "…"
SECRET_LENGTH = 8
"""Letters from which on a part of a path is taken for a key."""
PER_S, BURST = 20.0, 40.0
"""Calls that are sent each second, and at once, where the user said nothing: what free plans allow."""
LOOPBACK_PER_S, LOOPBACK_BURST = 2000.0, 2000.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a node answers; made by `endpoint`."""

    url: str = field(repr=False)
    host: str
    """For the screen: host and port alone."""
    per_s: float = PER_S
    burst: float = BURST

    def hide(self, text: str) -> str:
        """Return a node's own words without the keys of this address, which some nodes repeat."""
        for secret in _secrets(self.url):
            text = text.replace(secret, HIDDEN)
        return text


def endpoint(text: str, per_s: float | None = None) -> Endpoint:
    """Return an endpoint from an address as it was typed; `per_s` is how many calls a second it allows.

    Raises:
        InvalidInput: it is no address, or one that would send everything in the open.
    """
    typed = text.strip()
    if "://" not in typed:
        typed = f"{'http' if is_loopback(_host(f'//{typed}')) else 'https'}://{typed}"
    host = _host(typed)
    parts = urlsplit(typed) if host else None
    if parts is None or re.search(r"\s", typed):
        raise InvalidInput("This is no address of a node. Type it like https://node.example.org/v1/….")
    shown = f"{host}:{parts.port}" if parts.port else host
    if parts.scheme in ("ws", "wss"):
        raise InvalidInput(f"{shown} is given as a WebSocket; nodes are asked by https:// here. Most answer at both.")
    if parts.scheme not in ("http", "https"):
        raise InvalidInput(f"{parts.scheme}:// is no way to a node; https:// is.")
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidInput(
            f"http://{shown} would let others on the way read and change what the chain answers. Use https:// instead; "
            "http:// is for a node on this machine."
        )
    if per_s is not None and not 0 < per_s <= 10_000:
        raise InvalidInput(f"{per_s:g} calls a second is no pace; a number above 0 and up to 10,000 is wanted.")
    pace = per_s or (LOOPBACK_PER_S if is_loopback(host) else PER_S)
    burst = max(1.0, 2 * pace) if per_s else (LOOPBACK_BURST if is_loopback(host) else BURST)
    return Endpoint(typed, shown, pace, burst)


def _secrets(url: str) -> list[str]:
    """Return the parts of an address that may be keys, longest first."""
    parts = urlsplit(url)
    found = [each for each in parts.path.split("/") if len(each) >= SECRET_LENGTH]
    found += [value for _, value in parse_qsl(parts.query)]
    found += [each for each in (parts.username, parts.password, parts.query) if each]
    found += [unquote(each) for each in found]
    return sorted({each for each in found if len(each) >= 4}, key=len, reverse=True)


def _host(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port  # a port that is no number shows when asked for
        return parts.hostname or ""
    except ValueError:
        return ""
