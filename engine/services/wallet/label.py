"""Names that people give to addresses: one line of text that is what it looks like."""

from __future__ import annotations

import unicodedata

from engine.errors import InvalidInput

LONGEST = 60
"""Characters."""


def parsed_label(text: str, *, may_be_empty: bool = False) -> str:
    """Return a label without spaces around it, in one spelling.

    Raises:
        InvalidInput: empty, too long, or with characters that cannot be seen or that turn the direction of writing.
    """
    label = " ".join(unicodedata.normalize("NFC", text).split())
    if not label and not may_be_empty:
        raise InvalidInput("A name is wanted, so that the address can be told from others.")
    if len(label) > LONGEST:
        raise InvalidInput(f"A name has at most {LONGEST} characters; this one has {len(label)}.")
    if any(unicodedata.category(each) in ("Cc", "Cf", "Co", "Cs", "Cn") for each in label):
        raise InvalidInput("The name has characters that cannot be seen; type it anew.")
    return label
