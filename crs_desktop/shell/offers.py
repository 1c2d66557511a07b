"""What the command palette offers: pairs with prices, actions with keys, panes, settings with values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from crs_desktop.actions import ActionBook
from crs_desktop.i18n import tr
from crs_desktop.shell.docks import Docks
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.markets.own import own_venue
from crs_desktop.viewmodels.palette import Entry
from crs_desktop.viewmodels.server.venue import venue_of
from engine.domain.instrument import Instrument
from engine.settings import Settings, describe, value_of


def entries(
    book: ActionBook, desk: Desk | None, docks: Docks, settings: Settings, show_setting: Callable[[str], None]
) -> list[Entry]:
    """Return what can be chosen now; pairs that are not carried are so many that they are searched (`MarketBoard`)."""
    pairs = [] if desk is None else [_pair(desk, symbol, desk.select) for symbol in desk.markets]
    offered = (each.id for each in book.actions() if each.id != "view.palette" and book.noted(each.id) != "")
    actions = [_action(book, each) for each in offered]
    return [*pairs, *actions, *_panes(docks), *_settings(settings, show_setting)]


def pair_entries(desk: Desk, select: Callable[[str], object]) -> list[Entry]:
    """Return the pairs with prices, then what an exchange lists besides; choosing one hands its symbol to `select`."""
    here = [_pair(desk, symbol, select) for symbol in desk.markets]
    if desk.follower is None:
        return here
    carried, venue = set(desk.markets), venue_of(desk).exchange
    more = (each for each in desk.follower.listing.all.values() if each.symbol not in carried)
    return [*here, *(_listed(each, venue, select) for each in more)]


def _listed(instrument: Instrument, venue: str, select: Callable[[str], object]) -> Entry:
    """Return a pair that is followed once it is chosen; one that does not trade there now only says so."""
    hint = venue if instrument.trading else tr("does not trade on {venue} now", venue=venue)
    return Entry(instrument.symbol, hint, "pair", lambda: _do(select, instrument.symbol), instrument.trading)


def _do(select: Callable[[str], object], symbol: str) -> None:
    select(symbol)


def _pair(desk: Desk, symbol: str, select: Callable[[str], object]) -> Entry:
    def do() -> None:
        select(symbol)

    ticks = desk.market_data.last_price(symbol)
    price = "" if ticks is None else fmt.price(desk.pairs[symbol], ticks)
    return Entry(symbol, f"{own_venue(desk).title} · {price}" if price else own_venue(desk).title, "pair", do)


def _action(book: ActionBook, action: str) -> Entry:
    def do() -> None:
        book.trigger(action)

    title, note = tr(book.get(action).title), book.noted(action)
    if note:
        title = tr("{title}: {note}", title=title, note=note)
    return Entry(title, book.shortcut(action), "action", do, book.is_enabled(action))


def _panes(docks: Docks) -> list[Entry]:
    return [
        Entry(tr("Go to {pane}", pane=docks.title(name)), "", "action", partial(docks.focus, name))
        for name in docks.names
    ]


def _settings(settings: Settings, show: Callable[[str], None]) -> list[Entry]:
    found = []
    for info in describe():
        value = value_of(settings, info.path)
        hint = "" if isinstance(value, dict) else tr("off") if value is None else f"{value} {info.unit}".strip()
        title = tr("Setting: {name}", name=tr(info.title))
        found.append(Entry(title, hint, "setting", partial(show, info.path)))
    return found
