"""Secrets taken out of what is logged or reported: by the name of a field, and by what the text looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

MASK = "[redacted]"

_NAMES = (
    r"secret|token|passw(?:or)?d|passphrase|mnemonic|seed[_-]?phrase|private|api[_-]?key|authorization|cookie"
    r"|signature|totp|pin\b"
)

SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
"""Names of fields whose values are never written."""

SECRET_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {MASK}"),
    (re.compile(rf"(?i)\b([\w-]*(?:{_NAMES})[\w-]*[\"']?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;}}]+)"), rf"\1{MASK}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), MASK),  # a JSON web token
    (re.compile(r"\b(?:0x)?[0-9a-fA-F]{40,}\b"), MASK),  # a key or an address of a chain
    (re.compile(r"\b[A-Za-z0-9+_-]{48,}={0,2}"), MASK),  # no slash: a path is no secret
    (re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^\s/@:]+:[^\s/@]+@"), rf"\1{MASK}@"),  # user and password in an address
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), MASK),  # a mail address
)
"""What is a secret wherever it stands, and what is written instead."""


def redacted_text(text: str) -> str:
    """Return the text with everything that looks like a secret masked and the home directory as `~`."""
    for pattern, put in SECRET_TEXT:
        text = pattern.sub(put, text)
    home = _home()
    return text.replace(home, "~") if len(home) > 1 else text


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


@cache
def _home() -> str:
    return str(Path.home())
