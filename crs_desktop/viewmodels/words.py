"""Sentences for the user, before translation.

A view-model says `say("You need {amount} more.", amount=…)`; the pane translates `source` and fills
in the values. `str(sentence)` is the English text, for logs and tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English sentence with `{names}` and their values; values are plain text, never markup."""

    source: str
    values: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.source.format(**self.values) if self.values else self.source


def say(source: str, **values: object) -> Sentence:
    """Return a sentence to be translated; the first argument is a literal, so tools can collect it."""
    return Sentence(source, {name: str(value) for name, value in values.items()})


def verbatim(text: str) -> Sentence:
    """Return text from outside (a venue, a file) that must be shown as it is."""
    return Sentence("{text}", {"text": text})


NOTHING = Sentence("")
