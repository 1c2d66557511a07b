"""What a contract would refuse, said before anything is sent.

`word` is what the contract itself reverts with, less the name of the DEX before the colon ("K" of "UniswapV2: K"), so
that a refusal foreseen here and one decoded from a node's answer are the same refusal whatever the fork. It is empty
where the contract reverts without a word (a failed bare `require`, a division by zero).
"""

from __future__ import annotations

from engine.errors import InvalidInput


class WouldRevert(InvalidInput):
    """The transaction would fail on the chain and only cost its gas."""

    def __init__(self, text: str, word: str = "") -> None:
        super().__init__(text)
        self.word = word


class OverflowRevert(WouldRevert):
    """A number leaves the width that the contract has for it."""


class TooLittleLiquidity(WouldRevert):
    """The pool cannot give, or cannot take, that much."""


class WrongToken(InvalidInput):
    """The pool does not hold this token."""
