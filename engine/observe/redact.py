"""Secrets taken out of what is logged: by the name of a field, and by what the text looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "[redacted]"

SECRET_NAME = re.compile(
    r"secret|token|passw|passphrase|mnemonic|seed_phrase|private|api_?key|authorization|cookie|signature|totp|pin\b",
    re.IGNORECASE,
)
"""Names of fields whose values are never written."""

SECRET_TEXT = (
    re.compile(r"\b0x[0-9a-fA-F]{64}\b"),  # a private key of a chain
    re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}"),  # a JSON web token
    re.compile(r"(?i)\bbearer\s+[\w.~+/=-]{8,}"),
    re.compile(r"(?i)\b(?:api[_-]?key|secret|token|password|passphrase|signature)\b['\"]?\s*[=:]\s*['\"]?[^\s'\"&,;]+"),
    re.compile(r"://[^/\s:@]+:[^/\s:@]+@"),  # a user and password in an address
)
"""Texts that are secrets wherever they stand."""


def redacted_text(text: str) -> str:
    """Return the text with everything that looks like a secret masked."""
    for pattern in SECRET_TEXT:
        text = pattern.sub(MASK, text)
    return text


def redacted(value: object, name: str = "") -> object:
    """Return a value fit for a log: secrets masked, at any depth."""
    if name and SECRET_NAME.search(name):
        return MASK
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, Mapping):
        return {str(key): redacted(each, str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redacted_text(str(value))
