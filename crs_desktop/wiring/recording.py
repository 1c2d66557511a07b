"""Actions on recordings: recording the pair on show, the list, playing one and going back to where one was."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.run import Opening
from crs_desktop.viewmodels.exchange.offered import offered
from crs_desktop.viewmodels.recordings.listed import RecordingsModel
from crs_desktop.viewmodels.server.address import short
from crs_desktop.viewmodels.server.places import Server
from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.exchange import ExchangeActions
from crs_desktop.wiring.going import Going
from crs_desktop.wiring.server import ServerActions
from engine.ports.recording import RecordingChanged

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk

events = logging.getLogger("crs.events")


class RecordingActions:
    """What records, lists and plays; `attach` gives it an engine."""

    def __init__(self, console: Console, going: Going, exchanges: ExchangeActions, servers: ServerActions) -> None:
        self._console, self._going, self._exchanges, self._servers = console, going, exchanges, servers
        self._back: tuple[str, Callable[[], object]] = (tr("PAPER"), self._go_to_paper)
        """Where one was before the first recording was opened, and how to get there."""
        self._open: list[Any] = []

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "market.record": self.record,
            "market.recordings": self.show,
            "market.leave": lambda: self._back[1](),
        }

    # -- an engine comes and goes -------------------------------------------------------------------

    def attach(self, engine: Any, desk: Desk) -> None:  # noqa: ANN401 - the engine's type is heavy to import
        """Hear of recordings that begin and end; remember where one is, to come back from a recording."""
        if engine.recorder is not None:
            self._open.append(desk.bus.subscribe(RecordingChanged, self._changed))
        if engine.recording is not None:
            self._console.book.note("market.leave", self._back[0])
            return
        self._console.book.note("market.leave", "")
        if engine.public is not None:
            name = engine.feed.venue
            self._back = engine.feed.title, lambda: self._go_to_exchange(name)
        elif engine.server is not None:
            server, account = Server(engine.server.url), str(engine.venue.account)
            self._back = short(server.url), partial(self._servers.go_to, server, account)
        else:
            self._back = tr("PAPER"), self._go_to_paper

    def detach(self) -> None:
        """Hear nothing more."""
        for each in self._open:
            each.close()
        self._open = []
        for dialog in self._console.window.findChildren(QDialog, "recordings window"):
            dialog.close()

    # -- recording ----------------------------------------------------------------------------------

    def record(self) -> None:
        """Record the pair on show, or end its recording."""
        recorder, symbol = self._console.engine.recorder, self._console.desk.symbol
        if recorder is not None:
            self._console.do(recorder.stop(symbol) if recorder.is_on(symbol) else recorder.start(symbol))

    def _changed(self, event: RecordingChanged) -> None:
        bar, toasts = self._console.window.market_bar, self._console.toasts
        if bar.model is not None:
            bar.model.hurry()
        if event.text:
            toasts.say(tr("The recording of {pair} ended", pair=event.symbol), event.text, "error")
        elif event.on:
            said = tr("Trades and the whole book are kept, until you end it here. Recordings shows what there is.")
            toasts.say(tr("Recording {pair}", pair=event.symbol), said, "good")
        else:
            toasts.say(tr("{pair} is not recorded any more", pair=event.symbol), tr("What was recorded is kept."))

    # -- the list -----------------------------------------------------------------------------------

    def show(self) -> None:
        """Show the recordings; brings the window to the front if there is one."""
        from crs_desktop.shell.exchange.recordings import RecordingsWindow, held_by

        window, desk = self._console.window, self._console.desk
        held = held_by(window)
        if held is not None:
            held.showNormal()
            held.activateWindow()
            return
        total = float(self._console.engine.settings.recordings.total_gb)
        RecordingsWindow(window, RecordingsModel(desk, self._library(), total), self, window.pulse).show()

    def _list(self) -> QWidget | None:
        """Return the window with the list, if it is open: questions that come of it are asked over it."""
        from crs_desktop.shell.exchange.recordings import held_by

        return held_by(self._console.window)

    def ask_remove(self, name: str) -> None:
        """Delete a recording after a question."""
        model = self._model
        recorded = model.get(name) if model is not None else None
        if model is None or recorded is None:
            return
        refused = model.refuses(name)
        if refused is not None:
            model.warn(spoken(refused))
            return
        self._console.confirm(
            tr("Delete this recording?"),
            tr("{pair} of {venue}, {name}. It cannot be brought back.", pair=recorded.symbol, venue=recorded.title,
               name=name),
            tr("Delete"),
            lambda: model.tasks.start(self._remove(model, name)),
            over=self._list(),
        )  # fmt: skip

    async def _remove(self, model: RecordingsModel, name: str) -> None:
        if await model.remove(name):
            events.info("Recording deleted: %s", name)

    def open_folder(self) -> None:
        """Show the files."""
        folder = self._console.run.profile.recordings_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    # -- playing ------------------------------------------------------------------------------------

    def play(self, name: str) -> None:
        """Play a recording in the place of what is there; ask first if that ends recordings for the time being."""
        recorder = self._console.engine.recorder
        now = recorder.now() if recorder is not None else []
        if not now:
            self._go(name)
            return
        pairs = ", ".join(each.symbol for each in now)
        self._console.confirm(
            tr("Play it, and record no more for now?"),
            tr("Leaving {venue} ends the recording of {pairs}. It goes on when you come back.",
               venue=self._back[0], pairs=pairs),
            tr("Play"),
            partial(self._go, name),
            over=self._list(),
        )  # fmt: skip

    def _go(self, name: str) -> None:
        again = partial(self._go, name)
        opening = Opening(tr("Opening the recording…"), partial(self._opened, name))
        self._going.start(self._going.go(tr("the recording {name}", name=name), opening, again))

    async def _opened(self, name: str) -> Any:  # noqa: ANN401 - the engine's type is heavy to import
        run, loop = self._console.run, asyncio.get_running_loop()
        replaying = await loop.run_in_executor(None, import_module, "engine.bootstrap.replaying")
        here = run.engine
        beside = here.home if here is not None and here.recording is not None else None
        lock = here.share_lock() if here is not None else None
        return await replaying.open_recording(run.profile, name, lock=lock, beside=beside)

    def _go_to_exchange(self, name: str) -> None:
        venue = offered(name)
        if venue is not None:
            self._exchanges.go_to(venue)

    def _go_to_paper(self) -> None:
        self._exchanges.go_to_paper()

    # -- inside -------------------------------------------------------------------------------------

    def _library(self) -> Any:  # noqa: ANN401 - imported when it is first wanted
        return import_module("engine.adapters.recordings.library").Library(self._console.run.profile.recordings_dir)

    @property
    def _model(self) -> RecordingsModel | None:
        from crs_desktop.shell.exchange.recordings import held_by

        held = held_by(self._console.window)
        return held.pane.recordings if held is not None else None
