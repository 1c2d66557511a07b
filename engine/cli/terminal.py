"""What a terminal is shown of texts that came from elsewhere: nothing in them steers it, and none is without end."""

from __future__ import annotations

LONGEST = 4_000


def harmless(text: str) -> str:
    """Return a text in which only line ends and tabs are left of what is not printed."""
    cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return "".join(each if each.isprintable() or each in "\n\t" else "?" for each in cut)
