"""Actions on servers: going to one and back to paper, signing in and out, security, how the server is doing.

While another venue is being opened, the one that is there goes on; a bar says what is going on and lets it be stopped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog

from crs_desktop.actions import ADMIN, BROKEN, PAPER, SERVER, SIGNED_IN
from crs_desktop.i18n import spoken, tr
from crs_desktop.run import Opening
from crs_desktop.viewmodels.palette import Entry
from crs_desktop.viewmodels.server.address import short
from crs_desktop.viewmodels.server.link import LinkModel
from crs_desktop.viewmodels.server.places import Server
from crs_desktop.viewmodels.server.report import SHOWN, line_of, title_of, tone_of
from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.exchange import ExchangeActions
from crs_desktop.wiring.going import Going
from crs_desktop.wiring.server_door import ServerDoor
from engine.errors import CrsError
from engine.ports.server import ConnectionChanged, ConnectionState
from engine.services.reconcile import Reconciled
from engine.services.session import SessionChanged

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from crs_desktop.viewmodels.server.sign_in import SignIn
    from crs_desktop.wiring.charts import ChartActions
    from engine.services.session import ServerSession

events = logging.getLogger("crs.events")

ADMINS = frozenset({"admin"})
"""Roles that may see how the server is doing."""


class ServerActions:
    """The group `server`, and what the window shows of a connection."""

    def __init__(self, console: Console, charts: ChartActions, going: Going, exchanges: ExchangeActions) -> None:
        self._console, self._charts, self.going, self._exchanges = console, charts, going, exchanges
        self.door = ServerDoor(console.run)
        self._open: list[Any] = []

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "server.venue": self.choose,
            "server.paper": self.go_to_paper,
            "server.add": lambda: self._sign_in(None),
            "server.remove": self._choose_removal,
            "server.sign_in": self._sign_in_here,
            "server.reconnect": lambda: self._console.engine.link.retry(),
            "server.cancel": self.going.cancel,
            "server.security": self._show_security,
            "server.metrics": self._show_metrics,
            "server.sign_out": lambda: self.going.start(self._sign_out(everywhere=False)),
            "server.sign_out_everywhere": self._ask_sign_out_everywhere,
        }

    # -- an engine comes and goes -------------------------------------------------------------------

    def attach(self, engine: Any, desk: Desk) -> None:  # noqa: ANN401 - the engine's type is heavy to import
        """Show how the connection of a server's engine stands; on paper there is none."""
        book, window = self._console.book, self._console.window
        if engine.server is None:
            book.provide(PAPER)
            stays = self.going.after is not None or desk.recording is not None
            if self.door.places.known.last and not stays:  # else it is where one wants to go back to
                self._console.do(self.door.on_paper())
        else:
            session = engine.session
            window.link.show_model(LinkModel(desk, engine.server.host, session.bus))
            book.provide(SERVER)
            self._open = [
                desk.bus.subscribe(Reconciled, self._reconciled),
                desk.bus.subscribe(ConnectionChanged, self._on_connection),
                session.bus.subscribe(SessionChanged, lambda _change: self._show_rights(session)),
            ]
            self._show_rights(session)
            self._provide(BROKEN, engine.link.state is ConnectionState.WAITING)
        if self.door.places.problem.source:
            window.notice.say(spoken(self.door.places.problem))
        after, self.going.after = self.going.after, None
        if after is not None:
            after()

    def detach(self) -> None:
        """Show no connection any more."""
        for each in self._open:
            each.close()
        self._open = []
        for name in ("server metrics", "server security"):
            dialog = self._console.window.findChild(QDialog, name)
            if dialog is not None:
                dialog.close()
        for need in (PAPER, SERVER, SIGNED_IN, ADMIN, BROKEN):
            self._console.book.withdraw(need)

    async def close(self) -> None:
        """End every session's connections."""
        await self.door.close()

    async def open_again(self) -> Any:  # noqa: ANN401 - likewise
        """Open the server that was used last; None if it was paper, it cannot be now, or the user will not wait."""
        server = await asyncio.to_thread(lambda: self.door.places.last)
        if server is None:
            return None
        opened = self.door.open(server.url, server.account)
        again, sign_in = partial(self.go_to, server), partial(self._sign_in, server)
        return await self.going.open_again(server.name, opened, again, sign_in=sign_in)

    # -- going to another venue ---------------------------------------------------------------------

    def offers(self) -> list[tuple[str, Callable[[], object]]]:
        """Return the venues for a menu: paper first, then live prices, then each account of each server."""
        here = self._here()
        found: list[tuple[str, Callable[[], object]]] = []
        if not self._is_on_paper:
            found.append((tr("○ PAPER, on this computer"), self.go_to_paper))
        found += self._exchanges.offers()
        for server in self.door.places.servers:
            for account in server.accounts or ("",):
                mark = "●" if (server.url, account) == here else "○"
                name = f"{account} · {server.name}" if account else server.name
                found.append((f"{mark} {name}", partial(self.go_to, server, account)))
        found.append((tr("Add a server…"), lambda: self._sign_in(None)))
        if here[0]:
            found.append((tr("Security…"), self._show_security))
            found.append((tr("Sign out"), lambda: self._console.book.trigger("server.sign_out")))
        return found

    def entries(self) -> list[Entry]:
        """Return the venues for a palette, the one in use too."""
        offers = self.offers()
        if self._is_on_paper:
            offers.insert(0, (tr("● PAPER, on this computer"), self.go_to_paper))
        return [Entry(title, tr("venue"), "action", partial(_do, act)) for title, act in offers]

    def choose(self) -> None:
        """Let one venue be chosen in the palette."""
        self._charts.palette().open(self.entries())

    def go_to_paper(self) -> None:
        """Go on with the paper account."""
        if self._console.engine is not None and self._is_on_paper:
            self._console.toasts.say(tr("You are on PAPER already"))
        else:
            self._start_paper()

    def go_to(self, server: Server, account: str = "") -> None:
        """Go to an account on a server; the one used last there if none is named."""
        chosen = account or server.account
        if self._here() == (server.url, chosen):
            self._console.toasts.say(tr("You are there already"))
            return
        opening = Opening(tr("Opening {name}…", name=server.name), partial(self.door.open, server.url, chosen))
        again, sign_in = partial(self.go_to, server), partial(self._sign_in, server)
        self.going.start(self.going.go(server.name, opening, again, sign_in=sign_in))

    # -- signing in and out -------------------------------------------------------------------------

    def _sign_in(self, server: Server | None) -> None:
        """Show the dialog for a server, or for a new one; then go there."""
        from crs_desktop.shell.server.sign_in import SignInDialog
        from crs_desktop.viewmodels.server.sign_in import SignIn

        access = self.door.session(server.url) if server is not None else None
        model = SignIn(
            self.door.connect,
            url=server.url if server is not None else "",
            email=server.email if server is not None else "",
            access=access,
        )
        SignInDialog(self._console.window, model, self._signed_in).open()

    def _sign_in_here(self) -> None:
        """Sign in again where one is: the session has ended."""
        server = self.door.places.get(self._console.engine.server.url)
        self._sign_in(server or Server(self._console.engine.server.url))

    def _signed_in(self, model: SignIn) -> None:
        url = model.value("url")
        session = self.door.session(url)
        if session is None:
            return
        self._console.run.start(self._go_on(session, url), lasting=True)

    async def _go_on(self, session: ServerSession, url: str) -> None:
        """Go to the server that somebody signed in to, or let the connection there go on."""
        problem = await self.door.note(session, url)
        if problem.source:
            self._console.toasts.say(tr("Not kept"), spoken(problem), "error")
        server = self.door.places.get(url) or Server(url)
        if self._here()[0] == url and self._here()[1] in server.accounts:
            self._console.engine.link.retry()
        else:
            self.go_to(server)

    def _ask_sign_out_everywhere(self) -> None:
        self._console.confirm(
            tr("Sign out everywhere?"),
            tr("Every session of yours on {name} ends, this one too. Working orders stay.", name=self._name),
            tr("Sign out"),
            lambda: self.going.start(self._sign_out(everywhere=True)),
        )

    async def _sign_out(self, *, everywhere: bool) -> None:
        session = self._console.engine.session
        try:
            if everywhere:
                await session.security.revoke_others()
            await session.sign_out()
        except CrsError as error:
            self._console.toasts.say(tr("Not signed out"), str(error), "error")
            return
        await self.going.go(tr("PAPER"), self._console.run.paper(), self.go_to_paper)

    def _choose_removal(self) -> None:
        servers = self.door.places.servers
        if not servers:
            self._console.toasts.say(tr("No server"), tr("There is none to remove."))
        entries = [
            Entry(tr("Remove {name}", name=each.name), "", "action", partial(self._remove, each)) for each in servers
        ]
        if entries:
            self._charts.palette().open(entries)

    def _remove(self, server: Server) -> None:
        if self._here()[0] == server.url:
            self._console.toasts.say(tr("You are there"), tr("Go on with PAPER first."), "error")
            return
        self._console.confirm(
            tr("Remove {name}?", name=server.name),
            tr("It is forgotten here and you are signed out there. Accounts and orders on it stay as they are."),
            tr("Remove"),
            lambda: self._console.do(self.door.forget(server.url)),
        )

    # -- dialogs ------------------------------------------------------------------------------------

    def _show_security(self) -> None:
        from crs_desktop.shell.server.security import SecurityDialog
        from crs_desktop.viewmodels.server.security import SecurityModel

        session = self._console.engine.session
        who = tr("{email} on {name}", email=session.email, name=self._name)
        SecurityDialog(self._console.window, SecurityModel(session), who, self._start_paper).open_at()

    def _start_paper(self) -> None:
        self.going.start(self.going.go(tr("PAPER"), self._console.run.paper(), self.go_to_paper))

    def _show_metrics(self) -> None:
        from crs_desktop.shell.server.metrics import show_metrics

        window = self._console.window
        show_metrics(window, window.pulse, self._console.engine.session.api, self._name)

    # -- what is told -------------------------------------------------------------------------------

    def _show_rights(self, session: Any) -> None:  # noqa: ANN401 - the session's type is heavy to import
        role = session.user.role if session.user is not None else ""
        self._provide(SIGNED_IN, session.is_signed_in)
        self._provide(ADMIN, session.is_signed_in and role in ADMINS)

    def _on_connection(self, change: ConnectionChanged) -> None:
        events.info("Connection: %s", change.text)
        self._provide(BROKEN, change.state is ConnectionState.WAITING)

    def _provide(self, need: str, there: bool) -> None:
        if there:
            self._console.book.provide(need)
        else:
            self._console.book.withdraw(need)

    def _reconciled(self, report: Reconciled) -> None:
        """Say what happened while the server could not be reached, and write it all into the log."""
        pairs = self._console.desk.pairs
        lines = [spoken(line_of(each, pairs)) for each in report.changes]
        title = spoken(title_of(report, self._name))
        events.info("%s %s", title, " ".join(lines))
        more = [tr("And {count} more; see the log.", count=len(lines) - SHOWN)] if len(lines) > SHOWN else []
        self._console.toasts.say(title, "\n".join([*lines[:SHOWN], *more]), tone_of(report))

    @property
    def _name(self) -> str:
        server = self._console.engine.server
        return short(server.url) if server is not None else tr("PAPER")

    @property
    def _is_on_paper(self) -> bool:
        """Whether the paper account of this computer is behind the window, on its own market."""
        engine = self._console.engine
        return not self._here()[0] and not self._exchanges.is_here and getattr(engine, "recording", None) is None

    def _here(self) -> tuple[str, str]:
        """Return address and account in use; "" for paper."""
        engine = self._console.engine
        if engine is None or engine.server is None:
            return "", ""
        return engine.server.url, str(engine.venue.account)


def _do(act: Callable[[], object]) -> None:
    act()
