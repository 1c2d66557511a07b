"""Addresses and names that are made to be mistaken for others.

Programs show the first and last digits of an address, so whoever wants to be mistaken makes one that shares them, and
sends nothing (or next to nothing) from it until it stands in a history to be copied from. Two addresses look alike if
they share at least three digits at either end, or differ in few digits anywhere. By chance that happens to one pair in
some ten million.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

ENDS = 3
"""Digits that have to agree at either end."""
MOST_CHANGED = 4
"""Digits of 40 that may be others anywhere."""
MOST_SHIFTED = 2
"""Digits left out, put in or changed."""

LOOKS_LIKE = {
    "a": "\u0430\u0251\u03b1",
    "b": "\u0432\u044c\u03b2",
    "c": "\u0441\u03f2",
    "d": "\u0501",
    "e": "\u0435\u0451\u0454\u03b5",
    "f": "\u0192",
    "g": "\u0261",
    "h": "\u04bb\u043d",
    "i": "\u0456\u0131\u03b9\u0457",
    "j": "\u0458",
    "k": "\u043a\u03ba",
    "l": "\u04cf1|",
    "m": "\u043c",
    "n": "\u03b7\u043f\u0578",
    "o": "\u043e\u03bf\u03c30\u0585",
    "p": "\u0440\u03c1",
    "q": "\u051b",
    "r": "\u0433",
    "s": "\u04555$",
    "t": "\u0442\u03c4",
    "u": "\u03c5\u057d",
    "v": "\u03bd\u0475",
    "w": "\u051d\u03c9",
    "x": "\u0445\u03c7",
    "y": "\u0443\u03b3\u028f",
    "z": "\u1d22\u03b62",
}
"""Letters of other scripts and digits that look like Latin letters. Source: Unicode TR 39, a choice of confusables."""
CONFUSED = str.maketrans({each: latin for latin, others in LOOKS_LIKE.items() for each in others})
CONFUSED_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("i", "l"))
"""Letters that together, or in many fonts, look like another."""


def alike(one: str, other: str) -> str:
    """Return in what two different addresses look alike, in a few words; empty if they do not, or are the same."""
    first, second = one.lower().removeprefix("0x"), other.lower().removeprefix("0x")
    if first == second or len(first) != len(second):
        return ""
    head, tail = _shared(first, second), _shared(first[::-1], second[::-1])
    if head >= ENDS and tail >= ENDS:
        return f"the first {head} and the last {tail} digits are the same"
    changed = sum(a != b for a, b in zip(first, second, strict=True))
    if changed <= MOST_CHANGED:
        return f"only {changed} of 40 digits {'are' if changed > 1 else 'is'} different"
    if _distance(first, second, MOST_SHIFTED) <= MOST_SHIFTED:
        return "one digit is at another place"
    return ""


def nearest(address: str, known: Iterable[str]) -> tuple[str, str] | None:
    """Return the known address that another one could be mistaken for, and why; None if that is known itself."""
    found: tuple[str, str] | None = None
    for each in known:
        if each.lower() == address.lower():
            return None
        if found is None and (why := alike(address, each)):
            found = each, why
    return found


def skeleton(label: str) -> str:
    """Return a label as the eye takes it: two with the same one are mistaken for each other."""
    text = unicodedata.normalize("NFKD", label).casefold()
    text = "".join(each for each in text if unicodedata.category(each) not in ("Mn", "Cf", "Cc", "Zs")).translate(
        CONFUSED
    )
    for pair, single in CONFUSED_PAIRS:
        text = text.replace(pair, single)
    return text


def _shared(first: str, second: str) -> int:
    """Return how many digits agree from the start."""
    return next((n for n, (a, b) in enumerate(zip(first, second, strict=True)) if a != b), len(first))


def _distance(first: str, second: str, most: int) -> int:
    """Return the edit distance of two texts, or something above `most` (Levenshtein, in a band)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        before, row[0] = row[0], i
        low, high = max(1, i - most), min(len(second), i + most)
        if low > 1:
            before, row[low - 1] = row[low - 1], most + 1
        for j in range(low, high + 1):
            value = min(row[j] + 1 if j < i + most else most + 1, row[j - 1] + 1, before + (a != second[j - 1]))
            before, row[j] = row[j], value
        if min(row[low - 1 : high + 1]) > most:
            return most + 1
    return row[-1]
