"""The folder of a pair: one name for each symbol on every system, whatever a venue calls its assets.

Plain symbols are themselves (`BTC-USDT`, `BTC-USDT_USDT` for a perpetual). What else there is (small letters, dots,
other alphabets, words that lead elsewhere or that Windows keeps for itself) is told apart by a digest behind a dot: two
symbols never share a folder, not even where disks do not tell small letters from large ones.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

_PLAIN = re.compile(r"[A-Z0-9]{1,32}/[A-Z0-9]{1,32}(:[A-Z0-9]{1,32})?", re.ASCII)
_STRANGE = re.compile(r"[^A-Z0-9]", re.ASCII)
LONGEST = 40
"""Letters of a strange symbol that are kept for who looks at the disk."""
DIGITS = 16


def folder_of(symbol: str) -> str:
    """Return the name of a pair's folder."""
    if _PLAIN.fullmatch(symbol):
        return symbol.replace("/", "-").replace(":", "_")
    digest = sha256(symbol.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
    return f"X-{_STRANGE.sub('_', symbol.upper())[:LONGEST]}.{digest}"


def make_private(folder: Path) -> None:
    """Make a folder and what is missing above it, each for its owner only; nothing happens if it is there.

    Raises:
        OSError: it cannot be made.
    """
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)
