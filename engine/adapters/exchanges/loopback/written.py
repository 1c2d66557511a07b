"""JSON as venues write it; numbers keep the very digits of the source."""

from __future__ import annotations

import msgspec

_ENCODER = msgspec.json.Encoder()


def encoded(what: object) -> str:
    """Return an object as JSON text."""
    return _ENCODER.encode(what).decode()


def number(text: str) -> msgspec.Raw:
    """Return digits as a JSON number."""
    return msgspec.Raw(text.encode())
