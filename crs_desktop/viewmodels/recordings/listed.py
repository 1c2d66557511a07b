"""The recordings of a profile as a table: which market, when, how long, how large; and how much room is left."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.recordings.state import GB, length, size
from crs_desktop.viewmodels.table import TableModel
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import CrsError
from engine.ports.recording import Recorded, RecordingChanged, RecordingLibrary
from engine.services.offload import offload

COLUMNS = (
    Column("Exchange", "venue", "left"),
    Column("Pair", "pair", "left"),
    Column("From (UTC)", "started", "left"),
    Column("Length", "length"),
    Column("Size", "size"),
    Column("", "state", "left", sparse=True),
)
LOOK_S = 5.0
"""How often the files are looked at while somebody looks at the table."""


class RecordingsModel(TableModel):
    """What the library holds; `look` reads it anew."""

    columns = COLUMNS
    poll = LOOK_S

    def __init__(self, desk: Desk, library: RecordingLibrary, total_gb: float) -> None:
        """`total_gb` is the room that all recordings may take."""
        super().__init__(desk, "recordings")
        self._library, self._total_gb = library, total_gb
        self.found: list[Recorded] | None = None
        """None until the files were looked at."""
        self._listen(RecordingChanged, self._changed)

    async def begin(self) -> None:
        """Have written what is being recorded, and look."""
        if self.desk.recorder is not None:
            await self.desk.recorder.write()
        await self.look()

    async def look(self) -> None:
        """Read which recordings there are."""
        found, damaged = await offload(self._library.found)
        self.found = found
        if damaged:
            self.notice = verbatim(" ".join(str(each) for each in damaged[:3]))
        self.hurry()

    async def remove(self, name: str) -> bool:
        """Delete a recording; what keeps it from being deleted is told below the table."""
        try:
            await offload(self._library.remove, name)
        except CrsError as error:
            self.failed(error)
            return False
        finally:
            await self.look()
        return True

    def get(self, name: str) -> Recorded | None:
        """Return a recording by its name."""
        return next((each for each in self.found or () if each.name == name), None)

    def refuses(self, name: str) -> Sentence | None:
        """Return why a recording cannot be deleted now; None if it can."""
        if self._is_open(name):
            return say("This file is being recorded. End the recording first, then delete it.")
        if self._is_played(name):
            return say("This recording is being played. Leave it first, then delete it.")
        return None

    def rows(self) -> list[Row]:
        """Return a row for each recording, newest first."""
        return [self._row(each) for each in self.found or ()]

    @property
    def empty(self) -> Empty:
        """What recordings are for."""
        if self.found is None:
            return Empty(say("Looking for recordings…"))
        if self.desk.recorder is None:
            return Empty(
                say("Nothing was recorded yet. Choose a live exchange as the market source, then Record a pair there.")
            )
        if self.desk.recorder.now():
            return Empty(say("What is being recorded appears here within half a minute."))
        return Empty(
            say("Nothing was recorded yet. What you record can be played again at any speed, with orders of yours."),
            say("Record {pair}", pair=self.desk.symbol),
        )

    @property
    def room(self) -> Sentence:
        """How much of the room is used."""
        if self.found is None:
            return NOTHING
        used = sum(each.bytes for each in self.found)
        return say(
            "{used} of {total} used ({share}). When it is full, the oldest files are deleted.",
            used=size(used), total=f"{self._total_gb:g} GB", share=f"{used / (self._total_gb * GB):.1%}",
        )  # fmt: skip

    def _row(self, each: Recorded) -> Row:
        state = Cell("")
        if self._is_open(each.name):
            state = Cell(say("● being recorded"), "error")
        elif self._is_played(each.name):
            state = Cell(say("▶ being played"), "warn")
        cells = (
            Cell(each.title or each.venue), Cell(each.symbol), Cell(fmt.date_clock(each.started), tip=each.name),
            Cell(length(each.ended - each.started)), Cell(size(each.bytes), raw=str(each.bytes)), state,
        )  # fmt: skip
        return Row(each.name, cells)

    def _changed(self, _event: RecordingChanged) -> None:
        self.tasks.start(self.look())

    def _is_open(self, name: str) -> bool:
        recorder = self.desk.recorder
        return recorder is not None and any(each.file == name for each in recorder.now())

    def _is_played(self, name: str) -> bool:
        return self.desk.recording is not None and self.desk.recording.name == name
