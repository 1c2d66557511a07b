"""One run of the desktop: opens the engine behind the window, keeps it, changes it for another, closes it in order.

Whoever closes the window, sends SIGTERM or SIGINT, or ends the smoke run comes through `close`: panes
down, journal drained, market snapshot written, layout saved, exit status 0.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from crs_desktop import crash
from crs_desktop.i18n import spoken, tr
from crs_desktop.options import Options
from crs_desktop.run import Opening
from crs_desktop.shell.rescue import RescueOffer
from crs_desktop.shell.signals import Signals
from crs_desktop.startup import MARKS
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.wiring import Wiring
from engine.domain.market import DataLabel, Timeframe
from engine.errors import CrsError, InvalidInput, ProfileInUse, SecretsLocked, StorageCorrupt
from engine.observe.collector import settle
from engine.profile import Profile
from engine.settings import Settings

if TYPE_CHECKING:
    from crs_desktop.shell.arrangement import Arrangement
    from crs_desktop.window import MainWindow
    from engine.ports.secrets import SecretStore

log = logging.getLogger(__name__)

EXIT_IN_USE = 3
SAMPLE_S = 2.0
"""Between looks at CPU and memory."""


class Session:
    """The run of one window over one profile."""

    def __init__(
        self,
        window: MainWindow,
        arrangement: Arrangement,
        profile: Profile,
        options: Options,
        settings: Settings,
        problem: str,
    ) -> None:
        self.window, self.arrangement = window, arrangement
        self.profile, self.options, self.settings = profile, options, settings
        self._problem = problem
        self.engine: Any = None
        self.desk: Desk | None = None
        self.wiring: Wiring | None = None
        self.status = 0
        self._done = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lasting: set[asyncio.Task[Any]] = set()
        """Those that outlast a change of the engine."""
        self._turn = asyncio.Lock()
        self._changing: asyncio.Task[None] | None = None
        self._was_paper = False
        """Whether the paper account was open in this run: what the options say of its market is done."""
        self._closing = False
        self._signals: Signals | None = None

    async def run(self) -> int:
        """Open, live until asked to close, close; return the exit status."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_loop_error)
        crash.write_to(self.profile)
        self._signals = Signals(self.close)
        self.window.closing.connect(self.close)
        self.wiring = Wiring(self)
        smoke = None
        if self.options.smoke is not None:
            from crs_desktop.smoke import Smoke

            smoke = Smoke(self)
            self.start(smoke.run(), lasting=True)
        try:
            await self.open()
        except Exception as error:
            self.status = 1
            crash.report(error)
            if smoke is not None:
                self.close()
        await self._done.wait()
        await self._shut()
        return self.status if smoke is None else smoke.finish(self.status)

    def start(self, coroutine: Any, *, lasting: bool = False) -> asyncio.Task[Any]:  # noqa: ANN401 - any coroutine
        """Run something in the background; its error reaches the crash dialog, its end is awaited at the close.

        It is cancelled when the engine is changed for another, unless it is `lasting`.
        """
        task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        if lasting:
            self._lasting.add(task)
        task.add_done_callback(self._ended)
        return task

    def close(self) -> None:
        """Ask the run to end; safe to call twice."""
        self._closing = True
        if self.wiring is not None:
            self.wiring.going.cancel()
        self._done.set()

    async def open(self) -> None:
        """Open the engine and fill the window; what goes wrong is said in the window, with what can be done."""
        self.window.notice.hide()
        try:
            engine = await self._opened_again() or await self._open_paper()
        except ProfileInUse as error:
            self._in_use(error)
            return
        except CrsError as error:
            self._not_opened(error)
            return
        self.engine = engine
        if self._closing:
            return
        self._enter()
        self.start(self._watch_process(), lasting=True)
        self._say_at_start()
        MARKS.mark("engine")
        settle()

    def paper(self) -> Opening:
        """Return how the paper account is opened."""
        return Opening(tr("Opening the market…"), self._open_paper)

    async def go_to(self, opening: Opening) -> None:
        """Put another engine behind the window; what is there stays until the other one is open.

        Raises:
            CrsError: the other one does not open; nothing changed.
        """
        async with self._turn:
            engine = await opening.open()
            self._changing = asyncio.get_running_loop().create_task(self._change(engine, opening.title))
            await asyncio.shield(self._changing)

    async def _change(self, engine: Any, title: str) -> None:  # noqa: ANN401 - the engine's type is heavy to import
        """Close the engine that is there and go on with another; nothing stops this half way."""
        before, self.engine = self.engine, engine
        await self._leave(title)
        if before is not None:
            await self._close(before)
        if not self._closing:
            self.window.notice.hide()
            self._enter()
            settle()

    async def _open_paper(self) -> Any:  # noqa: ANN401 - the engine's type is heavy to import
        options = Options() if self._was_paper else self.options
        bootstrap = await asyncio.get_running_loop().run_in_executor(None, import_module, "engine.bootstrap")

        async def opened(secrets: SecretStore | None = None) -> Any:  # noqa: ANN401 - likewise
            lock = self.engine.share_lock() if self.engine is not None else None
            return await bootstrap.open_engine(
                self.profile, market=options.market, seed=options.seed, speed=options.speed, secrets=secrets, lock=lock
            )

        try:
            engine = await opened()
        except SecretsLocked:  # the accounts are encrypted: whoever has the passphrase of their key is asked for it
            if self.wiring is None or self.options.smoke is not None:
                raise
            engine = await opened(await self.wiring.server.door.secrets())
        self._was_paper = True
        return engine

    async def _opened_again(self) -> Any:  # noqa: ANN401 - likewise
        """Open the exchange or server that was used last (or asked for), if it was one; else None."""
        asked = (self.options.smoke, self.options.market, self.options.seed)
        if self.wiring is None or any(each is not None for each in asked):
            return None
        return await self.wiring.open_again()

    def _enter(self) -> None:
        """Fill the window with the engine that is open."""
        self.settings = self.engine.settings
        self.desk = Desk(
            self.engine,
            symbol=self.arrangement.layout.here.symbol or None,
            timeframe=self._timeframe(),
            connected=self.wiring.connected if self.wiring is not None else None,
            wallet=self.wiring.wallet.door if self.wiring is not None else None,
        )
        self.arrangement.show_board(self.desk.board)
        if self.engine.feed.label is DataLabel.REPLAY:
            self.desk.set_timeframe(Timeframe.S1)  # a recording of minutes says nothing at 1 m
        self.window.show_desk(self.desk)
        if self.wiring is not None:
            self.wiring.attach(self.engine, self.desk)

    async def _leave(self, title: str = "") -> None:
        """Take everything down that stands over the engine, and what still runs for it."""
        if self.wiring is not None:
            self.wiring.detach()
        self.arrangement.release_board()
        for host in self.window.docks.hosts.values():
            host.say(title)
        self.window.release_desk()
        if self.desk is not None:
            self.desk.close()
        self.desk = None
        await self._end_tasks()

    async def _end_tasks(self) -> None:
        ending = [each for each in self._tasks - self._lasting if each is not asyncio.current_task()]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _close(self, engine: Any) -> None:  # noqa: ANN401 - likewise
        public = getattr(engine, "public", None)
        try:
            await engine.close()
            if public is not None:
                await public.feed.close()
        except CrsError as error:
            log.error("the engine did not close cleanly: %s", error)
            print(f"crs-desktop: {error}", file=sys.stderr)
            self.status = self.status or 1

    async def _watch_process(self) -> None:
        """Show CPU and memory of this process in the status bar; asked on a thread, it can take milliseconds."""
        loop = asyncio.get_running_loop()
        psutil = await loop.run_in_executor(None, import_module, "psutil")
        process = psutil.Process()
        process.cpu_percent()
        while True:
            await asyncio.sleep(SAMPLE_S)
            model = self.window.status.model
            if model is not None:
                model.cpu_percent = process.cpu_percent()
                model.memory_mb = process.memory_info().rss / 2**20
                model.touch()

    async def reopen(self) -> None:
        """Try again after the engine could not be opened."""
        self.status = 0
        for host in self.window.docks.hosts.values():
            host.say(tr("Opening the market…"))
        await self.open()

    async def _shut(self) -> None:
        window = self.window
        if not self.arrangement.save():
            log.warning("the layout could not be saved")
        self._lasting.clear()
        await self._end_tasks()
        if self._changing is not None:
            await asyncio.gather(self._changing, return_exceptions=True)
        await self._leave()
        if self.engine is not None:
            await self._close(self.engine)
        if self.wiring is not None:
            await self.wiring.close()
        if self._signals is not None:
            self._signals.close()
        window.let_close()
        QApplication.processEvents()
        crash.stop_writing()

    def _timeframe(self) -> Timeframe:
        try:
            return Timeframe.parse(self.arrangement.layout.here.timeframe)
        except InvalidInput:
            return Timeframe.M1

    def _say_at_start(self) -> None:
        if self._problem:
            self.window.notice.say(self._problem)
        elif self.arrangement.problem.source:
            self.window.notice.say(spoken(self.arrangement.problem))

    def _in_use(self, error: ProfileInUse) -> None:
        print(f"crs-desktop: {error}", file=sys.stderr)
        self.status = EXIT_IN_USE
        from crs_desktop.shell.single import raise_first

        if self.options.smoke is not None or raise_first(self.profile):
            self.close()
            return
        self._not_opened(error)

    def _not_opened(self, error: CrsError) -> None:
        log.error("the engine did not open: %s", error)
        print(f"crs-desktop: {error}", file=sys.stderr)
        self.status = self.status or 1
        if self.options.smoke is not None:
            self.close()
            return
        for host in self.window.docks.hosts.values():
            host.say(tr("Not opened"))
        self.window.docks.hosts["chart"].say(str(error))
        rescue = (RescueOffer(self).action(),) if isinstance(error, StorageCorrupt) else ()
        self.window.notice.say(
            str(error),
            *rescue,
            (tr("Try again"), lambda: self.start(self.reopen())),
            (tr("Copy details"), lambda: QGuiApplication.clipboard().setText(crash.details(error))),
            (tr("Quit"), self.close),
            tone="error",
            can_close=False,
        )

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._lasting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, CrsError):
                self.window.notice.say(str(error))
            else:
                crash.report(error)


def _loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if isinstance(error, Exception):
        crash.report(error)
    else:
        log.error("loop: %s", context.get("message"))
