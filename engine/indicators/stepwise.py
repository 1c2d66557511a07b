"""Streams made of one method: `take(bar, keep)` answers for the bar, and remembers it only if told to."""

from __future__ import annotations

from engine.indicators.spec import BarRow


class Stepwise:
    """A stream whose `push` and `preview` are the same step, kept or not; so a preview cannot say anything else."""

    __slots__ = ()

    def push(self, bar: BarRow) -> tuple[float, ...]:
        """Take a closed bar; return one value per output, NaN while warming up."""
        return self.take(bar, True)

    def preview(self, bar: BarRow) -> tuple[float, ...]:
        """Return what `push` would, and change nothing: the bar is still forming."""
        return self.take(bar, False)

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the outputs at this bar."""
        raise NotImplementedError
