"""What a contract would refuse, said before anything is sent.

`word` is what the contract itself reverts with, less the name of the DEX before the colon ("K" of "UniswapV2: K"), so
that a refusal foreseen here and one decoded from a node's answer are the same refusal whatever the fork. It is empty
where the contract reverts without a word (a failed bare `require`, a division by zero).
"""

from __future__ import annotations

from engine.errors import InvalidInput, Unavailable


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


class TicksUnknown(Unavailable):
    """Ask the node for more ticks of the pool: the swap would leave those that are known at `tick`."""

    def __init__(self, tick: int) -> None:
        super().__init__("The swap is so large that more of the pool has to be read first.")
        self.tick = tick
