"""The frame clock: repaints what changed, at the pace of the screen and of the user's attention.

Views mark themselves dirty as often as they like; one beat (30 Hz focused, 10 Hz unfocused, none when
hidden) refreshes those that are dirty *and* visible, and measures what a frame costs: the time of
refreshing plus the time of painting that follows. No Qt here; the timer is handed in.
"""

from __future__ import annotations

import logging
import time
from array import array
from collections.abc import Callable
from enum import Enum
from typing import Protocol

log = logging.getLogger(__name__)

MOST = 4
"""Views refreshed per focused beat; when more are dirty they take turns, so that no frame is long."""

BUDGET_MS = 13.0
"""What the views of one focused beat may cost together, as far as is known; one is always refreshed."""

FIRST_COST_MS = 2.0
"""What a view is taken to cost until it is known better."""

LEARNING = 0.3
"""How much of what a frame cost more or less than expected goes to its views."""

KEPT = 36_000
"""Frame times remembered: twenty minutes at 30 Hz."""


class View(Protocol):
    """What the pulse refreshes. `refresh` shows the model's state and makes the view clean."""

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show."""
        ...

    @property
    def visible(self) -> bool:
        """Whether anybody could see it."""
        ...

    def refresh(self) -> None:
        """Show what is new."""
        ...


class Timer(Protocol):
    """A repeating timer."""

    def start(self, interval_ms: int) -> None:
        """Tick every so often, from now on."""
        ...

    def stop(self) -> None:
        """Tick no more."""
        ...


class Attention(Enum):
    """How closely the user looks; the value is the time between beats in ms, 0 for none."""

    FOCUSED = 33
    UNFOCUSED = 100
    HIDDEN = 0


class Spans:
    """A bounded memory of durations in ms with exact percentiles of what is remembered."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._values = array("d")
        """Eight bytes each: a session of hours fills it."""
        self._next = 0
        self.count = 0
        self.max = 0.0

    def add(self, ms: float) -> None:
        """Remember one duration; the oldest is dropped when the memory is full."""
        self.count += 1
        self.max = max(self.max, ms)
        if len(self._values) < self._kept:
            self._values.append(ms)
        else:
            self._values[self._next] = ms
            self._next = (self._next + 1) % self._kept

    def percentile(self, fraction: float, newest: int | None = None) -> float:
        """Return the value below which that fraction lies (nearest rank), 0.0 if there is none."""
        values = self._values if newest is None else self._newest(newest)
        if not values:
            return 0.0
        ranked = sorted(values)
        return ranked[min(len(ranked) - 1, int(fraction * len(ranked)))]

    def all(self) -> list[float]:
        """Return what is remembered, in no order."""
        return self._values.tolist()

    def clear(self) -> None:
        """Forget everything."""
        del self._values[:]
        self._next = self.count = 0
        self.max = 0.0

    def _newest(self, count: int) -> array[float]:
        ordered = self._values[self._next :] + self._values[: self._next]
        return ordered[-count:]


class Registration:
    """One view under the pulse; `close` (idempotent) takes it out."""

    __slots__ = ("_views", "cost", "turn", "urgent", "view")

    def __init__(self, views: list[Registration], view: View) -> None:
        self._views = views
        self.view = view
        self.cost = FIRST_COST_MS
        """What refreshing and painting it takes, ms: learnt from the frames that it was part of."""
        self.urgent: bool = getattr(view, "urgent", False)
        """Whether it goes first: what somebody trades on must not be old."""
        self.turn = 0
        """When it was last refreshed, counted over all views; the longest waiting goes first."""
        views.append(self)

    def close(self) -> None:
        """Stop being refreshed."""
        if self in self._views:
            self._views.remove(self)


class Pulse:
    """Refreshes dirty visible views on every beat of its timer."""

    def __init__(self, timer: Timer, clock: Callable[[], float] = time.perf_counter) -> None:
        self._timer = timer
        self._clock = clock
        self._views: list[Registration] = []
        self._attention = Attention.HIDDEN
        self._open_frame: float | None = None
        self._in_frame: list[Registration] = []
        self._turn = 0
        self.frames = Spans()
        self.failed: set[str] = set()

    @property
    def attention(self) -> Attention:
        """How closely the user looks now."""
        return self._attention

    def register(self, view: View) -> Registration:
        """Refresh a view from now on, until its registration is closed."""
        return Registration(self._views, view)

    def set_attention(self, attention: Attention) -> None:
        """Change the pace; what became stale while hidden shows on the next beat."""
        if attention is self._attention:
            return
        self._attention = attention
        if attention is Attention.HIDDEN:
            self._timer.stop()
        else:
            self._timer.start(attention.value)

    def beat(self) -> None:
        """Refresh what is dirty and visible. Called by the timer.

        A view that raises is reported once and left alone until it becomes clean again by itself.
        """
        self._close_frame()
        began = self._clock()
        waiting = [each for each in self._views if each.view.dirty and each.view.visible]
        if self._attention is Attention.FOCUSED:
            waiting = _affordable(sorted(waiting, key=lambda each: (not each.urgent, each.turn)))
        self._in_frame = waiting
        for registration in waiting:
            self._turn += 1
            registration.turn = self._turn
            self._refresh(registration.view)
        if waiting:
            self._open_frame = (self._clock() - began) * 1e3

    def painted(self, ms: float) -> None:
        """Add the time the window took to paint; it belongs to the frame that is open."""
        self._open_frame = ms if self._open_frame is None else self._open_frame + ms

    def _close_frame(self) -> None:
        if self._open_frame is not None:
            self.frames.add(self._open_frame)
            self._learn(self._open_frame)
            self._open_frame = None

    def _learn(self, ms: float) -> None:
        """Share what the frame cost more or less than expected among its views, by what they were taken to cost."""
        expected = sum(each.cost for each in self._in_frame)
        for each in self._in_frame:
            each.cost = max(each.cost * (1.0 + LEARNING * (ms - expected) / expected), 0.1)
        self._in_frame = []

    def _refresh(self, view: View) -> None:
        try:
            view.refresh()
        except Exception as error:  # one broken view must not freeze the others
            name = type(view).__name__
            if name not in self.failed:
                self.failed.add(name)
                log.error("view failed to refresh", extra={"view": name}, exc_info=error)


def _affordable(waiting: list[Registration]) -> list[Registration]:
    """Return the first of those that wait, as many as fit into a beat."""
    chosen, cost = waiting[:1], sum(each.cost for each in waiting[:1])
    for each in waiting[1:]:
        if len(chosen) == MOST:
            break
        if cost + each.cost <= BUDGET_MS:
            chosen.append(each)
            cost += each.cost
    return chosen
