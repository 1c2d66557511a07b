"""What the window offers when the database is damaged: the newest sound backup, or a new account.

The question says exactly what would be lost; nothing happens before it was answered, and nothing is deleted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from crs_desktop.i18n import tr
from crs_desktop.shell.dialogs import ConfirmDialog
from engine.errors import CrsError
from engine.profile import Profile

if TYPE_CHECKING:
    from crs_desktop.window import MainWindow


class Session(Protocol):
    """What of the session is needed here."""

    window: MainWindow
    profile: Profile

    def start(self, coroutine: Any) -> object:  # noqa: ANN401 - any coroutine
        """Run something in the background."""
        ...

    async def reopen(self) -> None:
        """Try again to open the engine."""
        ...


class RescueOffer:
    """The two steps after a damaged database was found: look what can be done, then ask."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def action(self) -> tuple[str, Callable[[], object]]:
        """Return what the notice offers."""
        return tr("Restore a backup…"), lambda: self._session.start(self.ask())

    async def ask(self) -> None:
        """Look for the best backup and say in a question what putting it back would cost."""
        rescues = await _off_the_loop(import_module, "engine.bootstrap.rescue")
        rescue = await _off_the_loop(rescues.look_for_rescue, self._session.profile)
        title = tr("Put back the last backup?") if rescue.backup is not None else tr("Open a new account?")
        verb = tr("Put it back") if rescue.backup is not None else tr("Open a new account")
        ConfirmDialog(
            self._session.window,
            title,
            rescue.text,
            verb,
            lambda: self._session.start(self._carry_out(rescues.carry_out, rescue)),
        ).open()

    async def _carry_out(self, carry_out: Callable[[Profile, object], str], rescue: object) -> None:
        try:
            said = await _off_the_loop(carry_out, self._session.profile, rescue)
        except CrsError as error:
            self._session.window.notice.say(str(error), self.action(), tone="error", can_close=False)
            return
        await self._session.reopen()
        if not self._session.window.notice.isVisible():  # else it still does not open, and that is said
            self._session.window.notice.say(said)


async def _off_the_loop(work: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401 - whatever it returns
    return await asyncio.get_running_loop().run_in_executor(None, work, *args)
