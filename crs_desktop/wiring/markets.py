"""Actions on the venues that are watched and on the instruments of all of them: watch, search, scan, compare."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.connected import Connected
from crs_desktop.viewmodels.exchange.offered import EXCHANGES, Offered, offered
from crs_desktop.viewmodels.markets.opening import open_row
from crs_desktop.viewmodels.markets.own import OwnMarket, own_venue
from crs_desktop.viewmodels.markets.rowtext import price_cell
from crs_desktop.viewmodels.palette import Entry, Found
from crs_desktop.viewmodels.watch_lists import Item
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.wiring.console import Bindings, Console
from engine.errors import CrsError
from engine.services.offload import offload
from engine.services.task import TaskOwner

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from crs_desktop.wiring.charts import ChartActions
    from crs_desktop.wiring.exchange import ExchangeActions
    from engine.services.board import BoardRow

PUBLISH_S = 0.2
"""How often the desk's own prices go to the board."""
FOUND = 30
"""Instruments of all venues that a search shows."""


class MarketsActions:
    """The venues of the window, and its watchlists; nothing connects before the user agreed to it."""

    def __init__(self, console: Console, connected: Connected, charts: ChartActions, exchange: ExchangeActions) -> None:
        self._console, self.connected, self._charts, self._exchange = console, connected, charts, exchange
        self._own: OwnMarket | None = None
        self._tasks = TaskOwner("own market")
        self._begun = False
        connected.watch, connected.unwatch = self.watch, self.unwatch
        connected.choose, connected.go_to = self.choose, self._offer_to_go
        connected.removed, connected.compared = self._removed, self._compare
        connected.trigger = console.book.trigger

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "market.watch": self.choose,
            "market.unwatch": self._choose_to_leave,
            "view.watchlist": lambda: self._console.window.docks.focus("watchlist"),
            "view.scanner": lambda: self._console.window.docks.focus("scanner"),
            "view.across": lambda: self._console.window.docks.focus("across"),
            "watchlist.add": self._add_here,
            "watchlist.pick": self._pick,
            "watchlist.new": lambda: self._ask_name(rename=False),
            "watchlist.rename": lambda: self._ask_name(rename=True),
            "watchlist.delete": self._delete_list,
            "watchlist.next": lambda: self._next_list(1),
            "watchlist.previous": lambda: self._next_list(-1),
        }

    # -- an engine comes and goes -----------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """Put the desk's market on the board, and connect again what was watched last time."""
        self._own = OwnMarket(desk, self.connected.bus, self.connected.board)
        self._tasks.start(self._publish(self._own))
        if not self._begun:
            self._begun = True
            if self.connected.lists.problem.source:
                self._console.window.notice.say(spoken(self.connected.lists.problem))
            for venue in self.connected.lists.kept.venues if self._may_connect else ():
                found = offered(venue)
                if found is not None:
                    self._start(found)

    def detach(self) -> None:
        """Take the desk's market off the board; what is watched stays."""
        self._tasks.close()
        if self._own is not None:
            self._own.close()
            self._own = None

    async def close(self) -> None:
        """End all connections."""
        await self._exchange.door.hub.close()
        self.connected.close()

    @property
    def _may_connect(self) -> bool:
        """Whether nothing on the command line asks for a market of this computer only."""
        options = self._console.run.options
        return all(each is None for each in (options.smoke, options.market, options.seed))

    async def _publish(self, own: OwnMarket) -> None:
        while True:
            own.publish()
            await asyncio.sleep(PUBLISH_S)

    # -- watching venues --------------------------------------------------------------------------

    def watch(self, venue: str) -> None:
        """Watch a venue besides; before its first time say what that means, and ask."""
        found = offered(venue)
        if found is None:
            return
        if self._exchange.door.places.get(venue) is not None:
            self._start(found)
            return
        hosts = self._exchange.door.hosts(found)
        said = [
            tr("Only public market data is fetched, from {hosts}.", hosts=" · ".join(hosts)),
            tr("No key is needed and none is sent. The exchange learns your network address, as any web page does."),
            tr("It is only watched: your orders go on where they go now."),
        ]
        title = tr("Also watch {name}?", name=found.title)
        self._console.confirm(title, "\n\n".join(said), tr("Connect"), partial(self._start, found))

    def unwatch(self, venue: str) -> None:
        """Watch a venue no more."""
        connected = self.connected
        title, failed = connected.title(venue), any(each.name == venue and each.failed for each in connected.venues())
        if venue not in connected.watched:
            return
        connected.gone(venue)
        connected.lists.watch(venue, on=False)
        if not failed:
            self._console.run.start(self._exchange.door.hub.disconnect(venue), lasting=True)
        self._console.toasts.undoable(tr("{name} is not watched any more", name=title), "", partial(self.watch, venue))

    def choose(self) -> None:
        """Let a venue be chosen to be watched."""
        known = {each.name: each for each in self.connected.venues()}
        entries = []
        for venue in EXCHANGES:
            shown = known.get(venue.name)
            if shown is None or shown.failed:
                hint = tr("not connected") if shown is None else spoken(shown.text)
                entries.append(Entry(tr("Also watch {name}", name=venue.title), hint, "action", self._do_watch(venue)))
        if not entries:
            self._console.toasts.say(tr("All exchanges are connected"), tr("There is no other one to watch."))
            return
        self._charts.palette().open(entries)

    def _do_watch(self, venue: Offered) -> Callable[[], None]:
        return lambda: self.watch(venue.name)

    def _choose_to_leave(self) -> None:
        watched = [each for each in self.connected.venues() if each.is_watched]
        if not watched:
            self._console.toasts.say(tr("No exchange is watched besides"), tr("The one you trade on stays."))
            return
        self._charts.palette().open([
            Entry(tr("Watch {name} no more", name=each.title), spoken(each.state), "action",
                  partial(self.unwatch, each.name))
            for each in watched
        ])  # fmt: skip

    def _start(self, venue: Offered) -> None:
        known = {each.name: each for each in self.connected.venues()}.get(venue.name)
        if venue.name in self.connected.watched and known is not None and not known.failed:
            return
        self.connected.coming(venue.name, venue.title)
        self._console.run.start(self._connect(venue), lasting=True)

    async def _connect(self, venue: Offered) -> None:
        hub, places = self._exchange.door.hub, self._exchange.door.places
        try:
            await hub.connect(venue.name)
        except CrsError as error:
            self.connected.failed(venue.name, str(error))
            return
        if venue.name not in self.connected.watched:  # somebody changed their mind meanwhile
            await hub.disconnect(venue.name)
            return
        self.connected.coming(venue.name, venue.title)
        self.connected.lists.watch(venue.name, on=True)
        await offload(places.agree, venue.name)

    # -- instruments ------------------------------------------------------------------------------

    def found(self, query: str) -> list[Found]:
        """Return the instruments of all venues that fit a search, besides the pairs that the desk carries."""
        desk = self._console.open_desk
        if desk is None or not query.strip():
            return []
        carried, own = set(desk.markets), own_venue(desk).name
        words = query.upper().replace("-", "/").split()
        return [
            Found(self._entry(desk, row), _is_meant(row, words))
            for row in self.connected.board.search(query, FOUND, own)
            if row.venue != own or row.symbol not in carried
        ]

    def _entry(self, desk: Desk, row: BoardRow) -> Entry:
        title = self.connected.title(row.venue)
        price = price_cell(row.instrument.pair, None if row.ticker is None else row.ticker.last).text
        hint = f"{title} · {price}" if row.ticker is not None and row.ticker.last is not None else title
        if not row.instrument.trading:
            hint = tr("does not trade on {venue} now", venue=title)
        do = partial(open_row, desk, Item(row.venue, row.symbol))
        return Entry(row.symbol, hint, "pair", do, row.instrument.trading)

    def _offer_to_go(self, row: BoardRow) -> None:
        """Offer to trade on the venue of an instrument."""
        venue, here = offered(row.venue), own_venue(self._console.desk).title
        if venue is None:
            return
        self._console.confirm(
            tr("Go to {venue} for {symbol}?", venue=venue.title, symbol=row.symbol),
            tr(
                "{symbol} is of {venue}; this window trades on {here}. Going there changes the account and all panes, "
                "until you come back.",
                symbol=row.symbol, venue=venue.title, here=here,
            ),
            tr("Go to {venue}", venue=venue.title),
            partial(self._go, venue, row.symbol),
        )  # fmt: skip

    def _go(self, venue: Offered, symbol: str) -> None:
        self._exchange.door.wanted[venue.name] = symbol
        self._exchange.choose(venue)

    def _compare(self, asset: str) -> None:
        from crs_desktop.panes.across import AcrossPane

        pane = self._console.window.docks.show("across").pane
        if isinstance(pane, AcrossPane):
            pane.compare(asset)

    # -- watchlists -------------------------------------------------------------------------------

    def _removed(self, what: Sentence, undo: Callable[[], object]) -> None:
        self._console.toasts.undoable(spoken(what), "", undo)

    def _add_here(self) -> None:
        """Put the desk's pair on the watchlist in front, or on the first."""
        desk, lists = self._console.desk, self.connected.lists
        added = lists.add(Item(own_venue(desk).name, desk.symbol))
        if added is None:
            self._console.toasts.say(tr("{symbol} is on the list already", symbol=desk.symbol))
        else:
            text = tr("Show it with the name above the list of markets.")
            self._console.toasts.say(
                tr("{symbol} is on “{name}”", symbol=desk.symbol, name=added.name), "" if lists.shown else text, "good"
            )

    def _pick(self) -> None:
        """Let an instrument of any connected venue be searched, and put it on the list."""

        def found(query: str) -> list[Found]:
            rows = self.connected.board.search(query, FOUND, own_venue(self._console.desk).name)
            return [Found(self._picked(row), is_meant=True) for row in rows]

        self._charts.palette().open([], more=found)

    def _picked(self, row: BoardRow) -> Entry:
        def add() -> None:
            if self.connected.lists.shown is None:
                self.connected.lists.show(0)
            self.connected.lists.add(Item(row.venue, row.symbol))

        return Entry(row.symbol, self.connected.title(row.venue), "pair", add)

    def _ask_name(self, *, rename: bool) -> None:
        from crs_desktop.shell.name_dialog import NameDialog

        lists, toasts = self.connected.lists, self._console.toasts
        if rename and lists.shown is None:
            toasts.say(tr("No list of yours is shown"), tr("The pairs of the market have no name to change."))
            return
        first = (
            lists.shown.name if rename and lists.shown is not None else tr("List {number}", number=len(lists.lists) + 1)
        )
        title = tr("Rename the watchlist") if rename else tr("New watchlist")
        problem = partial(lists.problem_of, rename=rename)
        take = lists.rename if rename else lists.new
        NameDialog(self._console.window, title, tr("Rename") if rename else tr("Make"), first, problem, take).open()

    def _delete_list(self) -> None:
        lists, toasts = self.connected.lists, self._console.toasts
        shown = lists.shown
        before = lists.delete()
        if shown is None or before is None:
            toasts.say(tr("No list of yours is shown"), tr("The pairs of the market cannot be deleted."))
            return
        toasts.undoable(tr("Watchlist deleted"), shown.name, partial(lists.restore, before))

    def _next_list(self, steps: int) -> None:
        lists = self.connected.lists
        lists.show((lists.kept.shown + 1 + steps) % (len(lists.lists) + 1) - 1)


def _is_meant(row: BoardRow, words: list[str]) -> bool:
    pair = row.instrument.pair
    return any(word in (row.symbol, pair.base.code, pair.base.code + pair.quote.code) for word in words)
