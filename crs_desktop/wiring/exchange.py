"""Actions on public exchanges: connecting to one after a question, going back, and what is remembered of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog

from crs_desktop.actions import CCXT as CCXT_THERE
from crs_desktop.actions import EXCHANGE
from crs_desktop.i18n import spoken, tr
from crs_desktop.run import Opening
from crs_desktop.viewmodels.exchange.offered import EXCHANGES, Offered, meaning, offered
from crs_desktop.viewmodels.exchange_link import ExchangeLink
from crs_desktop.viewmodels.palette import Entry
from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.exchange_door import ExchangeDoor, other
from crs_desktop.wiring.going import Going
from engine.errors import CrsError
from engine.services.offload import offload

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from crs_desktop.wiring.charts import ChartActions
    from engine.bus import Bus
    from engine.ports.secrets import SecretStore

SETTLED_S = 1.0
"""Pairs on show are remembered when nothing has changed for so long."""


class ExchangeActions:
    """The market sources that are public exchanges; nothing is connected to before the user agreed to it."""

    def __init__(
        self,
        console: Console,
        charts: ChartActions,
        going: Going,
        secrets: Callable[[], Awaitable[SecretStore]],
        board: Bus,
    ) -> None:
        """`secrets` opens the place for secrets of the profile, `board` hears of everything that venues list."""
        self._console, self._charts, self._going = console, charts, going
        self.door = ExchangeDoor(console.run, secrets, board)
        self._desk: Desk | None = None
        self._saving: asyncio.Task[Any] | None = None
        if self.door.has_others:
            console.book.provide(CCXT_THERE)
        else:
            console.book.note("market.other", "")  # not offered

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            **{f"market.{each.name}": partial(self.choose, each) for each in EXCHANGES},
            "market.other": lambda: self._console.run.start(self._choose_other()),
            "market.offline": self.go_to_paper,
            "market.health": self.show_health,
            "market.reconnect": lambda: self._console.engine.public.feed.retry(),
        }

    # -- an engine comes and goes -------------------------------------------------------------------

    def attach(self, engine: Any, desk: Desk) -> None:  # noqa: ANN401 - the engine's type is heavy to import
        """Follow what a desk shows of an exchange, and remember it."""
        exchange, follower = desk.trust.exchange, desk.follower
        if self.door.places.problem.source:
            self._console.window.notice.say(spoken(self.door.places.problem))
        if exchange is None or follower is None:
            stays = self._going.after is not None or desk.recording is not None
            if self.door.places.known.last and not stays:  # else it is where one wants to go back to
                self._console.run.start(offload(self.door.places.use, ""), lasting=True)
            return
        self._desk = desk
        self._console.book.provide(EXCHANGE)
        self._console.window.link.show_model(ExchangeLink(desk, exchange))
        desk.links.on_change(lambda _group: self._remember())
        desk.board.on_change(lambda _board: self._remember())
        follower.look()
        self._console.run.start(offload(self.door.places.use, engine.feed.venue), lasting=True)
        self._remember()

    def detach(self) -> None:
        """Follow and remember no more."""
        self._desk = None
        self._console.book.withdraw(EXCHANGE)
        dialog = self._console.window.findChild(QDialog, "feed health window")
        if dialog is not None:
            dialog.close()

    async def open_again(self) -> Any:  # noqa: ANN401 - likewise
        """Open the exchange that the command line names, or that was used last; None if there is none to open."""
        name = self._console.run.options.venue or (await asyncio.to_thread(lambda: self.door.places)).known.last
        venue = offered(name)
        if venue is None:
            return None
        return await self._going.open_again(self._said(venue), self.door.open(name), partial(self.go_to, venue))

    # -- going to one -------------------------------------------------------------------------------

    def offers(self) -> list[tuple[str, Callable[[], object]]]:
        """Return the exchanges for a menu, and how to reach another one."""
        here = self._here
        known = (offered(name) for name in self.door.places.others)
        found: list[tuple[str, Callable[[], object]]] = []
        for venue in (*EXCHANGES, *(each for each in known if each is not None)):
            mark = "●" if venue.name == here else "○"
            title = tr("{name}, live prices", name=venue.title)
            found.append((f"{mark} {title}", partial(self.choose, venue)))
        if self.door.has_others:
            found.append((tr("Other exchange (ccxt)…"), lambda: self._console.book.trigger("market.other")))
        return found

    @property
    def is_here(self) -> bool:
        """Whether prices come from a public exchange now."""
        return bool(self._here)

    def choose(self, venue: Offered) -> None:
        """Go to an exchange; before the first time say what that means, and ask."""
        if self.door.places.get(venue.name) is not None:
            self.go_to(venue)
            return
        said = "\n\n".join(spoken(each) for each in meaning(venue, self.door.hosts(venue)))
        self._console.confirm(
            tr("Connect to {name}?", name=venue.title), said, tr("Connect"), partial(self.go_to, venue)
        )

    def go_to(self, venue: Offered) -> None:
        """Go to an exchange that the user agreed to."""
        if venue.name == self._here:
            self._console.toasts.say(tr("You are there already"))
            return
        opening = Opening(tr("Opening {name}…", name=venue.title), partial(self.door.open, venue.name))
        self._going.start(self._going.go(self._said(venue), opening, partial(self.go_to, venue)))

    def go_to_paper(self) -> None:
        """Go back to the market of this computer."""
        again = self.go_to_paper
        self._going.start(self._going.go(tr("PAPER"), self._console.run.paper(), again))

    def _said(self, venue: Offered) -> str:
        """Return the name of an exchange with who is contacted."""
        hosts = self.door.hosts(venue)
        return f"{venue.title} ({hosts[0]})" if hosts else venue.title

    async def _choose_other(self) -> None:
        try:
            names = await self.door.others()
        except (CrsError, ImportError) as error:
            self._console.toasts.say(tr("ccxt cannot be used"), str(error), "error")
            return
        found = [offered(other(each)) for each in names]
        entries = [
            Entry(each.title, tr("through ccxt, slower"), "action", partial(self.choose, each))
            for each in found
            if each is not None
        ]
        self._charts.palette().open(entries)

    def show_health(self) -> None:
        """Show how the feed and each of its pairs are doing."""
        from crs_desktop.shell.exchange.health import show_health
        from crs_desktop.viewmodels.feed_health import HealthModel

        window, desk = self._console.window, self._console.desk
        if desk.trust.exchange is not None:
            show_health(window, window.pulse, HealthModel(desk, desk.trust.exchange))

    # -- what is remembered -------------------------------------------------------------------------

    def _remember(self) -> None:
        """Keep which pairs are on show, soon."""
        if self._saving is not None:
            self._saving.cancel()
        if self._desk is not None:
            self._saving = self._console.run.start(self._save(self._desk))

    async def _save(self, desk: Desk) -> None:
        await asyncio.sleep(SETTLED_S)
        if desk.trust.exchange is not None:
            pairs = tuple(dict.fromkeys(desk.board.in_use()))
            await offload(self.door.places.show, desk.trust.exchange.venue, pairs)

    @property
    def _here(self) -> str:
        """The name of the exchange in use, "" if there is none."""
        return self._desk.trust.exchange.venue if self._desk is not None and self._desk.trust.exchange else ""
