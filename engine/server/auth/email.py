"""E-mail addresses as the server takes them."""

from __future__ import annotations

import re
from hashlib import sha256

from engine.errors import InvalidInput

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_LOCAL})@(?:{_LABEL}\.)*{_LABEL}")
LONGEST, LONGEST_LOCAL = 254, 64


def normal_email(text: str) -> str:
    """Return an address in the form in which it is stored and compared: lower case, no spaces around it.

    Raises:
        InvalidInput: it is no address (RFC 5321's dot-string at a domain of ASCII labels).
    """
    address = text.strip()
    found = _ADDRESS.fullmatch(address)
    if found is None or len(address) > LONGEST or len(found["local"]) > LONGEST_LOCAL:
        raise InvalidInput("This is not an e-mail address.")
    return address.lower()


def limited_as(address: str, device_key: str = "") -> str:
    """Return the name under which sign-ins of an address (from one device) are counted; it shows neither."""
    return f"email:{sha256(' '.join((address, device_key)).encode()).hexdigest()[:32]}"
