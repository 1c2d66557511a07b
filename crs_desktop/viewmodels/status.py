"""The status bar: can the prices be trusted, is the program well.

Process figures (CPU, memory) are handed in; they are measured by whoever may look at the system.
"""

from __future__ import annotations

import time

from crs_desktop.pulse import Spans
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.exchange.trust import WORDS
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.market import BookDiff, FeedState
from engine.ports.exchange import FeedHealth
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.journal import StorageStateChanged

RECENT_FRAMES = 600

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
        self.poll = 0.5 if desk.trust.exchange is not None else 0.0  # an age runs on while nothing comes
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
    def health(self) -> FeedHealth | None:
        """The condition of a public exchange's feed; None of any other."""
        exchange = self.desk.trust.exchange
        return exchange.health(self.desk.symbol) if exchange is not None else None

    @property
    def age_ms(self) -> int:
        """Milliseconds since the feed last said something."""
        return int((time.monotonic() - self._heard) * 1e3)

    @property
    def feed(self) -> tuple[Sentence, str]:
        """The feed's state in words and its tone."""
        exchange, state = self.desk.trust.exchange, self.desk.trust.state(self.desk.symbol)
        tone = _TONES.get(state, "muted")
        if exchange is not None:
            age = exchange.health().age_ms
            if age is None:
                return say("{venue} {state}", venue=exchange.title, state=str(WORDS[state])), tone
            return say("{venue} {state} {age}", venue=exchange.title, state=str(WORDS[state]), age=_age(age)), tone
        if state is FeedState.SYNCED:
            return say("synced {age} ms", age=self.age_ms), tone
        return WORDS[state], tone

    @property
    def feed_tip(self) -> Sentence:
        """Why the prices of the current pair cannot be trusted; NOTHING while they can."""
        return self.desk.trust.told(self.desk.symbol)

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
        """The book's last sequence number (a venue's own where it has one) and how often books were taken anew."""
        health = self.health
        if health is not None:
            seq = fmt.DASH if health.last_seq is None else f"{health.last_seq:,}"
            return say("seq {seq} · resyncs {resyncs}", seq=seq, resyncs=health.resyncs)
        book = self.desk.market_data.book(self.desk.symbol)
        return say("seq {seq} · resyncs {resyncs}", seq=f"{book.seq:,}", resyncs=self.desk.market_data.resyncs)

    @property
    def skew(self) -> Sentence:
        """The venue's clock against this computer's; nothing where it is not measured."""
        health = self.health
        if health is None or health.skew_ms is None:
            return NOTHING
        return say("skew {ms} ms", ms=f"{health.skew_ms:+,.0f}".replace("-", "\N{MINUS SIGN}"))

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


def _age(ms: float) -> str:
    """Return how long ago something was heard: to the millisecond while that says something."""
    return f"{ms:.0f} ms" if ms < 1_000 else fmt.age(int(ms * 1_000_000))
