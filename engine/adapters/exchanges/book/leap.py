"""How far the touch of a book may move at once before it is taken for an error until something bears it out."""

from __future__ import annotations

from collections import deque

OF = 5
RISE, FALL = 6, 4
"""A fifth up or down, as parts of `OF`."""
KNOWN = 8
"""Touches that were borne out once and are remembered: a thin book may go to and fro between them."""

Touch = tuple[int, int]
"""The keys of the best bid and ask; 0 where there is none."""

NOWHERE: Touch = (0, 0)


def is_far(before: Touch, now: Touch) -> bool:
    """Whether a side is more than a fifth away from where it was; one that is empty says nothing."""
    both = zip(before, now, strict=True)
    return any(old and new and not FALL * old <= OF * new <= RISE * old for old, new in both)


class Leaps:
    """Judges the touches of one book in turn; `touch` is the last one that is trusted."""

    def __init__(self) -> None:
        self.touch = NOWHERE
        self._known: deque[Touch] = deque(maxlen=KNOWN)
        self._doubted: Touch | None = None
        self.count = 0
        """Touches that were not trusted at once."""

    @property
    def is_doubting(self) -> bool:
        """Whether the last touch was not trusted."""
        return self._doubted is not None

    def is_wild(self, touch: Touch, *, pictured: bool) -> bool:
        """Whether a touch is not to be trusted yet; a picture bears out what was said before it."""
        if not is_far(self.touch, touch):
            self._trust(touch)
            return False
        doubted = self._doubted
        borne_out = pictured and doubted is not None and not is_far(doubted, touch)
        if borne_out or any(not is_far(each, touch) for each in self._known):
            self._known += (self.touch, touch)
            self._trust(touch)
            return False
        self._doubted = touch
        self.count += 1
        return True

    def _trust(self, touch: Touch) -> None:
        bid, ask = touch
        self.touch, self._doubted = (touch if bid and ask else (bid or self.touch[0], ask or self.touch[1])), None
