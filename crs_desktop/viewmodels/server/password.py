"""How good a new password is, before the server looks.

The server's own judge (`zxcvbn`) is asked where it is installed, off the loop, for it takes its time; else only the
length counts. Scores are 0 (worst) to 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.services.offload import offload

LEAST, MOST = 8, 128
"""Characters that a server takes."""
JUDGED = 64
"""Characters that are judged: the effort grows with the square of the length, and longer is never worse."""
ENOUGH = 3
"""The score that a server asks for."""
_WORDS = (say("Very weak"), say("Weak"), say("Fair"), say("Good"), say("Strong"))


@dataclass(frozen=True, slots=True)
class Strength:
    """A password's score, the word for it, and what would make it better."""

    score: int
    word: Sentence
    advice: Sentence = NOTHING

    @property
    def tone(self) -> str:
        """The colour of its meaning."""
        return "error" if self.score < 2 else "warn" if self.score < ENOUGH else "good"

    @property
    def is_enough(self) -> bool:
        """Whether a server would take it."""
        return self.score >= ENOUGH


def length_problem(password: str) -> Sentence | None:
    """Return why no server takes a password of this length."""
    if len(password) < LEAST:
        return say("At least {least} characters.", least=LEAST)
    return say("At most {most} characters.", most=MOST) if len(password) > MOST else None


async def strength(password: str, about: Sequence[str] = ()) -> Strength:
    """Judge a password; `about` are words that belong to its owner and are easily guessed."""
    if find_spec("zxcvbn") is None:
        return by_length(password)
    return await offload(_judged, password[:JUDGED], [each for each in about if each])


def by_length(password: str) -> Strength:
    """Judge a password by its length alone: 12 characters are good, 16 strong."""
    kinds = len(set(password))
    score = 0 if kinds < 5 else sum(len(password) >= least for least in (6, LEAST, 12, 16))
    advice = say("Four words that do not belong together are strong, and easy to keep.") if score < ENOUGH else NOTHING
    return Strength(score, _WORDS[score], advice)


def _judged(password: str, about: list[str]) -> Strength:
    if not password:
        return Strength(0, _WORDS[0])
    found = import_module("zxcvbn").zxcvbn(password, user_inputs=about)
    score = int(found["score"])
    feedback = found["feedback"]
    advice = feedback.get("warning") or next(iter(feedback.get("suggestions", ())), "")
    return Strength(score, _WORDS[score], verbatim(advice) if advice and score < ENOUGH else NOTHING)
