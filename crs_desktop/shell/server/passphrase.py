"""Asks for the passphrase of the vault, where this machine has no keyring: a new one twice, an old one once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.dialogs import Sheet, plain
from crs_desktop.shell.server.form import FormField
from crs_desktop.viewmodels.server.password import by_length
from crs_desktop.viewmodels.words import NOTHING, say, verbatim
from engine.errors import CrsError

WIDTH = 440


class PassphraseDialog(Sheet):
    """`take` opens or makes the vault and raises why it cannot; `answer` gets True once it is open.

    False means that the user does not want one, None that the question was left.
    """

    def __init__(
        self,
        parent: QWidget,
        *,
        is_new: bool,
        take: Callable[[str], Awaitable[None]],
        answer: Callable[[bool | None], object],
    ) -> None:
        title = tr("Choose a passphrase") if is_new else tr("Open the vault")
        super().__init__(parent, title, WIDTH)
        self._is_new, self._take, self._answer = is_new, take, answer
        self._task: asyncio.Task[None] | None = None
        self._given: bool | None = None
        words = (
            tr("This machine has no keyring. What keeps you signed in is put into an encrypted file instead; "
               "the passphrase opens it, and nobody can restore it.")
            if is_new
            else tr("What keeps you signed in is in an encrypted file. Enter its passphrase.")
        )  # fmt: skip
        self.column.addWidget(plain(words, "muted"))
        self.phrase = FormField(tr("Passphrase"), self._edited, secret=True)
        self.again = FormField(tr("The same again"), self._edited, secret=True)
        self.column.addWidget(self.phrase)
        self.column.addWidget(self.again)
        self.again.setVisible(is_new)
        self.without = QPushButton(tr("Keep nothing"))
        self.without.setAutoDefault(False)
        self.without.setToolTip(tr("You sign in again at every start"))
        self.without.setProperty("kind", "ghost")
        self.without.clicked.connect(lambda: self._end(given=False))
        self.yes, self.no = self.buttons(tr("Make the vault") if is_new else tr("Open"))
        self.column.insertWidget(self.column.count() - 1, self.without, 0, Qt.AlignmentFlag.AlignLeft)
        self.yes.clicked.connect(self._enter)
        self.phrase.line.setFocus()

    def done(self, result: int) -> None:
        """Close: the passphrase does not stay in the fields."""
        self.phrase.wipe()
        self.again.wipe()
        super().done(result)
        answer, self._answer = self._answer, _nobody
        answer(self._given)

    def _edited(self, _text: str) -> None:
        self.phrase.say(NOTHING)
        self.again.say(NOTHING)
        if self._is_new:
            judged = by_length(self.phrase.line.text())
            self.phrase.add(spoken(judged.word))
            theme.set_tone(self.phrase.extra, judged.tone)
        self.adjustSize()

    def _enter(self) -> None:
        phrase = self.phrase.line.text()
        if self._is_new and phrase != self.again.line.text():
            self.again.say(say("These are two different ones."))
            self.adjustSize()
            self.again.line.setFocus()
        elif self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._try(phrase))

    async def _try(self, phrase: str) -> None:
        self.yes.setEnabled(False)
        try:
            await self._take(phrase)
        except CrsError as error:
            self.phrase.say(verbatim(str(error)))
            self.adjustSize()
            self.phrase.line.selectAll()
            self.phrase.line.setFocus()
        else:
            self._end(given=True)
        finally:
            self.yes.setEnabled(True)

    def _end(self, *, given: bool) -> None:
        self._given = given
        self.accept()


def _nobody(_given: bool | None) -> None:
    """Nobody waits for an answer any more."""
