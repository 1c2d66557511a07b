"""Where a server is: what a person types, as the address that is kept.

`demo.example.org` means `https://demo.example.org`, `localhost:8080` means `http://localhost:8080` (this machine:
nothing travels), and `http://demo.example.org` is refused, for passwords would travel in the clear.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from crs_desktop.viewmodels.words import NOTHING, Sentence, say

LONGEST = 200
PREFIX = re.compile(r"(/[a-z0-9][a-z0-9_-]{0,31}){0,3}")
"""What may follow the name of a server: which of its markets is meant, such as `/binance`."""


def normal(text: str) -> tuple[str, Sentence]:
    """Return the address that was meant and NOTHING, or "" and why it is none."""
    typed = text.strip().rstrip("/")
    if not typed:
        return "", say("Enter the server's address, such as demo.example.org.")
    if len(typed) > LONGEST:
        return "", say("An address has at most {most} characters.", most=LONGEST)
    try:
        parts = urlsplit(typed if "://" in typed else f"//{typed}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", say("This is no address such as demo.example.org:8443.")
    wrong = _wrong(parts, host)
    if wrong is not None:
        return "", wrong
    scheme = parts.scheme or ("http" if is_here(host) else "https")
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{'' if port is None else f':{port}'}{parts.path}", NOTHING


def _wrong(parts: SplitResult, host: str) -> Sentence | None:
    if not host or any(each.isspace() for each in host):
        return say("This is no address such as demo.example.org:8443.")
    if parts.scheme not in ("", "http", "https"):
        return say("A server's address begins with https://, not {scheme}://.", scheme=parts.scheme)
    if parts.username is not None or parts.password is not None:
        return say("Leave the name and the password out of the address; you are asked for them next.")
    if not PREFIX.fullmatch(parts.path) or parts.query or parts.fragment:
        return say("Leave out what follows the name of the server: {rest}", rest=parts.path or "?")
    if parts.scheme == "http" and not is_here(host):
        return say("http:// is for servers on this machine only: passwords would travel in the clear. Use https://.")
    return None


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def short(url: str) -> str:
    """Return how a server is called on the screen: its host, its port if that is a special one, its market."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}" if parts.netloc else url
