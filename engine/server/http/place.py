"""What may stand in the places of a path: names, never anything that a database or a log would have to be told of."""

from __future__ import annotations

import re
from collections.abc import Mapping

ASSET = "^[A-Z0-9]{1,15}$"
NAME = "^[A-Za-z0-9._:-]{1,64}$"

QUOTE = "^[A-Z0-9]{1,15}(:[A-Z0-9]{1,15})?$"
"""With what a contract is settled in, where it is one."""

PATTERNS = {"base": ASSET, "quote": QUOTE}
"""By the name of the place; all others hold a `NAME`."""

_COMPILED = {name: re.compile(pattern, re.ASCII) for name, pattern in PATTERNS.items()}
_NAME = re.compile(NAME, re.ASCII)


def misfit(params: Mapping[str, str]) -> str | None:
    """Return the first place that holds what it cannot; None if all fit."""
    for name, text in params.items():
        if not _COMPILED.get(name, _NAME).match(text) or text.endswith("\n"):
            return name
    return None
