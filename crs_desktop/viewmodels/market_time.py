"""Market time: on an offline market how fast it passes and how to move it; on a public exchange the venue's clock."""

from __future__ import annotations

from typing import Any

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.market import DataLabel, FeedState
from engine.ports.feed import FeedStateChanged

SPEEDS = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)


class MarketTime(ViewModel):
    """The clock and its controls; does nothing on a market whose time is not ours."""

    pace = 0.25
    speeds = SPEEDS

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._listen(FeedStateChanged, self.touch)

    @property
    def _runner(self) -> Any:  # noqa: ANN401 - the port of runners is the engine's own
        return self.desk.runner

    @property
    def is_ours(self) -> bool:
        """Whether time can be moved."""
        return self.desk.runner is not None

    @property
    def has_source(self) -> bool:
        """Whether prices come from a market that was chosen here: one of our own, or a public exchange."""
        return self.is_ours or self.desk.trust.exchange is not None

    @property
    def dirty(self) -> bool:
        """The clock runs, so there is always something new at the next pace."""
        self._touched = True
        return super().dirty

    @dirty.setter
    def dirty(self, value: bool) -> None:
        ViewModel.dirty.fset(self, value)  # type: ignore[attr-defined]

    @property
    def source(self) -> str:
        """The kind of market in a word, or the exchange."""
        if self.desk.trust.exchange is not None:
            return self.desk.trust.exchange.title
        return "Replay" if self.desk.feed.label is DataLabel.REPLAY else "Simulated"

    @property
    def clock(self) -> str:
        """The market's time."""
        return fmt.date_clock(self.desk.feed.now)

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return bool(self._runner.paused)

    @property
    def speed(self) -> float:
        """How many market seconds pass in one second."""
        return float(self._runner.speed)

    @property
    def note(self) -> Sentence:
        """What is special about the time now."""
        if not self.is_ours:
            return NOTHING
        if self.desk.feed.state is FeedState.ENDED:
            return say("The recording has ended. Restart it from the source menu.")
        if getattr(self._runner, "coarse", False):
            return say("coarse steps: faster than full order flow")
        return NOTHING

    def speed_text(self, speed: float) -> str:
        """Return a speed for a person."""
        return f"{speed:g}×"  # noqa: RUF001 - the sign of multiplication

    def set_speed(self, speed: float) -> None:
        """Let time pass that fast."""
        self._runner.set_speed(speed)
        self.hurry()

    def step_speed(self, steps: int) -> None:
        """Take the next faster or slower of the usual speeds."""
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.set_speed(SPEEDS[min(len(SPEEDS) - 1, max(0, nearest + steps))])

    def toggle_pause(self) -> None:
        """Stop or resume."""
        if self.paused:
            self._runner.resume()
        else:
            self._runner.pause()
        self.hurry()
