"""What a contract would refuse, said before anything is sent.

`word` is what the contract itself reverts with, so that a refusal foreseen here and one decoded from a node's answer
are the same refusal; it is empty where the contract reverts without a word (an overflow, a failed bare `require`).
"""

from __future__ import annotations

from engine.errors import InvalidInput


class WouldRevert(InvalidInput):  # noqa: N818 - named for what would happen
    """The transaction would fail on the chain and only cost its gas."""

    def __init__(self, text: str, word: str = "") -> None:
        super().__init__(text)
        self.word = word


class OverflowRevert(WouldRevert):
    """A number leaves the width that the contract has for it."""


class TooLittleLiquidity(WouldRevert):
    """The pool cannot give, or cannot take, that much."""


class WrongToken(InvalidInput):  # noqa: N818 - likewise
    """The pool does not hold this token."""
