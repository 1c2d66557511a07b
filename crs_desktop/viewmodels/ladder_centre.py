"""Which price stands in the middle of a ladder: still while the market stays near it, then smoothly to it.

A ladder that follows every tick cannot be clicked. The middle moves only when the market leaves the band around it,
and then a part of the way with each frame until the market is in the middle again. Everything here is in rows.
"""

from __future__ import annotations

BAND = 0.5
"""Share of the rows around the middle in which the market may move freely."""
PART = 4
"""One part in so many of what is left is gone with each frame."""


class Centre:
    """The row in the middle; `auto` False leaves it where the user scrolled to."""

    def __init__(self) -> None:
        self.at: int | None = None
        """The row in the middle, None until there was a market."""
        self.auto = True
        self._under_way = False

    @property
    def is_moving(self) -> bool:
        """Whether the next frame brings it nearer to the market."""
        return self._under_way

    def follow(self, market: int | None, rows: int) -> bool:
        """Take the market's row, of `rows` that are visible, for one frame; return whether the middle moved."""
        if market is None:
            return False
        if self.at is None:
            self.at = market
            return True
        away = market - self.at
        if self.auto and abs(away) > max(1, rows * BAND / 2):
            self._under_way = True
        if not self._under_way:
            return False
        if abs(away) > 2 * rows:  # another market, or another time: there is nothing to follow with the eye
            self.at = market
        else:
            step = max(1, -(-abs(away) // PART)) if away else 0
            self.at += step if away > 0 else -step
        self._under_way = self.at != market
        return True

    def scroll(self, rows: int) -> None:
        """Move by hand; it stays there until it is centred again."""
        if self.at is not None:
            self.at += rows
        self.auto = self._under_way = False

    def centre(self) -> None:
        """Go to the market, and follow it from now on."""
        self.auto = self._under_way = True

    def set_auto(self, on: bool) -> None:
        """Follow the market, or stay."""
        if on:
            self.centre()
        else:
            self.auto = self._under_way = False

    def regroup(self, ticks_before: int, ticks: int) -> None:
        """Keep the same price in the middle when a row holds another number of ticks."""
        if self.at is not None:
            self.at = self.at * ticks_before // ticks

    def forget(self) -> None:
        """Start again with the next market."""
        self.at, self.auto, self._under_way = None, True, False
