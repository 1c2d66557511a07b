"""The status bar: can the prices be trusted, is the program well.

Process figures (CPU, memory) are handed in; they are measured by whoever may look at the system.
"""

from __future__ import annotations

import time

from crs_desktop.pulse import Spans
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.market import BookDiff, FeedState
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.journal import StorageStateChanged

RECENT_FRAMES = 600

_STATES = {
    FeedState.CONNECTING: say("connecting"),
    FeedState.SNAPSHOT: say("snapshot"),
    FeedState.SYNCED: say("synced"),
    FeedState.STALE: say("stale"),
    FeedState.GAP: say("gap"),
    FeedState.RESYNCING: say("resyncing"),
    FeedState.PAUSED: say("paused"),
    FeedState.ENDED: say("ended"),
}
_TONES = {
    FeedState.SYNCED: "good",
    FeedState.PAUSED: "warn",
    FeedState.ENDED: "warn",
    FeedState.STALE: "error",
    FeedState.GAP: "error",
}


class StatusModel(ViewModel):
    """What the status bar shows; `frames` are the pulse's frame times."""

    pace = 0.5

    def __init__(self, desk: Desk, frames: Spans) -> None:
        super().__init__(desk)
        self._frames = frames
        self._heard = time.monotonic()
        self.cpu_percent: float | None = None
        self.memory_mb: float | None = None
        self.storage_problem = ""
        self._listen(BookDiff, self._on_data)
        self._listen(TradesPrinted, self._on_data)
        self._listen(FeedStateChanged, self.touch)
        self._listen(StorageStateChanged, self._on_storage)

    def _on_data(self, _event: object) -> None:
        self._heard = time.monotonic()
        self.touch()

    def _on_storage(self, event: StorageStateChanged) -> None:
        self.storage_problem = "" if event.ok else event.text
        self.touch()

    @property
    def age_ms(self) -> int:
        """Milliseconds since the feed last said something."""
        return int((time.monotonic() - self._heard) * 1e3)

    @property
    def feed(self) -> tuple[Sentence, str]:
        """The feed's state in words and its tone."""
        state = self.desk.feed.state
        words = _STATES[state]
        if state is FeedState.SYNCED:
            words = say("synced {age} ms", age=self.age_ms)
        return words, _TONES.get(state, "muted")

    @property
    def silence(self) -> tuple[Sentence, str]:
        """When the dead-man's switch fires, and the tone; nothing while it is off."""
        dead_man = getattr(self.desk.services, "dead_man", None)
        if dead_man is None or (dead_man.left_s is None and not dead_man.fired):
            return NOTHING, "muted"
        if dead_man.fired:
            return say("dead-man's switch fired"), "error"
        left = f"{dead_man.left_s:.0f}"
        return say("cancels all in {left} s", left=left), "warn" if dead_man.warns else "muted"

    @property
    def sequence(self) -> Sentence:
        """The book's last sequence number and how often books had to be taken anew."""
        book = self.desk.market_data.book(self.desk.symbol)
        return say("seq {seq} · resyncs {resyncs}", seq=f"{book.seq:,}", resyncs=self.desk.market_data.resyncs)

    @property
    def queue(self) -> Sentence:
        """How much the engine still has to write."""
        journal = getattr(self.desk.services, "journal", None)
        return say("queue {depth}", depth=getattr(journal, "waiting", 0))

    @property
    def frame(self) -> Sentence:
        """The 95th percentile of the newest frame times."""
        return say("frame p95 {ms} ms", ms=f"{self._frames.percentile(0.95, RECENT_FRAMES):.1f}")

    @property
    def process(self) -> Sentence:
        """CPU and memory of this process."""
        cpu = fmt.DASH if self.cpu_percent is None else f"{self.cpu_percent:.0f}%"
        memory = fmt.DASH if self.memory_mb is None else f"{self.memory_mb:.0f} MB"
        return say("CPU {cpu} · {memory}", cpu=cpu, memory=memory)
