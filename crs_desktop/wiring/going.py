"""Going from one venue to another, one at a time.

What is there stays until the other one is open, and going there can be stopped. What failed is said in a sentence, with
Try again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from crs_desktop.actions import GOING
from crs_desktop.i18n import spoken, tr
from crs_desktop.run import Opening
from crs_desktop.viewmodels.server.venue import venue_of
from crs_desktop.wiring.console import Console
from engine.errors import CrsError, SignInNeeded

events = logging.getLogger("crs.events")

Act = Callable[[], object]


class Going:
    """What is on its way to stand behind the window; `after` is what to say once an engine is there."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._task: asyncio.Task[Any] | None = None
        self.after: Act | None = None

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do one of these at a time; it outlasts the engine that is there now."""
        if self._task is not None and not self._task.done():
            work.close()
            self._console.toasts.say(tr("One after the other"), tr("Stop what is being opened first."))
            return
        self._set(self._console.run.start(work, lasting=True))

    def cancel(self) -> None:
        """Stop going to another venue."""
        if self._task is not None:
            self._task.cancel()

    async def go(self, name: str, opening: Opening, again: Act, *, sign_in: Act | None = None) -> None:
        """Open another venue and put it behind the window.

        Args:
            name: what is opened, for the screen.
            opening: how.
            again: what Try again does.
            sign_in: what to do where nobody is signed in.
        """
        notice = self._console.window.notice
        self._say_going(name, tr("Stop"))
        try:
            await self._console.run.go_to(opening)
        except SignInNeeded as error:
            notice.hide()
            if sign_in is None:
                self._failed(error, again)
            else:
                sign_in()
        except CrsError as error:
            self._failed(error, again)
        except asyncio.CancelledError:
            notice.hide()
            raise
        else:
            self._arrived()

    async def open_again(
        self, name: str, opened: Coroutine[Any, Any, Any], again: Act, *, sign_in: Act | None = None
    ) -> Any:  # noqa: ANN401 - the engine's type is heavy to import
        """Open at the start what was used last; None if it cannot be now, or the user will not wait."""
        self._say_going(name, tr("Go on with PAPER"))
        self._set(task := asyncio.get_running_loop().create_task(opened))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.cancelled():
                task.cancel()
                raise
        except SignInNeeded as error:
            offer = (tr("Sign in…"), sign_in) if sign_in is not None else (tr("Try again"), again)
            text = tr("You are on PAPER: {name} asks you to sign in.", name=name) if sign_in is not None else str(error)
            self.after = partial(self._console.window.notice.say, text, offer)
        except CrsError as error:
            self.after = partial(self._failed, error, again)
        finally:
            self._console.window.notice.hide()
        for host in self._console.window.docks.hosts.values():
            host.say(tr("Opening the market…"))
        return None

    def _set(self, task: asyncio.Task[Any]) -> None:
        """Know what is on its way, until it has ended."""
        self._task = task
        self._console.book.provide(GOING)
        task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[Any]) -> None:
        if self._task is task:
            self._task = None
            self._console.book.withdraw(GOING)

    def _say_going(self, name: str, stop: str) -> None:
        window = self._console.window
        if self._console.engine is None:
            for host in window.docks.hosts.values():
                host.say(tr("Connecting to {name}…", name=name))
        text = tr("Going to {name}… Until it is open, everything stays as it is.", name=name)
        if self._console.engine is None:
            text = tr("Connecting to {name}…", name=name)
        window.notice.say(text, (stop, self.cancel), tone="muted", can_close=False)

    def _arrived(self) -> None:
        venue = venue_of(self._console.desk)
        text = spoken(venue.money) if venue.is_live or venue.exchange else tr("Nothing leaves this computer.")
        self._console.toasts.say(venue.title, text, "warn" if venue.is_live else "good")

    def _failed(self, error: CrsError, again: Act) -> None:
        events.warning("Not opened: %s", error)
        here = self._console.engine
        why = str(error).rstrip()
        text = tr("{why} You are on PAPER; it goes on.", why=why if why.endswith((".", "!", "?")) else f"{why}.")
        if here is not None and here.server is not None:
            text = str(error)
        self._console.window.notice.say(text, (tr("Try again"), again), tone="error")
