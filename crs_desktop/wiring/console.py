"""What the actions have in their hands: the window, its toasts, and desk and engine while there are any."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from crs_desktop.i18n import tr
from crs_desktop.run import Run
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.widgets.toast import Toasts
from engine.errors import CrsError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from crs_desktop.viewmodels.ticket import Ticket

Bindings = dict[str, Callable[[], object]]
"""What actions do, by their id."""


class Console:
    """Shared by all groups of actions; `engine` is None before `attach` and after `detach`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.window = run.window
        self.book = run.window.book
        self.toasts = Toasts(self.window, self.window.docks.corner)
        self.engine: Any = None
        self.open_desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The desk; only for actions that need one."""
        if self.open_desk is None:
            raise RuntimeError("an action that needs the desk ran without one")
        return self.open_desk

    @property
    def ticket(self) -> Ticket:
        """The view-model of the order ticket."""
        pane = self.window.pane("ticket")
        return cast("Ticket", pane.model if pane is not None else None)

    def do(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something in the background; a refusal is said in a toast."""
        self.run.start(self._said(work))

    def confirm(
        self, title: str, text: str, verb: str, then: Callable[[], object], *, over: QWidget | None = None
    ) -> None:
        """Ask first, with the consequence in words; over another window, to which the keyboard then returns."""
        from crs_desktop.shell.dialogs import ConfirmDialog

        ConfirmDialog(over or self.window, title, text, verb, then).open()

    async def _said(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except CrsError as error:
            self.toasts.say(tr("Not done"), str(error), "error")


def cancelled(count: int) -> str:
    """Return how many orders were cancelled, as the title of a toast."""
    if count == 0:
        return tr("No order was open")
    return tr("1 order cancelled") if count == 1 else tr("{count} orders cancelled", count=count)
