"""Whether the pair on show is being recorded, in words for a button: for how long, and how large it is by now."""

from __future__ import annotations

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.recording import RecordingNow

KB, MB, GB = 1_000, 1_000_000, 1_000_000_000


class RecordingState:
    """Reads the recorder of a desk; asked as often as somebody looks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def is_offered(self) -> bool:
        """Whether pairs can be recorded here."""
        return self._desk.recorder is not None

    @property
    def is_on(self) -> bool:
        """Whether anything is being recorded."""
        return bool(self._now())

    @property
    def here(self) -> RecordingNow | None:
        """The recording of the pair on show; None if there is none."""
        return next((each for each in self._now() if each.symbol == self._desk.symbol), None)

    @property
    def text(self) -> Sentence:
        """The button."""
        now, here = self._now(), self.here
        if not now:
            return say("Record")
        if here is None:
            pairs = ", ".join(each.symbol for each in now) if len(now) == 1 else str(len(now))
            return say("REC {pair}", pair=pairs) if len(now) == 1 else say("REC {count} pairs", count=pairs)
        if not here.bytes:
            return say("REC {age}", age=length(self._desk.feed.now - here.since))
        return say("REC {age} · {size}", age=length(self._desk.feed.now - here.since), size=size(here.bytes))

    @property
    def tip(self) -> Sentence:
        """What a click does."""
        here, symbol = self.here, self._desk.symbol
        if here is None:
            others = ", ".join(each.symbol for each in self._now())
            if others:
                return say("Record {pair}, too: trades and whole book. On now: {others}", pair=symbol, others=others)
            return say("Record {pair}: its trades and whole book, to be played again", pair=symbol)
        return say("End the recording of {pair}: {rows} updates and trades so far", pair=symbol, rows=f"{here.rows:,}")

    def _now(self) -> list[RecordingNow]:
        return self._desk.recorder.now() if self._desk.recorder is not None else []


def length(nanos: int) -> str:
    """Return a span as `1:02:03`."""
    minutes, seconds = divmod(max(0, nanos) // NANOS_PER_SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def size(count: int) -> str:
    """Return a number of bytes in the unit that reads best."""
    if count < MB:
        return f"{count / KB:.0f} kB"
    return f"{count / MB:.1f} MB" if count < GB else f"{count / GB:.2f} GB"
