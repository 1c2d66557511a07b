"""Writing a statement of the account in use: which report, which year, how far it has come.

It is written off the loop. Progress, and a way to call it off, are worth showing only after a second.
"""

from __future__ import annotations

import time
from pathlib import Path

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import CrsError
from engine.portfolio.sheet import Format
from engine.portfolio.taxlots import Year
from engine.ports.venue import AccountSelected
from engine.services.statements import Report
from engine.services.task import TaskOwner

PATIENCE_S = 1.0

REPORTS = {Report.TAX_LOTS: say("Tax lots"), Report.ACCOUNT: say("Account statement")}


class StatementsModel(ViewModel):
    """The choice of a statement, and its way to a file."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.report = Report.TAX_LOTS
        self.years: list[Year] = []
        self.year: Year | None = None
        self.share = 0.0
        """How much is written, from 0 to 1."""
        self.notice: Sentence = NOTHING
        self.notice_tone = "muted"
        self._began: float | None = None
        self._off = False
        self._tasks = TaskOwner("statements")

    def close(self) -> None:
        """End subscriptions; what is being written is called off."""
        self._off = True
        super().close()
        self._tasks.close()

    def load(self) -> None:
        """Find out which years there are."""
        self._tasks.start(self._load())

    @property
    def busy(self) -> bool:
        """Whether a statement is being written."""
        return self._began is not None

    @property
    def shows_progress(self) -> bool:
        """Whether it takes so long that people want to know."""
        return self._began is not None and time.monotonic() - self._began >= PATIENCE_S

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show; while something is written there always is."""
        return self.busy or self._touched

    @dirty.setter
    def dirty(self, value: bool) -> None:
        self._touched = value

    def file_name(self, form: Format) -> str:
        """Return a name for the file."""
        year = "" if self.year is None else f"-{self.year.number}"
        return f"{self.report}-{self.desk.venue.account}{year}.{form}"

    def write(self, form: Format, path: Path) -> None:
        """Write the chosen statement."""
        if self.year is not None and not self.busy:
            self._began, self._off, self.share = time.monotonic(), False, 0.0
            self._say(NOTHING)
            self._tasks.start(self._write(self.year, form, path))

    def cancel(self) -> None:
        """Call it off; nothing is left of the file."""
        self._off = True

    async def _load(self) -> None:
        try:
            self.years = await self.desk.explainer.years()
        except CrsError as error:
            self.years = []
            self._say(verbatim(str(error)), "error")
        else:
            if self.year not in self.years:
                self.year = self.years[-1] if self.years else None
        self.hurry()

    async def _write(self, year: Year, form: Format, path: Path) -> None:
        try:
            whole = await self.desk.explainer.write(self.report, year, form, path, self._progress)
        except CrsError as error:
            self._say(verbatim(str(error)), "error")
        else:
            self._say(say("Saved {file}.", file=path.name) if whole else say("Not saved: called off."))
        finally:
            self._began = None
            self.hurry()

    def _progress(self, share: float) -> bool:
        """Take note, on the writer's thread."""
        self.share = share
        return not self._off

    def _say(self, sentence: Sentence, tone: str = "muted") -> None:
        self.notice, self.notice_tone = sentence, tone
        self.hurry()

    def _account_selected(self, event: AccountSelected) -> None:
        super()._account_selected(event)
        self.load()
