"""Passwords of a wallet: what is too short, and how long somebody who has the files would need to guess one.

The estimate is deliberately low: what repeats, runs along the keyboard or stands in lists of leaked passwords counts
for almost nothing. It is compared with one second for each guess on a machine like this one (scrypt, 256 MiB), and with
a thousand such machines.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from engine.errors import InvalidInput

SHORTEST = 8
"""Characters."""
WEAK_BITS, FAIR_BITS = 36, 50
COMMON = re.findall(
    r"\S+",
    "password passwort letmein welcome iloveyou dragon monkey football baseball master sunshine princess shadow admin "
    "login qwerty qwertz azerty asdf zxcv iq2we abc bitcoin ethereum crypto wallet metamask satoshi hodl moon secret "
    "trustno super hunter killer summer winter spring autumn hello test user pass",
)
DISGUISED = str.maketrans("@4310$5", "aaeioss")
"""Digits and signs that stand for letters; whoever guesses tries them too."""
ROWS = ("abcdefghijklmnopqrstuvwxyz", "oi2eas6789o", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop")


@dataclass(frozen=True, slots=True)
class Strength:
    """How good a password is."""

    bits: float
    """Guesses as a power of two, at least."""
    tone: str
    """"danger", "warning" or ""."""
    sentence: str


def normal(password: str) -> str:
    """Return a password in one spelling: the same letters are different bytes on different systems."""
    return unicodedata.normalize("NFC", password)


def check(password: str) -> str:
    """Return a new password in one spelling.

    Raises:
        InvalidInput: it is too short.
    """
    if len(normal(password)) < SHORTEST:
        raise InvalidInput(f"A password has at least {SHORTEST} characters; a few words are easiest to remember.")
    return normal(password)


def strength(password: str) -> Strength:
    """Return how good a password is, with a sentence for whoever chooses it."""
    bits = _bits(normal(password))
    if len(normal(password)) < SHORTEST:
        return Strength(bits, "danger", f"Too short: at least {SHORTEST} characters.")
    if bits < WEAK_BITS:
        return Strength(bits, "danger", "Weak: whoever gets the files guesses it within days. Take four or more words.")
    if bits < FAIR_BITS:
        return Strength(bits, "warning", "Fair: it holds against one machine, not against many. A word more helps.")
    return Strength(bits, "", "Strong: guessing it takes longer than anybody will try.")


def _bits(password: str) -> float:
    if not password:
        return 0.0
    text, extra = re.sub(r"(?:19|20)\d\d", "\1", password.lower()).translate(DISGUISED), 0.0
    for word in COMMON:
        if word in text:
            text, extra = text.replace(word, "\0"), extra + math.log2(len(COMMON)) + 1
    counted = sum(_is_new(text, place) for place in range(len(text)))
    return extra + counted * math.log2(_alphabet(password))


def _is_new(text: str, place: int) -> float:
    """Return how much a character adds: nothing if it repeats, runs on, or was in a run already."""
    letter = text[place]
    if letter in "\0\1":
        return 0.3
    before = text[max(0, place - 3) : place]
    if letter in before:
        return 0.2
    runs = any(before[-1:] + letter in row or letter + before[-1:] in row for row in ROWS) if before else False
    return 0.3 if runs else 1.0


def _alphabet(password: str) -> float:
    kinds = ((r"[a-z]", 26), (r"[A-Z]", 26), (r"\d", 10), (r"[^a-zA-Z\d]", 20))
    size = sum(many for pattern, many in kinds if re.search(pattern, password))
    words = len(re.findall(r"[^\W\d_]{3,}", password))
    return min(size, 8.0) if words >= 3 else float(size)  # letters of words follow from each other
